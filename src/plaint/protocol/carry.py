"""What new keys carry of the old ones: whoever has the new words opens what was sealed before (spec/directory.md)."""

from __future__ import annotations

from plaint.crypto.age import compute_sealed_bytes, open_age, seal_age
from plaint.crypto.agreement import AgreementKey
from plaint.errors import VerificationError
from plaint.protocol.words import ENTROPY_BYTES

FIRST_LINE = b"plaint/v1/carry\n"
PLAIN_BYTES = 256
CARRY_BYTES = compute_sealed_bytes(PLAIN_BYTES)


def seal_carry(recipient: bytes, entropy: bytes) -> bytes:
    """Return the entropy of the words before, sealed to the new age key: as long as a slot."""
    return seal_age(recipient, (FIRST_LINE + entropy).ljust(PLAIN_BYTES, b"\0"))


def open_carry(identity: AgreementKey, carry: bytes) -> bytes:
    """Return the 16 bytes of entropy of the words before.

    Raises: VerificationError "carry-form" and those of `open_age`.
    """
    plain = open_age(identity, carry)
    end = len(FIRST_LINE) + ENTROPY_BYTES
    if len(plain) != PLAIN_BYTES or not plain.startswith(FIRST_LINE) or any(plain[end:]):
        raise VerificationError("carry-form")
    return plain[len(FIRST_LINE) : end]
