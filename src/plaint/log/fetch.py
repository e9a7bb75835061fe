"""Reads a log over HTTP, within limits."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from plaint.crypto.hashes import compute_sha256
from plaint.errors import UnavailableError
from plaint.protocol.tiles import LIMIT_ENTRY_BYTES, TILE_WIDTH

if TYPE_CHECKING:
    import httpx

    from plaint.log.pull import Fetch

LIMIT_ANSWER_BYTES = TILE_WIDTH * (LIMIT_ENTRY_BYTES + 2)
TRIES = 3


def hash_origin(origin: str) -> str:
    """Return the path segment under which a cosigner serves a log: hex SHA-256 of its origin."""
    return compute_sha256(origin.encode()).hex()


def make_fetch(client: httpx.AsyncClient, prefix: str) -> Fetch:
    """Return a reader of paths below `prefix`, an address without final slash; it tries a broken line three times.

    The reader raises UnavailableError "log-unreachable", "log-answer".
    """
    import httpx  # noqa: PLC0415 -- a server that only serves its own log need not load it

    async def fetch(path: str) -> bytes:
        for attempt in range(TRIES):
            try:
                return await _read(client, f"{prefix}/{path}")
            except httpx.HTTPError as error:
                if attempt == TRIES - 1:
                    raise UnavailableError("log-unreachable") from error
        raise UnavailableError("log-unreachable")

    return fetch


async def _read(client: httpx.AsyncClient, url: str) -> bytes:
    async with client.stream("GET", url) as answer:
        if answer.status_code != HTTPStatus.OK:
            raise UnavailableError("log-answer", str(answer.status_code))
        data = bytearray()
        async for chunk in answer.aiter_bytes():
            data += chunk
            if len(data) > LIMIT_ANSWER_BYTES:
                raise UnavailableError("log-answer", "too long")
        return bytes(data)
