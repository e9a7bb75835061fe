"""A tick is the same whatever waits, after a start, an outage and under a flood; and it is seen at a fixed moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from plaint.protocol.checkpoint import parse_checkpoint, parse_sizes
from plaint.protocol.note import parse_note
from plaint.protocol.policy import compute_date
from plaint.protocol.trust import parse_trust
from plaint.server.clock.batch import TickJob
from plaint.store.writer import Writer
from tests.support.sealed import post, seal
from tests.support.world import CLOCK, World

CELL_BYTES = 456
AFTER_S, SLACK_S = 3_600, 600
PUBLIC = ("log/keys", "log/alarms", "config", "directory", "names", "log/nothing")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a tick shows everybody, without the bytes that are random: sizes, dates, lengths, statuses."""

    size: int
    date: int | None
    sizes: list[int]
    lengths: list[tuple[int, int]]
    cells: int


def look(world: World, session: str) -> Shown:
    """Fetch everything public and the stream of a member who was kept out."""
    trust = parse_trust(world.client.get("log/keys").content)
    note = parse_note(world.client.get("log/cases/checkpoint").content)
    sizes = parse_sizes(world.client.get("log/cases/at").content)
    size = parse_checkpoint(note.text).size
    paths = [
        *PUBLIC,
        *(f"log/cases/at/{kept}" for kept in sizes[-3:]),
        "log/directory/checkpoint",
        "log/cases/tile/0/000",
    ]
    paths += [f"log/cases/tile/entries/000.p/{kept}" for kept in sizes[-3:] if kept < 256]
    answers = [world.client.get(path) for path in paths]
    stream = world.client.get("stream?from=0", headers={"plaint-session": session})
    return Shown(
        size,
        compute_date(trust.policy, note),
        sizes,
        [(answer.status_code, len(answer.content)) for answer in answers],
        len(stream.content),
    )


def flood(world: World) -> int:
    """Send reports until one is refused, and return how many were taken."""
    taken = 0
    while post(world, seal(world, f"Flood {taken}.")).status_code == 201:
        taken += 1
    return taken


def live(folder: Path, busy: Callable[[World], object]) -> list[Shown]:
    """Let an organisation live through starts and outages, `busy` before every tick, and return what was shown."""
    shown = []
    with World(folder) as world:
        for step in ("tick", "tick", "restart", "outage", "tick", "deaf", "tick", "lost files", "tick"):
            busy(world)
            if step == "restart":
                world.restart()
            elif step == "outage":
                world.now += 50 * CLOCK.tick
                world.restart()
            elif step == "deaf":
                world.deafen()
                world.tick(2)
                world.hear()
            elif step == "lost files":
                world.restart(lose_files=True)
            world.tick()
            shown.append(look(world, world.session("ida")))
    return shown


def test_a_flood_starts_and_outages_show_nothing(tmp_path: Path) -> None:
    calm = live(tmp_path / "calm", lambda _: None)
    taken: list[int] = []
    loaded = live(tmp_path / "loaded", lambda world: taken.append(flood(world)))
    assert calm == loaded
    assert sum(taken) > 20
    grown = [after.size - before.size for before, after in pairwise(calm)]
    assert grown == [16, 16, 16, 16, 48, 16, 16, 16]
    assert all(seen.cells == CLOCK.cells * CELL_BYTES * (seen.size // CLOCK.batch) for seen in calm)
    assert calm[-1].sizes == [16, 32, 48, 64, 80, 96, 144, 160, 176, 192]


def test_a_missed_tick_is_not_made_up_for(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        assert world.tick() == 2
        world.now += 144 * CLOCK.tick
        world.restart()
        organisation = world.services.organisation
        assert (organisation.tick, organisation.trees["cases"].size) == (2, 32)
        assert world.tick() == 3
        assert organisation.trees["cases"].size == 48
        assert organisation.ticks[-1] == (3, int(world.now))


def test_every_batch_of_a_flooded_log_is_as_large_and_takes_a_random_share(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        organisation, shares = world.services.organisation, []
        for _ in range(24):
            flood(world)
            before = organisation.waiting
            world.tick()
            shares.append(before - organisation.waiting)
        assert organisation.trees["cases"].size == 25 * CLOCK.batch
        assert all(0 <= share <= CLOCK.batch for share in shares)
        assert len(set(shares)) > 6
        assert 3 < sum(shares) / len(shares) < 13


def test_the_refusal_is_one_answer_and_its_bound_moves(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        refusals, held = set(), []
        for _ in range(6):
            flood(world)
            answer = post(world, seal(world, "One more."))
            refusals.add((answer.status_code, answer.content, answer.headers.get("retry-after")))
            held.append(world.services.organisation.waiting)
            world.tick()
        assert refusals == {(503, b'{"code":"admission"}', None)}
        assert len(set(held)) > 1


@pytest.mark.parametrize("deciding_s", [0, 1_800])
def test_a_tick_is_seen_when_its_moment_has_come_however_long_deciding_took(
    world: World, monkeypatch: pytest.MonkeyPatch, deciding_s: int
) -> None:
    services, write = world.services, Writer.run
    ahead_s, decided = 0, asyncio.Event()

    async def slow(self: Writer, job: Any, *, quick: bool = False) -> Any:
        nonlocal ahead_s
        result: Any = await write(self, job, quick=quick)
        if isinstance(job, TickJob):
            ahead_s = deciding_s
            decided.set()
        return result

    async def scene() -> None:
        nonlocal ahead_s
        loop = asyncio.get_running_loop()
        before, asked, time = services.organisation.tick, world.asked.total(), loop.time
        monkeypatch.setattr(loop, "time", lambda: time() + ahead_s)
        ticking = asyncio.ensure_future(services.clock.run(after_s=AFTER_S))
        await decided.wait()
        for passed_s in (deciding_s, AFTER_S - SLACK_S):
            ahead_s = passed_s
            for _ in range(50):
                await asyncio.sleep(0)
            assert (services.organisation.tick, world.asked.total()) == (before, asked)
        ahead_s = AFTER_S
        await asyncio.wait_for(ticking, 120)
        assert services.organisation.tick == before + 1
        assert world.asked.total() > asked

    monkeypatch.setattr(Writer, "run", slow)
    world.loop.run(scene())
