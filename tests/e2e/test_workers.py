"""Two servers on one PostgreSQL: the leader is killed in the middle of a tick, and the other goes on."""

from __future__ import annotations

import asyncio
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from sqlalchemy import Connection, Engine, create_engine, select, text

from plaint.log.tree import LogTree
from plaint.protocol.checkpoint import parse_checkpoint
from plaint.protocol.fold import fold_directory
from plaint.protocol.note import parse_note
from plaint.protocol.state import State, parse_state
from plaint.protocol.write import parse_room_answer
from plaint.store.database import Database, parse_database_url
from plaint.store.schema import batch, cell, pending_leaf
from tests.support.fabricated import FabricatedRoom, Fabricator
from tests.support.patience import PATIENCE_S
from tests.support.postgres import postgres_server, postgres_url
from tests.support.process import CLOCK, Load, UpProcess, connect, create

__all__ = ["postgres_server", "postgres_url"]
pytestmark = pytest.mark.postgres

TICKS = replace(CLOCK, tick=2, batch=64, window=604_800)
T = TypeVar("T")
WRITES = 24
LEADS = """
SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND application_name LIKE 'plaint-%'
"""
STUCK = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO batch%'"


class Servers:
    """Two servers with folders of their own, one database, one store of at-rest keys, one folder for sealed files."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        self._url = url
        self.org = create(folder / "a", clock=TICKS, database_url=url)
        shutil.copytree(folder / "a" / "keys", folder / "b" / "keys")
        self.engine: Engine = create_engine(url, isolation_level="AUTOCOMMIT")
        self.running: dict[int, UpProcess] = {}
        self.names: dict[int, str] = {}

    def start(self, name: str) -> UpProcess:
        """Start the server of the folder `name`."""
        blobs = str(self._folder / "blobs")
        keys = f"sqlite:///{self._folder / 'keys.sqlite'}"
        process = UpProcess(self._folder / name, "--database-url", self._url, "--blobs", blobs, "--keys-url", keys)
        self.running[process.pid], self.names[process.pid] = process, name
        return process

    def find_leader(self, *, besides: int | None = None) -> int:
        """Return the process that leads, which is not `besides`."""

        def ask() -> int | None:
            with self.engine.connect() as connection:
                found = [int(name.partition("-")[2]) for name in connection.execute(text(LEADS)).scalars()]
            assert len(found) <= 1
            return next((pid for pid in found if pid != besides), None)

        return wait_for(ask)

    def kill(self, pid: int) -> str:
        """Kill a server at once and return its folder's name."""
        self.running.pop(pid).stop(signal.SIGKILL)
        return self.names[pid]

    @contextmanager
    def hold_ticks(self) -> Iterator[None]:
        """Let whoever ticks stop in the middle of it, with half of it done."""
        with self._make_holder() as connection, connection.begin() as transaction:
            connection.execute(text("LOCK TABLE batch IN SHARE MODE"))
            wait_for(self._count_stuck)
            yield
            transaction.rollback()

    @contextmanager
    def _make_holder(self) -> Iterator[Connection]:
        engine = create_engine(self._url)
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()

    def _count_stuck(self) -> int | None:
        with self.engine.connect() as connection:  # in one transaction the answer would stay the same
            return connection.execute(text(STUCK)).scalar() or None

    def count_ticks(self) -> int:
        """Return how many ticks there were."""
        with self.engine.connect() as connection:
            return len(connection.execute(select(batch.c.tick)).all())

    def wait_for_ticks(self, count: int) -> None:
        """Wait until there were as many ticks."""
        wait_for(lambda: self.count_ticks() >= count or None)


@pytest.fixture
def servers(tmp_path: Path, postgres_url: str) -> Iterator[Servers]:
    made = Servers(tmp_path, postgres_url)
    try:
        yield made
    finally:
        for process in made.running.values():
            process.__exit__()
        made.engine.dispose()


def wait_for(ask: Callable[[], T | None]) -> T:
    """Ask until there is an answer."""
    until = time.monotonic() + PATIENCE_S
    while (answer := ask()) is None:
        assert time.monotonic() < until
        time.sleep(0.05)
    return answer


def see(client: httpx.Client, seen: dict[int, bytes]) -> int:
    """Remember the published checkpoint and return its tick; one of a size seen before must be the same."""
    checkpoint = parse_checkpoint(parse_note(client.get("log/cases/checkpoint").content).text)
    assert seen.setdefault(checkpoint.size, checkpoint.root) == checkpoint.root
    return checkpoint.size // TICKS.batch


def wait_to_see(client: httpx.Client, seen: dict[int, bytes], tick: int) -> None:
    """Wait until a server publishes this tick."""
    wait_for(lambda: see(client, seen) >= tick or None)


def send(servers: Servers, seen: dict[int, bytes]) -> list[tuple[FabricatedRoom, State]]:
    """Open rooms through both servers at once, and return those that were promised a place."""
    loads: list[tuple[Load, list[FabricatedRoom]]] = []
    for process in servers.running.values():
        with connect(f"{process.url}/o/demo/") as client:
            made = Fabricator(fold_directory(client.get("directory").content.splitlines()))
            rooms = [made.open(tick=see(client, seen)) for _ in range(WRITES)]
        loads.append((Load(process.url, [room.data for room in rooms]), rooms))
    for load, _ in loads:
        load.start()
    for load, _ in loads:
        load.join()
        assert not load.refused
    return [(rooms[at], parse_state(parse_note(note).text)) for load, rooms in loads for at, note in load.taken]


def test_a_leader_killed_in_the_middle_of_a_tick_is_succeeded(servers: Servers, tmp_path: Path) -> None:
    servers.start("a")
    servers.start("b")
    seen: dict[int, bytes] = {}
    promised: list[tuple[FabricatedRoom, State]] = []
    for _ in range(3):
        leader = servers.find_leader()
        promised += send(servers, seen)
        ticks = servers.count_ticks()
        with servers.hold_ticks():
            name = servers.kill(leader)
        assert servers.find_leader(besides=leader) in servers.running
        servers.wait_for_ticks(ticks + 2)
        servers.start(name)
    for process in servers.running.values():
        with connect(f"{process.url}/o/demo/") as client:
            wait_to_see(client, seen, max(seen) // TICKS.batch + 1)
            check_rooms(client, promised)
    for pid in list(servers.running):
        assert servers.running.pop(pid).stop() == 0
    assert len(promised) == 6 * WRITES
    check_tables(servers.engine, [leaf for room, _ in promised for leaf in room.leaves])
    for name in ("a", "b"):
        tree = LogTree(tmp_path / name / "logs" / "demo" / "cases", leaf_bytes=33)
        assert all(tree.root_at(size) == root for size, root in seen.items() if size <= tree.size)
        tree.close()


def check_rooms(client: httpx.Client, promised: list[tuple[FabricatedRoom, State]]) -> None:
    """Every room is there through whichever server, and no date of it moved."""
    for room, state in promised:
        answer = client.get(f"rooms/{room.room.hex()}?from=0", headers={"plaint-cap": room.cap.hex()})
        assert answer.status_code == 200
        note = parse_state(parse_note(parse_room_answer(answer.content).note).text)
        assert (note.dues, note.head) == (state.dues, state.head)


def check_tables(engine: Engine, leaves: list[bytes]) -> None:
    """Nothing was logged or delivered twice, nothing left out, and no tick has another number or size."""
    with engine.connect() as connection:
        batches = connection.execute(select(batch.c.tick, batch.c.at, batch.c.leaves).order_by(batch.c.tick)).all()
        waiting = set(connection.execute(select(pending_leaf.c.leaf)).scalars())
        slots = Counter(connection.execute(select(cell.c.slot)).scalars())
    assert [row[0] for row in batches] == list(range(1, len(batches) + 1))
    assert {len(row[2]) for row in batches} == {33 * TICKS.batch}
    assert len({row[1] for row in batches}) == len(batches)
    logged = Counter(row[2][at : at + 33] for row in batches for at in range(0, len(row[2]), 33))
    assert all(logged[leaf] + (leaf in waiting) == 1 for leaf in leaves)
    assert slots
    assert set(slots.values()) == {1}


def test_a_stopped_leader_gives_the_lead_back_at_once(servers: Servers) -> None:
    first = servers.start("a")
    servers.wait_for_ticks(1)
    second = servers.start("b")
    assert servers.find_leader() == first.pid
    assert servers.running.pop(first.pid).stop() == 0
    assert servers.find_leader(besides=first.pid) == second.pid
    ticks = servers.count_ticks()
    servers.wait_for_ticks(ticks + 2)


def test_servers_that_start_together_make_the_tables_once(tmp_path: Path, postgres_url: str) -> None:
    url = parse_database_url(postgres_url, default=tmp_path)

    async def open_all() -> int:
        opened = await asyncio.gather(*(asyncio.to_thread(Database, url) for _ in range(4)))
        for database in opened:
            await asyncio.to_thread(database.close)
        return len(opened)

    assert asyncio.run(open_all()) == 4
