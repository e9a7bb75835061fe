"""Runs the cosigner on a port, in one process, without an access log."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from plaint.cosigner.app import build_app

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


LIMIT_HEADER_BYTES = 16_384


async def serve_cosigner(
    data_dir: Path, keys: Sequence[str], *, port: int, host: str = "127.0.0.1", name: str | None = None
) -> None:
    """Serve until the process is asked to stop."""
    app = build_app(data_dir, keys, name=name, report=_report)
    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(max_buffer_size=LIMIT_HEADER_BYTES),
        log_enabled=False,
        log_access=False,
        websockets=False,
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, server.stop)
    await server.serve()


def _report(origin: str, code: str) -> None:
    """Tell whoever runs the cosigner how a copy fares; nothing is ever said about requests."""
    sys.stderr.write(f"mirror {origin}: {code}\n")
    sys.stderr.flush()
