"""GET and POST session, GET stream, GET events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from plaint.errors import RefusedError
from plaint.http.body import check_announced, read_body
from plaint.server.members.schema import LIMIT_SESSION_BYTES, parse_session_request
from plaint.server.requests import answer_bytes, read_start

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from litestar.handlers import HTTPRouteHandler

    from plaint.server.deployment import Deployment, Services


def make_member_routes(deployment: Deployment) -> list[HTTPRouteHandler]:
    """Return the routes of members."""

    @get("/o/{slug:str}/session")
    async def challenge(slug: FromPath[str]) -> dict[str, str]:
        services = await deployment.find(slug)
        return {"challenge": services.members.make_challenge()}

    @post("/o/{slug:str}/session", status_code=200)
    async def begin(request: Request[Any, Any, Any], slug: FromPath[str]) -> dict[str, str]:
        services = await deployment.find(slug)
        data = await read_body(request, limit_bytes=LIMIT_SESSION_BYTES)
        return {"token": services.members.begin(parse_session_request(data))}

    @get("/o/{slug:str}/stream")
    async def stream(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[bytes]:
        services = await deployment.find(slug)
        check_announced(request, limit_bytes=0)
        member = services.members.check(request.headers.get("plaint-session"))
        now, cells = await services.members.read_stream(member, read_start(request))
        return answer_bytes(cells, headers={"plaint-tick": str(now)})

    @get("/o/{slug:str}/events")
    async def events(request: Request[Any, Any, Any], slug: FromPath[str]) -> Stream:
        services = await deployment.find(slug)
        token = request.headers.get("plaint-session")
        services.members.check(token)
        return Stream(follow_ticks(deployment, services, token), media_type="text/event-stream")

    return [challenge, begin, stream, events]


async def follow_ticks(deployment: Deployment, services: Services, token: str | None) -> AsyncIterator[bytes]:
    """Yield the number of each tick while the session lasts."""
    yield b":\n\n"
    while not deployment.closing.is_set():
        tick = await services.clock.wait()
        try:
            services.members.check(token)
        except RefusedError:
            return
        if not deployment.closing.is_set():
            yield b"data: %d\n\n" % tick
