"""The loops that look for something: a nonce while a reporter waits, a token among the leaves of months."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256


def find_nonce(prefix: bytes, suffix: bytes, *, bits: int, start: int = 0) -> int:
    """Return the least n >= start such that SHA-256(prefix ‖ decimal n ‖ suffix) begins with `bits` zero bits."""
    limit = 1 << 256 - bits
    begun = sha256(prefix)
    nonce = start
    while True:
        digest = begun.copy()
        digest.update(b"%d%b" % (nonce, suffix))
        if int.from_bytes(digest.digest(), "big") < limit:
            return nonce
        nonce += 1


def hash_tails(items: Iterable[bytes]) -> list[bytes]:
    """Return SHA-256 of each of `items` without its first byte."""
    return [sha256(item[1:]).digest() for item in items]
