"""Which blobs are complete, and which room's entry claimed them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, delete, insert, select, update

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
        found = find_blob(connection, org, blob_id)
        if found is None or found[1] not in {None, room}:
            return False
        here = and_(blob.c.org == org, blob.c.blob == blob_id)
        connection.execute(update(blob).where(here), {"room": room, "since": None})
    return True


def delete_unclaimed(connection: Connection, org: bytes, blob_id: bytes) -> bool:
    """Forget a blob unless an entry claimed it; False when there is a claim."""
    found = find_blob(connection, org, blob_id)
    if found is not None and found[1] is not None:
        return False
    connection.execute(delete(blob).where(blob.c.org == org, blob.c.blob == blob_id))
    return True


def delete_older(connection: Connection, org: bytes, before: int) -> list[bytes]:
    """Forget the blobs that nobody claimed since `before`, and return them."""
    old = and_(blob.c.org == org, blob.c.since < before)
    found = list(connection.execute(select(blob.c.blob).where(old)).scalars())
    if found:
        connection.execute(delete(blob).where(old))
    return found


def list_blobs(connection: Connection, org: bytes) -> set[bytes]:
    """Return every complete blob."""
    return set(connection.execute(select(blob.c.blob).where(blob.c.org == org)).scalars())
