"""GET log/keys, log/alarms and, for each log, its checkpoint, the kept ones, and tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import Response, get
from litestar.params import FromPath

from plaint.http.errors import NotFoundError
from plaint.server.log.service import AT
from plaint.server.requests import OCTETS, TEXT, answer_bytes

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler

    from plaint.server.deployment import Deployment

NEWEST = {"Cache-Control": "no-cache"}
FIXED = {"Cache-Control": "public, max-age=604800, immutable"}


def make_log_routes(deployment: Deployment) -> list[HTTPRouteHandler]:
    """Return the routes of the logs."""

    @get("/o/{slug:str}/log/keys")
    async def read_keys(slug: FromPath[str]) -> Response[bytes]:
        return answer_bytes(await (await deployment.find(slug)).log.read_keys(), kind=TEXT, headers=NEWEST)

    @get("/o/{slug:str}/log/alarms")
    async def read_alarms(slug: FromPath[str]) -> Response[bytes]:
        return answer_bytes((await deployment.find(slug)).log.read_alarms(), kind=TEXT, headers=NEWEST)

    @get("/o/{slug:str}/log/{name:str}/{path:path}")
    async def read_log(slug: FromPath[str], name: FromPath[str], path: FromPath[str]) -> Response[bytes]:
        log, path = (await deployment.find(slug)).log, str(path).removeprefix("/")
        if path == "checkpoint":
            return answer_bytes(log.read_checkpoint(name), kind=TEXT, headers=NEWEST)
        if path == "at":
            return answer_bytes(await log.read_sizes(name), kind=TEXT, headers=NEWEST)
        if path.startswith(AT):
            # The cosignatures of a kept checkpoint may still grow, so it is asked for anew.
            first, dash, last = path.removeprefix(AT).partition("-")
            if dash:
                return answer_bytes(await log.read_run(name, first, last), kind=OCTETS, headers=NEWEST)
            return answer_bytes(await log.read_kept(name, first), kind=TEXT, headers=NEWEST)
        if path.startswith("tile/"):
            return answer_bytes(await log.read_tile(name, path), kind=OCTETS, headers=FIXED)
        raise NotFoundError

    return [read_keys, read_alarms, read_log]
