"""Computes a log's roots again from its entries alone, trusting no stored hash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from plaint.crypto.merkle_hash import hash_pairs
from plaint.protocol.merkle import EMPTY_ROOT, Frontier, Hash, compute_fold
from plaint.protocol.tiles import TILE_HEIGHT, TILE_WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterable


GROUP_TILES = 64


class HashedEntries(Protocol):
    """A log's entries, in a tree or opened alone."""

    @property
    def size(self) -> int:
        """How many there are."""

    def hash_entries(self, start: int, count: int) -> list[bytes]:
        """Return leaf hashes computed from the entries."""


def compute_roots(entries: HashedEntries, sizes: Iterable[int]) -> dict[int, Hash]:
    """Return the root at each of `sizes` up to all entries; every entry before the largest is hashed once."""
    wanted = sorted({size for size in sizes if 0 < size <= entries.size}, reverse=True)
    roots = {0: EMPTY_ROOT}
    frontier = Frontier()
    last = wanted[0] if wanted else 0
    for start in range(0, last, GROUP_TILES * TILE_WIDTH):
        hashes = entries.hash_entries(start, min(GROUP_TILES * TILE_WIDTH, last - start))
        for at in range(0, len(hashes), TILE_WIDTH):
            levels = _compute_levels(hashes[at : at + TILE_WIDTH])
            while wanted and wanted[-1] <= start + at + TILE_WIDTH:
                size = wanted.pop()
                roots[size] = compute_fold(frontier.nodes + _pick_nodes(levels, size - start - at))
            if len(levels) > TILE_HEIGHT:
                frontier.append(Hash(levels[TILE_HEIGHT][0]), height=TILE_HEIGHT)
    return roots


def _compute_levels(hashes: list[bytes]) -> list[list[bytes]]:
    levels = [hashes]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append(hash_pairs(below[: len(below) & ~1]))
    return levels


def _pick_nodes(levels: list[list[bytes]], width: int) -> list[Hash]:
    """Return the perfect subtrees of the first `width` leaves of a tile, largest first."""
    heights = [h for h in reversed(range(width.bit_length())) if width >> h & 1]
    return [Hash(levels[height][(width >> height) - 1]) for height in heights]
