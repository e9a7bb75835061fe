"""The small store of at-rest keys, apart from the database and from its backups (spec/rest.md).

Keys are random and drawn ahead, so that opening a room costs no second disk flush. A key is deleted for good when its
room is erased; what is left of the room stands here as well, so that an older database erases it again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import (
    Column,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    bindparam,
    delete,
    insert,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, IntegrityError

from plaint.crypto.hashes import random_bytes
from plaint.crypto.rest import KEY_BYTES
from plaint.errors import UnavailableError
from plaint.store.database import make_engine
from plaint.store.erasures import ErasureRow
from plaint.store.inserts import Insert
from plaint.store.rest import RestKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import URL, Connection

T = TypeVar("T")
ID_BYTES = 16
DRAWN = 256
LEAST = 64
LIMIT_KNOWN = 16_384
LOCK = 4_867_233_901_555

metadata = MetaData()
room_key = Table(
    "room_key",
    metadata,
    Column("id", LargeBinary, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    PrimaryKeyConstraint("id"),
    sqlite_with_rowid=False,
)
cell_key = Table(
    "cell_key",
    metadata,
    Column("org", LargeBinary, nullable=False),
    Column("id", LargeBinary, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    PrimaryKeyConstraint("org"),
    sqlite_with_rowid=False,
)
erased = Table(
    "erased",
    metadata,
    Column("org", LargeBinary, nullable=False),
    Column("room", LargeBinary, nullable=False),
    Column("cap", LargeBinary, nullable=False),
    Column("locator", LargeBinary, nullable=True),
    Column("record", LargeBinary, nullable=False),
    PrimaryKeyConstraint("org", "room"),
    sqlite_with_rowid=False,
)
_INSERT_KEY = Insert(room_key)
_INSERT_ERASED = Insert(erased, ignoring=True)
_FIND = select(room_key.c.secret).where(room_key.c.id == bindparam("i"))


class KeyStore:
    """Hands out fresh keys, finds them again, and forgets those of erased rooms."""

    def __init__(self, url: URL) -> None:
        """Open the store at `url`. Raises: UnavailableError "keystore"."""
        self._engines = [make_engine(url, writing=True, alone=True), make_engine(url, writing=False)]
        self._ready: deque[RestKey] = deque()
        self._known: dict[bytes, RestKey] = {}
        self._gone: set[bytes] = set()
        self._cells: dict[bytes, RestKey] = {}
        self._drawing = asyncio.Lock()
        self._refill: asyncio.Task[None] | None = None
        try:
            with self._engines[0].begin() as connection:
                if connection.dialect.name == "postgresql":  # two servers may start at once
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
                metadata.create_all(connection)
        except DBAPIError as error:
            self.close()
            raise UnavailableError("keystore") from error

    async def take(self) -> RestKey:
        """Return a key that nobody uses and that is durable already. Raises: UnavailableError "keystore"."""
        if not self._ready:
            await self._draw()
        elif len(self._ready) < LEAST and (self._refill is None or self._refill.done()):
            self._refill = asyncio.create_task(self._draw())
            self._refill.add_done_callback(_forget_error)
        key = self._ready.popleft()
        self._remember(key)
        return key

    def give_back(self, key: RestKey) -> None:
        """Let a key that was not used after all serve somebody else."""
        self._ready.append(key)

    def draw_now(self, count: int) -> list[RestKey]:
        """Return `count` durable keys, for work outside the event loop. Raises: UnavailableError "keystore"."""
        keys = [RestKey(random_bytes(ID_BYTES), random_bytes(KEY_BYTES)) for _ in range(count)]
        try:
            with self._engines[0].begin() as connection:
                _INSERT_KEY(connection, *((key.id, key.secret) for key in keys))
        except (DBAPIError, UnavailableError) as error:
            raise UnavailableError("keystore") from error
        return keys

    def find(self, key_id: bytes | None) -> RestKey | None:
        """Return the key called `key_id`, None when it is gone. Raises: UnavailableError "keystore"."""
        if key_id is None:
            return None
        known = self._known.get(key_id)
        if known is not None:
            return known
        secret = self._read(lambda c: c.execute(_FIND, {"i": key_id}).scalar())
        if secret is None:
            return None
        key = RestKey(key_id, secret)
        self._remember(key)
        if key_id in self._gone:  # erased since it was read
            self._known.pop(key_id, None)
        return key

    def find_cells_key(self, org: bytes) -> RestKey:
        """Return the key that hides whose cell is whose, made at first. Raises: UnavailableError "keystore"."""
        known = self._cells.get(org)
        if known is not None:
            return known
        query = select(cell_key.c.id, cell_key.c.secret).where(cell_key.c.org == org)
        row = self._read(lambda c: c.execute(query).first())
        if row is None:
            self._insert_cells_key(org)
            row = self._read(lambda c: c.execute(query).one())
        key = self._cells[org] = RestKey(row[0], row[1])
        return key

    def erase(self, org: bytes, row: ErasureRow) -> None:
        """Delete a room's key and keep what is left of the room; again does no harm.

        Raises: UnavailableError "keystore".
        """
        try:
            with self._engines[0].begin() as connection:
                _INSERT_ERASED(connection, (org, row.room, row.cap, row.locator, row.record))
                connection.execute(delete(room_key).where(room_key.c.id == row.key))
        except (DBAPIError, UnavailableError) as error:
            raise UnavailableError("keystore") from error
        self.drop([row.key or b""])
        self._scrub()

    def drop(self, names: Iterable[bytes]) -> None:
        """Remember no longer what was deleted, here or by another process, and never again."""
        for name in names:
            self._gone.add(name)
            self._known.pop(name, None)

    def list_erased(self, org: bytes) -> list[ErasureRow]:
        """Return what is left of the rooms that were erased. Raises: UnavailableError "keystore"."""
        names = ("room", "cap", "locator", "record")
        query = select(*(erased.c[name] for name in names)).where(erased.c.org == org)
        rows = self._read(lambda c: c.execute(query).all())
        return [ErasureRow(room=row[0], cap=row[1], locator=row[2], record=row[3]) for row in rows]

    def close(self) -> None:
        """Close every connection."""
        for engine in self._engines:
            engine.dispose()

    async def _draw(self) -> None:
        async with self._drawing:
            if len(self._ready) < LEAST:
                self._ready.extend(await asyncio.to_thread(self.draw_now, DRAWN))

    def _insert_cells_key(self, org: bytes) -> None:
        values = {"org": org, "id": random_bytes(ID_BYTES), "secret": random_bytes(KEY_BYTES)}
        try:
            with self._engines[0].begin() as connection:
                connection.execute(insert(cell_key), values)
        except IntegrityError:
            return  # another process was first: its key is read next
        except DBAPIError as error:
            raise UnavailableError("keystore") from error

    def _read(self, query: Callable[[Connection], T]) -> T:
        try:
            with self._engines[1].connect() as connection:
                return query(connection)
        except DBAPIError as error:
            raise UnavailableError("keystore") from error

    def _remember(self, key: RestKey) -> None:
        if len(self._known) >= LIMIT_KNOWN:
            self._known.clear()
        self._known[key.id] = key

    def _scrub(self) -> None:
        """Leave no copy of a deleted key behind in this store's own files."""
        engine = self._engines[0].execution_options(isolation_level="AUTOCOMMIT")
        statement = "VACUUM (FULL) room_key" if engine.dialect.name == "postgresql" else ""
        try:
            if statement:
                with engine.connect() as connection:
                    connection.execute(text(statement))
            else:
                raw = self._engines[0].raw_connection()
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
                raw.close()
        except DBAPIError as error:
            raise UnavailableError("keystore") from error


def _forget_error(task: asyncio.Task[None]) -> None:
    """Whoever finds no key ready draws again and is told."""
    if not task.cancelled():
        task.exception()
