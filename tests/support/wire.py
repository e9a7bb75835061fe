"""What a hostile server, or one in between, does to answers: `World` behind a transport that changes some of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx

from tests.support.loop import AppTransport, LoopThread
from tests.support.world import World

Change = Callable[[httpx.Request, httpx.Response], httpx.Response]


class Wire(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Reaches a world's server from either kind of client; `change` sees every answer, `seen` every address."""

    def __init__(self, world: World, change: Change = lambda _, answer: answer) -> None:
        self._world = world
        self.change = change
        self.seen: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer, perhaps changed."""
        self.seen.append(request.url.path)
        if self._world.stopped:
            raise httpx.ConnectError("the server is stopped")
        return self.change(request, AppTransport(self._world.app, self._loop).handle_request(request))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer, perhaps changed."""
        sent = httpx.Request(request.method, request.url, headers=request.headers, content=await request.aread())
        answer = await asyncio.to_thread(self.handle_request, sent)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

    @property
    def _loop(self) -> LoopThread:
        return self._world.loop


def replace_body(answer: httpx.Response, body: bytes, **headers: str) -> httpx.Response:
    """Return the answer with another body, and with more headers."""
    kept = {name: value for name, value in answer.headers.items() if name not in {"content-encoding", "content-length"}}
    return httpx.Response(
        200, headers=kept | {name.replace("_", "-"): value for name, value in headers.items()}, content=body
    )
