"""GET and POST directory, GET names, GET chart, GET config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from plaint.http.body import read_body
from plaint.protocol.draft import LIMIT_DRAFT_BYTES
from plaint.server.requests import answer_bytes, read_start

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler

    from plaint.server.deployment import Deployment

JSON = "application/json"


def make_directory_routes(deployment: Deployment) -> list[HTTPRouteHandler]:
    """Return the routes of the directory."""

    @get("/o/{slug:str}/directory")
    async def read_entries(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[bytes]:
        services = await deployment.find(slug)
        return answer_bytes(await services.directory.read_entries(read_start(request)), kind="application/jsonl")

    @post("/o/{slug:str}/directory")
    async def submit(request: Request[Any, Any, Any], slug: FromPath[str]) -> dict[str, int]:
        services = await deployment.find(slug)
        return {"index": await services.directory.submit(await read_body(request, limit_bytes=LIMIT_DRAFT_BYTES))}

    @get("/o/{slug:str}/names")
    async def read_names(slug: FromPath[str]) -> dict[str, Any]:
        return await (await deployment.find(slug)).directory.read_names()

    @get("/o/{slug:str}/chart")
    async def read_chart(slug: FromPath[str]) -> Response[bytes]:
        return answer_bytes(await (await deployment.find(slug)).directory.read_chart(), kind=JSON)

    @get("/o/{slug:str}/config")
    async def read_config(slug: FromPath[str]) -> dict[str, Any]:
        return (await deployment.find(slug)).directory.describe()

    return [read_entries, submit, read_names, read_chart, read_config]
