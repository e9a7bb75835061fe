from __future__ import annotations

import json

import pytest

from plaint.errors import (
    ConflictError,
    MalformedError,
    PlaintError,
    RefusedError,
    UnavailableError,
    VerificationError,
)
from plaint.http.errors import NotFoundError, encode_error


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (MalformedError("text-form"), 400),
        (RefusedError("session"), 403),
        (NotFoundError(), 404),
        (ConflictError("entry-conflict"), 409),
        (MalformedError("body-size"), 413),
        (MalformedError("blob-size"), 413),
        (VerificationError("signature"), 422),
        (UnavailableError("admission"), 503),
        (PlaintError("other"), 503),
    ],
)
def test_a_family_has_one_status(error: PlaintError, status: int) -> None:
    assert encode_error(error) == (status, json.dumps({"code": error.code}, separators=(",", ":")).encode())


def test_no_detail_is_told_but_the_room_that_was_first() -> None:
    assert encode_error(MalformedError("text-value", "somebody's words"))[1] == b'{"code":"text-value"}'
    assert encode_error(ConflictError("room-unique", "ab"))[1] == b'{"code":"room-unique","room":"ab"}'
