"""POST rooms, GET and POST rooms/ROOM, GET locator, POST heads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from plaint.http.body import check_announced, read_body
from plaint.protocol.write import LIMIT_WRITE_BYTES
from plaint.server.requests import answer_bytes, parse_id, read_start
from plaint.server.rooms.schema import LIMIT_HEADS, QUESTION_BYTES, parse_secret, split_questions
from plaint.server.rooms.write import Sender

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler

    from plaint.server.deployment import Deployment, Services


def make_room_routes(deployment: Deployment) -> list[HTTPRouteHandler]:
    """Return the routes of rooms."""

    @post("/o/{slug:str}/rooms")
    async def open_room(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[bytes]:
        services = await deployment.find(slug)
        data = await read_body(request, limit_bytes=LIMIT_WRITE_BYTES)
        note = await services.rooms.open(data, member=_find_member(services, request))
        return answer_bytes(note, status=201)

    @get("/o/{slug:str}/rooms/{room:str}")
    async def read_room(request: Request[Any, Any, Any], slug: FromPath[str], room: FromPath[str]) -> Response[bytes]:
        services = await deployment.find(slug)
        check_announced(request, limit_bytes=0)
        cap = parse_secret(request.headers.get("plaint-cap"))
        return answer_bytes(await services.rooms.read(parse_id(room), cap, read_start(request)))

    @post("/o/{slug:str}/rooms/{room:str}")
    async def append(request: Request[Any, Any, Any], slug: FromPath[str], room: FromPath[str]) -> Response[bytes]:
        services = await deployment.find(slug)
        cap = parse_secret(request.headers.get("plaint-cap"))
        data = await read_body(request, limit_bytes=LIMIT_WRITE_BYTES)
        sender = Sender(cap, _find_member(services, request), _find_locator(request))
        note = await services.rooms.append(parse_id(room), data, sender)
        return answer_bytes(note, status=201)

    @get("/o/{slug:str}/locator")
    async def locate(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[bytes]:
        services = await deployment.find(slug)
        check_announced(request, limit_bytes=0)
        return answer_bytes(await services.rooms.locate(parse_secret(request.headers.get("plaint-locator"))))

    @post("/o/{slug:str}/heads", status_code=200)
    async def read_heads(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[bytes]:
        services = await deployment.find(slug)
        data = await read_body(request, limit_bytes=LIMIT_HEADS * QUESTION_BYTES)
        return answer_bytes(await services.rooms.read_heads(split_questions(data)))

    return [open_room, read_room, append, locate, read_heads]


def _find_locator(request: Request[Any, Any, Any]) -> bytes | None:
    locator = request.headers.get("plaint-locator")
    return None if locator is None else parse_secret(locator)


def _find_member(services: Services, request: Request[Any, Any, Any]) -> bytes | None:
    token = request.headers.get("plaint-session")
    return None if token is None else services.members.check(token)
