"""X25519: public keys and shared secrets."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from nacl.bindings import crypto_scalarmult, crypto_scalarmult_base
from nacl.exceptions import RuntimeError as SodiumError

from plaint.errors import MalformedError, VerificationError

KEY_BYTES = 32


class AgreementKey:
    """An X25519 private key of 32 bytes, clamped in use; the secret does not show in `repr`."""

    __slots__ = ("_key", "public", "secret")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise MalformedError("key-length")
        self._key: X25519PrivateKey | None = None
        self.secret = secret
        self.public = crypto_scalarmult_base(secret)

    def agree(self, public: bytes) -> bytes:
        """Return the 32 bytes shared with the owner of `public`.

        Raises: MalformedError "key-length"; VerificationError "key-agreement" when they are all zero.
        Source: RFC 7748, section 6.1.
        """
        if len(public) != KEY_BYTES:
            raise MalformedError("key-length")
        if self._key is None:
            self._key = X25519PrivateKey.from_private_bytes(self.secret)
        try:
            return self._key.exchange(X25519PublicKey.from_public_bytes(public))
        except ValueError as error:
            raise VerificationError("key-agreement") from error

    def __repr__(self) -> str:
        return "AgreementKey(…)"


def agree_once(secret: bytes, public: bytes) -> tuple[bytes, bytes]:
    """Return the public key of `secret` and what it shares with `public`, for a secret that is used this one time.

    OpenSSL agrees fastest and libsodium computes public keys fastest; OpenSSL computes one for every key it is given,
    which only pays when the key is used more than once.
    Raises: as `AgreementKey` and its `agree`.
    """
    if len(secret) != KEY_BYTES or len(public) != KEY_BYTES:
        raise MalformedError("key-length")
    try:
        return crypto_scalarmult_base(secret), crypto_scalarmult(secret, public)
    except SodiumError as error:
        raise VerificationError("key-agreement") from error


def compute_agreement_public(secret: bytes) -> bytes:
    """Return the X25519 public key of 32 secret bytes."""
    return AgreementKey(secret).public
