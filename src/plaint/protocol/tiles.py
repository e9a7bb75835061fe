"""Tiles of 256 hashes and bundles of 256 entries: paths, geometry, and proofs read from them (spec/log.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from plaint.crypto.merkle_hash import hash_pairs
from plaint.errors import MalformedError
from plaint.protocol.merkle import (
    HASH_BYTES,
    LIMIT_SIZE,
    Hash,
    compute_consistency_ranges,
    compute_fold,
    compute_inclusion_ranges,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

TILE_HEIGHT = 8
TILE_WIDTH = 256
LIMIT_LEVEL = 7
LIMIT_ENTRY_BYTES = 65_535
_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)
LIMIT_PATH_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class Tile:
    """The name of one tile of hashes, or of one bundle of entries when `level` is None."""

    level: int | None
    index: int
    width: int = TILE_WIDTH


class HashReader(Protocol):
    """Reads tile hashes: entry `i` of level L is the root of leaves i·256^L up to (i+1)·256^L."""

    def read_hashes(self, level: int, start: int, count: int) -> list[bytes]:
        """Return `count` hashes of `level` from `start`."""


def encode_tile_path(tile: Tile) -> str:
    """Return the path below the log's prefix. Source: C2SP tlog-tiles v0.1.0."""
    groups = [f"{tile.index % 1000:03}"]
    rest = tile.index // 1000
    while rest:
        groups.insert(0, f"x{rest % 1000:03}")
        rest //= 1000
    level = "entries" if tile.level is None else str(tile.level)
    suffix = "" if tile.width == TILE_WIDTH else f".p/{tile.width}"
    return f"tile/{level}/{'/'.join(groups)}{suffix}"


def parse_tile_path(path: str) -> Tile:
    """Return the tile that `path` names in its only spelling.

    Raises: MalformedError "tile-path".
    """
    match = _PATH.fullmatch(path) if len(path) <= LIMIT_PATH_CHARACTERS else None
    if match is None:
        raise MalformedError("tile-path")
    level = None if match[1] == "entries" else int(match[1])
    tile = Tile(level, int(match[2].replace("x", "").replace("/", "")), int(match[3] or TILE_WIDTH))
    if (level or 0) > LIMIT_LEVEL or tile.index >= LIMIT_SIZE or encode_tile_path(tile) != path:
        raise MalformedError("tile-path")
    return tile


def compute_level_size(level: int, size: int) -> int:
    """Return how many hashes `level` holds when the log has `size` entries."""
    return size >> (TILE_HEIGHT * level)


def compute_tile_width(tile: Tile, size: int) -> int:
    """Return the width (0..256) that this tile has when the log has `size` entries."""
    return max(0, min(TILE_WIDTH, compute_level_size(tile.level or 0, size) - tile.index * TILE_WIDTH))


def compute_new_tiles(level: int | None, old: int, new: int) -> list[Tile]:
    """Return the tiles of `level` that a log of `new` entries has and one of `old` had narrower or not at all."""
    old_count, new_count = compute_level_size(level or 0, old), compute_level_size(level or 0, new)
    first, last = old_count // TILE_WIDTH, -(-new_count // TILE_WIDTH)
    if old_count == new_count:
        return []
    return [Tile(level, n, min(TILE_WIDTH, new_count - n * TILE_WIDTH)) for n in range(first, last)]


def compute_root(reader: HashReader, size: int) -> Hash:
    """Return the root of the first `size` entries."""
    return compute_range_hash(reader, 0, size)


def compute_inclusion(reader: HashReader, index: int, size: int) -> list[Hash]:
    """Return the inclusion proof of entry `index` in the tree of `size`, from the leaf upwards.

    Raises: MalformedError "inclusion-range".
    """
    return [compute_range_hash(reader, start, end) for start, end in compute_inclusion_ranges(index, size)]


def compute_consistency(reader: HashReader, old: int, new: int) -> list[Hash]:
    """Return the consistency proof from `old` to `new` entries.

    Raises: MalformedError "consistency-range".
    """
    return [compute_range_hash(reader, start, end) for start, end in compute_consistency_ranges(old, new)]


def compute_range_hash(reader: HashReader, start: int, end: int) -> Hash:
    """Return the hash of entries [start, end), a range that appears in a proof."""
    return compute_fold(compute_range_nodes(reader, start, end))


def compute_range_nodes(reader: HashReader, start: int, end: int) -> list[Hash]:
    """Return the perfect subtrees of [start, end), largest first."""
    nodes: list[Hash] = []
    for height in reversed(range((end - start).bit_length())):
        if (end - start) >> height & 1:
            nodes.append(_compute_perfect(reader, height, start >> height))
            start += 1 << height
    return nodes


def _compute_perfect(reader: HashReader, height: int, index: int) -> Hash:
    level, inner = divmod(height, TILE_HEIGHT)
    hashes = reader.read_hashes(level, index << inner, 1 << inner)
    while len(hashes) > 1:
        hashes = hash_pairs(hashes)
    return Hash(hashes[0])


def encode_hashes(hashes: Sequence[bytes]) -> bytes:
    """Return the bytes of a tile."""
    return b"".join(hashes)


def parse_hashes(data: bytes, *, count: int) -> list[bytes]:
    """Return the hashes of a tile of exactly `count`.

    Raises: MalformedError "tile-size".
    """
    if len(data) != count * HASH_BYTES:
        raise MalformedError("tile-size")
    return [data[i : i + HASH_BYTES] for i in range(0, len(data), HASH_BYTES)]


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Return entries, each after its 16-bit big-endian length.

    Raises: MalformedError "bundle-entry-size".
    """
    if any(len(entry) > LIMIT_ENTRY_BYTES for entry in entries):
        raise MalformedError("bundle-entry-size")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_bundle(data: bytes, *, count: int) -> list[bytes]:
    """Return the entries of a bundle of exactly `count`.

    Raises: MalformedError "bundle-size".
    """
    if len(data) > count * (LIMIT_ENTRY_BYTES + 2):
        raise MalformedError("bundle-size")
    entries: list[bytes] = []
    at = 0
    while at < len(data) and len(entries) < count:
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        entries.append(data[at + 2 : end])
        at = end
    if at != len(data) or len(entries) != count:
        raise MalformedError("bundle-size")
    return entries
