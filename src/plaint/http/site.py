"""A few files served from memory, each with its headers, and nothing else: no log, no state, no second answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from plaint.http.serve import serve_app


@dataclass(frozen=True, slots=True)
class Page:
    """What stands at one path."""

    body: bytes
    headers: Mapping[str, str]


def make_site(pages: Mapping[str, Page]) -> Callable[..., Any]:
    """Return an ASGI application that answers GET and HEAD for these paths, and 404 for everything else."""
    missing = Page(b"not found\n", {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"})

    async def answer(scope: Any, _receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        known = pages.get(scope["path"]) if scope["method"] in {"GET", "HEAD"} else None
        page = known or missing
        headers = {**page.headers, "Content-Length": str(len(page.body))}
        listed = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 200 if known else 404, "headers": listed})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else page.body})

    return answer


async def serve_site(pages: Mapping[str, Page], *, port: int, host: str) -> None:
    """Serve until SIGTERM or SIGINT."""
    await serve_app(make_site(pages), port=port, host=host)
