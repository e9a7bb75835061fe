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


def draw_cells(
    rows: Sequence[WaitingRow], members: Iterable[bytes], *, cells: int, random: Random
) -> dict[Place, SlotName]:
    """Return the slot that each filled cell carries; cells not named carry none."""
    queues: dict[bytes, list[SlotName]] = {}
    for index, row in enumerate(rows):
        for member, position in row.owners:
            queues.setdefault(member, []).append((index, position))
    drawn: dict[Place, SlotName] = {}
    for member in members:
        queue = queues.get(member, [])
        for place in range(cells):
            # The coin is thrown for every cell, so that a filled queue shows nothing of who else waits.
            if random.getrandbits(1) and queue:
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
