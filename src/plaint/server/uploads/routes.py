"""PUT, POST, DELETE and GET blobs/ID, PUT blobs/ID/parts/N."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath
from litestar.response import Stream

from plaint.encoding.lines import parse_integer
from plaint.http.body import check_announced, read_body, stream_body
from plaint.http.errors import NotFoundError
from plaint.http.range import parse_range
from plaint.server.requests import OCTETS, answer_bytes, parse_id
from plaint.server.uploads.schema import LIMIT_COMPLETION_BYTES, parse_completion
from plaint.server.uploads.service import UploadHeaders
from plaint.store.blobs import LIMIT_BLOB_BYTES, LIMIT_PARTS, PART_BYTES

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler

    from plaint.server.deployment import Deployment


def make_upload_routes(deployment: Deployment) -> list[HTTPRouteHandler]:
    """Return the routes of blobs."""

    @put("/o/{slug:str}/blobs/{blob:str}", status_code=201)
    async def put_blob(request: Request[Any, Any, Any], slug: FromPath[str], blob: FromPath[str]) -> Response[bytes]:
        services = await deployment.find(slug)
        check_announced(request, limit_bytes=LIMIT_BLOB_BYTES)
        chunks = stream_body(request, limit_bytes=LIMIT_BLOB_BYTES)
        await services.uploads.put(parse_id(blob), _read_headers(request), chunks)
        return answer_bytes(b"", status=201)

    @put("/o/{slug:str}/blobs/{blob:str}/parts/{part:str}", status_code=204)
    async def put_part(
        request: Request[Any, Any, Any], slug: FromPath[str], blob: FromPath[str], part: FromPath[str]
    ) -> None:
        services = await deployment.find(slug)
        check_announced(request, limit_bytes=PART_BYTES)
        number = parse_integer(part, limit=LIMIT_PARTS)
        chunks = stream_body(request, limit_bytes=PART_BYTES)
        await services.uploads.put_part(parse_id(blob), number, _read_headers(request), chunks)

    @post("/o/{slug:str}/blobs/{blob:str}")
    async def finish(request: Request[Any, Any, Any], slug: FromPath[str], blob: FromPath[str]) -> Response[bytes]:
        services = await deployment.find(slug)
        completion = parse_completion(await read_body(request, limit_bytes=LIMIT_COMPLETION_BYTES))
        await services.uploads.finish(parse_id(blob), _read_headers(request), completion)
        return answer_bytes(b"", status=201)

    @delete("/o/{slug:str}/blobs/{blob:str}", status_code=204)
    async def discard(request: Request[Any, Any, Any], slug: FromPath[str], blob: FromPath[str]) -> None:
        services = await deployment.find(slug)
        await services.uploads.discard(parse_id(blob), _read_headers(request))

    @get("/o/{slug:str}/blobs/{blob:str}")
    async def read_blob(request: Request[Any, Any, Any], slug: FromPath[str], blob: FromPath[str]) -> Response[Any]:
        services = await deployment.find(slug)
        name = parse_id(blob)
        size = await services.uploads.find_size(name)
        part = parse_range(request.headers.get("range"), size)
        start, end = part or (0, size)
        headers = {"Accept-Ranges": "bytes", "Content-Length": str(end - start)}
        if part is not None:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        chunks = services.uploads.read(name, start, end)
        return Stream(chunks, status_code=206 if part else 200, headers=headers, media_type=OCTETS)

    return [put_blob, put_part, finish, discard, read_blob]


def _read_headers(request: Request[Any, Any, Any]) -> UploadHeaders:
    header = request.headers.get
    if header("plaint-upload") is None:
        raise NotFoundError
    return UploadHeaders(
        key=header("plaint-upload"),
        work=header("plaint-work"),
        session=header("plaint-session"),
        room=header("plaint-room"),
        cap=header("plaint-cap"),
    )
