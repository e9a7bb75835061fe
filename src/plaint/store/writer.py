"""One thread that writes: it takes all waiting jobs, runs them in one transaction and commits them together.

A commit costs a disk flush whatever it holds, so sixteen waiting writers share one. When any job of a group fails, the
whole group is rolled back and run again with a savepoint around each, so that a bad job harms nobody else.

On SQLite, jobs that say they are quick run in the event loop's own thread, between a BEGIN and a COMMIT here, where
waiting for locks and disks belongs: two threads that take the interpreter from each other at every statement need
twice as long.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.exc import DBAPIError

from plaint.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

T = TypeVar("T")
LIMIT_GROUP = 64
LOOK_S = 1.0


@dataclass(slots=True)
class _Job:
    run: Callable[[Connection], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    quick: bool
    result: Any = None
    error: BaseException | None = None


class Writer:
    """Owns the writing connection; results and errors are handed out only after the COMMIT."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._near = engine.dialect.name == "sqlite"
        self._jobs: deque[_Job] = deque()
        self._wake = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    async def run(self, job: Callable[[Connection], T], *, quick: bool = False) -> T:
        """Return what `job` returned once it is durable; `quick` when it takes well under a millisecond.

        Raises: what `job` raises; UnavailableError "database" when nothing was written.
        """
        loop = asyncio.get_running_loop()
        item = _Job(job, loop, loop.create_future(), quick)
        with self._wake:
            if self._closed:
                raise UnavailableError("database")
            self._jobs.append(item)
            self._wake.notify()
        result: T = await item.future
        return result

    def close(self) -> None:
        """Finish the jobs already handed in, then stop."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join()

    def _work(self) -> None:
        while group := self._take():
            try:
                self._commit(group)
            except DBAPIError:
                for job in group:
                    job.result, job.error = None, UnavailableError("database")
            except BaseException as error:  # noqa: BLE001 -- the thread must live; whoever waits gets to know
                for job in group:
                    job.result, job.error = None, error
            _hand_out(group)

    def _take(self) -> list[_Job]:
        with self._wake:
            while not self._jobs and not self._closed:
                self._wake.wait()
            return [self._jobs.popleft() for _ in range(min(LIMIT_GROUP, len(self._jobs)))]

    def _commit(self, group: list[_Job]) -> None:
        if not self._try_together(group):
            self._run_apart(group)

    def _try_together(self, group: list[_Job]) -> bool:
        with self._engine.connect() as connection, connection.begin() as transaction:
            near = self._near and all(job.quick for job in group)
            done = self._run_near(group, connection) if near else _run_all(group, connection)
            if not done:
                # A connection that was lost cannot even do that: it is given up, and another one is made.
                with contextlib.suppress(DBAPIError):
                    transaction.rollback()
        return done

    def _run_near(self, group: list[_Job], connection: Connection) -> bool:
        """Run quick jobs in their loop's thread, with those that came meanwhile, and tell whether none failed.

        Meanwhile is until the loop has gone through what lies before it once: whoever is in there shares the flush.
        """
        loop, finished, done = group[0].loop, threading.Event(), False

        def run() -> None:
            nonlocal done
            try:
                group.extend(self._take_quick(LIMIT_GROUP - len(group)))
                done = _run_all(group, connection)
            finally:
                finished.set()

        try:
            loop.call_soon_threadsafe(loop.call_soon, run)
        except RuntimeError:  # nobody waits any more: the loop was closed
            return _run_all(group, connection)
        while not finished.wait(LOOK_S):
            if loop.is_closed():
                return False
        return done

    def _take_quick(self, limit: int) -> Iterator[_Job]:
        with self._wake:
            while limit and self._jobs and self._jobs[0].quick:
                limit -= 1
                yield self._jobs.popleft()

    def _run_apart(self, group: list[_Job]) -> None:
        with self._engine.connect() as connection, connection.begin():
            for job in group:
                try:
                    with connection.begin_nested():
                        job.result = job.run(connection)
                except Exception as error:  # noqa: BLE001 -- handed to whoever waits for this job
                    job.result, job.error = None, _name(error)


def _run_all(group: list[_Job], connection: Connection) -> bool:
    for job in group:
        try:
            job.result = job.run(connection)
        except Exception:  # noqa: BLE001 -- run again, each by itself, where it answers for itself
            return False
    return True


def _name(error: Exception) -> Exception:
    return UnavailableError("database") if isinstance(error, DBAPIError) else error


def _hand_out(group: list[_Job]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in group:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, jobs in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, jobs)


def _resolve(jobs: list[_Job]) -> None:
    for job in jobs:
        if job.future.cancelled():
            continue
        if job.error is None:
            job.future.set_result(job.result)
        else:
            job.future.set_exception(job.error)
