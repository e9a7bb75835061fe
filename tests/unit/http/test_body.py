"""A body that trickles in does not hold memory for ever: it is given up long before its limit is reached."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from litestar import Request

from plaint.errors import UnavailableError
from plaint.http import body


def test_a_body_that_trickles_in_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "IDLE_S", 0.3)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    scope: Any = {"type": "http", "method": "POST", "headers": []}
    request: Request[Any, Any, Any] = Request(scope, receive)  # type: ignore[arg-type]
    with pytest.raises(UnavailableError) as caught:
        asyncio.run(body.read_body(request, limit_bytes=1000))
    assert caught.value.code == "hung-up"
