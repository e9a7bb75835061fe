"""The three pages of an organisation and the files they load; which organisation it is stands in the address alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Redirect

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler

    from plaint.http.pages import Pages
    from plaint.server.deployment import Deployment


def make_page_routes(deployment: Deployment, pages: Pages) -> list[HTTPRouteHandler]:
    """Return the routes of the web client."""

    @get("/static/{path:path}", sync_to_thread=False)
    def asset(request: Request[Any, Any, Any], path: FromPath[str]) -> Response[bytes]:
        return pages.answer_asset(request, str(path).lstrip("/"))

    @get("/o/{slug:str}")
    async def reporter(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[Any]:
        await deployment.find(slug)
        if not _ends_with_slash(request):
            return Redirect(f"/o/{slug}/")
        return pages.answer_page(request, "reporter.html")

    @get("/o/{slug:str}/desk")
    async def desk(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[Any]:
        await deployment.find(slug)
        if not _ends_with_slash(request):
            return Redirect(f"/o/{slug}/desk/")
        return pages.answer_page(request, "desk.html")

    @get("/o/{slug:str}/verify")
    async def verify(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[Any]:
        await deployment.find(slug)
        if not _ends_with_slash(request):
            return Redirect(f"/o/{slug}/verify/")
        return pages.answer_page(request, "verify.html")

    return [asset, reporter, desk, verify]


def _ends_with_slash(request: Request[Any, Any, Any]) -> bool:
    # Litestar drops the final slash from `path`; the pages' own links need it.
    return request.scope["raw_path"].endswith(b"/")
