"""Names blacked out of texts by an explicit list; what might still name somebody is found, for people to look at."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from plaint.client.described import ExportWords

LEAST_PART = 3
ENDING = 2
LEAST_STEM = 4
"""Of a long name at least so many first letters stay in every form that a language gives it."""
# Letters that nobody sees and that would hide a name from a search: soft hyphen, zero-width spaces and joiners.
_EDGES = ",.;:()[]/\"'“”„«»‹›、，。（）"
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
_SPELT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "æ": "ae", "ø": "oe", "œ": "oe"})
# Scripts that put no space between words: a name there ends where it ends. Thai to Myanmar, Khmer, then East Asia.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u19e0-\u19ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029"
    "\u3038-\u303b\u3041-\u30ff\u3130-\u318f\u31f0-\u31ff\u3400-\u9fff\ua960-\ua97f\ua9e0-\ua9ff\uaa60-\uaa7f"
    "\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
)
# What Python and browsers both take for space is not the same everywhere, so it is said.
_SPACE = "[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"


@dataclass(slots=True)
class Redactor:
    """Replaces each of `names`, in whatever case and with an ending of two letters at most, by its number."""

    names: Sequence[str]
    words: ExportWords
    counts: Counter[str] = field(default_factory=Counter)
    """How often each name was replaced."""

    def redact(self, text: str) -> str:
        """Return `text` without the names, of which longer ones go first, in one pass: no mark is read for a name."""
        plain = unicodedata.normalize("NFC", text).translate(_UNSEEN)
        order = sorted(filter(_split, self.names), key=len, reverse=True)
        if not order:
            return plain
        return re.sub(
            "|".join(f"({_write_pattern(name)})" for name in order), self._mark(order), plain, flags=re.IGNORECASE
        )

    def _mark(self, order: Sequence[str]) -> Callable[[re.Match[str]], str]:
        def mark(found: re.Match[str]) -> str:
            name = order[(found.lastindex or 1) - 1]
            self.counts[name] += 1
            return self.words.say("redacted", number=str(self.names.index(name) + 1))

        return mark

    def strip(self, text: str) -> str:
        """Return a redacted text without the word of the marks, which is nobody's name."""
        return text.replace(self.words.table["redacted"].partition("{")[0], "[")


def find_left(texts: Iterable[str], names: Iterable[str], *, allowed: Iterable[str]) -> list[str]:
    """Return the words of `texts` that may still be one of `names` or a part of it, but for those of `allowed`.

    Accents, other spellings of umlauts, letters nobody sees and endings hide nothing; initials and nicknames are not
    found.
    """
    parts = {form for name in names for part in (name, *_split(name)) for form in _list_forms(part)}
    free = {form for name in allowed for part in (name, *_split(name)) for form in _list_forms(part)}
    words = {word for text in texts for word in re.findall(r"\w+", fold(text).translate(_UNSEEN))}
    return sorted(word for word in words if not _list_forms(word) & free and _holds_any(word, parts - free))


def list_pieces(name: str) -> list[str]:
    """Return the pieces of a name as somebody typed it, but for small words: of "the buyer of Teldane", Teldane."""
    pieces = (part.strip(_EDGES) for part in _split(name))
    return [piece for piece in pieces if piece and not piece[0] == piece[0].lower() != piece[0].upper()]


def is_named(name: str, texts: Iterable[str]) -> bool:
    """Tell whether a whole name stands in one of `texts`."""
    return any(fold(name) in fold(text) for text in texts)


def fold(text: str) -> str:
    """Return `text` in the form in which names are compared, letter by letter: ẞ is ss, ς is σ, İ and ı are i."""
    letters = unicodedata.normalize("NFC", text)
    return "".join(letter.lower().upper().lower() for letter in letters).replace("ς", "σ")


def _split(name: str) -> list[str]:
    return [part for part in re.split(_SPACE, name) if part]


def _list_forms(part: str) -> set[str]:
    """Return how a name may be written: as it is, without accents, and with umlauts spelt out."""
    seen = fold(part).translate(_UNSEEN)
    bare = "".join(c for c in unicodedata.normalize("NFKD", seen) if unicodedata.category(c) not in {"Mn", "Cf"})
    return {seen, bare, seen.translate(_SPELT)}


def _holds_any(word: str, parts: set[str]) -> bool:
    forms = _list_forms(word)
    return any(_is_part(part, form) for part in parts for form in forms)


def _is_part(part: str, word: str) -> bool:
    """Tell whether `word` holds `part`, or begins like it; of a short part only the whole word counts."""
    if _is_unspaced(part):
        return part in word
    if len(part) < LEAST_PART:
        return part == word
    return part in word or word.startswith(part[: max(LEAST_STEM, len(part) - ENDING)])


def _write_pattern(name: str) -> str:
    escaped = f"{_SPACE}+".join(re.escape(part) for part in _split(unicodedata.normalize("NFC", name)))
    if _is_unspaced(name):
        return escaped
    return rf"(?<!\w){escaped}(?:['’]?\w{{0,{ENDING}}})?(?!\w)"


def _is_unspaced(text: str) -> bool:
    return _UNSPACED.search(text) is not None
