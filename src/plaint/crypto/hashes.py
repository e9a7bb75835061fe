"""SHA-256, HMAC and HKDF, under the names the specification uses (H, HMAC, X)."""

from __future__ import annotations

import hashlib
import hmac
import secrets

HASH_BYTES = 32


def compute_sha256(*parts: bytes) -> bytes:
    """Return SHA-256 over the concatenation of `parts` (32 bytes)."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


class Sha256:
    """SHA-256 of bytes that come in parts."""

    __slots__ = ("_digest",)

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def update(self, part: bytes) -> None:
        """Add bytes at the end."""
        self._digest.update(part)

    def digest(self) -> bytes:
        """Return the hash of everything so far (32 bytes)."""
        return self._digest.digest()


def compute_hmac(key: bytes, *parts: bytes) -> bytes:
    """Return HMAC-SHA256 of the concatenated `parts` under `key` (32 bytes)."""
    mac = hmac.new(key, digestmod="sha256")
    for part in parts:
        mac.update(part)
    return mac.digest()


def extract(salt: bytes, ikm: bytes) -> bytes:
    """Return HKDF-Extract-SHA256 (32 bytes). Source: RFC 5869, section 2.2."""
    return hmac.digest(salt or bytes(HASH_BYTES), ikm, "sha256")


def expand(prk: bytes, info: bytes, length_bytes: int = HASH_BYTES) -> bytes:
    """Return `length_bytes` of HKDF-Expand-SHA256. Source: RFC 5869, section 2.3."""
    block, out, counter = b"", b"", 1
    while len(out) < length_bytes:
        block = hmac.digest(prk, block + info + bytes([counter]), "sha256")
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
