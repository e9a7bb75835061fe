from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from plaint.errors import UnavailableError
from plaint.store import rooms, ticks
from plaint.store.database import Database, parse_database_url
from plaint.store.rest import RestKey
from plaint.store.schema import pending_leaf

ORG = b"o" * 16
KEY = RestKey(b"k" * 16, b"K" * 32)


class Keys:
    """Knows one key."""

    def find(self, key_id: bytes | None) -> RestKey | None:
        return KEY if key_id == KEY.id else None

    def find_cells_key(self, org: bytes) -> RestKey:
        return RestKey(org, b"C" * 32)


ROOM = rooms.RoomRow(
    room=b"r" * 32,
    channel="reports",
    pack=b"p" * 32,
    roster=2,
    cap=b"c" * 32,
    entries=1,
    head=b"h" * 32,
    slots=0,
    at=1_790_000_000,
    tally=b"t" * 32,
    subject=b"s" * 32,
    locator=b"l" * 32,
    only=b"u" * 32,
    acknowledge=1_790_000_001,
    feedback=None,
    acknowledge_hash=b"a" * 32,
    feedback_hash=b"f" * 32,
    escalate=1_790_000_002,
    escalated=False,
    key=KEY,
)
OTHER = replace(ROOM, room=b"R" * 32, subject=b"S" * 32, locator=b"L" * 32, only=b"U" * 32)
ENTRY = rooms.EntryRow(seq=0, header=b"header", body=b"body", slots=b"slots", note=b"note")


def write_room(database: Database, row: rooms.RoomRow, org: bytes = ORG) -> bool:
    leaves = (row.room + b"1", row.room + b"2")
    rows = rooms.seal_opening(org, row, ENTRY, [(b"m" * 16, 1)], leaves)
    return asyncio.run(database.write(lambda c: rooms.insert_opening(c, rows))) is not None


def write_leaves(database: Database, *leaves: bytes) -> int:
    return asyncio.run(database.write(lambda c: rooms.insert_leaves(c, ORG, leaves)))


def write_entry(database: Database) -> None:
    asyncio.run(database.write(lambda c: rooms.insert_entry(c, ORG, ROOM.room, ENTRY, KEY)))


def test_a_room_is_read_as_it_was_written(database: Database) -> None:
    assert write_room(database, ROOM)
    assert write_room(database, ROOM, org=b"another org 16 b")
    assert asyncio.run(database.read(lambda c: rooms.find_room(c, ORG, ROOM.room, Keys()))) == ROOM


@pytest.mark.parametrize("key", ["room", "subject", "locator", "only"])
def test_a_room_is_left_out_when_one_of_its_keys_is_taken(database: Database, key: str) -> None:
    assert write_room(database, ROOM)
    assert not write_room(database, replace(OTHER, **{key: getattr(ROOM, key)}))
    assert asyncio.run(database.read(lambda c: rooms.find_room(c, ORG, OTHER.room, Keys()))) is None
    assert write_room(database, OTHER)


def test_a_room_comes_with_its_entry_its_waiting_slots_and_its_leaves(database: Database) -> None:
    assert write_room(database, ROOM)
    entries = asyncio.run(database.read(lambda c: rooms.read_entries(c, ORG, ROOM.room, 0, KEY)))
    assert entries == [(ENTRY.header, ENTRY.body)]
    assert asyncio.run(database.read(lambda c: rooms.read_slots(c, ORG, ROOM.room, 0, KEY))) == ENTRY.slots
    assert asyncio.run(database.read(lambda c: rooms.find_entry(c, ORG, ROOM.room, 0, KEY))) == (b"header", b"note")
    waiting = asyncio.run(database.read(lambda c: ticks.list_waiting(c, ORG)))
    assert waiting == [ticks.WaitingRow(ROOM.room, 0, [(b"m" * 16, 1)])]
    assert asyncio.run(database.read(lambda c: ticks.list_pending(c, ORG))) == [b"r" * 32 + b"1", b"r" * 32 + b"2"]


def test_rooms_without_those_keys_do_not_clash(database: Database) -> None:
    assert write_room(database, replace(ROOM, subject=None, locator=None, only=None))
    assert write_room(database, replace(OTHER, subject=None, locator=None, only=None))


def test_only_leaves_that_did_not_wait_are_counted(database: Database) -> None:
    def count(connection: Connection) -> int:
        return int(connection.execute(select(func.count()).select_from(pending_leaf)).scalar_one())

    assert write_leaves(database, b"1" * 33, b"2" * 33) == 2
    assert write_leaves(database, b"2" * 33, b"3" * 33) == 1
    assert asyncio.run(database.read(count)) == 3


def test_row_numbers_do_not_tell_which_entry_came_first(tmp_path: Path) -> None:
    path, names = tmp_path / "plaint.sqlite", [bytes([number]) * 32 for number in range(24)]
    database = Database(parse_database_url(None, default=path))
    for name in names:
        asyncio.run(database.write(lambda c, name=name: rooms.insert_entry(c, ORG, name, ENTRY, KEY)))  # type: ignore[misc]
    database.close()
    with closing(sqlite3.connect(path)) as connection:
        found = [room for (room,) in connection.execute("SELECT room FROM entry ORDER BY rowid")]
        assert connection.execute("SELECT max(rowid) - min(rowid) FROM entry").fetchone()[0] > 2**32
    assert found != names
    assert sorted(found) == names


@pytest.mark.parametrize(
    ("index", "query"),
    [
        ("room_locator", "SELECT room FROM room WHERE org = ? AND locator = ?"),
        ("room_only", "SELECT room FROM room WHERE org = ? AND only = ?"),
        ("room_escalate", "SELECT room FROM room WHERE org = ? AND escalate <= ? ORDER BY escalate LIMIT 5"),
        ("blob_since", "SELECT blob FROM blob WHERE org = ? AND since < ?"),
    ],
)
def test_what_an_index_leaves_out_nobody_asks_for(tmp_path: Path, index: str, query: str) -> None:
    path = tmp_path / "plaint.sqlite"
    Database(parse_database_url(None, default=path)).close()
    with closing(sqlite3.connect(path)) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}", (b"", b""))]
    assert len(plan) == 1
    assert f"INDEX {index} " in plan[0]


def test_an_entry_is_never_left_out_silently(database: Database) -> None:
    write_entry(database)
    with pytest.raises(UnavailableError) as caught:
        write_entry(database)
    assert caught.value.code == "database"
    assert asyncio.run(database.read(lambda c: rooms.read_entries(c, ORG, ROOM.room, 0, KEY))) == [
        (ENTRY.header, ENTRY.body)
    ]
