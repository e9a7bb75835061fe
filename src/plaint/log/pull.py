"""Copies a log into a local tree; every bundle is checked against the signed root before it is kept."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from plaint.crypto.merkle_hash import hash_leaf, hash_pairs
from plaint.errors import MalformedError, UnavailableError, VerificationError
from plaint.protocol.merkle import Frontier, Hash
from plaint.protocol.tiles import (
    TILE_HEIGHT,
    TILE_WIDTH,
    Tile,
    compute_new_tiles,
    encode_tile_path,
    parse_bundle,
    parse_hashes,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plaint.log.tree import LogTree
    from plaint.protocol.checkpoint import Checkpoint

GROUP_BUNDLES = 64
PARALLEL_FETCHES = 8


class Fetch(Protocol):
    """Reads a path below the log's prefix; raises UnavailableError when it is not to be had."""

    async def __call__(self, path: str) -> bytes:
        """Return the bytes at `path`."""


class Progress(Protocol):
    """Hears how many entries are here, and how many there will be."""

    def __call__(self, done: int, total: int) -> None:
        """Take note."""


@dataclass(frozen=True, slots=True)
class _Target:
    """What the signed root says: the root of every full bundle, and the entries after them."""

    bundle_roots: list[bytes]
    tail: list[bytes]


async def pull_log(
    fetch: Fetch, tree: LogTree, checkpoint: Checkpoint, *, vouched: int = 0, progress: Progress | None = None
) -> None:
    """Bring `tree` to `checkpoint`; resumes where a pull stopped, back to `vouched` entries if the rest is not good.

    The first `vouched` entries stand under an earlier verified checkpoint and are never thrown away.
    Raises: VerificationError "log-fork" where the log is not what was vouched for, grown; MalformedError "bundle-size",
            "tile-size"; whatever `fetch` raises.
    """
    if checkpoint.size <= vouched:
        _check_prefix(tree, checkpoint)
        return
    if tree.size > checkpoint.size:
        tree.reset_to(vouched)
    try:
        await _pull(fetch, tree, checkpoint, progress)
    except VerificationError:
        if tree.size == vouched:
            raise
        tree.reset_to(vouched)
        await _pull(fetch, tree, checkpoint, progress)


async def _pull(fetch: Fetch, tree: LogTree, checkpoint: Checkpoint, progress: Progress | None) -> None:
    target = await _fetch_target(fetch, tree, checkpoint)
    full = checkpoint.size // TILE_WIDTH
    while tree.size // TILE_WIDTH < full:
        first = tree.size // TILE_WIDTH
        if progress is not None:
            progress(tree.size, checkpoint.size)
        await _keep_bundles(fetch, tree, target, range(first, min(first + GROUP_BUNDLES, full)))
    have = tree.size % TILE_WIDTH
    if tree.size and tree.read_entries(tree.size - have, have) != target.tail[:have]:
        raise VerificationError("log-fork")
    if target.tail[have:]:
        tree.append(target.tail[have:])
    _check_prefix(tree, checkpoint)


async def _fetch_target(fetch: Fetch, tree: LogTree, checkpoint: Checkpoint) -> _Target:
    full, width = divmod(checkpoint.size, TILE_WIDTH)
    known = tree.size // TILE_WIDTH
    roots = tree.read_hashes(1, 0, known) if known else []
    tiles = compute_new_tiles(1, tree.size, checkpoint.size)
    for tile, hashes in zip(tiles, await _fetch_all(fetch, tiles), strict=True):
        # What this tree already holds stays as it is: a log that rewrote it does not meet its own root.
        roots += hashes[max(0, len(roots) - tile.index * TILE_WIDTH) :]
    tail: list[bytes] = []
    if width:
        tail = await _fetch_tile(fetch, Tile(None, full, width))
    frontier = Frontier()
    for root in roots:
        frontier.append(Hash(root), height=TILE_HEIGHT)
    for entry in tail:
        frontier.append(Hash(hash_leaf(entry)))
    if frontier.compute_root() != checkpoint.root:
        raise VerificationError("log-fork")
    return _Target(roots, tail)


async def _keep_bundles(fetch: Fetch, tree: LogTree, target: _Target, indexes: range) -> None:
    bundles = await _fetch_all(fetch, [Tile(None, index) for index in indexes])
    entries: list[bytes] = []
    for index, bundle in zip(indexes, bundles, strict=True):
        hashes = [hash_leaf(entry) for entry in bundle]
        while len(hashes) > 1:
            hashes = hash_pairs(hashes)
        if hashes[0] != target.bundle_roots[index]:
            raise VerificationError("log-fork")
        entries += bundle
    have = tree.size % TILE_WIDTH
    if have and tree.read_entries(tree.size - have, have) != entries[:have]:
        raise VerificationError("log-fork")
    tree.append(entries[have:])


async def _fetch_all(fetch: Fetch, tiles: Sequence[Tile]) -> list[list[bytes]]:
    fetched: list[list[bytes]] = []
    for at in range(0, len(tiles), PARALLEL_FETCHES):
        group = tiles[at : at + PARALLEL_FETCHES]
        fetched += await asyncio.gather(*(_fetch_tile(fetch, tile) for tile in group))
    return fetched


async def _fetch_tile(fetch: Fetch, tile: Tile) -> list[bytes]:
    """Return what a tile or bundle holds; a log may have dropped a partial one for the full one that grew of it."""
    parse = parse_bundle if tile.level is None else parse_hashes
    try:
        return parse(await fetch(encode_tile_path(tile)), count=tile.width)
    except UnavailableError as error:
        if tile.width == TILE_WIDTH or error.code != "log-answer":
            raise
    data = await fetch(encode_tile_path(replace(tile, width=TILE_WIDTH)))
    return parse(data, count=TILE_WIDTH)[: tile.width]


def _check_prefix(tree: LogTree, checkpoint: Checkpoint) -> None:
    if checkpoint.size > tree.size:
        raise MalformedError("log-range")
    if tree.root_at(checkpoint.size) != checkpoint.root:
        raise VerificationError("log-fork")
