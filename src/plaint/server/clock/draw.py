"""Which waiting slots enter which streams in a tick: a coin for every cell, any of the slots that wait (SPEC D3)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from plaint.store.rooms import LEFT_OVER, LET_GO, SENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from random import Random

    from plaint.store.ticks import WaitingRow

Place = tuple[bytes, int]
"""A member's cell: (member, place)."""

SlotName = tuple[int, int]
"""A waiting slot: (which set, position in it)."""

ONE_OF = 4
"""Of so many cells one takes what was sent before what a missed date let go, so that neither stops the other."""


def draw_cells(
    rows: Sequence[WaitingRow], members: Iterable[bytes], *, cells: int, random: Random
) -> dict[Place, SlotName]:
    """Return the slot that each filled cell carries; cells not named carry none."""
    sent, let_go = _queue(rows, kinds=(SENT,)), _queue(rows, kinds=(LET_GO, LEFT_OVER))
    drawn: dict[Place, SlotName] = {}
    for member in members:
        for place in range(cells):
            # The coin is thrown for every cell, so that a filled queue shows nothing of who else waits.
            if not random.getrandbits(1):
                continue
            queue = _choose(sent.get(member, []), let_go.get(member, []), random)
            if queue:
                drawn[member, place] = queue.pop(random.randrange(len(queue)))
    return drawn


def take_drawn(
    rows: Sequence[WaitingRow],
    drawn: Iterable[SlotName],
    is_active: Callable[[bytes], bool],
    may_return: Callable[[bytes], bool],
) -> list[WaitingRow]:
    """Return the rows that changed, without the drawn slots and without those of members who receive none.

    What a missed date let go is kept for who is suspended, which one administrator can do alone; it counts for nobody.
    """
    gone = set(drawn)
    changed: list[WaitingRow] = []
    for index, row in enumerate(rows):
        stays = is_active if row.kind == SENT else may_return
        owners = [(m, p) for m, p in row.owners if (index, p) not in gone and stays(m)]
        away = row.kind == LET_GO and not any(is_active(member) for member, _ in owners)
        fresh = replace(row, owners=owners, kind=LEFT_OVER if away else row.kind)
        if fresh != row:
            changed.append(fresh)
    return changed


def _queue(rows: Sequence[WaitingRow], *, kinds: tuple[int, ...]) -> dict[bytes, list[SlotName]]:
    """Return whose slots of sets of these kinds wait."""
    queues: dict[bytes, list[SlotName]] = {}
    for index, row in enumerate(rows):
        for member, position in row.owners if row.kind in kinds else ():
            queues.setdefault(member, []).append((index, position))
    return queues


def _choose(sent: list[SlotName], let_go: list[SlotName], random: Random) -> list[SlotName]:
    """Return the queue whose turn it is: a flood of reports must not keep escalations back (docs/adr/0061)."""
    if sent and let_go:
        return let_go if random.randrange(ONE_OF) else sent
    return sent or let_go
