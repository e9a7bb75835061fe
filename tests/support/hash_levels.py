"""A log's tile hashes in memory, for tests that need proofs and no files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plaint.crypto.merkle_hash import hash_leaf, hash_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence


class HashLevels:
    def __init__(self, entries: Sequence[bytes]) -> None:
        self.levels = [[hash_leaf(entry) for entry in entries]]
        while len(self.levels[-1]) >= 256:
            below = self.levels[-1]
            self.levels.append([_root(below[i : i + 256]) for i in range(0, len(below) // 256 * 256, 256)])

    def read_hashes(self, level: int, start: int, count: int) -> list[bytes]:
        hashes = self.levels[level][start : start + count]
        assert len(hashes) == count
        return hashes


class UniformLevels:
    """The tile hashes of a log in which every entry is the same, of any size."""

    def __init__(self, entry: bytes) -> None:
        self._levels = [hash_leaf(entry)]

    def read_hashes(self, level: int, start: int, count: int) -> list[bytes]:
        while len(self._levels) <= level:
            self._levels.append(_root([self._levels[-1]] * 256))
        return [self._levels[level]] * count


def _root(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = hash_pairs(hashes)
    return hashes[0]
