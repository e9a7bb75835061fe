"""Seals the rows of a database from before rows rested sealed; a room is sealed whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from plaint.crypto.hashes import compute_sha256
from plaint.protocol.slots import SLOT_BYTES
from plaint.store import rooms, ticks
from plaint.store.schema import answer, cell, entry, room

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from plaint.store.rest import RestKey, RestKeys

Place = tuple[bytes, int, int]


def list_unsealed(connection: Connection, org: bytes) -> list[bytes]:
    """Return the rooms whose rows stand in clear."""
    query = select(room.c.room).where(room.c.org == org, room.c.key.is_(None), func.length(room.c.facts) > 0)
    return list(connection.execute(query).scalars())


def index_cells(connection: Connection, org: bytes) -> dict[bytes, list[Place]]:
    """Return the cells that stand in clear by the hash of their slot; nobody has to make two slots differ."""
    query = select(cell.c.member, cell.c.tick, cell.c.place, cell.c.slot).where(
        cell.c.org == org, func.length(cell.c.slot) == SLOT_BYTES
    )
    found: dict[bytes, list[Place]] = {}
    for member, tick, place, slot in connection.execute(query):
        found.setdefault(compute_sha256(slot), []).append((member, tick, place))
    return found


@dataclass(frozen=True, slots=True)
class SealRooms:
    """Seals some rooms under a key each; `cells` finds the cells that carry their slots."""

    org: bytes
    rooms: Sequence[tuple[bytes, RestKey]]
    cells: Mapping[bytes, Sequence[Place]]
    keys: RestKeys

    def __call__(self, connection: Connection) -> None:
        """Run. A room that another process has sealed meanwhile is left as it is."""
        for room_id, key in self.rooms:
            here = (room.c.org == self.org) & (room.c.room == room_id)
            query = select(room.c.facts).where(here, room.c.key.is_(None)).with_for_update()
            facts = connection.execute(query).scalar()
            if not facts:
                continue
            self._seal_entries(connection, room_id, key)
            values = {"facts": rooms.seal_facts(facts, self.org, room_id, key), "key": key.id}
            connection.execute(update(room).where(here), values)

    def _seal_entries(self, connection: Connection, room_id: bytes, key: RestKey) -> None:
        columns = (entry.c.seq, entry.c.header, entry.c.body, entry.c.slots, entry.c.note)
        here = (entry.c.org == self.org) & (entry.c.room == room_id)
        for seq, header, body, slots, note in connection.execute(select(*columns).where(here)).all():
            place = rooms.RowPlace(self.org, room_id, seq, key)
            values = {
                "header": place.seal("header", header),
                "body": place.seal("body", body),
                "slots": None if slots is None else place.seal("slots", slots),
                "note": place.seal("note", note) if note else b"",
            }
            connection.execute(update(entry).where(here, entry.c.seq == seq), values)
            self._seal_cells(connection, slots or b"", key)
        answered = (answer.c.org == self.org) & (answer.c.room == room_id)
        for seq, note in connection.execute(select(answer.c.seq, answer.c.note).where(answered)).all():
            values = {"note": rooms.RowPlace(self.org, room_id, seq, key).seal("note", note)}
            connection.execute(update(answer).where(answered, answer.c.seq == seq), values)

    def _seal_cells(self, connection: Connection, slots: bytes, key: RestKey) -> None:
        outer = self.keys.find_cells_key(self.org)
        for at in range(0, len(slots), SLOT_BYTES):
            slot = slots[at : at + SLOT_BYTES]
            for place in self.cells.get(compute_sha256(slot), ()):
                here = (cell.c.org == self.org) & (cell.c.member == place[0])
                here &= (cell.c.tick == place[1]) & (cell.c.place == place[2])
                sealed = ticks.seal_cell(self.org, ticks.Cell(*place, slot, key), outer)
                connection.execute(update(cell).where(here), {"slot": sealed})
