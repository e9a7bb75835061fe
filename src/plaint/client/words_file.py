"""Words in a file: twelve of them, for its owner's eyes only."""

from __future__ import annotations

from pathlib import Path

from plaint.client.files import create_private, read_limited
from plaint.errors import MalformedError
from plaint.protocol.keys import MemberKeys, compute_member_keys
from plaint.protocol.words import Words, draw_words, parse_words

LIMIT_WORDS_BYTES = 4096


def create_words(path: Path, *, language: str = "english") -> Words:
    """Write new words to a new file.

    Raises: RefusedError "file-exists".
    """
    words = draw_words(language)
    create_private(path, (words.text + "\n").encode("utf-8"))
    return words


def read_words(path: Path) -> Words:
    """Return the words in a file.

    Raises: MalformedError "file-missing", "words-…".
    """
    try:
        return parse_words(read_limited(path, limit_bytes=LIMIT_WORDS_BYTES).decode("utf-8"))
    except UnicodeDecodeError as error:
        raise MalformedError("words-unknown", "1") from error


def read_member_keys(path: Path) -> MemberKeys:
    """Return the keys of a member's words in a file. Raises: as `read_words`."""
    return compute_member_keys(read_words(path).entropy)
