"""The cosigner's heads in SQLite: durable, and replaced only where the old one still stands."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING, Self

from plaint.log.witness import Head
from plaint.protocol.merkle import Hash

if TYPE_CHECKING:
    from pathlib import Path

_TABLE = (
    "CREATE TABLE IF NOT EXISTS head"
    " (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL) STRICT, WITHOUT ROWID"
)


class HeadStore:
    """One row per origin; safe from several threads and several processes."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", _TABLE):
            self._database.execute(statement)

    def read_head(self, origin: str) -> Head | None:
        """Return the latest head of `origin`."""
        with self._lock:
            row = self._database.execute("SELECT size, root, note FROM head WHERE origin = ?", (origin,)).fetchone()
        return None if row is None else Head(row[0], Hash(row[1]), row[2])

    def replace_head(self, origin: str, *, old: Head | None, new: Head) -> bool:
        """Put `new` in the place of `old` in one durable step; False, and nothing done, if another head is there."""
        values = (new.size, new.root, new.note, origin)
        with self._lock:
            if old is None:
                statement = "INSERT OR IGNORE INTO head (size, root, note, origin) VALUES (?, ?, ?, ?)"
                return self._database.execute(statement, values).rowcount == 1
            statement = "UPDATE head SET size = ?, root = ?, note = ? WHERE origin = ? AND size = ? AND root = ?"
            return self._database.execute(statement, (*values, old.size, old.root)).rowcount == 1

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
