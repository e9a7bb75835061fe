"""The logs' files beside the database: derived from it, and a mirror's folder of their own (spec/log.md)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from plaint.encoding.lines import parse_integer
from plaint.errors import ConflictError, MalformedError
from plaint.log.column import write_durably
from plaint.log.sequence import LEAF_BYTES
from plaint.protocol.checkpoint import parse_checkpoint
from plaint.protocol.merkle import EMPTY_ROOT, Hash
from plaint.protocol.note import Note, encode_note, parse_note, parse_signatures
from plaint.store import directory as directory_store
from plaint.store import ticks

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sqlalchemy import Connection

    from plaint.log.tree import LogTree
    from plaint.server.ports import Store

BATCHES_AT_ONCE = 1024


async def find_signed(store: Store, org: bytes, log: str) -> tuple[int, Hash]:
    """Return size and root of the last checkpoint that the database knows."""
    return await store.read(lambda c: read_signed(c, org, log))


def read_signed(connection: Connection, org: bytes, log: str) -> tuple[int, Hash]:
    """Return size and root of the last checkpoint that the database knows."""
    last = ticks.find_last_checkpoint(connection, org, log, dated=False)
    if last is None:
        return 0, EMPTY_ROOT
    checkpoint = parse_checkpoint(parse_note(last.note).text)
    return checkpoint.size, checkpoint.root


async def replay(store: Store, org: bytes, log: str, tree: LogTree, signed: tuple[int, Hash], *, batch: int) -> None:
    """Make the files of a log what the database said when it had `signed` size and root last, and nothing beyond.

    Raises: ConflictError "log-ahead" when the files hold more: the database is older than what was published.
    """
    size, root = signed
    if tree.size > size:
        raise ConflictError("log-ahead")
    for start in (tree.size, 0):
        tree.reset_to(start)
        if log == "directory":
            append(tree, await store.read(partial(directory_store.list_entries, org=org, start=start, end=size)))
        else:
            await _fill(store, org, tree, size=size, batch=batch)
        if tree.root() == root:
            break


def append(tree: LogTree, entries: Iterable[bytes]) -> None:
    """Add entries, if there are any."""
    data = list(entries)
    if data:
        tree.append(data)


def read_leaves(data: bytes) -> list[bytes]:
    """Return the leaves of a stored batch."""
    return [data[at : at + LEAF_BYTES] for at in range(0, len(data), LEAF_BYTES)]


def keep_checkpoint(folder: Path, row: ticks.CheckpointRow) -> None:
    """Write a dated checkpoint beside its log, for whoever needs the log without the database."""
    signed = parse_note(row.note)
    data = encode_note(Note(signed.text, (*signed.signatures, *parse_signatures(row.early))))
    place = folder / row.log / "at"
    place.mkdir(exist_ok=True)
    for path in (place / str(row.size), folder / row.log / "checkpoint"):
        fresh = path.with_name(path.name + ".new")
        fresh.write_bytes(data)
        fresh.replace(path)


def write_logged(folder: Path, *, size: int, count: int) -> None:
    """Remember, outside the database, how many of the first `size` leaves came from writes."""
    write_durably(folder / "logged", b"%d %d\n" % (size, count))


def read_logged(folder: Path) -> tuple[int, int] | None:
    """Return what `write_logged` wrote, if it did."""
    path = folder / "logged"
    try:
        size, _, count = path.read_text("ascii").removesuffix("\n").partition(" ")
        return parse_integer(size), parse_integer(count)
    except (OSError, UnicodeDecodeError, MalformedError):
        return None


async def _fill(store: Store, org: bytes, tree: LogTree, *, size: int, batch: int) -> None:
    tree.reset_to(tree.size - tree.size % batch)
    while tree.size < size:
        # No more than was asked for: another process may add to them at any time.
        limit = min(BATCHES_AT_ONCE, -((tree.size - size) // batch))
        query = partial(ticks.read_batches, org=org, after=tree.size // batch, limit=limit)
        found = await store.read(query)
        if not found:
            return
        append(tree, [leaf for data in found for leaf in read_leaves(data)])
