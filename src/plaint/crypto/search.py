"""The loop that looks for a nonce, tight enough that a reporter waits about a second."""

from __future__ import annotations

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
