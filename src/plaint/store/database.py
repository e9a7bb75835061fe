"""One writing connection and a few reading ones, on SQLite or PostgreSQL."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool, QueuePool

from plaint.errors import MalformedError, UnavailableError
from plaint.store.lead import Lead
from plaint.store.migrate import migrate
from plaint.store.sessions import choose_session_settings
from plaint.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

T = TypeVar("T")
READERS = 4
BUSY_TIMEOUT_S = 30
TIDY_TIMEOUT_MS = 250
SQLITE_SETTINGS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA foreign_keys=ON",
    "PRAGMA wal_autocheckpoint=16000",
)
# Keys are random, so writing touches pages everywhere; those it needs again stay in memory, 16 MiB at most.
WRITING_SETTINGS = (*SQLITE_SETTINGS, "PRAGMA cache_size=-16384")


class Database:
    """Writes are jobs for one thread that commits them in groups; reads run beside it and see whole commits."""

    def __init__(self, url: URL) -> None:
        """Open the database at `url` and bring its tables up to date.

        Raises: UnavailableError "database", "database-newer".
        """
        self._url = url
        self._engines = [make_engine(url, writing=True), make_engine(url, writing=False)]
        try:
            migrate(self._engines[0])
        except DBAPIError as error:
            self._dispose()
            raise UnavailableError("database") from error
        except UnavailableError:
            self._dispose()
            raise
        self._writer = Writer(self._engines[0])
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")

    async def write(self, job: Callable[[Connection], T], *, quick: bool = False) -> T:
        """Run `job` in the writer's thread and return its result after the COMMIT.

        One that takes well under a millisecond may say so with `quick` and run in the loop's thread. A job may be run
        again from the start, so it changes nothing but the database; one that raises leaves no trace.
        Raises: what `job` raises; UnavailableError "database" when nothing was written.
        """
        return await self._writer.run(job, quick=quick)

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run `query` on a reading connection in a thread of its own.

        Raises: what `query` raises; UnavailableError "database".
        """
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._query, query)

    async def tidy(self) -> None:
        """Empty SQLite's journal into its file: it keeps, in order, what came together and what was deleted.

        Somebody who reads for longer puts it off until the next time.
        Raises: UnavailableError "database".
        """
        if self._engines[1].dialect.name == "sqlite":
            await asyncio.get_running_loop().run_in_executor(self._readers, self._empty_journal)

    @property
    def is_shared(self) -> bool:
        """Whether other processes may use the same tables."""
        return self._url.get_backend_name() != "sqlite"

    def make_lead(self, org: bytes) -> Lead:
        """Return this process's hold on an organisation, not taken yet."""
        return Lead(self._url, org)

    def close(self) -> None:
        """Finish what was handed in and close every connection."""
        self._writer.close()
        self._readers.shutdown()
        self._dispose()

    def _query(self, query: Callable[[Connection], T]) -> T:
        try:
            with self._engines[1].connect() as connection:
                return query(connection)
        except DBAPIError as error:
            raise UnavailableError("database") from error

    def _empty_journal(self) -> None:
        raw = self._engines[1].raw_connection()
        try:
            raw.cursor().execute(f"PRAGMA busy_timeout={TIDY_TIMEOUT_MS}").close()
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
            raw.cursor().execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}").close()
        except self._engines[1].dialect.loaded_dbapi.Error as error:
            raise UnavailableError("database") from error
        finally:
            raw.close()

    def _dispose(self) -> None:
        for engine in self._engines:
            engine.dispose()


def parse_database_url(text: str | None, *, default: Path) -> URL:
    """Return the address of the database: SQLite in the file `default` unless `text` names another.

    Raises: MalformedError "database-url".
    """
    if text is None:
        return URL.create("sqlite+pysqlite", database=str(default))
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise MalformedError("database-url") from error
    drivers = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "sqlite": "sqlite+pysqlite"}
    name = drivers.get(url.drivername, url.drivername)
    if name not in drivers.values():
        raise MalformedError("database-url")
    return url.set(drivername=name)


def make_engine(url: URL, *, writing: bool, alone: bool = False) -> Engine:
    """Return an engine whose transactions begin as a writer's or a reader's should.

    One that writes `alone`, without a `Writer` that begins again, makes sure of its connection first.
    """
    if url.get_backend_name() != "sqlite":
        return create_engine(
            url,
            # What is read is what was there at one moment, whatever others write between two statements, as in SQLite.
            isolation_level="READ COMMITTED" if writing else "REPEATABLE READ",
            poolclass=QueuePool,
            pool_size=1 if writing else READERS,
            pool_pre_ping=alone or not writing,
            hide_parameters=True,
            connect_args=choose_session_settings(url),
        )
    engine = create_engine(
        url,
        poolclass=NullPool if url.database in {None, "", ":memory:"} else QueuePool,
        pool_size=1 if writing else READERS,
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
        hide_parameters=True,
    )
    begin = "BEGIN IMMEDIATE" if writing else "BEGIN"
    settings = WRITING_SETTINGS if writing else SQLITE_SETTINGS

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for setting in settings:
            connection.execute(setting)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
