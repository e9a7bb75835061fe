"""The server as a whole, probed under a simulated clock: what one foreign report changes for who floods and watches.

`tests/properties/test_probing.py` measures the rules with 1,200 runs; here everything is in between that could give a
report away: the database's order, the queue, files, checkpoints, starts and outages. A trial is three ticks in a world
that lives on; half of the trials have a foreign report. With 24 of each the 99 % interval is ±0.217, and an AUC of 0.97
is told from the 0.64 allowed with nine chances in ten: enough for one that logs at once what waits, see the last test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from plaint.client.connection import Connection
from plaint.client.reporter import prepare_report, seal_report
from plaint.crypto.hashes import compute_sha256
from plaint.protocol.checkpoint import parse_checkpoint, parse_sizes
from plaint.protocol.leaf import LEAF_BYTES, draw_dummy_leaf
from plaint.protocol.note import parse_note
from plaint.protocol.tiles import TILE_WIDTH, Tile, encode_tile_path, parse_bundle
from plaint.protocol.work import parse_work
from plaint.protocol.write import encode_write
from tests.support.probing import Odds, compute_detectable, compute_odds
from tests.support.world import CLOCK, World

TRIALS = 24
TICKS = 3
OWN = 16
ALLOWED = 0.64
BATCH = CLOCK.batch


@dataclass(frozen=True, slots=True)
class Trial:
    """What the prober counts: own leaves in the first tick and in all, where those stand, and bits in all bytes."""

    first: int
    all: int
    place: float
    ones: int
    steps: tuple[tuple[int, int], ...]
    """How much the log had grown at each tick, and how long its newest checkpoint and the list of kept ones were."""


class Prober:
    """Writes into rooms of its own and reads what is public."""

    def __init__(self, world: World, random: Random) -> None:
        self._world = world
        self._random = random

    def run(self, *, foreign: bool) -> Trial:
        """Flood, let somebody else report, look at every tick, and let the queue run dry."""
        world = self._world
        disturb(world, self._random.randrange(4))
        connection = world.connect()
        mine = {leaf for _ in range(OWN // 2) for leaf in self._report(connection)}
        if foreign:
            self._report(connection)
        start, sizes, taken = read_size(world), [], list[list[bytes]]()
        for _ in range(TICKS):
            world.tick()
            size = read_size(world)
            note, kept = (world.client.get(f"log/cases/{path}").content for path in ("checkpoint", "at"))
            assert parse_sizes(kept)[-1] == size
            sizes.append((size - start, len(note) - len(str(size))))
            taken.append(read_leaves(world, size - BATCH, size))
        places = [place for place, leaf in enumerate(taken[0]) if leaf in mine]
        organisation = world.services.organisation
        while organisation.waiting or organisation.sets:
            world.tick()
        return Trial(
            len(places),
            sum(leaf in mine for batch in taken for leaf in batch),
            sum(places) / len(places) if places else (BATCH - 1) / 2,
            int.from_bytes(b"".join(leaf for batch in taken for leaf in batch), "big").bit_count(),
            tuple(sizes),
        )

    def _report(self, connection: Connection) -> tuple[bytes, ...]:
        """Send a report, and return its two leaves."""
        view, world = connection.view, self._world
        write = seal_report(view, prepare_report(view), world.draw_holder(), text="Something.")
        assert write.opening is not None
        work = parse_work(connection.solve(compute_sha256(write.body)))
        data = encode_write(replace(write, opening=replace(write.opening, work=work)))
        assert world.client.post("rooms", content=data).status_code == 201
        return write.leaves


def disturb(world: World, way: int) -> None:
    """Start again, after an outage or with lost files, or do nothing of that."""
    if way == 0:
        world.restart()
    elif way == 1:
        world.now += 20 * CLOCK.tick
        world.restart(lose_files=True)


def read_size(world: World) -> int:
    return parse_checkpoint(parse_note(world.client.get("log/cases/checkpoint").content).text).size


def read_leaves(world: World, start: int, end: int) -> list[bytes]:
    """Read leaves of one bundle as an outsider does."""
    index = start // TILE_WIDTH
    width = min(TILE_WIDTH, end - index * TILE_WIDTH)
    data = world.client.get(f"log/cases/{encode_tile_path(Tile(None, index, width))}").content
    assert len(data) == width * (LEAF_BYTES + 2)
    return parse_bundle(data, count=width)[start - index * TILE_WIDTH :]


def measure(folder: Path, trials: int = TRIALS) -> tuple[dict[str, Odds], set[Any], set[Any]]:
    """Return the odds of each number, and the shapes that were seen without and with a foreign report."""
    random = Random(11)
    order = [foreign for foreign in (False, True) for _ in range(trials)]
    random.shuffle(order)
    with World(folder, cosigners=()) as world:
        prober = Prober(world, random)
        seen = [(foreign, prober.run(foreign=foreign)) for foreign in order]
    without, having = ([trial for foreign, trial in seen if foreign is which] for which in (False, True))
    numbers: dict[str, Callable[[Trial], float]] = {
        "first": lambda trial: trial.first,
        "all": lambda trial: trial.all,
        "place": lambda trial: trial.place,
        "ones": lambda trial: trial.ones,
    }
    odds = {name: compute_odds([*map(read, without)], [*map(read, having)]) for name, read in numbers.items()}
    return odds, {trial.steps for trial in without}, {trial.steps for trial in having}


def test_the_power_is_what_the_text_says() -> None:
    half = compute_odds([0] * TRIALS, [0] * TRIALS).half
    assert round(half, 3) == 0.217
    assert ALLOWED - 0.5 + compute_detectable(TRIALS) == pytest.approx(0.965, abs=0.005)


def test_one_foreign_report_changes_little_for_a_prober_and_nothing_in_what_everybody_sees(tmp_path: Path) -> None:
    odds, without, having = measure(tmp_path)
    assert all(found.lower < ALLOWED for found in odds.values()), odds
    assert without == having
    assert {tuple(grown for grown, _ in steps) for steps in without} == {(BATCH, 2 * BATCH, 3 * BATCH)}


def choose_first(waiting: Any, *, batch: int, random: Random) -> list[bytes]:
    """Break the rule: whatever waits is logged at once."""
    chosen = random.sample(waiting, min(batch, len(waiting)))
    return random.sample([*chosen, *(draw_dummy_leaf() for _ in range(batch - len(chosen)))], batch)


def test_a_server_that_logs_at_once_what_waits_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plaint.server.clock.batch.choose_batch", choose_first)
    odds, _, _ = measure(tmp_path, 12)
    assert odds["first"].lower > ALLOWED, odds
