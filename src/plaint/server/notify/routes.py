"""GET, PUT and DELETE mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, delete, get, put
from litestar.params import FromPath

from plaint.http.body import check_announced, read_body
from plaint.server.notify.schema import LIMIT_MAIL_BYTES, parse_mail_request

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler

    from plaint.server.deployment import Deployment

SESSION = "plaint-session"


def make_notify_routes(deployment: Deployment) -> list[HTTPRouteHandler]:
    """Return the routes of mail."""

    @get("/o/{slug:str}/mail")
    async def read(request: Request[Any, Any, Any], slug: FromPath[str]) -> dict[str, bool | list[int]]:
        services = await deployment.find(slug)
        check_announced(request, limit_bytes=0)
        member = services.members.check(request.headers.get(SESSION))
        return {"address": await services.notices.has_address(member), "hours": list(services.notices.hours)}

    @put("/o/{slug:str}/mail", status_code=204)
    async def keep(request: Request[Any, Any, Any], slug: FromPath[str]) -> None:
        services = await deployment.find(slug)
        member = services.members.check(request.headers.get(SESSION))
        data = await read_body(request, limit_bytes=LIMIT_MAIL_BYTES)
        await services.notices.set_address(member, parse_mail_request(data))

    @delete("/o/{slug:str}/mail", status_code=204)
    async def forget(request: Request[Any, Any, Any], slug: FromPath[str]) -> None:
        services = await deployment.find(slug)
        check_announced(request, limit_bytes=0)
        member = services.members.check(request.headers.get(SESSION))
        await services.notices.set_address(member, None)

    return [read, keep, forget]
