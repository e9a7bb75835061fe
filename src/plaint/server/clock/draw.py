"""Which waiting slots enter which streams in a tick: a coin for every cell, any of the slots that wait (SPEC D3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    rows: Sequence[WaitingRow], drawn: Iterable[SlotName], is_active: Callable[[bytes], bool]
) -> list[WaitingRow]:
    """Return the rows that changed, without the drawn slots and without those of members who left."""
    gone = set(drawn)
    changed: list[WaitingRow] = []
    for index, row in enumerate(rows):
        owners = [(m, p) for m, p in row.owners if (index, p) not in gone and is_active(m)]
        if owners != row.owners:
            changed.append(type(row)(row.room, row.seq, owners))
    return changed
