"""GET erasures/ROOM: what is left of an erased room, for who holds its capability."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get
from litestar.params import FromPath

from plaint.http.body import check_announced
from plaint.server.requests import answer_bytes, parse_id
from plaint.server.rooms.schema import parse_secret

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler

    from plaint.server.deployment import Deployment


def make_erasure_routes(deployment: Deployment) -> list[HTTPRouteHandler]:
    """Return the routes of erased rooms."""

    @get("/o/{slug:str}/erasures/{room:str}")
    async def read_erasure(
        request: Request[Any, Any, Any], slug: FromPath[str], room: FromPath[str]
    ) -> Response[bytes]:
        services = await deployment.find(slug)
        check_announced(request, limit_bytes=0)
        cap = parse_secret(request.headers.get("plaint-cap"))
        return answer_bytes(await services.erasures.read(parse_id(room), cap))

    return [read_erasure]
