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
