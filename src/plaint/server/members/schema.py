"""What a member sends to begin a session."""

from __future__ import annotations

from dataclasses import dataclass

from plaint.encoding.fields import Fields
from plaint.encoding.json import parse_json

LIMIT_SESSION_BYTES = 1024
CODE = "session-form"


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """A signed challenge."""

    challenge: bytes
    member: bytes
    signature: bytes


def parse_session_request(data: bytes) -> SessionRequest:
    """Return the body of POST session.

    Raises: MalformedError "session-form", "json-…".
    """
    fields = Fields(parse_json(data, limit_bytes=LIMIT_SESSION_BYTES), CODE)
    request = SessionRequest(
        challenge=fields.take_hex("challenge", 32),
        member=fields.take_hex("member", 16),
        signature=fields.take_hex("sig", 64),
    )
    fields.finish()
    return request
