"""GET outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import Response, get
from litestar.params import FromPath

from plaint.server.requests import answer_bytes

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler

    from plaint.server.deployment import Deployment


def make_outside_routes(deployment: Deployment) -> list[HTTPRouteHandler]:
    """Return the route of what an organisation adds to the outside routes."""

    @get("/o/{slug:str}/outside")
    async def read_outside(slug: FromPath[str]) -> Response[bytes]:
        return answer_bytes((await deployment.find(slug)).outside, kind="application/json")

    return [read_outside]
