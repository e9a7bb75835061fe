"""What rests on a disk: sealed under a random key that rests elsewhere, bound to its place (spec/rest.md).

Source: RFC 8439, section 2.8. A key seals far fewer than 2**32 things, so that random nonces do not meet.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from plaint.crypto.hashes import random_bytes
from plaint.errors import VerificationError

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD_BYTES = NONCE_BYTES + TAG_BYTES


def seal_at_rest(key: bytes, data: bytes, *, place: bytes) -> bytes:
    """Return `data` sealed under the 32-byte `key`; it opens at the same `place` only."""
    nonce = random_bytes(NONCE_BYTES)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, data, place)


def open_at_rest(key: bytes, sealed: bytes, *, place: bytes) -> bytes:
    """Return what `seal_at_rest` was given.

    Raises: VerificationError "rest-sealed" under another key, at another place, or when it was changed.
    """
    if len(sealed) < OVERHEAD_BYTES:
        raise VerificationError("rest-sealed")
    try:
        return ChaCha20Poly1305(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
    except InvalidTag as error:
        raise VerificationError("rest-sealed") from error
