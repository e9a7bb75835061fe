"""Rooms and their entries: what is known of a room in clear, and the sealed rest in one row per entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, select, update

from plaint.store.inserts import Insert
from plaint.store.schema import answer, entry, pending_leaf, room, waiting

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Row

    from plaint.store.rest import RestKey, RestKeys

OWNER_BYTES = 18
SENT, LET_GO, LEFT_OVER = 0, 1, 2
"""Why slots wait: their set was sent; a date was missed; their owners are suspended, and may come back."""
HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class RoomRow:
    """A room as the server knows it; `acknowledge` and `feedback` are due times until the duty is met."""

    room: bytes
    channel: str
    pack: bytes
    roster: int
    cap: bytes
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
    key: RestKey
    eraser: bytes | None = None


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry; `note` is the state note its write was answered with, as far as that is kept."""

    seq: int
    header: bytes
    body: bytes
    slots: bytes | None
    note: bytes


@dataclass(frozen=True, slots=True)
class OpeningRows:
    """What a room brings along that opens, sealed: a row for the room, its entry and its waiting slots, and leaves."""

    room: Sequence[object]
    entry: Sequence[object]
    waiting: Sequence[object]
    leaves: Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True)
class RowPlace:
    """Where the sealed values of an entry stand: each opens in its own column and row only."""

    org: bytes
    room: bytes
    seq: int
    key: RestKey

    def seal(self, column: str, data: bytes) -> bytes:
        """Return `data` as it rests in `column`."""
        return self.key.seal(data, column.encode(), b"\n", self.org, self.room, self.seq.to_bytes(8, "big"))

    def open(self, column: str, sealed: bytes) -> bytes:
        """Return what rests in `column`. Raises: VerificationError "rest-sealed"."""
        return self.key.open(sealed, column.encode(), b"\n", self.org, self.room, self.seq.to_bytes(8, "big"))


_SEALED = ("tally", "acknowledge_hash", "feedback_hash")
_COLUMNS = tuple(column.name for column in room.columns if column.name != "org")
_ROOM = select(*(room.c[name] for name in _COLUMNS)).where(room.c.org == bindparam("o"))
_FIND = _ROOM.where(room.c.room == bindparam("r"))
_LOCK = _FIND.with_for_update()
_FIND_MANY = select(room.c.room, room.c.cap, room.c.entries, room.c.head).where(
    room.c.org == bindparam("o"), room.c.room.in_(bindparam("rooms", expanding=True))
)
_LOCATE = (
    # Any reader may have sent the newest set, with rubbish for the holder: her own first one leads her in.
    select(room.c.room, entry.c.seq, room.c.key, entry.c.slots)
    .join(entry, (entry.c.org == room.c.org) & (entry.c.room == room.c.room))
    .where(entry.c.seq == 0, room.c.org == bindparam("o"), room.c.locator == bindparam("l"))
)
_ONLY = select(room.c.room).where(room.c.org == bindparam("o"), room.c.only == bindparam("u"))
_LOCATED = select(room.c.room).where(room.c.org == bindparam("o"), room.c.locator == bindparam("l"))
_KEY = select(room.c.key).where(room.c.org == bindparam("o"), room.c.room == bindparam("r"))
_ENTRIES = (
    select(entry.c.seq, entry.c.header, entry.c.body)
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


def find_room(connection: Connection, org: bytes, room_id: bytes, keys: RestKeys) -> RoomRow | None:
    """Return what is known of a room, nothing of one whose key is gone."""
    return _open_room(connection.execute(_FIND, {"o": org, "r": room_id}).first(), org, keys)


def _open_room(row: Row[Any] | None, org: bytes, keys: RestKeys) -> RoomRow | None:
    if row is None:
        return None
    values = dict(zip(_COLUMNS, row, strict=True))
    key = keys.find(values["key"])
    if key is None:
        return None
    facts = key.open(values.pop("facts"), b"facts\n", org, values["room"])
    parts = (facts[at : at + HASH_BYTES] for at in range(0, len(facts), HASH_BYTES))
    return RoomRow(**{**values, **dict(zip(_SEALED, parts, strict=True)), "key": key})


def find_key_id(connection: Connection, org: bytes, room_id: bytes) -> bytes | None:
    """Return the name of a room's at-rest key."""
    found: bytes | None = connection.execute(_KEY, {"o": org, "r": room_id}).scalar()
    return found


def find_key(connection: Connection, org: bytes, room_id: bytes, keys: RestKeys) -> RestKey | None:
    """Return the at-rest key of a room."""
    return keys.find(find_key_id(connection, org, room_id))


def lock_room(connection: Connection, org: bytes, room_id: bytes, keys: RestKeys) -> RoomRow | None:
    """Return what is known of a room, which no other process changes until this transaction is over."""
    return _open_room(connection.execute(_LOCK, {"o": org, "r": room_id}).first(), org, keys)


def find_rooms(connection: Connection, org: bytes, rooms: Sequence[bytes]) -> Mapping[bytes, tuple[bytes, int, bytes]]:
    """Return cap hash, number of entries and head of those of `rooms` that exist."""
    rows = connection.execute(_FIND_MANY, {"o": org, "rooms": list(rooms)})
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def find_located(connection: Connection, org: bytes, locator: bytes, keys: RestKeys) -> tuple[bytes, bytes] | None:
    """Return room id and the slot set that leads the holder in, behind a hashed locator."""
    row = connection.execute(_LOCATE, {"o": org, "l": locator}).first()
    key = None if row is None else keys.find(row[2])
    if row is None or key is None:
        return None
    return row[0], RowPlace(org, row[0], row[1], key).open("slots", row[3])


def has_locator(connection: Connection, org: bytes, locator: bytes) -> bool:
    """Tell whether a hashed locator is taken."""
    return connection.execute(_LOCATED, {"o": org, "l": locator}).first() is not None


def find_only(connection: Connection, org: bytes, mark: bytes) -> bytes | None:
    """Return the room that was first to carry `mark`."""
    found: bytes | None = connection.execute(_ONLY, {"o": org, "u": mark}).scalar()
    return found


def read_entries(
    connection: Connection, org: bytes, room_id: bytes, start: int, key: RestKey
) -> list[tuple[bytes, bytes]]:
    """Return (header, body) of the entries of a room from `start` on."""
    found: list[tuple[bytes, bytes]] = []
    for seq, header, body in connection.execute(_ENTRIES, {"o": org, "r": room_id, "s": start}):
        place = RowPlace(org, room_id, seq, key)
        found.append((place.open("header", header), place.open("body", body)))
    return found


def find_entry(
    connection: Connection, org: bytes, room_id: bytes, seq: int, key: RestKey
) -> tuple[bytes, bytes | None] | None:
    """Return the header of one entry and the state note it was answered with, None once that was forgotten."""
    row = connection.execute(_ENTRY, {"o": org, "r": room_id, "s": seq}).first()
    if row is None:
        return None
    place, note = RowPlace(org, room_id, seq, key), row[1] or row[2]
    return place.open("header", row[0]), place.open("note", note) if note else None


def list_answers(connection: Connection, org: bytes, keys: RestKeys) -> list[tuple[bytes, int, bytes]]:
    """Return (room, seq, note) of the answers that are kept for who did not get them."""
    query = (
        select(answer.c.room, answer.c.seq, answer.c.note, room.c.key)
        .join(room, (room.c.org == answer.c.org) & (room.c.room == answer.c.room))
        .where(answer.c.org == org)
    )
    found = [(row[0], row[1], row[2], keys.find(row[3])) for row in connection.execute(query)]
    return [
        (room_id, seq, RowPlace(org, room_id, seq, key).open("note", note)) for room_id, seq, note, key in found if key
    ]


def delete_answer(connection: Connection, org: bytes, room_id: bytes, seq: int) -> None:
    """Forget an answer."""
    here = and_(answer.c.org == org, answer.c.room == room_id, answer.c.seq == seq)
    connection.execute(delete(answer).where(here))


def read_slots(connection: Connection, org: bytes, room_id: bytes, seq: int, key: RestKey) -> bytes:
    """Return the slot set that entry `seq` carries."""
    sealed: bytes = connection.execute(_SLOTS, {"o": org, "r": room_id, "s": seq}).scalar_one()
    return RowPlace(org, room_id, seq, key).open("slots", sealed)


def list_values(org: bytes, row: RoomRow) -> tuple[object, ...]:
    """Return a room's values in the order of the table's columns."""
    facts = seal_facts(row.tally + row.acknowledge_hash + row.feedback_hash, org, row.room, row.key)
    known = {"facts": facts, "key": row.key.id}
    return (org, *(known[name] if name in known else getattr(row, name) for name in _COLUMNS))


def seal_facts(facts: bytes, org: bytes, room_id: bytes, key: RestKey) -> bytes:
    """Return a room's tally key and two hashes as they rest."""
    return key.seal(facts, b"facts\n", org, room_id)


def update_room(connection: Connection, org: bytes, room_id: bytes, values: Mapping[str, object]) -> None:
    """Change what is known of a room."""
    connection.execute(update(room).where(room.c.org == org, room.c.room == room_id), dict(values))


def seal_opening(
    org: bytes, row: RoomRow, first: EntryRow, owners: Iterable[tuple[bytes, int]], leaves: Iterable[bytes]
) -> OpeningRows:
    """Return the rows of a room, its first entry, the slots that wait for `owners`, and the leaves."""
    return OpeningRows(
        room=list_values(org, row),
        entry=_seal_entry(org, row.room, first, row.key),
        waiting=(org, row.room, first.seq, encode_owners(owners), SENT),
        leaves=[(org, leaf) for leaf in leaves],
    )


def insert_opening(connection: Connection, rows: OpeningRows) -> int | None:
    """Add a room and return how many of its leaves did not wait already.

    Nothing, and None, when its id, locator, mark or subject is taken.
    """
    if not _INSERT_ROOM(connection, rows.room):
        return None
    _INSERT_ENTRY(connection, rows.entry)
    _INSERT_WAITING(connection, rows.waiting)
    return _INSERT_LEAF(connection, *rows.leaves)


def insert_entry(connection: Connection, org: bytes, room_id: bytes, row: EntryRow, key: RestKey) -> None:
    """Add an entry; the first one's answer is kept, for receipts that are made again, and others for a while."""
    *values, note = _seal_entry(org, room_id, row, key)
    first = row.seq == 0
    _INSERT_ENTRY(connection, (*values, note if first else b""))
    if not first:
        _INSERT_ANSWER(connection, (org, room_id, row.seq, note))


def _seal_entry(org: bytes, room_id: bytes, row: EntryRow, key: RestKey) -> tuple[object, ...]:
    place = RowPlace(org, room_id, row.seq, key)
    slots = None if row.slots is None else place.seal("slots", row.slots)
    sealed = (place.seal("header", row.header), place.seal("body", row.body), slots, place.seal("note", row.note))
    return (org, room_id, row.seq, *sealed)


def insert_leaves(connection: Connection, org: bytes, leaves: Iterable[bytes]) -> int:
    """Let leaves wait for a tick and return how many did not wait already; nothing links them to what was written."""
    return _INSERT_LEAF(connection, *((org, leaf) for leaf in leaves))


def insert_waiting(
    connection: Connection, org: bytes, room_id: bytes, seq: int, owners: Iterable[tuple[bytes, int]]
) -> None:
    """Let slots of the set in entry `seq` wait for their owners' streams: (member, position) each."""
    _INSERT_WAITING(connection, (org, room_id, seq, encode_owners(owners), SENT))


def encode_owners(owners: Iterable[tuple[bytes, int]]) -> bytes:
    """Return 18 bytes for each (member, position)."""
    return b"".join(member + position.to_bytes(2, "big") for member, position in owners)


def split_owners(packed: bytes) -> list[tuple[bytes, int]]:
    """Return what `encode_owners` packed."""
    parts = (packed[at : at + OWNER_BYTES] for at in range(0, len(packed), OWNER_BYTES))
    return [(part[:16], int.from_bytes(part[16:], "big")) for part in parts]
