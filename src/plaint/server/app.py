"""The service as an ASGI application."""

from __future__ import annotations

import time
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING

from litestar import Litestar, Response, get
from litestar.datastructures import State

from plaint.errors import UnavailableError
from plaint.http.errors import make_handlers
from plaint.http.headers import answer_preflights, make_header_hook
from plaint.http.pages import PAGE_TYPE, Pages
from plaint.server.deployment import Deployment
from plaint.server.directory.routes import make_directory_routes
from plaint.server.erasures.routes import make_erasure_routes
from plaint.server.log.routes import make_log_routes
from plaint.server.members.routes import make_member_routes
from plaint.server.notify.routes import make_notify_routes
from plaint.server.outside.routes import make_outside_routes
from plaint.server.pages import make_page_routes
from plaint.server.requests import TEXT, answer_bytes
from plaint.server.rooms.routes import make_room_routes
from plaint.server.uploads.routes import make_upload_routes

if TYPE_CHECKING:
    from random import Random

    import httpx
    from litestar.handlers import HTTPRouteHandler

    from plaint.server.config import Config
    from plaint.server.ports import Clock

STATIC = Path(__file__).with_name("static")
FRONT_PAGE = (
    b"<!doctype html><html lang=en><meta charset=utf-8><title>Plaint</title><p>Plaint is running here.</html>\n"
)


def build_app(
    config: Config,
    *,
    clock: Clock = time.time,
    random: Random | None = None,
    client: httpx.AsyncClient | None = None,
    ticking: bool = True,
) -> Litestar:
    """Return the application; `app.state.deployment` is its `Deployment`, started with the application or by hand."""
    deployment = Deployment(config, clock=clock, random=random or SystemRandom(), client=client, ticking=ticking)
    pages = Pages(STATIC)
    app = Litestar(
        route_handlers=[
            _front_page,
            _make_health(deployment),
            *make_page_routes(deployment, pages),
            *make_directory_routes(deployment),
            *make_erasure_routes(deployment),
            *make_log_routes(deployment),
            *make_member_routes(deployment),
            *make_notify_routes(deployment),
            *make_outside_routes(deployment),
            *make_room_routes(deployment),
            *make_upload_routes(deployment),
        ],
        exception_handlers=make_handlers(),
        before_send=[make_header_hook(encrypted=config.encrypted)],
        on_startup=[deployment.start],
        on_shutdown=[deployment.close],
        state=State({"deployment": deployment}),
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,
        debug=False,
    )
    app.asgi_handler = answer_preflights(app.asgi_handler)
    return app


def _make_health(deployment: Deployment) -> HTTPRouteHandler:
    """Return the route that tells a supervisor whether all organisations are served, and nothing else."""

    @get("/healthz", sync_to_thread=False)
    def read_health() -> Response[bytes]:
        if deployment.list_blocked():
            raise UnavailableError("org-blocked")
        return answer_bytes(b"ok\n", kind=TEXT)

    return read_health


@get("/", sync_to_thread=False)
def _front_page() -> Response[bytes]:
    return Response(FRONT_PAGE, media_type=PAGE_TYPE)
