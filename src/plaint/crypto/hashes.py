"""SHA-256, HMAC and HKDF, under the names the specification uses (H, HMAC, X)."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256, sha384

HASH_BYTES = 32
_BLOCK_BYTES = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


def compute_sha256(*parts: bytes) -> bytes:
    """Return SHA-256 over the concatenation of `parts` (32 bytes)."""
    digest = sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


def compute_sha384(data: bytes) -> bytes:
    """Return SHA-384 of `data` (48 bytes): what pages name their scripts by."""
    return sha384(data).digest()


class Sha256:
    """SHA-256 of bytes that come in parts."""

    __slots__ = ("_digest",)

    def __init__(self) -> None:
        self._digest = sha256()

    def update(self, part: bytes) -> None:
        """Add bytes at the end."""
        self._digest.update(part)

    def digest(self) -> bytes:
        """Return the hash of everything so far (32 bytes)."""
        return self._digest.digest()


def compute_hmac(key: bytes, *parts: bytes) -> bytes:
    """Return HMAC-SHA256 of the concatenated `parts` under `key` (32 bytes)."""
    return _compute_hmac(key, b"".join(parts))


def extract(salt: bytes, ikm: bytes) -> bytes:
    """Return HKDF-Extract-SHA256 (32 bytes). Source: RFC 5869, section 2.2."""
    return _compute_hmac(salt, ikm)


def expand(prk: bytes, info: bytes, length_bytes: int = HASH_BYTES) -> bytes:
    """Return `length_bytes` of HKDF-Expand-SHA256. Source: RFC 5869, section 2.3."""
    block = out = _compute_hmac(prk, info + b"\x01")
    counter = 2
    while len(out) < length_bytes:
        block = _compute_hmac(prk, block + info + bytes([counter]))
        out += block
        counter += 1
    return out[:length_bytes]


def derive(key: bytes, label: str) -> bytes:
    """Return X(key, label): 32 bytes for one purpose. Source: spec/keys.md."""
    return expand(key, b"plaint/v1/" + label.encode("ascii"))


def same_bytes(left: bytes, right: bytes) -> bool:
    """Compare two secrets in a time that does not depend on where they differ."""
    return hmac.compare_digest(left, right)


def random_bytes(count: int) -> bytes:
    """Return `count` bytes from the operating system's generator."""
    return secrets.token_bytes(count)


def _compute_hmac(key: bytes, message: bytes) -> bytes:
    """Source: RFC 2104. Written out, because `hmac` looks the hash up by name in every call, a third of the cost."""
    if len(key) > _BLOCK_BYTES:
        key = sha256(key).digest()
    key = key.ljust(_BLOCK_BYTES, b"\0")
    return sha256(key.translate(_OUTER) + sha256(key.translate(_INNER) + message).digest()).digest()
