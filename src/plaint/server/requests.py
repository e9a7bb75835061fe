"""What every domain's routes take from a request in the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Response

from plaint.encoding.lines import parse_hex, parse_integer
from plaint.errors import MalformedError
from plaint.http.errors import NotFoundError

if TYPE_CHECKING:
    from litestar import Request

OCTETS = "application/octet-stream"
TEXT = "text/plain"  # Litestar adds the charset


def parse_id(text: str) -> bytes:
    """Return the 32 bytes of an id in a path. Raises: NotFoundError."""
    try:
        return parse_hex(text, size_bytes=32)
    except MalformedError as error:
        raise NotFoundError from error


def read_start(request: Request[Any, Any, Any]) -> int:
    """Return the query's `from`, 0 when absent. Raises: MalformedError "text-integer"."""
    return parse_integer(request.query_params.get("from", "0"))


def answer_bytes(
    data: bytes, *, status: int = 200, kind: str = OCTETS, headers: dict[str, str] | None = None
) -> Response[bytes]:
    """Return an answer of bytes."""
    return Response(data, status_code=status, media_type=kind, headers=headers)
