"""RFC 9162 written down as its sections read, slow and plain: what the real code is compared with."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def naive_root(entries: Sequence[bytes]) -> bytes:
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = split(len(entries))
    return hashlib.sha256(b"\x01" + naive_root(entries[:k]) + naive_root(entries[k:])).digest()


def naive_inclusion(index: int, entries: Sequence[bytes]) -> list[bytes]:
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if index < k:
        return [*naive_inclusion(index, entries[:k]), naive_root(entries[k:])]
    return [*naive_inclusion(index - k, entries[k:]), naive_root(entries[:k])]


def naive_consistency(old: int, entries: Sequence[bytes]) -> list[bytes]:
    return _subproof(old, entries, whole=True) if 0 < old < len(entries) else []


def _subproof(old: int, entries: Sequence[bytes], *, whole: bool) -> list[bytes]:
    if old == len(entries):
        return [] if whole else [naive_root(entries)]
    k = split(len(entries))
    if old <= k:
        return [*_subproof(old, entries[:k], whole=whole), naive_root(entries[k:])]
    return [*_subproof(old - k, entries[k:], whole=False), naive_root(entries[:k])]


def split(count: int) -> int:
    k = 1
    while k * 2 < count:
        k *= 2
    return k


def counted_entries(count: int) -> list[bytes]:
    """The entries of the vectors: the index as 8 bytes, big-endian."""
    return [i.to_bytes(8, "big") for i in range(count)]


class CountedTree:
    """The same definition over ranges of counted entries, for trees too large to slice; large ranges are remembered."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], bytes] = {}

    def root(self, start: int, end: int) -> bytes:
        count = end - start
        if count == 1:
            return hashlib.sha256(b"\x00" + start.to_bytes(8, "big")).digest()
        known = self._known.get((start, end))
        if known is None:
            middle = start + split(count)
            known = hashlib.sha256(b"\x01" + self.root(start, middle) + self.root(middle, end)).digest()
            if count >= 1024:
                self._known[start, end] = known
        return known

    def inclusion(self, index: int, size: int) -> list[bytes]:
        return self._path(index, 0, size)

    def consistency(self, old: int, size: int) -> list[bytes]:
        return self._subproof(old, 0, size, whole=True) if 0 < old < size else []

    def _path(self, index: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        middle = start + split(end - start)
        if index < middle:
            return [*self._path(index, start, middle), self.root(middle, end)]
        return [*self._path(index, middle, end), self.root(start, middle)]

    def _subproof(self, old: int, start: int, end: int, *, whole: bool) -> list[bytes]:
        if old == end:
            return [] if whole else [self.root(start, end)]
        middle = start + split(end - start)
        if old <= middle:
            return [*self._subproof(old, start, middle, whole=whole), self.root(middle, end)]
        return [*self._subproof(old, middle, end, whole=False), self.root(start, middle)]


class UniformTree(CountedTree):
    """The same over one entry repeated, so that only sizes matter: trees of any size cost nothing."""

    def __init__(self, entry: bytes) -> None:
        super().__init__()
        self._entry = entry
        self._roots: dict[int, bytes] = {}

    def root(self, start: int, end: int) -> bytes:
        count = end - start
        if count not in self._roots:
            if count == 1:
                self._roots[count] = hashlib.sha256(b"\x00" + self._entry).digest()
            else:
                middle = split(count)
                self._roots[count] = hashlib.sha256(b"\x01" + self.root(0, middle) + self.root(middle, count)).digest()
        return self._roots[count]
