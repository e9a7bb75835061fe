"""Runs the service on a port, in one process, without an access log."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import socket
from typing import TYPE_CHECKING, Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from plaint.errors import MalformedError, UnavailableError
from plaint.http.body import LIMIT_HEADER_BYTES
from plaint.http.errors import JSON_TYPE, encode_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from litestar import Litestar
    from litestar.types import ASGIApp

GRACE_S = 3.0
# Uploads arrive in pieces of this size at most, and small pieces cost as much as large ones.
BUFFER_BYTES = 512 * 1024
# A minute: a machine that is busy with something else takes its time to listen.
STARTING_TRIES = 6_000


async def serve(
    app: Litestar,
    *,
    port: int,
    host: str = "127.0.0.1",
    on_ready: Callable[[int], None],
    stop: asyncio.Event | None = None,
) -> None:
    """Serve `app`, already started, until SIGTERM, SIGINT or `stop`; `on_ready` gets the port, which 0 leaves open.

    Raises: UnavailableError "port" when somebody else listens there.
    """
    stopping = stop or asyncio.Event()
    with _hold_port(host, port) as holder:
        port = holder.getsockname()[1]
        server = Server(
            _limit_headers(app),
            address=host,
            port=port,
            interface=Interfaces.ASGINL,
            # HTTP/2 without encryption is for proxies alone, allows 16 MB of headers, and none of ours speaks it.
            http=HTTPModes.http1,
            log_enabled=False,
            log_access=False,
            websockets=False,
            http1_settings=HTTP1Settings(max_buffer_size=BUFFER_BYTES),
        )
        serving = asyncio.create_task(server.serve())
        await _wait_until_open(host, port, serving)
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    on_ready(port)
    await asyncio.wait([serving, asyncio.create_task(stopping.wait())], return_when=asyncio.FIRST_COMPLETED)
    await app.state.deployment.close()
    server.stop()  # type: ignore[no-untyped-call]
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(serving, GRACE_S)


def _limit_headers(app: Litestar) -> ASGIApp:
    """Return the application behind a check of the headers' size; granian's own limit is that of its buffer."""

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        if sum(len(name) + len(value) for name, value in scope["headers"]) > LIMIT_HEADER_BYTES:
            status, body = encode_error(MalformedError("header-size"))
            headers = [(b"content-type", JSON_TYPE.encode()), (b"content-length", b"%d" % len(body))]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body})
            return
        await app(scope, receive, send)

    return guarded


@contextlib.contextmanager
def hold_directory(path: Path) -> Iterator[None]:
    """Hold a data directory for this process: the files of a log have one writer. A killed process lets go.

    Raises: UnavailableError "data-busy".
    """
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise UnavailableError("data-busy") from error
    try:
        yield
    finally:
        os.close(handle)


def _hold_port(host: str, port: int) -> socket.socket:
    """Return a socket bound to the port and not listening, which finds a free port and shows one that is taken."""
    if port:
        probe = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        try:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
        except OSError as error:
            raise UnavailableError("port") from error
        finally:
            probe.close()
    holder = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    holder.bind((host, port))
    return holder


async def _wait_until_open(host: str, port: int, serving: asyncio.Task[None]) -> None:
    for _ in range(STARTING_TRIES):
        if serving.done():
            await serving
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.01)
            continue
        writer.close()
        return
    raise UnavailableError("port")
