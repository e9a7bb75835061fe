"""The cosigner's heads in SQLite: durable, and replaced only where the old one still stands."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from plaint.log.witness import Head
from plaint.protocol.merkle import Hash

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_TABLE = (
    "CREATE TABLE IF NOT EXISTS head"
    " (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL) STRICT, WITHOUT ROWID"
)
_INSERT = "INSERT OR IGNORE INTO head (size, root, note, origin) VALUES (?, ?, ?, ?)"
_UPDATE = "UPDATE head SET size = ?, root = ?, note = ? WHERE origin = ? AND size = ? AND root = ?"


@dataclass(slots=True)
class _Change:
    """What one caller asks for, and what became of it once `done`."""

    origin: str
    old: Head | None
    new: Head
    done: bool = False
    replaced: bool = False
    error: sqlite3.Error | None = None


class HeadStore:
    """One row per origin; safe from several threads and several processes.

    Whoever waits while another is flushed to the disk is flushed together with all others who wait: the disk's slowest
    step is paid once for many.
    """

    def __init__(self, path: Path) -> None:
        self._write_lock, self._read_lock, self._queue_lock = threading.Lock(), threading.Lock(), threading.Lock()
        self._waiting: list[_Change] = []
        self._database = _connect(path)
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", _TABLE):
            self._database.execute(statement)
        self._reader = _connect(path)

    def read_head(self, origin: str) -> Head | None:
        """Return the latest head of `origin`."""
        with self._read_lock:
            row = self._reader.execute("SELECT size, root, note FROM head WHERE origin = ?", (origin,)).fetchone()
        return None if row is None else Head(row[0], Hash(row[1]), row[2])

    def replace_head(self, origin: str, *, old: Head | None, new: Head) -> bool:
        """Put `new` in the place of `old` in one durable step; False, and nothing done, if another head is there."""
        change = _Change(origin, old, new)
        with self._queue_lock:
            self._waiting.append(change)
        with self._write_lock:
            if not change.done:
                with self._queue_lock:
                    changes, self._waiting = self._waiting, []
                self._write(changes)
        if change.error is not None:
            raise change.error
        return change.replaced

    def close(self) -> None:
        """Give the file back."""
        with self._write_lock, self._read_lock:
            self._reader.close()
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, changes: Sequence[_Change]) -> None:
        """Make all changes durable together; where that fails, none is made and each caller hears of it."""
        try:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                replaced = [self._replace(change) for change in changes]
                self._database.execute("COMMIT")
            except sqlite3.Error:
                self._database.rollback()
                raise
        except sqlite3.Error as error:
            for change in changes:
                change.done, change.error = True, error
            return
        for change, success in zip(changes, replaced, strict=True):
            change.done, change.replaced = True, success

    def _replace(self, change: _Change) -> bool:
        old, new = change.old, change.new
        values = (new.size, new.root, new.note, change.origin)
        if old is None:
            return self._database.execute(_INSERT, values).rowcount == 1
        return self._database.execute(_UPDATE, (*values, old.size, old.root)).rowcount == 1


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
