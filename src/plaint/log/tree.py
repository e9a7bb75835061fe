"""A log's files: entries and tile hashes, flat, derived from what the caller decided, served by slicing.

The directory holds the entries (`leaves.bin`, or `entries.bin` and `offsets.bin`) and `level0.bin`, `level1.bin`, …:
32-byte hashes, where entry `i` of level L is the root of leaves i·256^L up to (i+1)·256^L.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plaint.crypto.merkle_hash import hash_pairs
from plaint.errors import MalformedError
from plaint.log.column import Column, sync_directory
from plaint.log.entries import open_entries
from plaint.protocol.merkle import HASH_BYTES, Frontier, Hash
from plaint.protocol.tiles import (
    TILE_WIDTH,
    Tile,
    compute_consistency,
    compute_inclusion,
    compute_level_size,
    compute_range_nodes,
    compute_root,
    compute_tile_width,
    encode_bundle,
    encode_hashes,
    parse_hashes,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

REPAIR_ENTRIES = 65_536


class LogTree:
    """An append-only tree in a directory; memory does not grow with it. One writer."""

    def __init__(self, directory: Path, *, leaf_bytes: int | None) -> None:
        """Open or start the log in `directory`, all entries of `leaf_bytes`, or of any size when that is None.

        Missing hashes are made again from the entries. After a crash the last batch may be there in part: the caller
        cuts back with `reset_to` to what it has on record.
        """
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._entries = open_entries(directory, leaf_bytes=leaf_bytes)
        self._levels: list[Column] = []
        self._frontier = Frontier()
        self.reset_to(self._entries.size)
        sync_directory(directory)

    @property
    def size(self) -> int:
        """How many entries the log has."""
        return self._frontier.size

    def append(self, entries: Sequence[bytes]) -> None:
        """Add entries and wait until they and their hashes are on the disk.

        Raises: MalformedError "log-entry-size".
        """
        if self._entries.size != self.size:
            self.reset_to(self.size)
        hashes = self._entries.append(entries)
        self._entries.sync()
        levels = len(self._levels)
        self._grow(hashes)
        if len(self._levels) > levels:
            sync_directory(self._directory)
        for leaf in hashes:
            self._frontier.append(Hash(leaf))

    def reset_to(self, size: int) -> None:
        """Cut the log back to `size` entries, the last the caller vouches for.

        Raises: MalformedError "log-range".
        """
        if not 0 <= size <= self._entries.size:
            raise MalformedError("log-range")
        self._entries.truncate(size)
        level = 0
        while level == 0 or compute_level_size(level, size) or self._exists(level):
            column = self._level(level)
            column.truncate(min(column.count, compute_level_size(level, size)))
            level += 1
        self._repair(size)
        self._frontier = Frontier(size, compute_range_nodes(self, 0, size))

    def root(self) -> Hash:
        """Return the root of the whole log."""
        return self._frontier.compute_root()

    def root_at(self, size: int) -> Hash:
        """Return the root that the log had at `size`."""
        return compute_root(self, size)

    def compute_inclusion(self, index: int, size: int) -> list[Hash]:
        """Return the inclusion proof of entry `index` in the tree of `size`."""
        return compute_inclusion(self, index, size)

    def compute_consistency(self, old: int, new: int) -> list[Hash]:
        """Return the consistency proof from `old` to `new`."""
        return compute_consistency(self, old, new)

    def read_entries(self, start: int, count: int) -> list[bytes]:
        """Return `count` entries from `start`.

        Raises: MalformedError "log-range".
        """
        return self._entries.read(start, count)

    def read_hashes(self, level: int, start: int, count: int) -> list[bytes]:
        """Return `count` hashes of `level` from `start`.

        Raises: MalformedError "log-range".
        """
        if level >= len(self._levels):
            raise MalformedError("log-range")
        return parse_hashes(self._levels[level].read(start, count), count=count)

    def read_tile(self, tile: Tile, *, size: int | None = None) -> bytes:
        """Return the bytes of a tile or bundle, full or partial, of the log at `size` (default: all of it).

        Raises: MalformedError "log-range" where the log of that size has no such tile.
        """
        if not 0 < tile.width <= compute_tile_width(tile, self.size if size is None else min(size, self.size)):
            raise MalformedError("log-range")
        start = tile.index * TILE_WIDTH
        if tile.level is None:
            return encode_bundle(self.read_entries(start, tile.width))
        return encode_hashes(self.read_hashes(tile.level, start, tile.width))

    def close(self) -> None:
        """Give the files back."""
        self._entries.close()
        for level in self._levels:
            level.close()

    def _grow(self, hashes: list[bytes]) -> None:
        """Write leaf hashes to level 0 and, above it, the roots of the tiles they fill; what is below rests first."""
        level = 0
        while hashes:
            column = self._level(level)
            first = column.count // TILE_WIDTH
            column.append(encode_hashes(hashes))
            column.sync()
            last = column.count // TILE_WIDTH
            hashes = [self._compute_tile_root(level, index) for index in range(first, last)]
            level += 1

    def _repair(self, size: int) -> None:
        """Write again what is missing of the levels: the entries are the truth."""
        while self._level(0).count < size:
            start = self._level(0).count
            count = min(REPAIR_ENTRIES, size - start)
            self._level(0).append(encode_hashes(self.hash_entries(start, count)))
        level = 1
        while compute_level_size(level, size):
            column = self._level(level)
            for index in range(column.count, compute_level_size(level, size)):
                column.append(self._compute_tile_root(level - 1, index))
            level += 1

    def hash_entries(self, start: int, count: int) -> list[bytes]:
        """Return the leaf hashes of `count` entries from `start`, computed from the entries.

        Raises: MalformedError "log-range".
        """
        return self._entries.hash_entries(start, count)

    def _compute_tile_root(self, level: int, index: int) -> bytes:
        hashes = self.read_hashes(level, index * TILE_WIDTH, TILE_WIDTH)
        while len(hashes) > 1:
            hashes = hash_pairs(hashes)
        return hashes[0]

    def _level(self, level: int) -> Column:
        while len(self._levels) <= level:
            path = self._path(len(self._levels))
            self._levels.append(Column(path, item_bytes=HASH_BYTES))
        return self._levels[level]

    def _exists(self, level: int) -> bool:
        return self._path(level).exists()

    def _path(self, level: int) -> Path:
        return self._directory / f"level{level}.bin"
