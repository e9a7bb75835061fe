"""`plaint up` with one more address: POST /echo reads a body and answers a constant, in the same process.

Usage: python -m benchmarks.server up --data DIR [--port N]
"""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post

import plaint.server.app as server_app
from plaint.cli import main
from plaint.http.body import read_body
from plaint.protocol.write import LIMIT_WRITE_BYTES
from plaint.server.requests import answer_bytes

ANSWER = bytes(700)
_build_app = server_app.build_app


@post("/echo")
async def echo(request: Request[Any, Any, Any]) -> Response[bytes]:
    await read_body(request, limit_bytes=LIMIT_WRITE_BYTES)
    return answer_bytes(ANSWER, status=201)


def build_app(*arguments: Any, **named: Any) -> Any:
    """Return the service's own application with the echo beside it."""
    app = _build_app(*arguments, **named)
    app.register(echo)
    return app


if __name__ == "__main__":
    server_app.build_app = build_app
    main()
