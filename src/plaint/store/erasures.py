"""What is left of erased rooms: an id nobody else can take, and the two entries that erased it (spec/erasure.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from plaint.store.schema import answer, blob, entry, erasure, organisation, room, waiting

if TYPE_CHECKING:
    from sqlalchemy import Connection

# Nothing of these is known any more; the columns want a value.
_EMPTY = {
    "channel": "",
    "pack": b"",
    "roster": 0,
    "entries": 0,
    "head": bytes(32),
    "slots": 0,
    "at": 0,
    "facts": b"",
    "subject": None,
    "only": None,
    "acknowledge": None,
    "feedback": None,
    "escalate": None,
    "escalated": False,
    "key": None,
    "eraser": None,
}
_ROWS = (
    select(room.c.room, room.c.cap, room.c.locator, erasure.c.record, erasure.c.key, erasure.c.note)
    .join(erasure, (erasure.c.org == room.c.org) & (erasure.c.room == room.c.room))
    .where(room.c.org == bindparam("o"))
)
_FIND = _ROWS.where(room.c.room == bindparam("r"))
_LOCATE = _ROWS.where(room.c.locator == bindparam("l"))
_ANSWERED = _ROWS.where(erasure.c.note != b"")


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """A room that was.

    `key` names its at-rest key, `note` answers the last entry until its leaf is logged.
    """

    room: bytes
    cap: bytes
    locator: bytes | None
    record: bytes
    key: bytes | None = None
    note: bytes = b""


def bind_keystore(connection: Connection, org: bytes, name: bytes) -> bytes:
    """Return the name of the store of at-rest keys that this database goes with: `name` unless there was one."""
    here = organisation.c.org == org
    connection.execute(update(organisation).where(here, organisation.c.keystore.is_(None)), {"keystore": name})
    found: bytes = connection.execute(select(organisation.c.keystore).where(here)).scalar_one()
    return found


def find_erasure(connection: Connection, org: bytes, room_id: bytes) -> ErasureRow | None:
    """Return what is left of a room."""
    row = connection.execute(_FIND, {"o": org, "r": room_id}).first()
    return None if row is None else ErasureRow(*row)


def find_erased_locator(connection: Connection, org: bytes, locator: bytes) -> ErasureRow | None:
    """Return what is left of the room behind a hashed locator."""
    row = connection.execute(_LOCATE, {"o": org, "l": locator}).first()
    return None if row is None else ErasureRow(*row)


def list_erasures(connection: Connection, org: bytes) -> list[ErasureRow]:
    """Return what is left of every erased room."""
    return [ErasureRow(*row) for row in connection.execute(_ROWS, {"o": org})]


def list_answered(connection: Connection, org: bytes) -> list[ErasureRow]:
    """Return the erased rooms whose last answer is still kept."""
    return [ErasureRow(*row) for row in connection.execute(_ANSWERED, {"o": org})]


def forget_answer(connection: Connection, org: bytes, room_id: bytes) -> None:
    """Forget what the last entry of an erased room was answered with."""
    here = (erasure.c.org == org) & (erasure.c.room == room_id)
    connection.execute(update(erasure).where(here), {"note": b""})


def list_erased_keys(connection: Connection, org: bytes) -> list[bytes]:
    """Return the names of the at-rest keys of erased rooms."""
    query = select(erasure.c.key).where(erasure.c.org == org, erasure.c.key.is_not(None))
    return list(connection.execute(query).scalars())


def erase_room(connection: Connection, org: bytes, row: ErasureRow) -> tuple[list[bytes], int]:
    """Put `row` in the place of everything that is stored of a room but its cells.

    Return its blobs, and how many slot sets of it waited.
    """
    blobs = list(connection.execute(select(blob.c.blob).where(blob.c.org == org, blob.c.room == row.room)).scalars())
    waited = connection.execute(delete(waiting).where(waiting.c.org == org, waiting.c.room == row.room)).rowcount
    for table in (blob, answer, entry, room, erasure):
        connection.execute(delete(table).where(table.c.org == org, table.c.room == row.room))
    known = {"org": org, "room": row.room, "cap": row.cap, "locator": row.locator}
    connection.execute(insert(room), {**known, **_EMPTY})
    left = {"record": row.record, "key": row.key, "note": row.note}
    connection.execute(insert(erasure), {"org": org, "room": row.room, **left})
    return blobs, int(waited)
