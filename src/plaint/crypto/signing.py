"""Ed25519 signatures."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from plaint.errors import MalformedError, VerificationError


class SigningKey:
    """An Ed25519 private key made from a 32-byte seed; the seed is not readable back through `repr`."""

    __slots__ = ("_key", "public", "seed")

    def __init__(self, seed: bytes) -> None:
        if len(seed) != 32:
            raise MalformedError("key-length")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.seed = seed
        self.public = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of `message`."""
        return self._key.sign(message)

    def __repr__(self) -> str:
        return "SigningKey(…)"


def verify_signature(public: bytes, message: bytes, signature: bytes) -> None:
    """Check an Ed25519 `signature` of `message` by `public`.

    Shapes: `public` 32 bytes, `signature` 64 bytes.
    Raises: VerificationError "signature".
    Source: RFC 8032.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise VerificationError("signature") from error
