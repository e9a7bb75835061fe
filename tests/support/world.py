"""A whole deployment in one process: server, logs, two cosigners, members and reporters, under a clock that is wound.

Nothing in it is a stand-in: it is the application, the database, the client and the cosigners, without sockets.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Self

import httpx

from plaint.client.cases import Case
from plaint.client.connection import Connection, connect
from plaint.client.desk import Desk, sign_in
from plaint.client.http import Api
from plaint.client.people import find_one
from plaint.client.reporter import Named, Sent, prepare_report, seal_report, send_report
from plaint.cosigner.app import CosignerApp
from plaint.cosigner.app import build_app as build_cosigner
from plaint.errors import PlaintError
from plaint.protocol.directory import Entry, compute_org, encode_entry, sign_entry
from plaint.protocol.directory_contents import Clock, Content
from plaint.protocol.directory_server import Cosigner, Cosigners
from plaint.protocol.draft import Draft, Name, encode_draft
from plaint.protocol.fold import apply_entry
from plaint.protocol.keys import HolderKeys, compute_holder_keys
from plaint.protocol.note import encode_vkey
from plaint.server.app import build_app
from plaint.server.config import Config
from plaint.server.create import create_organisation
from plaint.server.deployment import Deployment, Services
from plaint.server.keys import ServerKeys
from plaint.store.database import Database
from plaint.store.directory import insert_entry
from tests.support.directory_world import (
    FOUNDERS,
    draw,
    make_genesis,
    make_keys,
    make_named_request,
    make_record,
    sign_genesis,
)
from tests.support.loop import AppTransport, LoopThread

START = 1_790_000_000
CLOCK = Clock(tick=600, batch=16, cells=2, grace=6, window=86_400, work_bits=4, delay=259_200)
HOST = "http://plaint.test"
LOOPBACK = "http://127.0.0.1"  # real peers of a test, such as a hook's receiver


class _Line(httpx.AsyncBaseTransport):
    """The way to a cosigner, which may be cut."""

    def __init__(self, name: str, app: CosignerApp, world: World) -> None:
        self._name = name
        self._inner = httpx.ASGITransport(app)
        self._world = world

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._world.asked[self._name] += 1
        if self._name in self._world.deaf:
            raise httpx.ConnectError("the line is cut")
        return await self._inner.handle_async_request(request)


class _Home(httpx.AsyncBaseTransport):
    """The way from a cosigner to whatever server runs now."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._world.stopped:
            raise httpx.ConnectError("the server is stopped")
        return await httpx.ASGITransport(self._world.app).handle_async_request(request)  # type: ignore[arg-type]


class _Nowhere(httpx.AsyncBaseTransport):
    """Everywhere else."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("there is nobody")


class World:
    """One organisation at `/o/demo`, its founders by first name, and time that passes only when told to."""

    def __init__(
        self,
        folder: Path,
        *,
        founders: Mapping[str, tuple[str, ...]] = FOUNDERS,
        clock: Clock = CLOCK,
        cosigners: Sequence[str] = ("north", "south"),
        database_url: str | None = None,
        seed: int = 1,
        slug: str = "demo",
        mirrors: bool = False,
    ) -> None:
        """Found the organisation; with `mirrors` the cosigners also copy the logs."""
        self.folder = folder
        self.slug = slug
        self.now: float = START
        self.skew: float = 0
        self.loop = LoopThread()
        self.config = Config(folder / "data", database_url=database_url)
        self.founders = founders
        self.keys = self.create(slug, clock)
        self.url = f"{HOST}/o/{slug}"
        self.stopped = True
        self.cosigners = {name: self._make_cosigner(name, mirrors=mirrors) for name in cosigners}
        self._random = Random(seed)
        self._drawn = 0
        self.deaf: set[str] = set()
        self.asked: Counter[str] = Counter()
        self._start()
        if cosigners:
            self.submit(self.make_cosigners(), "ada", "dov")
        self.tick()

    def create(self, slug: str, clock: Clock = CLOCK) -> ServerKeys:
        """Make an organisation with the same founders."""
        genesis = replace(make_genesis(self.founders), clock=clock, name=f"{slug.capitalize()} Invented")
        entry = sign_genesis(genesis, *self.founders)
        requests = [make_named_request(name) for name in self.founders]
        names = {request.id: Name(request.name, request.salt) for request in requests}
        draft = Draft(genesis, names, None, compute_org(entry), entry)
        return self.loop.run(create_organisation(self.config, slug, encode_draft(draft)))

    @property
    def services(self) -> Services:
        """What the organisation is served by."""
        return self.loop.run(self.deployment.find(self.slug))

    @property
    def database(self) -> Database:
        """The database of the server that runs."""
        found = self.deployment._database
        assert found is not None
        return found

    def read_clock(self) -> float:
        """Return the world's time."""
        return self.now

    def read_server_clock(self) -> float:
        """Return the time as the server's own clock shows it: the world's, unless it was set wrong."""
        return self.now + self.skew

    def read_cosigner_clock(self, name: str) -> int:
        """Return the time by which a cosigner signs."""
        return int(self.now)

    def tick(self, count: int = 1) -> int:
        """Let time pass up to the next `count` ticks, run them, and return the last number."""
        number = 0
        for _ in range(count):
            tick_s = self.services.organisation.clock.tick
            self.now += tick_s - self.now % tick_s
            number = self.loop.run(self.deployment.run_tick(self.slug))
        return number

    def sleep(self, seconds: float) -> None:
        """Let time pass for a client that waits, with the ticks that fall into it."""
        until = self.now + seconds
        while self.now < until:
            self.tick()

    def submit(self, content: Content, *names: str, draft: Draft | None = None) -> int:
        """Append a directory entry signed by `names`."""
        state = self.services.organisation.state
        entry = Entry(state.size, content)
        for name in names:
            keys = make_keys(name)
            entry = sign_entry(state.org, entry, keys.id, keys.sign)
        known = draft or Draft(content, {})
        answer = self.client.post("directory", content=encode_draft(replace(known, org=state.org, entry=entry)))
        if answer.status_code != 201:
            raise AssertionError(answer.text)
        return int(answer.json()["index"])

    def wait_for_effects(self) -> None:
        """Let everything that waits in the directory take effect."""
        for _ in range(12):
            self.tick()
            if not self.services.organisation.state.pending:
                break
        self.tick(2)
        assert self.services.organisation.state.pending == ()

    def submit_member(self, name: str, roles: Sequence[str], *signers: str) -> int:
        """Append the entry that adds a member, gives one other roles, or takes one back."""
        request = make_named_request(name)
        names = {request.id: Name(request.name, request.salt)}
        record = make_record(name, roles)
        return self.submit(record, *signers, draft=Draft(record, names))

    def make_cosigners(self, *, quorum: int = 2) -> Cosigners:
        """Return the entry that names this world's cosigners."""
        found = [Cosigner(name, app.verifier_key, f"http://{name}.test") for name, app in self.cosigners.items()]
        return Cosigners(tuple(found), quorum)

    def appoint_cosigners(self) -> None:
        """Let the same cosigners sign for the keys that the server has now; theirs stay what they were."""
        for name, app in list(self.cosigners.items()):
            self.loop.run(app.close())
            self.cosigners[name] = self._make_cosigner(name, mirrors=False)

    def force(self, content: Content) -> None:
        """Append an unsigned entry as a server could that does not keep the rules."""
        organisation = self.services.organisation
        entry = Entry(organisation.state.size, content)
        org, data = organisation.org, encode_entry(entry)
        self.loop.run(self.database.write(lambda c: insert_entry(c, org, entry.index, data)))
        organisation.add_state(apply_entry(organisation.state, entry))

    def connect_api(self) -> Api:
        """Return the organisation's address as a client speaks to it."""
        return Api(self.url, client=self.client, sleep=self.sleep)

    def connect(self) -> Connection:
        """Return a client's connection, its time the world's."""
        return connect(self.url, client=self.client, now=self.read_clock, sleep=self.sleep)

    def draw_holder(self) -> HolderKeys:
        """Return the keys of another reporter."""
        self._drawn += 1
        return compute_holder_keys(draw(f"holder {self._drawn}", 16))

    def report(
        self, text: str, *, keys: HolderKeys | None = None, about: Sequence[str] = (), exclude: Sequence[str] = ()
    ) -> tuple[HolderKeys, Sent]:
        """Send a report as a reporter would."""
        keys = keys or self.draw_holder()
        connection = self.connect()
        named = [Named(name, find_one(connection.view, name)) for name in about]
        chosen = [target for name in exclude if (target := find_one(connection.view, name)) is not None]
        preview = prepare_report(connection.view, about=named, exclude=chosen)
        return keys, send_report(connection, keys, seal_report(connection.view, preview, keys, text=text))

    def desk(self, name: str) -> Desk:
        """Return the desk of a founder, signed in."""
        return sign_in(self.connect(), make_keys(name))

    def session(self, name: str) -> str:
        """Return a session token of a founder."""
        return self.desk(name).session.token()

    def deafen(self, *names: str) -> None:
        """Let these cosigners not be reached, or none of them."""
        self.deaf = set(names or self.cosigners)

    def hear(self) -> None:
        """Let cosigners be reached again."""
        self.deaf = set()

    def reach(self) -> httpx.AsyncClient:
        """Return a client that reaches the cosigners, the server, and nobody else of the invented."""
        lines = {f"http://{name}.test": _Line(name, app, self) for name, app in self.cosigners.items()}
        real = httpx.AsyncHTTPTransport()
        return httpx.AsyncClient(mounts={"all://": _Nowhere(), LOOPBACK: real, HOST: _Home(self), **lines})

    def restart(self, *, lose_files: bool = False) -> None:
        """Stop the server and start another on the same data, perhaps without the logs' derived files."""
        self._stop()
        if lose_files:
            shutil.rmtree(self.config.logs_dir(self.slug))
        self._start()

    def close(self) -> None:
        """Stop everything."""
        if not self.stopped:
            self._stop()
        for app in self.cosigners.values():
            self.loop.run(app.close())
        self.loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> None:
        self.app = build_app(
            self.config, clock=self.read_server_clock, random=self._random, client=self.reach(), ticking=False
        )
        self.deployment: Deployment = self.app.state.deployment
        try:
            self.loop.run(self.deployment.start())
        except PlaintError:
            self.loop.run(self.deployment.close())
            raise
        self.stopped = False
        self.client = httpx.Client(transport=AppTransport(self.app, self.loop), base_url=f"{self.url}/")

    def _stop(self) -> None:
        self.stopped = True
        self.client.close()
        self.loop.run(self.deployment.close())

    def _make_cosigner(self, name: str, *, mirrors: bool) -> CosignerApp:
        verifiers = self.keys.verifiers
        keys = {log: encode_vkey(getattr(verifiers, log)) for log in ("cases", "directory")}
        return build_cosigner(
            self.folder / name,
            [f"{key}={self.url}/log/{log}" if mirrors else key for log, key in keys.items()],
            name=f"{name}.test",
            now=lambda: self.read_cosigner_clock(name),
            client=httpx.AsyncClient(transport=_Home(self)),
        )


def open_case(world: World, name: str, case: bytes) -> tuple[Desk, Case]:
    """Return the desk of a member who just read everything, and one case on it."""
    desk = world.desk(name)
    desk.scan()
    return desk, desk.open_case(case.hex())
