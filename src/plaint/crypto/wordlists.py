"""The BIP-39 word lists, in NFKD, in the order in which they are tried."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files

from plaint.errors import MalformedError

LANGUAGES = (
    "english",
    "chinese_simplified",
    "chinese_traditional",
    "french",
    "italian",
    "japanese",
    "korean",
    "portuguese",
    "spanish",
    "czech",
)
LIST_WORDS = 2048


@cache
def load_words(language: str) -> tuple[str, ...]:
    """Return the 2,048 words of a list. Raises: MalformedError "words-language"."""
    if language not in LANGUAGES:
        raise MalformedError("words-language")
    text = (files("mnemonic") / "wordlist" / f"{language}.txt").read_text("utf-8")
    words = tuple(unicodedata.normalize("NFKD", text).split())
    if len(set(words)) != LIST_WORDS:
        raise MalformedError("words-language")
    return words


@cache
def load_positions(language: str) -> dict[str, int]:
    """Return the index of each word of a list. Raises: MalformedError "words-language"."""
    return {word: i for i, word in enumerate(load_words(language))}
