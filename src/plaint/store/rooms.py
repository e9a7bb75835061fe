"""Rooms and their entries: what is known of a room in clear, and the sealed rest in one row per entry."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, delete, select, update

from plaint.store.inserts import Insert
from plaint.store.schema import answer, entry, pending_leaf, room, waiting

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

OWNER_BYTES = 18


@dataclass(frozen=True, slots=True)
class RoomRow:
    """A room as the server knows it; `acknowledge` and `feedback` are due times until the duty is met."""

    room: bytes
    channel: str
    pack: bytes
    roster: int
    cap: bytes
    epoch: int
    entries: int
    head: bytes
    slots: int
    at: int
    tally: bytes
    subject: bytes | None
    locator: bytes | None
    only: bytes | None
    acknowledge: int | None
    feedback: int | None
    acknowledge_hash: bytes
    feedback_hash: bytes
    escalate: int | None
    escalated: bool


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry; `note` is the state note its write was answered with, as far as that is kept."""

    seq: int
    header: bytes
    body: bytes
    slots: bytes | None
    note: bytes


_FIELDS = tuple(RoomRow.__slots__)
_READ_FIELDS = attrgetter(*_FIELDS)
_ROOM = select(*(room.c[name] for name in _FIELDS)).where(room.c.org == bindparam("o"))
_FIND = _ROOM.where(room.c.room == bindparam("r"))
_LOCK = _FIND.with_for_update()
_FIND_MANY = select(room.c.room, room.c.cap, room.c.entries, room.c.head).where(
    room.c.org == bindparam("o"), room.c.room.in_(bindparam("rooms", expanding=True))
)
_LOCATE = (
    select(room.c.room, entry.c.slots)
    .join(entry, (entry.c.org == room.c.org) & (entry.c.room == room.c.room) & (entry.c.seq == room.c.slots))
    .where(room.c.org == bindparam("o"), room.c.locator == bindparam("l"))
)
_ONLY = select(room.c.room).where(room.c.org == bindparam("o"), room.c.only == bindparam("u"))
_LOCATED = select(room.c.room).where(room.c.org == bindparam("o"), room.c.locator == bindparam("l"))
_ENTRIES = (
    select(entry.c.seq, entry.c.header, entry.c.body, entry.c.slots, entry.c.note)
    .where(entry.c.org == bindparam("o"), entry.c.room == bindparam("r"), entry.c.seq >= bindparam("s"))
    .order_by(entry.c.seq)
)
_ENTRY = (
    select(entry.c.header, entry.c.note, answer.c.note)
    .join(
        answer,
        (answer.c.org == entry.c.org) & (answer.c.room == entry.c.room) & (answer.c.seq == entry.c.seq),
        isouter=True,
    )
    .where(entry.c.org == bindparam("o"), entry.c.room == bindparam("r"), entry.c.seq == bindparam("s"))
)
_SLOTS = select(entry.c.slots).where(
    entry.c.org == bindparam("o"), entry.c.room == bindparam("r"), entry.c.seq == bindparam("s")
)
_INSERT_ROOM = Insert(room, ignoring=True)
_INSERT_ENTRY = Insert(entry)
_INSERT_ANSWER = Insert(answer)
_INSERT_WAITING = Insert(waiting)
_INSERT_LEAF = Insert(pending_leaf, ignoring=True)


def find_room(connection: Connection, org: bytes, room_id: bytes) -> RoomRow | None:
    """Return what is known of a room."""
    row = connection.execute(_FIND, {"o": org, "r": room_id}).first()
    return None if row is None else RoomRow(*row)


def lock_room(connection: Connection, org: bytes, room_id: bytes) -> RoomRow | None:
    """Return what is known of a room, which no other process changes until this transaction is over."""
    row = connection.execute(_LOCK, {"o": org, "r": room_id}).first()
    return None if row is None else RoomRow(*row)


def find_rooms(connection: Connection, org: bytes, rooms: Sequence[bytes]) -> Mapping[bytes, tuple[bytes, int, bytes]]:
    """Return cap hash, number of entries and head of those of `rooms` that exist."""
    rows = connection.execute(_FIND_MANY, {"o": org, "rooms": list(rooms)})
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def find_located(connection: Connection, org: bytes, locator: bytes) -> tuple[bytes, bytes] | None:
    """Return room id and current slot set behind a hashed locator."""
    row = connection.execute(_LOCATE, {"o": org, "l": locator}).first()
    return None if row is None else (row[0], row[1])


def has_locator(connection: Connection, org: bytes, locator: bytes) -> bool:
    """Tell whether a hashed locator is taken."""
    return connection.execute(_LOCATED, {"o": org, "l": locator}).first() is not None


def find_only(connection: Connection, org: bytes, mark: bytes) -> bytes | None:
    """Return the room that was first to carry `mark`."""
    found: bytes | None = connection.execute(_ONLY, {"o": org, "u": mark}).scalar()
    return found


def read_entries(connection: Connection, org: bytes, room_id: bytes, start: int) -> list[EntryRow]:
    """Return the entries of a room from `start` on."""
    return [EntryRow(*row) for row in connection.execute(_ENTRIES, {"o": org, "r": room_id, "s": start})]


def find_entry(connection: Connection, org: bytes, room_id: bytes, seq: int) -> tuple[bytes, bytes | None] | None:
    """Return the header of one entry and the state note it was answered with, None once that was forgotten."""
    row = connection.execute(_ENTRY, {"o": org, "r": room_id, "s": seq}).first()
    return None if row is None else (row[0], row[1] or row[2])


def list_answers(connection: Connection, org: bytes) -> list[tuple[bytes, int, bytes]]:
    """Return (room, seq, note) of the answers that are kept for who did not get them."""
    query = select(answer.c.room, answer.c.seq, answer.c.note).where(answer.c.org == org)
    return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def delete_answer(connection: Connection, org: bytes, room_id: bytes, seq: int) -> None:
    """Forget an answer."""
    here = and_(answer.c.org == org, answer.c.room == room_id, answer.c.seq == seq)
    connection.execute(delete(answer).where(here))


def read_slots(connection: Connection, org: bytes, room_id: bytes, seq: int) -> bytes:
    """Return the slot set that entry `seq` carries."""
    found: bytes = connection.execute(_SLOTS, {"o": org, "r": room_id, "s": seq}).scalar_one()
    return found


def insert_room(connection: Connection, org: bytes, row: RoomRow) -> bool:
    """Add a room, or tell that its id, locator, mark or subject is taken."""
    return _INSERT_ROOM(connection, (org, *_READ_FIELDS(row))) == 1


def update_room(connection: Connection, org: bytes, room_id: bytes, values: Mapping[str, object]) -> None:
    """Change what is known of a room."""
    connection.execute(update(room).where(room.c.org == org, room.c.room == room_id), dict(values))


def insert_entry(connection: Connection, org: bytes, room_id: bytes, row: EntryRow) -> None:
    """Add an entry; the first one's answer is kept, for receipts that are made again, and others for a while."""
    first = row.seq == 0
    _INSERT_ENTRY(connection, (org, room_id, row.seq, row.header, row.body, row.slots, row.note if first else b""))
    if not first:
        _INSERT_ANSWER(connection, (org, room_id, row.seq, row.note))


def insert_leaves(connection: Connection, org: bytes, leaves: Iterable[bytes]) -> int:
    """Let leaves wait for a tick and return how many did not wait already; nothing links them to what was written."""
    return _INSERT_LEAF(connection, *((org, leaf) for leaf in leaves))


def insert_waiting(
    connection: Connection, org: bytes, room_id: bytes, seq: int, owners: Iterable[tuple[bytes, int]]
) -> None:
    """Let slots of the set in entry `seq` wait for their owners' streams: (member, position) each."""
    _INSERT_WAITING(connection, (org, room_id, seq, encode_owners(owners)))


def encode_owners(owners: Iterable[tuple[bytes, int]]) -> bytes:
    """Return 18 bytes for each (member, position)."""
    return b"".join(member + position.to_bytes(2, "big") for member, position in owners)


def split_owners(packed: bytes) -> list[tuple[bytes, int]]:
    """Return what `encode_owners` packed."""
    parts = (packed[at : at + OWNER_BYTES] for at in range(0, len(packed), OWNER_BYTES))
    return [(part[:16], int.from_bytes(part[16:], "big")) for part in parts]
