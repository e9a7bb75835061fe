"""Rooms by the thousand, put straight into the tables: nobody can open them, and the clock cannot tell."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice

from sqlalchemy import Connection, select

from plaint.crypto.hashes import compute_sha256
from plaint.protocol.slots import SLOT_BYTES
from plaint.server.organisation import Organisation
from plaint.store import rooms
from plaint.store.inserts import Insert
from plaint.store.schema import room as room_table
from tests.support.world import World

AT_ONCE = 500
CHANNEL = "reports"


def add_rooms(
    connection: Connection, organisation: Organisation, *, first: int, count: int, escalate: int, sets: bool = True
) -> list[bytes]:
    """Add `count` rooms whose held slots move at `escalate` and later, a second apart; `sets` gives them slot sets."""
    roster = organisation.find_roster(organisation.state.size, CHANNEL)
    slots = bytes(SLOT_BYTES * (1 + len(roster.delivered) + len(roster.held)))
    made = _make(organisation, first=first, count=count, escalate=escalate)
    insert = Insert(room_table)
    ids: list[bytes] = []
    while part := list(islice(made, AT_ONCE)):
        insert(connection, *(rooms.list_values(organisation.org, row) for row in part))
        for row in part if sets else ():
            rooms.insert_entry(connection, organisation.org, row.room, rooms.EntryRow(0, b"", b"", slots, b""), row.key)
        ids += [row.room for row in part]
    return ids


def add_missed(world: World, count: int, *, before: int | None = None) -> list[bytes]:
    """Add rooms whose dates are missed by now, or by `before`, and return them, the longest missed first."""
    last = int(world.now) if before is None else before
    organisation = world.services.organisation
    job = partial(add_rooms, organisation=organisation, first=0, count=count, escalate=last - count)
    return world.loop.run(world.database.write(job))


def read_escalated(world: World) -> set[bytes]:
    """Return the rooms whose held slots were let go."""
    org = world.services.organisation.org
    query = select(room_table.c.room).where(room_table.c.org == org, room_table.c.escalated)
    return set(world.loop.run(world.database.read(lambda c: list(c.execute(query).scalars()))))


def _make(organisation: Organisation, *, first: int, count: int, escalate: int) -> Iterator[rooms.RoomRow]:
    pack, key = organisation.state.channels[CHANNEL].pack, organisation.rest.draw_now(1)[0]
    for number in range(first, first + count):
        digest = compute_sha256(b"room %d" % number)
        yield rooms.RoomRow(
            room=digest,
            channel=CHANNEL,
            pack=pack,
            roster=organisation.state.size,
            cap=digest,
            entries=1,
            head=digest,
            slots=0,
            at=0,
            tally=digest,
            subject=digest,
            locator=digest,
            only=None,
            acknowledge=escalate,
            feedback=escalate,
            acknowledge_hash=digest,
            feedback_hash=digest,
            escalate=escalate + number - first,
            escalated=False,
            key=key,
        )
