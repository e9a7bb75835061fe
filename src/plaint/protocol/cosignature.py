"""Timestamped Ed25519 cosignatures (type 0x04): "the largest tree I have seen by then has this root"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plaint.crypto.signing import verify_signature
from plaint.errors import MalformedError, VerificationError

if TYPE_CHECKING:
    from plaint.crypto.signing import SigningKey

COSIGNATURE_BYTES = 72
LIMIT_TIMESTAMP = 2**53


@dataclass(frozen=True, slots=True)
class Cosignature:
    """When a cosigner signed, and its 64 signature bytes."""

    timestamp: int
    signature: bytes


def encode_cosigned_message(text: bytes, timestamp: int) -> bytes:
    """Return what a cosigner signs. Source: C2SP tlog-cosignature v1.0.1, "Ed25519 signed message"."""
    return b"cosignature/v1\ntime %d\n%b" % (timestamp, text)


def make_cosignature(key: SigningKey, text: bytes, *, timestamp: int) -> Cosignature:
    """Cosign the checkpoint `text` at `timestamp`.

    Raises: MalformedError "cosignature-timestamp".
    """
    _check_timestamp(timestamp)
    return Cosignature(timestamp, key.sign(encode_cosigned_message(text, timestamp)))


def encode_cosignature(cosignature: Cosignature) -> bytes:
    """Return the 72 bytes that follow the key id in a signature line."""
    return cosignature.timestamp.to_bytes(8, "big") + cosignature.signature


def parse_cosignature(data: bytes) -> Cosignature:
    """Return the time and signature in the 72 bytes that follow the key id.

    Raises: MalformedError "cosignature-size", "cosignature-timestamp".
    """
    if len(data) != COSIGNATURE_BYTES:
        raise MalformedError("cosignature-size")
    timestamp = int.from_bytes(data[:8], "big")
    _check_timestamp(timestamp)
    return Cosignature(timestamp, data[8:])


def verify_cosignature(public: bytes, text: bytes, cosignature: Cosignature) -> None:
    """Check a cosignature of the checkpoint `text` by the Ed25519 key `public`.

    Raises: VerificationError "cosignature-signature".
    """
    try:
        verify_signature(public, encode_cosigned_message(text, cosignature.timestamp), cosignature.signature)
    except VerificationError as error:
        raise VerificationError("cosignature-signature") from error


def _check_timestamp(timestamp: int) -> None:
    if not 0 < timestamp < LIMIT_TIMESTAMP:
        raise MalformedError("cosignature-timestamp")
