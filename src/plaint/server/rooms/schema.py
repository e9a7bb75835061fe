"""What a request about rooms says in its headers and its smaller bodies."""

from __future__ import annotations

from plaint.encoding.lines import parse_hex
from plaint.errors import MalformedError

HASH_BYTES = 32
HEAD_BYTES = 40
LIMIT_HEADS = 256
QUESTION_BYTES = 2 * HASH_BYTES


def parse_secret(text: str | None) -> bytes:
    """Return the 32 bytes of a header that carries a capability, locator or key.

    Raises: MalformedError "header-missing", "text-hex".
    """
    if text is None:
        raise MalformedError("header-missing")
    return parse_hex(text, size_bytes=HASH_BYTES)


def split_questions(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return (room, capability) for each 64 bytes of the body of POST heads.

    Raises: MalformedError "heads-size".
    """
    if len(data) % QUESTION_BYTES or len(data) > LIMIT_HEADS * QUESTION_BYTES:
        raise MalformedError("heads-size")
    parts = (data[at : at + QUESTION_BYTES] for at in range(0, len(data), QUESTION_BYTES))
    return [(part[:HASH_BYTES], part[HASH_BYTES:]) for part in parts]
