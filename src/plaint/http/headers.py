"""Headers that every answer carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar.datastructures import MutableScopeHeaders

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from litestar.types import ASGIApp, Message, Scope

_PAGE_RULES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types svelte-trusted-html plaint",
)
PAGE_POLICY = "; ".join(_PAGE_RULES)
SELF = "connect-src 'self'"
FRAMES = "; frame-ancestors 'none'"
ALWAYS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
# Pages run from other origins, too (spec/api.md, "Other origins"); browsers carry no right, for there are no cookies.
OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "plaint-tick",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
OWN_ORIGIN = {"Cross-Origin-Resource-Policy": "same-origin"}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
    "Access-Control-Allow-Headers": (
        "content-type, range, plaint-cap, plaint-locator, plaint-room, plaint-session, plaint-upload, plaint-work"
    ),
    "Access-Control-Max-Age": "86400",
    "Cache-Control": "public, max-age=86400",
}
ELSEWHERE = {name: value for name, value in ALWAYS.items() if name not in {"Content-Security-Policy", "Cache-Control"}}
ENCRYPTED_ONLY = "max-age=63072000"


def make_header_hook(*, encrypted: bool) -> Callable[[Message, Scope], Awaitable[None]]:
    """Return the hook that adds what an answer does not set itself; `encrypted` when the public address is https."""
    always = ALWAYS | ({"Strict-Transport-Security": ENCRYPTED_ONLY} if encrypted else {})

    async def add(message: Message, _scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        headers = MutableScopeHeaders.from_message(message)
        # What keeps itself to its own origin says so: pages and their files.
        for name, value in (always if "Cross-Origin-Resource-Policy" in headers else always | OPEN).items():
            headers.setdefault(name, value)

    return add


def make_page_policy(api: str, *, meta: bool) -> str:
    """Return the policy of pages on another origin that may reach the organisation at `api`; `meta`: as an element."""
    policy = PAGE_POLICY.replace(SELF, f"{SELF} {api}")
    return policy.replace(FRAMES, "") if meta else policy


def answer_preflights(app: ASGIApp) -> ASGIApp:
    """Return `app` behind one constant answer to every OPTIONS: whatever the path, it tells nothing."""
    headers = [(name.lower().encode(), value.encode()) for name, value in PREFLIGHT.items()]

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] != "OPTIONS":
            await app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 204, "headers": [*headers]})
        await send({"type": "http.response.body", "body": b""})

    return answer
