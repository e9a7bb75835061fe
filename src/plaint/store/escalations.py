"""Held slots on their way: rooms whose date passed, in the order of their dates, found by an index over dates alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select, update

from plaint.store.rooms import LET_GO
from plaint.store.schema import room, waiting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class MissedRoom:
    """A room whose held slots still rest: the roster and channel its slot set was made for."""

    room: bytes
    roster: int
    channel: str


_MISSED = (
    select(room.c.room, room.c.roster, room.c.channel)
    .where(room.c.org == bindparam("o"), room.c.escalate <= bindparam("now"))
    .order_by(room.c.escalate)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)  # a room that another process writes to right now comes with the next tick
)
_MOVING = select(func.count()).select_from(waiting).where(waiting.c.org == bindparam("o"), waiting.c.kind == LET_GO)


def list_missed(connection: Connection, org: bytes, *, now: int, limit: int) -> list[MissedRoom]:
    """Return up to `limit` rooms where a duty was missed and the held slots rest, the longest missed first."""
    rows = connection.execute(_MISSED, {"o": org, "now": now, "limit": limit})
    return [MissedRoom(*row) for row in rows]


def count_moving(connection: Connection, org: bytes) -> int:
    """Return of how many slot sets that were let go at a missed date some slots have not entered a stream.

    What is sent to such a room later does not count: whoever has a key to one could keep every other room back by it.
    """
    return int(connection.execute(_MOVING, {"o": org}).scalar_one())


def mark_escalated(connection: Connection, org: bytes, rooms: Sequence[bytes]) -> None:
    """Note that the held slots of these rooms are on their way."""
    if rooms:
        statement = update(room).where(room.c.org == org, room.c.room == bindparam("r"))
        values = [{"r": room_id, "escalate": None, "escalated": True} for room_id in rooms]
        connection.execute(statement, values)
