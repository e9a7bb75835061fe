from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from plaint.errors import ConflictError, UnavailableError
from plaint.store.database import Database, make_engine, parse_database_url
from plaint.store.directory import insert_organisation
from plaint.store.rooms import insert_leaves
from plaint.store.schema import organisation
from tests.support.patience import PATIENCE_S
from tests.support.postgres import CUT_ALL

ORG = bytes(16)


def insert(name: str) -> bytes:
    return name.encode().ljust(16, b"\0")


def count(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(organisation)).scalar_one())


def add(name: str) -> Callable[[Connection], None]:
    return lambda connection: insert_organisation(connection, insert(name), name)


async def stall(database: Database) -> threading.Event:
    """Keep the writer busy, so that what follows gathers in one group."""
    entered, leave = threading.Event(), threading.Event()

    def job(_connection: Connection) -> None:
        entered.set()
        leave.wait(PATIENCE_S)

    stalled = asyncio.create_task(database.write(job))
    await asyncio.to_thread(entered.wait, PATIENCE_S)
    stalled.add_done_callback(lambda task: task.result())
    return leave


def test_what_was_written_is_read_after_the_commit(database: Database) -> None:
    async def run() -> int:
        await database.write(add("one"))
        return await database.read(count)

    assert asyncio.run(run()) == 1


def test_a_bad_job_harms_nobody_in_its_group(database: Database) -> None:
    def refuse(connection: Connection) -> None:
        insert_organisation(connection, insert("refused"), "refused")
        raise ConflictError("entry-conflict")

    async def run() -> tuple[list[BaseException | None], int]:
        leave = await stall(database)
        names = [add("a"), add("b"), refuse, add("a"), add("c")]
        tasks = [asyncio.create_task(database.write(job)) for job in names]
        await asyncio.sleep(0.05)
        leave.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        return results, await database.read(count)

    results, rows = asyncio.run(run())
    assert rows == 3
    assert [getattr(result, "code", None) for result in results] == [None, None, "entry-conflict", "database", None]
    assert isinstance(results[2], ConflictError)
    assert isinstance(results[3], UnavailableError)


def test_a_group_is_one_commit(database: Database) -> None:
    seen: list[int] = []

    def look(connection: Connection) -> None:
        seen.append(count(connection))

    async def run() -> int:
        leave = await stall(database)
        tasks = [asyncio.create_task(database.write(job)) for job in (add("a"), look, add("b"), look)]
        await asyncio.sleep(0.05)
        outside = await database.read(count)
        leave.set()
        await asyncio.gather(*tasks)
        return outside

    assert asyncio.run(run()) == 0
    assert seen == [1, 2]


def test_an_error_that_is_no_refusal_reaches_the_caller(database: Database) -> None:
    def fail(_connection: Connection) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(database.write(fail))


def test_a_caller_who_gave_up_changes_nothing_for_others(database: Database) -> None:
    async def run() -> int:
        leave = await stall(database)
        gone = asyncio.create_task(database.write(add("gone")))
        stays = asyncio.create_task(database.write(add("stays")))
        await asyncio.sleep(0.05)
        gone.cancel()
        leave.set()
        await stays
        return await database.read(count)

    assert asyncio.run(run()) == 2


def test_after_closing_nothing_is_taken(tmp_path: Path) -> None:
    database = Database(parse_database_url(None, default=tmp_path / "plaint.sqlite"))
    database.close()
    with pytest.raises(UnavailableError) as caught:
        asyncio.run(database.write(add("late")))
    assert caught.value.code == "database"


@pytest.mark.postgres
def test_a_connection_that_was_lost_is_made_anew(postgres_url: str, tmp_path: Path) -> None:
    url = parse_database_url(postgres_url, default=tmp_path / "none")
    database, other = Database(url), make_engine(url, writing=True)

    async def run() -> list[int]:
        found = [await database.write(lambda c: insert_leaves(c, ORG, [b"one".ljust(32)]))]
        with other.begin() as connection:
            connection.execute(CUT_ALL)
        return [*found, await database.write(lambda c: insert_leaves(c, ORG, [b"two".ljust(32)]))]

    assert asyncio.run(run()) == [1, 1]
    database.close()
    other.dispose()
