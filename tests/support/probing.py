"""What somebody sees who watches the public logs, or floods them, with and without a foreign report among the rest."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random

from plaint.protocol.leaf import compute_content_leaf, compute_token_leaf
from plaint.server.clock.draw import Place, SlotName, draw_cells, take_drawn
from plaint.store.ticks import WaitingRow

BATCH = 16
CELLS = 2
WINDOW_TICKS = 144
OTHERS = [bytes([number]) * 16 for number in range(1, 8)]
MEMBER = bytes(16)
Z_99 = 2.576
Z_POWER_90 = 1.282

Choose = Callable[[Sequence[bytes], Random], list[bytes]]
Bound = Callable[[Random], int]
Draw = Callable[[Sequence[WaitingRow], Random], dict[Place, SlotName]]


@dataclass(frozen=True, slots=True)
class Odds:
    """How well a number tells two worlds apart: 0.5 not at all, 1 always; with a 99 % interval."""

    auc: float
    half: float

    @property
    def upper(self) -> float:
        """The most it can be, whichever way the number points."""
        return max(self.auc, 1 - self.auc) + self.half

    @property
    def lower(self) -> float:
        """The least it can be, whichever way the number points."""
        return max(self.auc, 1 - self.auc) - self.half


def compute_odds(without: Sequence[float], having: Sequence[float]) -> Odds:
    """Return how often a run of one world exceeds one of the other, ties counting half (Mann and Whitney)."""
    ordered, total = sorted(having), 0.0
    for value in without:
        below = bisect_left(ordered, value)
        total += below + 0.5 * (bisect_right(ordered, value) - below)
    return Odds(total / len(without) / len(having), Z_99 * _compute_error(len(without), len(having)))


def compute_detectable(runs: int) -> float:
    """Return the least AUC that `runs` of each world tell from 0.5 at 1 % with nine chances in ten."""
    return 0.5 + (Z_99 + Z_POWER_90) * _compute_error(runs, runs)


def _compute_error(left: int, right: int) -> float:
    return sqrt((left + right + 1) / (12 * left * right))


def make_report(random: Random) -> list[bytes]:
    """Return the two leaves of somebody else's report."""
    header = random.randbytes(500)
    return [compute_content_leaf(random.randbytes(32), header), compute_token_leaf(random.randbytes(32))]


def make_own(count: int, random: Random) -> list[bytes]:
    """Return leaves that the prober knows."""
    return [compute_token_leaf(random.randbytes(32)) for _ in range(count)]


def watch(choose: Choose, foreign: int, random: Random) -> list[bytes]:
    """Return what a tick publishes while `foreign` reports wait."""
    return choose(sorted(leaf for _ in range(foreign) for leaf in make_report(random)), random)


@dataclass(frozen=True, slots=True)
class Probe:
    """What a flooding prober counts: own leaves taken in each tick, and the mean position of those of the first."""

    taken: list[int]
    place: float


def probe_batches(choose: Choose, random: Random, *, own: int, ticks: int, foreign: int = 0, arrives: int = 0) -> Probe:
    """Keep `own` leaves waiting for `ticks` ticks; before tick `arrives` somebody else sends `foreign` reports."""
    others: set[bytes] = set()
    taken, place = [], (BATCH - 1) / 2
    for tick in range(ticks):
        if tick == arrives:
            others.update(leaf for _ in range(foreign) for leaf in make_report(random))
        mine = set(make_own(own, random))
        batch = choose(sorted(mine | others), random)
        places = [at for at, leaf in enumerate(batch) if leaf in mine]
        taken.append(len(places))
        if tick == 0 and places:
            place = sum(places) / len(places)
        others.difference_update(batch)
    return Probe(taken, place)


def probe_bound(
    bound: Bound, choose: Choose, random: Random, *, ticks: int, foreign: int = 0, warm: int = 0
) -> list[int]:
    """Fill the queue up to the refusal in every tick and return how many own leaves waited then, after `warm` ticks."""
    own: set[bytes] = set()
    others: set[bytes] = set()
    seen = []
    for tick in range(warm + ticks):
        if tick == warm:
            others.update(leaf for _ in range(foreign) for leaf in make_report(random))
        room = bound(random) - len(own) - len(others)
        own.update(make_own(max(0, room), random))
        seen.append(len(own))
        batch = choose(sorted(own | others), random)
        own.difference_update(batch)
        others.difference_update(batch)
    return seen[warm:]


def probe_cells(draw: Draw, random: Random, *, own: int, ticks: int, foreign: int = 0, arrives: int = 0) -> list[int]:
    """Count the cells of a member who keeps `own` slots waiting and cannot open those of `foreign` other reports."""
    others: list[WaitingRow] = []
    seen = []
    for tick in range(ticks):
        if tick == arrives:
            others = [WaitingRow(b"foreign", number, [(MEMBER, 1)]) for number in range(foreign)]
        rows = [*(WaitingRow(b"own", number, [(MEMBER, 1)]) for number in range(own)), *others]
        drawn = draw(rows, random)
        seen.append(sum(index < own for index, _ in drawn.values()))
        gone = {(row.room, row.seq) for row in take_drawn(rows, drawn.values(), lambda _: True, bool) if not row.owners}
        others = [row for row in others if (row.room, row.seq) not in gone]
    return seen


def draw_stream(rows: Sequence[WaitingRow], random: Random) -> dict[Place, SlotName]:
    """Draw the cells of the member among others, as a tick does."""
    return draw_cells(rows, [MEMBER, *OTHERS], cells=CELLS, random=random)
