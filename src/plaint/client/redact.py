"""Names blacked out of texts by an explicit list; what might still name somebody is found, for people to look at."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

LEAST_PART = 3
ENDING = 2
# Scripts that put no space between words: a name there ends where it ends.
UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR")


@dataclass(slots=True)
class Redactor:
    """Replaces each of `names`, in whatever case and with an ending of two letters at most, by its number."""

    names: Sequence[str]
    counts: Counter[str] = field(default_factory=Counter)
    """How often each name was replaced."""

    def redact(self, text: str) -> str:
        """Return `text` without the names; longer names go first."""
        plain = unicodedata.normalize("NFC", text)
        for name in sorted(self.names, key=len, reverse=True):
            mark = f"[redacted {self.names.index(name) + 1}]"
            plain, count = _compile(name).subn(mark, plain)
            self.counts[name] += count
        return plain


def find_left(texts: Iterable[str], names: Iterable[str], *, allowed: Iterable[str]) -> list[str]:
    """Return the words of `texts` that still hold one of `names` or a part of it, but for those of `allowed`."""
    parts = {
        fold(part) for name in names for part in (name, *name.split()) if len(part) >= LEAST_PART or _is_unspaced(part)
    }
    free = {fold(word) for name in allowed for word in (name, *name.split())}
    words = {word for text in texts for word in re.findall(r"\w+", unicodedata.normalize("NFC", text))}
    left = {word for word in words if fold(word) not in free and any(part in fold(word) for part in parts - free)}
    return sorted(left)


def is_named(name: str, texts: Iterable[str]) -> bool:
    """Tell whether a whole name stands in one of `texts`."""
    return any(fold(name) in fold(text) for text in texts)


def fold(text: str) -> str:
    """Return `text` in the form in which names are compared."""
    return unicodedata.normalize("NFC", text).casefold()


def _compile(name: str) -> re.Pattern[str]:
    escaped = r"\s+".join(re.escape(part) for part in unicodedata.normalize("NFC", name).split())
    if _is_unspaced(name):
        return re.compile(escaped, re.IGNORECASE)
    return re.compile(rf"(?<!\w){escaped}(?:['’]?\w{{0,{ENDING}}})?(?!\w)", re.IGNORECASE)


def _is_unspaced(text: str) -> bool:
    return any(unicodedata.name(character, "").startswith(UNSPACED) for character in text)
