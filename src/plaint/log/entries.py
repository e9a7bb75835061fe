"""The entries of a log on disk: all of one size (case log) or each of its own (directory log)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from plaint.crypto.merkle_hash import hash_fixed_leaves, hash_leaf
from plaint.errors import MalformedError
from plaint.log.column import Column
from plaint.protocol.tiles import LIMIT_ENTRY_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Entries(Protocol):
    """What a tree needs of its entries."""

    @property
    def size(self) -> int:
        """How many whole entries there are."""

    def read(self, start: int, count: int) -> list[bytes]:
        """Return `count` entries from `start`."""

    def hash_entries(self, start: int, count: int) -> list[bytes]:
        """Return the leaf hashes of `count` entries from `start`."""

    def append(self, entries: Sequence[bytes]) -> list[bytes]:
        """Write entries at the end and return their leaf hashes."""

    def truncate(self, count: int) -> None:
        """Forget everything from entry `count` on."""

    def sync(self) -> None:
        """Wait until everything is on the disk."""

    def close(self) -> None:
        """Give the files back."""


def open_entries(directory: Path, *, leaf_bytes: int | None, writable: bool = True) -> Entries:
    """Return the entries in `directory`, all of `leaf_bytes`, or of any size when that is None."""
    if leaf_bytes is None:
        return VariableEntries(directory, writable=writable)
    return FixedEntries(directory, leaf_bytes=leaf_bytes, writable=writable)


class FixedEntries:
    """`leaves.bin`: entries of `leaf_bytes` each, one after the other."""

    __slots__ = ("_column",)

    def __init__(self, directory: Path, *, leaf_bytes: int, writable: bool = True) -> None:
        self._column = Column(directory / "leaves.bin", item_bytes=leaf_bytes, writable=writable)

    @property
    def size(self) -> int:
        """How many whole entries there are."""
        return self._column.count

    def read(self, start: int, count: int) -> list[bytes]:
        """Return `count` entries from `start`."""
        size, data = self._column.item_bytes, self._column.read(start, count)
        return [data[i : i + size] for i in range(0, len(data), size)]

    def hash_entries(self, start: int, count: int) -> list[bytes]:
        """Return the leaf hashes of `count` entries from `start`."""
        return hash_fixed_leaves(self._column.read(start, count), self._column.item_bytes)

    def append(self, entries: Sequence[bytes]) -> list[bytes]:
        """Write entries at the end and return their leaf hashes.

        Raises: MalformedError "log-entry-size".
        """
        size = self._column.item_bytes
        if any(len(entry) != size for entry in entries):
            raise MalformedError("log-entry-size")
        data = b"".join(entries)
        self._column.append(data)
        return hash_fixed_leaves(data, size)

    def truncate(self, count: int) -> None:
        """Forget everything from entry `count` on."""
        self._column.truncate(count)

    def sync(self) -> None:
        """Wait until everything is on the disk."""
        self._column.sync()

    def close(self) -> None:
        """Give the file back."""
        self._column.close()


class VariableEntries:
    """`entries.bin` with all bytes, `offsets.bin` with the 64-bit big-endian end of each entry."""

    __slots__ = ("_bytes", "_ends")

    def __init__(self, directory: Path, *, writable: bool = True) -> None:
        self._bytes = Column(directory / "entries.bin", item_bytes=1, writable=writable)
        self._ends = Column(directory / "offsets.bin", item_bytes=8, writable=writable)
        while self._ends.count and self._end(self._ends.count) > self._bytes.count:
            self._ends.count -= 1
        if writable:
            self.truncate(self._ends.count)

    @property
    def size(self) -> int:
        """How many whole entries there are."""
        return self._ends.count

    def read(self, start: int, count: int) -> list[bytes]:
        """Return `count` entries from `start`.

        Raises: MalformedError "log-range".
        """
        data = self._ends.read(start, count)
        ends = [int.from_bytes(data[i : i + 8], "big") for i in range(0, len(data), 8)]
        begin = self._end(start)
        raw = self._bytes.read(begin, ends[-1] - begin) if ends else b""
        starts = [begin, *ends[:-1]]
        return [raw[a - begin : b - begin] for a, b in zip(starts, ends, strict=True)] if ends else []

    def hash_entries(self, start: int, count: int) -> list[bytes]:
        """Return the leaf hashes of `count` entries from `start`."""
        return [hash_leaf(entry) for entry in self.read(start, count)]

    def append(self, entries: Sequence[bytes]) -> list[bytes]:
        """Write entries at the end and return their leaf hashes.

        Raises: MalformedError "log-entry-size".
        """
        if any(len(entry) > LIMIT_ENTRY_BYTES for entry in entries):
            raise MalformedError("log-entry-size")
        end, ends = self._bytes.count, b""
        for entry in entries:
            end += len(entry)
            ends += end.to_bytes(8, "big")
        self._bytes.append(b"".join(entries))
        self._bytes.sync()
        self._ends.append(ends)
        return [hash_leaf(entry) for entry in entries]

    def truncate(self, count: int) -> None:
        """Forget everything from entry `count` on."""
        self._ends.truncate(count)
        self._bytes.truncate(self._end(count))

    def sync(self) -> None:
        """Wait until everything is on the disk."""
        self._bytes.sync()
        self._ends.sync()

    def close(self) -> None:
        """Give the files back."""
        self._bytes.close()
        self._ends.close()

    def _end(self, count: int) -> int:
        return int.from_bytes(self._ends.read(count - 1, 1), "big") if count else 0
