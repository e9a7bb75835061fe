"""kill -9 under load, at any moment: what a state note promised is there, and no two checkpoints contradict."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import replace
from pathlib import Path

import httpx

from plaint.log.tree import LogTree
from plaint.protocol.checkpoint import parse_checkpoint
from plaint.protocol.fold import fold_directory
from plaint.protocol.note import parse_note
from plaint.server.clock.files import read_leaves
from plaint.store.database import Database, parse_database_url
from plaint.store.ticks import list_pending, read_batches
from tests.support.fabricated import FabricatedRoom, Fabricator
from tests.support.patience import PATIENCE_S
from tests.support.process import CLOCK, Load, Nursery, connect, create

KILLS = 52
BATCH = 256
SENDERS = 4
WRITES = 40
TAKEN_AT_MOST = 40
CLOCK_WINDOW = 2_592_000


def test_nothing_promised_is_lost(tmp_path: Path) -> None:
    data = tmp_path / "data"
    org = create(data, clock=replace(CLOCK, batch=BATCH, window=CLOCK_WINDOW))
    promised: list[tuple[FabricatedRoom, bytes]] = []
    unanswered: list[FabricatedRoom] = []
    seen: dict[str, dict[int, bytes]] = {"cases": {}, "directory": {}}
    random_ = random.Random(3)
    with Nursery(data) as nursery:
        for _ in range(KILLS):
            pid, url = nursery.start()
            with connect(f"{url}/o/demo/") as client:
                fabricator = Fabricator(fold_directory(client.get("directory").content.splitlines()))
                watch(client, seen)
                tick = seen_tick(seen)
                rooms = [[fabricator.open(tick=tick) for _ in range(WRITES)] for _ in range(SENDERS)]
                loads = [Load(url, [room.data for room in own]) for own in rooms]
                for load in loads:
                    load.start()
                wait_for(loads, random_.randrange(TAKEN_AT_MOST))
                watch(client, seen)
                time.sleep(random_.uniform(0.0, 0.02))
                nursery.kill(pid)
            for load, own in zip(loads, rooms, strict=True):
                load.join()
                assert not load.refused
                promised += [(own[index], note) for index, note in load.taken]
                unanswered += own[len(load.taken) : load.sent]
        pid, url = nursery.start()
        with connect(f"{url}/o/demo/") as client:
            check_promised(client, promised)
            assert len(promised) > 5 * KILLS
            for room in unanswered:
                assert client.post("rooms", content=room.data).status_code == 201
            again = client.post("rooms", content=promised[0][0].data)
            assert again.content == promised[0][1]
            watch(client, seen)
        nursery.kill(pid)
    check_logs(data, org, seen, [room for room, _ in promised])


def wait_for(loads: list[Load], taken: int) -> None:
    """Wait until that many writes of this round were answered."""
    until = time.monotonic() + PATIENCE_S
    while sum(len(load.taken) for load in loads) < taken:
        assert time.monotonic() < until
        time.sleep(0.002)


def watch(client: httpx.Client, seen: dict[str, dict[int, bytes]]) -> None:
    """Remember every published checkpoint; one of a size seen before must be the same."""
    for log, known in seen.items():
        answer = client.get(f"log/{log}/checkpoint")
        assert answer.status_code == 200
        checkpoint = parse_checkpoint(parse_note(answer.content).text)
        assert known.setdefault(checkpoint.size, checkpoint.root) == checkpoint.root


def seen_tick(seen: dict[str, dict[int, bytes]]) -> int:
    return max(seen["cases"]) // BATCH


def check_promised(client: httpx.Client, promised: list[tuple[FabricatedRoom, bytes]]) -> None:
    for start in range(0, len(promised), 256):
        rooms = [room for room, _ in promised[start : start + 256]]
        answer = client.post("heads", content=b"".join(room.room + room.cap for room in rooms)).content
        assert answer == b"".join((1).to_bytes(8, "big") + room.head for room in rooms)


def check_logs(data: Path, org: bytes, seen: dict[str, dict[int, bytes]], promised: list[FabricatedRoom]) -> None:
    """Every checkpoint ever seen is one of the log as it is now, and every promised leaf is in it or still waits."""
    tree = LogTree(data / "logs" / "demo" / "cases", leaf_bytes=33)
    assert all(tree.root_at(size) == root for size, root in seen["cases"].items())
    logged = set(tree.read_entries(0, tree.size))
    tree.close()
    database = Database(parse_database_url(None, default=data / "plaint.sqlite"))
    waiting = set(asyncio.run(database.read(lambda c: list_pending(c, org))))
    # Killed after a tick was decided and before its leaves were in the file: the next start puts them there.
    decided = asyncio.run(database.read(lambda c: read_batches(c, org, tree.size // BATCH, KILLS)))
    logged |= {leaf for data in decided for leaf in read_leaves(data)}
    database.close()
    assert not logged & waiting
    assert all(leaf in logged or leaf in waiting for room in promised for leaf in room.leaves)
