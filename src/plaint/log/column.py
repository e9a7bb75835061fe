"""A flat file of items of one size that grows at its end."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from plaint.errors import MalformedError

if TYPE_CHECKING:
    from pathlib import Path


class Column:
    """Item `i` stands at byte `i * item_bytes`; one writer, any number of readers of what is already counted."""

    __slots__ = ("_file", "count", "item_bytes")

    def __init__(self, path: Path, *, item_bytes: int, writable: bool = True) -> None:
        self.item_bytes = item_bytes
        self._file = os.open(path, (os.O_RDWR | os.O_CREAT if writable else os.O_RDONLY) | os.O_CLOEXEC, 0o600)
        self.count = os.fstat(self._file).st_size // item_bytes

    def read(self, start: int, count: int) -> bytes:
        """Return `count` items from `start`.

        Raises: MalformedError "log-range".
        """
        if start < 0 or count < 0 or start + count > self.count:
            raise MalformedError("log-range")
        wanted = count * self.item_bytes
        data = os.pread(self._file, wanted, start * self.item_bytes)
        while len(data) < wanted:
            more = os.pread(self._file, wanted - len(data), start * self.item_bytes + len(data))
            if not more:
                raise MalformedError("log-range")
            data += more
        return data

    def append(self, data: bytes) -> None:
        """Write whole items at the end; they are durable after `sync`."""
        at, view = self.count * self.item_bytes, memoryview(data)
        while view:
            written = os.pwrite(self._file, view, at)
            at, view = at + written, view[written:]
        self.count += len(data) // self.item_bytes

    def truncate(self, count: int) -> None:
        """Forget everything from item `count` on."""
        os.ftruncate(self._file, count * self.item_bytes)
        self.count = count

    def sync(self) -> None:
        """Wait until everything written is on the disk."""
        os.fsync(self._file)

    def close(self) -> None:
        """Give the file back."""
        os.close(self._file)


def sync_directory(path: Path) -> None:
    """Wait until the names in `path` are on the disk."""
    file = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def write_durably(path: Path, data: bytes) -> None:
    """Replace the file at `path` so that a reader or a crash sees the old bytes or the new ones."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_directory(path.parent)
