"""The built web client, from memory: three pages and the files they name by content."""

from __future__ import annotations

import gzip
import mimetypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from litestar import Response

from plaint.http.errors import NotFoundError
from plaint.http.headers import OWN_ORIGIN, PAGE_POLICY

if TYPE_CHECKING:
    from pathlib import Path

    from litestar import Request

PAGE_TYPE = "text/html"  # Litestar adds the charset to text
LASTING = "assets/"
FOREVER = "public, max-age=31536000, immutable"
LEAST_GZIP_BYTES = 1024
TYPES = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}


@dataclass(frozen=True, slots=True)
class _File:
    plain: bytes
    packed: bytes | None
    type: str


class Pages:
    """Files below one directory, read once when first asked for; nothing outside it has a name."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._files: dict[str, _File] = {}
        self._names = {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}

    def answer_page(self, request: Request[Any, Any, Any], name: str) -> Response[bytes]:
        """Return a page under the policy for pages.

        Raises: NotFoundError when the client was not built.
        """
        return self._answer(request, name, {"Content-Security-Policy": PAGE_POLICY, "Cache-Control": "no-cache"})

    def answer_asset(self, request: Request[Any, Any, Any], name: str) -> Response[bytes]:
        """Return a file whose name changes with its content, or a page of one file, whose name stays.

        Raises: NotFoundError.
        """
        kept = FOREVER if name.startswith(LASTING) else "no-cache"
        return self._answer(request, name, {"Content-Security-Policy": PAGE_POLICY, "Cache-Control": kept})

    def _answer(self, request: Request[Any, Any, Any], name: str, headers: dict[str, str]) -> Response[bytes]:
        file = self._files.get(name) or self._load(name)
        headers |= OWN_ORIGIN
        body = file.plain
        if file.packed is not None:
            headers["Vary"] = "Accept-Encoding"
            if "gzip" in request.headers.get("accept-encoding", ""):
                headers["Content-Encoding"] = "gzip"
                body = file.packed
        return Response(body, headers=headers, media_type=file.type)

    def _load(self, name: str) -> _File:
        if name not in self._names:
            raise NotFoundError
        plain = (self._directory / name).read_bytes()
        suffix = "." + name.rpartition(".")[2]
        kind = PAGE_TYPE if suffix == ".html" else TYPES.get(suffix) or mimetypes.guess_type(name)[0]
        packed = gzip.compress(plain, 9, mtime=0) if len(plain) >= LEAST_GZIP_BYTES else None
        file = _File(plain, packed, kind or "application/octet-stream")
        self._files[name] = file
        return file
