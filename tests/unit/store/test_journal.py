"""SQLite's journal keeps old pages in the order of the writes; it is emptied, so that it remembers nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import text

from plaint.store.database import Database, parse_database_url

SECRET = b"\x07which leaf came with which entry\x07"


def test_nothing_that_was_deleted_stays_in_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "plaint.sqlite"

    async def run() -> None:
        database = Database(parse_database_url(None, default=path))
        insert = text("INSERT INTO pending_leaf (org, leaf) VALUES (x'00', :leaf)")
        await database.write(lambda c: c.execute(insert, {"leaf": SECRET}))
        await database.write(lambda c: c.execute(text("DELETE FROM pending_leaf")))
        assert SECRET in (tmp_path / "plaint.sqlite-wal").read_bytes()
        await database.tidy()
        kept = {name: (tmp_path / name).read_bytes() for name in ("plaint.sqlite", "plaint.sqlite-wal")}
        assert [name for name, data in kept.items() if SECRET in data] == []
        await database.write(lambda c: c.execute(insert, {"leaf": SECRET}))
        await asyncio.to_thread(database.close)

    asyncio.run(run())


def test_a_reader_who_takes_his_time_does_not_hold_writers_up(tmp_path: Path) -> None:
    async def run() -> None:
        database = Database(parse_database_url(None, default=tmp_path / "plaint.sqlite"))
        begun, go = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()

        def read(connection):  # type: ignore[no-untyped-def]
            connection.execute(text("SELECT count(*) FROM pending_leaf")).all()
            loop.call_soon_threadsafe(begun.set)
            asyncio.run_coroutine_threadsafe(go.wait(), loop).result()

        reading = asyncio.create_task(database.read(read))
        await begun.wait()
        insert = text("INSERT INTO pending_leaf (org, leaf) VALUES (x'00', x'01')")
        await database.write(lambda c: c.execute(insert))
        await asyncio.wait_for(database.tidy(), 5)
        await asyncio.wait_for(database.write(lambda c: c.execute(text("DELETE FROM pending_leaf"))), 5)
        go.set()
        await reading
        await asyncio.to_thread(database.close)

    asyncio.run(run())
