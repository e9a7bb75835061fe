"""One start of the demo: found and tell when there is nothing yet, then serve until asked to stop. Start at `Demo`."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from plaint.cli.demo.clock import DemoClock
from plaint.cli.demo.folder import Folder
from plaint.cli.demo.founding import complete_directory, found_organisation, tell_addresses
from plaint.cli.demo.house import CosignerPlace, House, check_port, find_port
from plaint.cli.demo.story import SLUG, Case, compute_start
from plaint.cli.demo.telling import BETWEEN_S, Teller, list_events
from plaint.client.connection import Connection, connect
from plaint.client.desk import Desk, sign_in
from plaint.client.files import read_limited, replace_private
from plaint.client.http import Api
from plaint.client.trust import fetch_trust_bytes
from plaint.encoding.fields import Fields
from plaint.encoding.json import encode_json, parse_json
from plaint.errors import MalformedError, RefusedError, UnavailableError
from plaint.server.config import Config
from plaint.server.keys import read_keys

COSIGNERS = ("harbour-union", "north-notary")
LIMIT_MARK_BYTES = 4096
CODE = "demo-form"

Progress = Callable[[int, int], None]
"""Called with the seconds told so far and the seconds to tell."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a demo's folder says of itself: whether the story was told to its end, and where the cosigners listen."""

    told: bool
    ports: tuple[int, ...]


class Demo:
    """The invented organisation in one folder."""

    def __init__(self, folder: Folder, *, cases: Sequence[Case], port: int, between_s: int = BETWEEN_S) -> None:
        """Prepare a start; `port` 0 takes a free one; `between_s` is the time between ticks while the story is told.

        Raises: RefusedError "demo-folder" for a folder with something else in it; MalformedError "demo-form".
        """
        self.folder = folder
        self.port = port or find_port()
        self.cases = cases
        self._between_s = between_s
        self._mark = read_mark(folder)
        self._stopped = threading.Event()
        self._house: House | None = None

    @property
    def url(self) -> str:
        """The organisation's address, as browsers should use it: to them `localhost` is a secure place."""
        return f"http://localhost:{self.port}/o/{SLUG}"

    @property
    def places(self) -> list[CosignerPlace]:
        """Where the cosigners are."""
        ports = self._mark.ports if self._mark else ()
        return [CosignerPlace(self.folder.cosigner(n), n, port) for n, port in zip(COSIGNERS, ports, strict=True)]

    async def run(self, *, on_live: Callable[[], None], progress: Progress) -> bool:
        """Serve until the process is asked to stop, and say whether the story had been told by then.

        Raises: UnavailableError "port".
        """
        check_port(self.port)
        told, live_at = self._mark is not None and self._mark.told, int(time.time())
        clock = DemoClock(None if told else compute_start(live_at))
        if not told:
            await self._begin()
        keys = read_keys(Config(self.folder.server).keys_path(SLUG)).verifiers
        logs = (keys.cases, keys.directory)
        places, mail = self.places, self.folder.mail
        house = House(self.folder.server, port=self.port, cosigners=places, logs=logs, clock=clock, mail=mail)
        self._house = house
        try:
            await house.open()
            told = told or await self._tell(house, clock, live_at, progress)
            if told:
                on_live()
                await house.wait()
        finally:
            self._stopped.set()
            await house.close()
        return told

    def stop(self) -> None:
        """Ask a running demo to stop, as Ctrl-C does; only from its own event loop."""
        if self._house is not None:
            self._house.stop()

    async def _begin(self) -> None:
        """Found the organisation; what an interrupted telling left is thrown away."""
        folder = self.folder
        for path in (folder.server, folder.members, folder.reporters, folder.cosigners, folder.mail):
            shutil.rmtree(path, ignore_errors=True)
        self.folder.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._write_mark(Mark(told=False, ports=choose_ports(self.port)))
        await found_organisation(self.folder)

    async def _tell(self, house: House, clock: DemoClock, live_at: int, progress: Progress) -> bool:
        """Tell the story and go live; False when the process was asked to stop before the end."""
        loop = asyncio.get_running_loop()
        total = live_at - int(clock())

        def tick() -> int:
            if self._stopped.is_set():
                raise UnavailableError("demo-stopped")
            return asyncio.run_coroutine_threadsafe(house.tick(), loop).result()

        def tell() -> None:
            self._tell_all(house.url, clock, tick, live_at, lambda done: progress(done, total))

        telling = asyncio.create_task(asyncio.to_thread(tell))
        leaving = asyncio.create_task(house.wait())
        await asyncio.wait([telling, leaving], return_when=asyncio.FIRST_COMPLETED)
        if house.stopping:
            self._stopped.set()
            with contextlib.suppress(Exception):
                await telling
            return False
        leaving.cancel()
        await telling
        self._write_mark(Mark(told=True, ports=self._mark.ports if self._mark else ()))
        await house.go_live()
        return True

    def _tell_all(
        self, url: str, clock: DemoClock, tick: Callable[[], int], live_at: int, progress: Callable[[int], None]
    ) -> None:
        tick()
        api = Api(url)
        with contextlib.closing(api):
            today = datetime.fromtimestamp(clock(), UTC).date()
            complete_directory(api, self.folder, self.places, today=today)
            tick()
            self.folder.trust.write_bytes(fetch_trust_bytes(api))

        def sleep(seconds: float) -> None:
            clock.wind(clock() + seconds)
            tick()

        def connect_here() -> Connection:
            return connect(url, now=clock, sleep=sleep)

        with contextlib.closing(connect_here()) as connection:
            tell_addresses(connection, self.folder)

        def sign_in_here(name: str) -> Desk:
            return sign_in(connect_here(), self.folder.keys(name))

        teller = Teller(
            self.folder,
            clock=clock,
            tick=tick,
            connect=connect_here,
            sign_in=sign_in_here,
            between_s=self._between_s,
        )
        teller.tell(list_events(self.cases, live_at=live_at), live_at=live_at, progress=progress)

    def _write_mark(self, mark: Mark) -> None:
        self._mark = mark
        data = encode_json({"ports": list(mark.ports), "told": mark.told, "v": 1})
        replace_private(self.folder.mark, data + b"\n")


def read_mark(folder: Folder) -> Mark | None:
    """Return what a folder says of itself, None for one that is new.

    Raises: RefusedError "demo-folder"; MalformedError "demo-form".
    """
    if not folder.mark.exists():
        if folder.path.exists() and any(folder.path.iterdir()):
            raise RefusedError("demo-folder")
        return None
    fields = Fields(
        parse_json(read_limited(folder.mark, limit_bytes=LIMIT_MARK_BYTES), limit_bytes=LIMIT_MARK_BYTES), CODE
    )
    fields.take_exactly("v", 1)
    told = fields.take("told")
    ports = fields.take_list("ports", int, limit=len(COSIGNERS))
    fields.finish()
    if not isinstance(told, bool) or len(ports) != len(COSIGNERS):
        raise MalformedError(CODE)
    return Mark(told, ports)


def choose_ports(port: int) -> tuple[int, ...]:
    """Return free ports for the cosigners, those after `port` if possible."""
    return tuple(wanted if _is_free(wanted) else find_port() for wanted in range(port + 1, port + 1 + len(COSIGNERS)))


def _is_free(port: int) -> bool:
    try:
        check_port(port)
    except UnavailableError:
        return False
    return True
