"""What a tick moves: waiting leaves into batches, waiting slots into cells, checkpoints and their cosignatures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, delete, func, insert, select, update

from plaint.store.rooms import LEFT_OVER, SENT, encode_owners, split_owners
from plaint.store.schema import (
    alarm,
    batch,
    cell,
    checkpoint,
    directory_entry,
    organisation,
    pending_leaf,
    waiting,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from plaint.store.rest import RestKey, RestKeys

KEY_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """A checkpoint as signed, each cosigner's first and last signature line, and when the quorum was there."""

    log: str
    size: int
    note: bytes
    early: bytes
    late: bytes
    dated: int | None


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A slot set of which some slots have not entered a stream: (member, position) each, and why they wait."""

    room: bytes
    seq: int
    owners: list[tuple[bytes, int]]
    kind: int = SENT


@dataclass(frozen=True, slots=True)
class Cell:
    """A slot in a member's stream, of the room whose at-rest key is `key`."""

    member: bytes
    tick: int
    place: int
    slot: bytes
    key: RestKey


_LAST = select(batch.c.tick, batch.c.at).where(batch.c.org == bindparam("o")).order_by(batch.c.tick.desc()).limit(1)
_CELLS = (
    select(cell.c.tick, cell.c.place, cell.c.slot)
    .where(cell.c.org == bindparam("o"), cell.c.member == bindparam("m"))
    .where(cell.c.tick > bindparam("a"), cell.c.tick <= bindparam("b"))
)
_CHECKPOINT = select(
    checkpoint.c.log,
    checkpoint.c.size,
    checkpoint.c.note,
    checkpoint.c.early,
    checkpoint.c.late,
    checkpoint.c.dated,
).where(checkpoint.c.org == bindparam("o"), checkpoint.c.log == bindparam("l"))


def find_last_batch(connection: Connection, org: bytes) -> tuple[int, int] | None:
    """Return tick number and time of the last tick."""
    row = connection.execute(_LAST, {"o": org}).first()
    return None if row is None else (row[0], row[1])


def list_tick_times(connection: Connection, org: bytes, since: int) -> list[tuple[int, int]]:
    """Return (tick, time) of the ticks at or after `since`, ascending."""
    query = select(batch.c.tick, batch.c.at).where(batch.c.org == org, batch.c.at >= since).order_by(batch.c.tick)
    return [(row[0], row[1]) for row in connection.execute(query)]


def read_batches(connection: Connection, org: bytes, after: int, limit: int) -> list[bytes]:
    """Return the leaves of up to `limit` ticks after tick number `after`."""
    query = select(batch.c.leaves).where(batch.c.org == org, batch.c.tick > after).order_by(batch.c.tick).limit(limit)
    return list(connection.execute(query).scalars())


def forget_checkpoints(connection: Connection, org: bytes) -> None:
    """Forget every checkpoint, date and alarm of both logs, for a succession; leaves and entries stay."""
    connection.execute(delete(checkpoint).where(checkpoint.c.org == org))
    connection.execute(delete(alarm).where(alarm.c.org == org))
    connection.execute(update(directory_entry).where(directory_entry.c.org == org), {"dated": None})


def insert_batch(connection: Connection, org: bytes, *, tick: int, at: int, leaves: bytes) -> None:
    """Fix what a tick adds to the case log."""
    connection.execute(insert(batch), {"org": org, "tick": tick, "at": at, "leaves": leaves})


def count_pending(connection: Connection, org: bytes) -> int:
    """Return how many leaves wait."""
    query = select(func.count()).select_from(pending_leaf).where(pending_leaf.c.org == org)
    return int(connection.execute(query).scalar_one())


def list_pending(connection: Connection, org: bytes) -> list[bytes]:
    """Return the waiting leaves, sorted by themselves."""
    query = select(pending_leaf.c.leaf).where(pending_leaf.c.org == org).order_by(pending_leaf.c.leaf)
    return list(connection.execute(query).scalars())


def delete_pending(connection: Connection, org: bytes, leaves: Sequence[bytes]) -> None:
    """Forget that these leaves waited."""
    if leaves:
        statement = delete(pending_leaf).where(pending_leaf.c.org == org, pending_leaf.c.leaf == bindparam("l"))
        connection.execute(statement, [{"l": leaf} for leaf in leaves])


def count_waiting(connection: Connection, org: bytes) -> int:
    """Return of how many slot sets some slots wait; what is left over for whoever is away keeps nobody else out."""
    query = select(func.count()).select_from(waiting).where(waiting.c.org == org, waiting.c.kind != LEFT_OVER)
    return int(connection.execute(query).scalar_one())


def is_waiting(connection: Connection, org: bytes, room: bytes) -> bool:
    """Tell whether slots of a room wait, for whatever reason."""
    query = select(waiting.c.seq).where(waiting.c.org == org, waiting.c.room == room).limit(1)
    return connection.execute(query).first() is not None


def list_waiting(connection: Connection, org: bytes) -> list[WaitingRow]:
    """Return the slot sets of which some slots wait."""
    query = select(waiting.c.room, waiting.c.seq, waiting.c.owners, waiting.c.kind).where(waiting.c.org == org)
    return [WaitingRow(row[0], row[1], split_owners(row[2]), row[3]) for row in connection.execute(query)]


def replace_waiting(connection: Connection, org: bytes, rows: Iterable[WaitingRow]) -> None:
    """Write down which slots still wait; a set without any is forgotten."""
    for row in rows:
        here = and_(waiting.c.org == org, waiting.c.room == row.room, waiting.c.seq == row.seq)
        if row.owners:
            connection.execute(update(waiting).where(here), {"owners": encode_owners(row.owners), "kind": row.kind})
        else:
            connection.execute(delete(waiting).where(here))


def add_waiting(connection: Connection, org: bytes, row: WaitingRow) -> None:
    """Let further slots of a set wait, beside those that already do, and all of them for this row's reason."""
    here = and_(waiting.c.org == org, waiting.c.room == row.room, waiting.c.seq == row.seq)
    packed = connection.execute(select(waiting.c.owners).where(here)).scalar()
    if packed is None:
        values = {"org": org, "room": row.room, "seq": row.seq, "owners": encode_owners(row.owners), "kind": row.kind}
        connection.execute(insert(waiting), values)
    else:
        values = {"owners": packed + encode_owners(row.owners), "kind": row.kind}
        connection.execute(update(waiting).where(here), values)


def insert_cells(connection: Connection, org: bytes, cells: Sequence[Cell], keys: RestKeys) -> None:
    """Put slots into streams; without the other store nobody can tell which room a cell belongs to."""
    if cells:
        outer = keys.find_cells_key(org)
        rows = [
            {"org": org, "member": c.member, "tick": c.tick, "place": c.place, "slot": seal_cell(org, c, outer)}
            for c in cells
        ]
        connection.execute(insert(cell), rows)


def read_cells(
    connection: Connection, org: bytes, member: bytes, span: tuple[int, int], keys: RestKeys
) -> tuple[dict[tuple[int, int], bytes], bool]:
    """Return the slots in a member's stream by (tick, place), of the ticks after the first of `span` up to its last.

    And whether those are all: the key of a room that was erased since this transaction began is gone.
    """
    after, last = span
    rows = connection.execute(_CELLS, {"o": org, "m": member, "a": after, "b": last}).all()
    outer = keys.find_cells_key(org) if rows else None
    found: dict[tuple[int, int], bytes] = {}
    for tick, place, sealed in rows:
        if outer is not None:
            inner = outer.open(sealed, *_cell_place(org, member, tick, place))
            name = inner[:KEY_ID_BYTES]
            key = outer if name == outer.id else keys.find(name)
            if key is not None:
                found[tick, place] = key.open(inner[KEY_ID_BYTES:], *_cell_place(org, member, tick, place))
    return found, len(found) == len(rows)


def seal_cell(org: bytes, item: Cell, outer: RestKey) -> bytes:
    """Return a cell as it rests."""
    where = _cell_place(org, item.member, item.tick, item.place)
    return outer.seal(item.key.id + item.key.seal(item.slot, *where), *where)


def release_cells(connection: Connection, org: bytes, key_id: bytes, keys: RestKeys) -> None:
    """Let the cells of the room whose key is called `key_id` be nobody's: all are looked at.

    They rest under the cells key alone from now on and are served as before: other bytes at their places would tell
    whoever keeps his stream that a room was erased. Where the key is gone already nobody can read them, and they go.
    """
    outer, key = keys.find_cells_key(org), keys.find(key_id)
    query = select(cell.c.member, cell.c.tick, cell.c.place, cell.c.slot).where(cell.c.org == org)
    for member, tick, place, sealed in connection.execute(query).all():
        where = _cell_place(org, member, tick, place)
        inner = outer.open(sealed, *where)
        if not inner.startswith(key_id):
            continue
        here = and_(cell.c.org == org, cell.c.member == member, cell.c.tick == tick, cell.c.place == place)
        if key is None:
            connection.execute(delete(cell).where(here))
        else:
            slot = key.open(inner[KEY_ID_BYTES:], *where)
            values = {"slot": seal_cell(org, Cell(member, tick, place, slot, outer), outer)}
            connection.execute(update(cell).where(here), values)


def _cell_place(org: bytes, member: bytes, tick: int, place: int) -> tuple[bytes, ...]:
    return b"cell\n", org, member, tick.to_bytes(8, "big"), place.to_bytes(2, "big")


def find_checkpoint(connection: Connection, org: bytes, log: str, size: int) -> CheckpointRow | None:
    """Return the checkpoint of a log at `size`."""
    query = _CHECKPOINT.where(checkpoint.c.size == bindparam("s"))
    row = connection.execute(query, {"o": org, "l": log, "s": size}).first()
    return None if row is None else CheckpointRow(*row)


def find_last_checkpoint(connection: Connection, org: bytes, log: str, *, dated: bool) -> CheckpointRow | None:
    """Return the largest checkpoint of a log, or the largest that a quorum vouched for."""
    query = _CHECKPOINT.where(checkpoint.c.dated.is_not(None)) if dated else _CHECKPOINT
    row = connection.execute(query.order_by(checkpoint.c.size.desc()).limit(1), {"o": org, "l": log}).first()
    return None if row is None else CheckpointRow(*row)


def list_dated_sizes(connection: Connection, org: bytes, log: str) -> list[int]:
    """Return the sizes of the checkpoints that a quorum vouched for, ascending."""
    query = select(checkpoint.c.size).where(
        checkpoint.c.org == org, checkpoint.c.log == log, checkpoint.c.dated.is_not(None)
    )
    return list(connection.execute(query.order_by(checkpoint.c.size)).scalars())


def list_dated_checkpoints(
    connection: Connection, org: bytes, log: str, sizes: tuple[int, int], limit: int
) -> list[CheckpointRow]:
    """Return the checkpoints of such sizes, from the first to the last, ascending; at most `limit`."""
    query = _CHECKPOINT.where(checkpoint.c.dated.is_not(None), checkpoint.c.size.between(*sizes))
    found = connection.execute(query.order_by(checkpoint.c.size).limit(limit), {"o": org, "l": log})
    return [CheckpointRow(*row) for row in found]


def insert_checkpoint(connection: Connection, org: bytes, row: CheckpointRow) -> None:
    """Keep a checkpoint; a log has one at most of every size."""
    values = {name: getattr(row, name) for name in CheckpointRow.__slots__}
    connection.execute(insert(checkpoint), {"org": org, **values})


def update_checkpoint(connection: Connection, org: bytes, row: CheckpointRow) -> None:
    """Keep the cosignatures that a checkpoint got."""
    here = and_(checkpoint.c.org == org, checkpoint.c.log == row.log, checkpoint.c.size == row.size)
    values = {"early": row.early, "late": row.late, "dated": row.dated}
    connection.execute(update(checkpoint).where(here), values)


def date_entries(connection: Connection, org: bytes, size: int, date: int) -> None:
    """Note when a quorum first vouched for the directory's entries before `size`."""
    undated = and_(directory_entry.c.org == org, directory_entry.c.position < size, directory_entry.c.dated.is_(None))
    connection.execute(update(directory_entry).where(undated), {"dated": date})


def read_logged(connection: Connection, org: bytes) -> int:
    """Return how many leaves of writes entered the case log."""
    query = select(organisation.c.logged).where(organisation.c.org == org)
    return int(connection.execute(query).scalar_one() or 0)


def set_logged(connection: Connection, org: bytes, count: int) -> None:
    """Remember how many leaves of writes entered the case log."""
    connection.execute(update(organisation).where(organisation.c.org == org), {"logged": count})


def list_alarms(connection: Connection, org: bytes) -> list[tuple[str, str, int, int]]:
    """Return (log, cosigner, size, time) of the fork alarms that stand."""
    query = select(alarm.c.log, alarm.c.cosigner, alarm.c.size, alarm.c.at).where(alarm.c.org == org)
    return [
        (row[0], row[1], row[2], row[3]) for row in connection.execute(query.order_by(alarm.c.log, alarm.c.cosigner))
    ]


def insert_alarm(connection: Connection, org: bytes, row: tuple[str, str, int, int]) -> None:
    """Keep a fork alarm (log, cosigner, size, time); the first one of a cosigner and log stays."""
    log, cosigner, size, at = row
    here = and_(alarm.c.org == org, alarm.c.log == log, alarm.c.cosigner == cosigner)
    if connection.execute(select(alarm.c.at).where(here)).first() is None:
        values = {"org": org, "log": log, "cosigner": cosigner, "size": size, "at": at}
        connection.execute(insert(alarm), values)


def delete_alarms(connection: Connection, org: bytes, cosigner: str) -> int:
    """Forget the fork alarms of a cosigner and return how many there were."""
    statement = delete(alarm).where(alarm.c.org == org, alarm.c.cosigner == cosigner)
    return int(connection.execute(statement).rowcount)
