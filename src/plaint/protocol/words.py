"""Twelve BIP-39 words and the 16 bytes of entropy in them (spec/keys.md, "Words")."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from plaint.crypto.hashes import compute_sha256, random_bytes
from plaint.crypto.wordlists import LANGUAGES, load_positions, load_words
from plaint.errors import MalformedError

WORDS = 12
ENTROPY_BYTES = 16
QR_PREFIX = "PLAINT1:"
LIMIT_CHARACTERS = 1_024
_CHECKSUM_BITS = 4
_INDEX_BITS = 11


@dataclass(frozen=True, slots=True)
class Words:
    """Entropy and the list in which it is written down."""

    entropy: bytes
    language: str

    @property
    def text(self) -> str:
        """The twelve words, joined by single spaces."""
        return encode_words(self.entropy, self.language)

    def __repr__(self) -> str:
        return "Words(…)"


def draw_words(language: str = "english", *, random: Callable[[int], bytes] = random_bytes) -> Words:
    """Return new words, drawn again until they are valid in exactly one list.

    Raises: MalformedError "words-language".
    """
    while True:
        words = Words(random(ENTROPY_BYTES), language)
        if len(find_readings(words.text)) == 1:
            return words


def encode_words(entropy: bytes, language: str) -> str:
    """Return the words of 16 bytes of entropy. Source: BIP-39, "Generating the mnemonic".

    Raises: MalformedError "words-language", "words-entropy".
    """
    if len(entropy) != ENTROPY_BYTES:
        raise MalformedError("words-entropy")
    words = load_words(language)
    bits = int.from_bytes(entropy, "big") << _CHECKSUM_BITS | _compute_checksum(entropy)
    return " ".join(words[bits >> _INDEX_BITS * (WORDS - 1 - i) & 0x7FF] for i in range(WORDS))


def parse_words(text: str) -> Words:
    """Return the words in `text`, as typed or read from a QR code; the first list in which they are valid wins.

    Raises: MalformedError "words-count", "words-unknown" (detail: position from 1), "words-checksum".
    """
    readings = find_readings(text)
    if readings:
        return readings[0]
    typed = split_words(text)
    missing = [[i for i, word in enumerate(typed, 1) if word not in load_positions(name)] for name in LANGUAGES]
    best = min(missing, key=len)
    if best:
        raise MalformedError("words-unknown", str(best[0]))
    raise MalformedError("words-checksum")


def find_readings(text: str) -> list[Words]:
    """Return each list's reading of `text` that holds, in the order of the lists.

    Raises: MalformedError "words-count".
    """
    typed = split_words(text)
    readings = [(_read(typed, load_positions(language)), language) for language in LANGUAGES]
    return [Words(entropy, language) for entropy, language in readings if entropy is not None]


def split_words(text: str) -> list[str]:
    """Return the twelve words of `text` in NFKD and lower case, whatever white space stands between.

    Raises: MalformedError "words-count".
    """
    if len(text) > LIMIT_CHARACTERS:
        raise MalformedError("words-count")
    typed = unicodedata.normalize("NFKD", text.strip().removeprefix(QR_PREFIX)).lower().split()
    if len(typed) != WORDS:
        raise MalformedError("words-count")
    return typed


def encode_words_qr(words: Words) -> str:
    """Return what the QR code of words says: never a URL, which histories and clouds would keep."""
    return QR_PREFIX + words.text


def encode_check_words(digest: bytes) -> str:
    """Return the first 44 bits of `digest` as four English words, to be compared over the telephone."""
    bits = int.from_bytes(digest[:6], "big") >> 4
    words = load_words("english")
    return " ".join(words[bits >> _INDEX_BITS * (3 - i) & 0x7FF] for i in range(4))


def _read(typed: Sequence[str], positions: dict[str, int]) -> bytes | None:
    bits = 0
    for word in typed:
        position = positions.get(word)
        if position is None:
            return None
        bits = bits << _INDEX_BITS | position
    entropy = (bits >> _CHECKSUM_BITS).to_bytes(ENTROPY_BYTES, "big")
    return entropy if bits & 0xF == _compute_checksum(entropy) else None


def _compute_checksum(entropy: bytes) -> int:
    return compute_sha256(entropy)[0] >> 8 - _CHECKSUM_BITS
