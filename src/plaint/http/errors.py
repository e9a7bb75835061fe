"""The one place where an error becomes an answer: families to statuses, everything unknown to one constant."""

from __future__ import annotations

import json
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from litestar import Response
from litestar.exceptions import HTTPException

from plaint.errors import (
    ConflictError,
    MalformedError,
    PlaintError,
    RefusedError,
    UnavailableError,
    VerificationError,
)
from plaint.http.log import get_log

if TYPE_CHECKING:
    from litestar import Request
    from litestar.types import ExceptionHandlersMap

JSON_TYPE = "application/json"
STATUSES: tuple[tuple[type[PlaintError], int], ...] = (
    (MalformedError, 400),
    (RefusedError, 403),
    (ConflictError, 409),
    (VerificationError, 422),
    (UnavailableError, 503),
)
TOO_LARGE = frozenset({"body-size", "blob-size"})
NOT_FOUND = "not-found"
NOT_FOUND_BODY = b'{"code":"not-found"}'
# The only detail an answer carries: the room that was there first (spec/api.md).
TOLD = {"room-unique": "room"}


class NotFoundError(RefusedError):
    """Unknown, wrong, removed or of another organisation: one answer, so that it tells nothing."""

    def __init__(self) -> None:
        super().__init__(NOT_FOUND)


def encode_error(error: PlaintError) -> tuple[int, bytes]:
    """Return the status and body that answer `error`."""
    if isinstance(error, NotFoundError):
        return 404, NOT_FOUND_BODY
    if error.code in TOO_LARGE:
        status = 413
    else:
        status = next((status for family, status in STATUSES if isinstance(error, family)), 503)
    value = {"code": error.code}
    if error.code in TOLD:
        value[TOLD[error.code]] = error.detail
    return status, json.dumps(value, separators=(",", ":")).encode()


def make_handlers() -> ExceptionHandlersMap:
    """Return Litestar's exception handlers; routes hold no `try`."""
    return {PlaintError: _answer_ours, HTTPException: _answer_theirs, Exception: _answer_unexpected}


def make_answer(error: PlaintError) -> Response[bytes]:
    """Return the answer to `error`."""
    status, body = encode_error(error)
    return Response(body, status_code=status, media_type=JSON_TYPE)


def _answer_ours(_request: Request[Any, Any, Any], error: PlaintError) -> Response[bytes]:
    return make_answer(error)


def _answer_theirs(_request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    if error.status_code in {404, 405}:
        return make_answer(NotFoundError())
    if error.status_code == 413:
        return make_answer(MalformedError("body-size"))
    if error.status_code < 500:
        return make_answer(MalformedError("http-form"))
    return _answer_unexpected(_request, error)


def _answer_unexpected(_request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    # Where it broke, never what was said: messages may quote what somebody sent.
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    get_log().error("unexpected", kind=type(error).__name__, places=places[-8:])
    return make_answer(UnavailableError("server"))
