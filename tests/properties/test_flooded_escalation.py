"""A flood of reports that nobody answers keeps a real escalation back for days at most, however long it lasts."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from itertools import count
from random import Random

from plaint.log.sequence import slots_threshold
from plaint.server.clock.batch import MOVING_PER_CELL
from plaint.server.clock.draw import draw_cells, take_drawn
from plaint.store.rooms import LET_GO
from plaint.store.ticks import WaitingRow

CELLS = 2
DAY = 144
WEEK = 7 * DAY
HANDLER, INDEPENDENT = b"h" * 16, b"i" * 16
SENT_TO = [(HANDLER, 1), (INDEPENDENT, 2)]
HELD_FOR = [(INDEPENDENT, 3)]


class Flood:
    """An organisation of the default clock to which somebody sends a report whenever the door lets one in."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.numbers = count()
        self.waiting: list[WaitingRow] = []
        self.due: deque[int] = deque()
        self.delays: list[int] = []
        self.admitted = 0

    def run(self, *, since: int, ticks: int) -> None:
        """Let ticks pass in which nobody answers any report; all are due after a week."""
        self.delays, self.admitted = [], 0
        for tick in range(since, since + ticks):
            bound = slots_threshold(cells=CELLS, window_ticks=DAY, random=self.random)
            while len(self.waiting) < bound:
                self._wait(WaitingRow(b"", tick, SENT_TO))
                self.due.append(tick + WEEK)
                self.admitted += 1
            moving = sum(row.kind == LET_GO for row in self.waiting)
            while self.due and self.due[0] <= tick and moving < MOVING_PER_CELL * CELLS:
                self._wait(WaitingRow(b"", self.due.popleft(), HELD_FOR, LET_GO))
                moving += 1
            self._draw(tick)

    def _wait(self, row: WaitingRow) -> None:
        self.waiting.append(replace(row, room=next(self.numbers).to_bytes(32, "big")))

    def _draw(self, tick: int) -> None:
        drawn = draw_cells(self.waiting, (HANDLER, INDEPENDENT), cells=CELLS, random=self.random).values()
        self.delays += [tick - row.seq for index, _ in drawn if (row := self.waiting[index]).kind == LET_GO]
        changed = {row.room: row for row in take_drawn(self.waiting, drawn, lambda _: True, lambda _: True)}
        fresh = (changed.get(row.room, row) for row in self.waiting)
        self.waiting = [row for row in fresh if row.owners]


def test_a_flood_delays_no_escalation_for_longer_than_days_and_leaves_the_door_ajar() -> None:
    flood = Flood(seed=7)
    for week in range(5):
        flood.run(since=week * WEEK, ticks=WEEK)
        assert max(flood.delays, default=0) < 4 * DAY  # five weeks of it: 19 days where all are drawn alike
        assert flood.admitted > WEEK / 6
    assert len(flood.delays) > WEEK / 3
