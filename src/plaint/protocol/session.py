"""A member's session: one signature over the server's challenge, nothing stored (spec/api.md, "Session")."""

from __future__ import annotations

from plaint.crypto.signing import SigningKey, verify_signature
from plaint.errors import PlaintError, VerificationError

CHALLENGE_BYTES = 32
LIMIT_SESSION_S = 3_600


def encode_session_message(*, org: bytes, member: bytes, challenge: bytes) -> bytes:
    """Return what a member signs to begin a session."""
    return b"plaint/v1/session\n" + b"".join(part.hex().encode() + b"\n" for part in (org, member, challenge))


def sign_session(key: SigningKey, *, org: bytes, member: bytes, challenge: bytes) -> bytes:
    """Return the 64-byte signature that begins a session."""
    return key.sign(encode_session_message(org=org, member=member, challenge=challenge))


def verify_session(signature: bytes, *, public: bytes, org: bytes, member: bytes, challenge: bytes) -> None:
    """Check the signature that begins a session.

    Raises: VerificationError "session-signature".
    """
    try:
        verify_signature(public, encode_session_message(org=org, member=member, challenge=challenge), signature)
    except PlaintError as error:
        raise VerificationError("session-signature") from error
