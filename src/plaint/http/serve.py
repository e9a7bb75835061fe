"""Runs an ASGI application on a port, in this process, without a log of requests."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from plaint.http.body import LIMIT_HEADER_BYTES


async def serve_app(app: Any, *, port: int, host: str) -> None:
    """Serve until SIGTERM or SIGINT."""
    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        # HTTP/2 without encryption is for proxies alone, and none of ours speaks it.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(max_buffer_size=LIMIT_HEADER_BYTES),
        log_enabled=False,
        log_access=False,
        websockets=False,
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, server.stop)
    await server.serve()
