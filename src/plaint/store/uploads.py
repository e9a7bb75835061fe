"""Which blobs are complete, and which room's entry claimed them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, delete, insert, or_, select, update

from plaint.store.schema import blob

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_FIND = select(blob.c.size, blob.c.room).where(blob.c.org == bindparam("o"), blob.c.blob == bindparam("b"))


def find_blob(connection: Connection, org: bytes, blob_id: bytes) -> tuple[int, bytes | None] | None:
    """Return the size of a complete blob and the room that claimed it."""
    row = connection.execute(_FIND, {"o": org, "b": blob_id}).first()
    return None if row is None else (row[0], row[1])


def insert_blob(connection: Connection, org: bytes, blob_id: bytes, *, size: int, since: int) -> None:
    """Note that a blob is complete and durable, and not yet claimed."""
    values = {"org": org, "blob": blob_id, "size": size, "room": None, "since": since}
    connection.execute(insert(blob), values)


def claim_blobs(connection: Connection, org: bytes, blobs: Sequence[bytes], room: bytes) -> bool:
    """Give complete blobs to a room; False, and nothing to keep, when one is missing or another room's."""
    for blob_id in blobs:
        here = and_(blob.c.org == org, blob.c.blob == blob_id, or_(blob.c.room.is_(None), blob.c.room == room))
        # One statement: between two another process could sweep it, or claim it for another room.
        if not connection.execute(update(blob).where(here), {"room": room, "since": None}).rowcount:
            return False
    return True


def delete_unclaimed(connection: Connection, org: bytes, blob_id: bytes) -> bool:
    """Forget a blob unless an entry claimed it; False when there is a claim."""
    connection.execute(delete(blob).where(blob.c.org == org, blob.c.blob == blob_id, blob.c.room.is_(None)))
    return find_blob(connection, org, blob_id) is None


def delete_older(connection: Connection, org: bytes, before: int) -> list[bytes]:
    """Forget the blobs that nobody claimed since `before`, and return them."""
    old = delete(blob).where(blob.c.org == org, blob.c.since < before)
    return list(connection.execute(old.returning(blob.c.blob)).scalars())


def list_blobs(connection: Connection, org: bytes) -> set[bytes]:
    """Return every complete blob."""
    return set(connection.execute(select(blob.c.blob).where(blob.c.org == org)).scalars())
