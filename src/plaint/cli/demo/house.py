"""The demo's server and its cosigners in one process: served on ports, ticking by hand or by the machine's clock."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Any

import httpx
from granian.constants import Interfaces
from granian.server.embed import Server

from plaint.cli.demo.mail import MailServer
from plaint.cli.demo.story import SLUG
from plaint.cosigner.app import build_app as build_cosigner
from plaint.errors import UnavailableError
from plaint.protocol.note import VerifierKey, encode_vkey
from plaint.server.app import build_app
from plaint.server.config import Config
from plaint.server.deployment import Deployment
from plaint.server.serve import serve

if TYPE_CHECKING:
    from plaint.cli.demo.clock import DemoClock
    from plaint.cosigner.app import CosignerApp

HOST = "127.0.0.1"
STOP_LIMIT_S = 5.0


@dataclass(frozen=True, slots=True)
class CosignerPlace:
    """Where a cosigner keeps its key and its copies, what it is called, and where it listens."""

    folder: Path
    name: str
    port: int

    @property
    def url(self) -> str:
        """The address that the directory lists."""
        return f"http://{HOST}:{self.port}"


def find_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def check_port(port: int) -> None:
    """Check that nobody listens on a port.

    Raises: UnavailableError "port".
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise UnavailableError("port", str(port)) from error


class House:
    """Everything that listens. Its parts talk to each other inside the process; people come in by the ports."""

    def __init__(
        self,
        data: Path,
        *,
        port: int,
        cosigners: Sequence[CosignerPlace],
        logs: Sequence[VerifierKey],
        clock: DemoClock,
        mail: Path,
    ) -> None:
        """Prepare the house; while `clock` is not live, it ticks by `tick` only and sends no mail."""
        self.url = f"http://{HOST}:{port}/o/{SLUG}"
        self._mail = MailServer(mail, clock=clock)
        self._clock = clock
        self._port = port
        self._stop = asyncio.Event()
        self._ready = asyncio.Event()
        self._cosigners = [(place, self._build_cosigner(place, logs)) for place in cosigners]
        mounts = {place.url: httpx.ASGITransport(app=app) for place, app in self._cosigners}
        client = httpx.AsyncClient(mounts=mounts)
        config = Config(data, public_url=f"http://localhost:{port}", notices=self._mail.settings)
        self._app = build_app(config, clock=clock, random=SystemRandom(), client=client, ticking=clock.live)
        self._tasks: list[tuple[Server, asyncio.Task[None]]] = []
        self._serving: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Serve on every port.

        Raises: UnavailableError "port" and those of `Deployment.start`.
        """
        for port in (self._port, *(place.port for place, _ in self._cosigners)):
            check_port(port)
        await self._mail.open()
        await self._deployment.start()
        for place, app in self._cosigners:
            server = Server(
                app, address=HOST, port=place.port, interface=Interfaces.ASGI, log_enabled=False, websockets=False
            )
            self._tasks.append((server, asyncio.create_task(server.serve())))
        stop, announce = self._stop, lambda _port: self._ready.set()
        self._serving = asyncio.create_task(serve(self._app, port=self._port, on_ready=announce, stop=stop))
        ready = asyncio.create_task(self._ready.wait())
        await asyncio.wait([ready, self._serving], return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if not self._ready.is_set():
            await self._deployment.close()
            await self.close()

    async def tick(self) -> int:
        """Run one tick at the time of the clock and return its number."""
        return await self._deployment.run_tick(SLUG)

    async def wait(self) -> None:
        """Wait until the process is asked to stop."""
        if self._serving is not None:
            await asyncio.shield(self._serving)

    async def go_live(self) -> None:
        """Let the machine's time run."""
        self._clock.go_live()
        self._deployment.start_ticking()

    @property
    def stopping(self) -> bool:
        """Whether the process was asked to stop."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Ask everything to stop."""
        self._stop.set()

    async def close(self) -> None:
        """Stop serving; everything is on the disk afterwards."""
        self.stop()
        for server, _ in self._tasks:
            server.stop()  # type: ignore[no-untyped-call]
        if self._tasks:
            await asyncio.wait([task for _, task in self._tasks], timeout=STOP_LIMIT_S)
        if self._serving is not None:
            await self._serving
        await self._mail.close()

    @property
    def _deployment(self) -> Deployment:
        found = self._app.state.deployment
        assert isinstance(found, Deployment)  # noqa: S101
        return found

    def _build_cosigner(self, place: CosignerPlace, logs: Sequence[VerifierKey]) -> CosignerApp:
        listed = [f"{encode_vkey(key)}={self.url}/log/{key.name.rpartition('/')[2]}" for key in logs]
        transport = httpx.ASGITransport(app=self._answer)
        client = httpx.AsyncClient(transport=transport)
        return build_cosigner(place.folder, listed, name=place.name, now=lambda: int(self._clock()), client=client)

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        await self._app(scope, receive, send)
