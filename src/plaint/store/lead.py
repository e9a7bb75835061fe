"""Which of several processes leads an organisation: the one whose session holds an advisory lock of PostgreSQL.

A process that dies loses its session and with it the lock; nobody has to wait for a lease to end. On SQLite there is
one process, which holds the data directory, and it leads.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, create_engine, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from plaint.crypto.hashes import compute_sha256
from plaint.store.schema import organisation
from plaint.store.sessions import choose_session_settings

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection

PURPOSE = b"plaint lead\n"
# PostgreSQL misses a leader's machine that vanishes without a word within half a minute instead of two hours.
SERVER_SETTINGS = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
_TRY = text("SELECT pg_try_advisory_lock(:key)")
_ALIVE = text("SELECT 1")
_TURN = select(organisation.c.turn).where(organisation.c.org == bindparam("o"))
_PASS = update(organisation).where(organisation.c.org == bindparam("o")).values(turn=organisation.c.turn + 1)


class Lead:
    """One process's hold on one organisation."""

    def __init__(self, url: URL, org: bytes) -> None:
        self._key = int.from_bytes(compute_sha256(PURPOSE + org)[:8], "big", signed=True)
        self._engine = None
        if url.get_backend_name() == "postgresql":
            own = {"options": SERVER_SETTINGS, "application_name": f"plaint-{os.getpid()}"}
            self._engine = create_engine(
                url,
                poolclass=NullPool,
                isolation_level="AUTOCOMMIT",
                hide_parameters=True,
                connect_args={**choose_session_settings(url), **own},
            )
        self._session: Connection | None = None
        self._turns = asyncio.Lock()
        self.leads = self._engine is None

    async def take(self) -> bool:
        """Take the lead, or make sure that it is still held; False when another process has it, or nobody can know."""
        if self._engine is not None:
            async with self._turns:
                self.leads = await asyncio.to_thread(self._try)
        return self.leads

    async def close(self) -> None:
        """Give the lead back."""
        async with self._turns:
            self.leads = False
            await asyncio.to_thread(self._drop)

    def _try(self) -> bool:
        try:
            if self._session is not None:
                self._session.execute(_ALIVE)
                return True
            session = self._engine.connect() if self._engine is not None else None
            if session is None:
                return True
            if session.execute(_TRY, {"key": self._key}).scalar():
                self._session = session
                return True
            session.close()
        except DBAPIError:
            self._drop()
        return False

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.invalidate()
            session.close()


def lock_turn(connection: Connection, org: bytes) -> None:
    """Let whoever else changes what all remember wait until this transaction is over."""
    connection.execute(_TURN.with_for_update(), {"o": org})


def read_turn(connection: Connection, org: bytes) -> int:
    """Return how often something changed that all processes remember."""
    return int(connection.execute(_TURN, {"o": org}).scalar_one())


def pass_turn(connection: Connection, org: bytes) -> None:
    """Tell all processes to look again."""
    connection.execute(_PASS, {"o": org})
