"""Request bodies and headers, read within limits of size and time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from plaint.encoding.lines import parse_integer
from plaint.errors import MalformedError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from litestar import Request

LIMIT_HEADER_BYTES = 16_384
IDLE_S = 60.0
LEAST_BYTES_S = 65_536


async def read_body(request: Request[Any, Any, Any], *, limit_bytes: int) -> bytes:
    """Return the whole body; it stands in memory, so a sender gets a minute and what a slow line needs for the longest.

    Raises: MalformedError "body-size"; UnavailableError "hung-up".
    """
    try:
        async with asyncio.timeout(IDLE_S + limit_bytes / LEAST_BYTES_S):
            return b"".join([part async for part in stream_body(request, limit_bytes=limit_bytes)])
    except TimeoutError as error:
        raise UnavailableError("hung-up") from error


async def stream_body(request: Request[Any, Any, Any], *, limit_bytes: int) -> AsyncIterator[bytes]:
    """Yield the body's parts as they arrive; a sender who falls silent for a minute has hung up.

    Raises: MalformedError "body-size"; UnavailableError "hung-up".
    """
    check_announced(request, limit_bytes=limit_bytes)
    size, more = 0, True
    while more:
        try:
            async with asyncio.timeout(IDLE_S):
                message = await request.receive()
        except TimeoutError as error:
            raise UnavailableError("hung-up") from error
        if message["type"] != "http.request":
            raise UnavailableError("hung-up")
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > limit_bytes:
            raise MalformedError("body-size")
        if part:
            yield part
        more = message.get("more_body", False)


def check_announced(request: Request[Any, Any, Any], *, limit_bytes: int) -> None:
    """Check headers and the announced length before anything is read.

    Raises: MalformedError "body-size", "header-size".
    """
    if sum(len(name) + len(value) for name, value in request.scope["headers"]) > LIMIT_HEADER_BYTES:
        raise MalformedError("header-size")
    announced = request.headers.get("content-length")
    if announced is not None and parse_integer(announced) > limit_bytes:
        raise MalformedError("body-size")
