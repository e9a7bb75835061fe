"""Quick jobs: in one transaction with the others, wherever they run."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

from sqlalchemy import Connection, func, select, text

from plaint.errors import ConflictError
from plaint.store.database import Database
from plaint.store.schema import pending_leaf
from tests.support.patience import PATIENCE_S

LEAF = text("INSERT INTO pending_leaf (org, leaf) VALUES (:org, :leaf)")


def add(number: int) -> Callable[[Connection], threading.Thread]:
    def job(connection: Connection) -> threading.Thread:
        connection.execute(LEAF, {"org": bytes(16), "leaf": number.to_bytes(33, "big")})
        return threading.current_thread()

    return job


def refuse(_connection: Connection) -> threading.Thread:
    raise ConflictError("entry-conflict")


def count(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(pending_leaf)).scalar_one())


def test_a_quick_job_is_durable_when_it_is_answered(database: Database) -> None:
    async def run() -> int:
        await database.write(add(1), quick=True)
        return await database.read(count)

    assert asyncio.run(run()) == 1


def test_on_sqlite_quick_jobs_run_in_the_loop_s_thread(database: Database) -> None:
    async def run() -> tuple[threading.Thread, threading.Thread]:
        return await database.write(add(1), quick=True), await database.write(add(2))

    quick, slow = asyncio.run(run())
    sqlite = asyncio.run(database.read(lambda c: c.dialect.name)) == "sqlite"
    assert (quick is threading.current_thread()) is sqlite
    assert slow.name == "writer"


def test_a_quick_job_that_fails_harms_nobody_else(database: Database) -> None:
    async def run() -> tuple[list[object], int]:
        jobs = [database.write(add(number), quick=True) for number in range(20)]
        jobs[7:7] = [database.write(refuse, quick=True)]
        answers: list[object] = list(await asyncio.gather(*jobs, return_exceptions=True))
        return answers, await database.read(count)

    answers, kept = asyncio.run(run())
    assert kept == 20
    assert [answer for answer in answers if isinstance(answer, Exception)] == [answers[7]]
    assert isinstance(answers[7], ConflictError)
    assert answers[7].code == "entry-conflict"


def test_quick_and_other_jobs_take_turns(database: Database) -> None:
    async def run() -> int:
        await asyncio.gather(*(database.write(add(number), quick=number % 3 != 0) for number in range(60)))
        return await database.read(count)

    assert asyncio.run(run()) == 60


def test_the_writer_outlives_a_loop_that_went_away(database: Database) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold(_connection: Connection) -> None:
        entered.set()
        leave.wait(PATIENCE_S)

    async def abandon() -> None:
        held = asyncio.create_task(database.write(hold))
        await asyncio.to_thread(entered.wait, PATIENCE_S)
        waiting = asyncio.create_task(database.write(add(1), quick=True))
        await asyncio.sleep(0)
        held.cancel()
        waiting.cancel()

    asyncio.run(abandon())
    leave.set()

    async def again() -> int:
        await database.write(add(2), quick=True)
        return await database.read(count)

    assert asyncio.run(again()) == 2


def test_a_quick_job_of_a_loop_that_was_closed_holds_nobody_up(database: Database) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold(_connection: Connection) -> None:
        entered.set()
        leave.wait(PATIENCE_S)

    loop = asyncio.new_event_loop()
    held = loop.create_task(database.write(hold))
    loop.run_until_complete(asyncio.sleep(0.05))
    assert entered.wait(PATIENCE_S)
    waiting = loop.create_task(database.write(add(1), quick=True))
    loop.run_until_complete(asyncio.sleep(0.05))
    leave.set()
    time.sleep(0.2)  # the writer has asked a loop that no longer runs
    for task in (held, waiting):
        task.cancel()
    loop.close()

    async def again() -> int:
        await database.write(add(2), quick=True)
        return await database.read(count)

    assert asyncio.run(asyncio.wait_for(again(), PATIENCE_S)) == 2
