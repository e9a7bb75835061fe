"""The files of a log serve any tile of any size, and survive what a crash leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from plaint.errors import MalformedError
from plaint.log.tree import LogTree
from plaint.protocol.merkle import compute_leaf_hash, verify_consistency, verify_inclusion
from plaint.protocol.tiles import Tile, compute_new_tiles, parse_bundle
from tests.support.naive_merkle import naive_root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEAVES = [b"\x01" + i.to_bytes(32, "big") for i in range(65_537)]


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[LogTree]:
    log = LogTree(tmp_path, leaf_bytes=33)
    yield log
    log.close()


def test_an_empty_log_has_the_empty_root_and_no_tile(tree: LogTree) -> None:
    assert (tree.size, tree.root()) == (0, naive_root([]))
    for tile in (Tile(0, 0, 1), Tile(None, 0, 1), Tile(7, 0), Tile(0, 0, 256)):
        with pytest.raises(MalformedError, match="log-range"):
            tree.read_tile(tile)


@pytest.mark.parametrize("sizes", [[1, 255, 256, 257, 600], [300, 1000], [65_535, 65_536, 65_537]])
def test_root_proofs_and_tiles_follow_every_append(tree: LogTree, sizes: list[int]) -> None:
    before = 0
    for size in sizes:
        old_root = tree.root()
        tree.append(LEAVES[before:size])
        root = tree.root()
        if size <= 1000:
            assert root == naive_root(LEAVES[:size])
        assert root == tree.root_at(size)
        proof = tree.compute_consistency(before, size)
        verify_consistency(old=before, new=size, proof=proof, old_root=old_root, new_root=root)
        for index in {0, size // 2, size - 1}:
            leaf = compute_leaf_hash(LEAVES[index])
            verify_inclusion(leaf, index=index, size=size, proof=tree.compute_inclusion(index, size), root=root)
        for tile in compute_new_tiles(None, before, size)[-2:]:
            start = tile.index * 256
            assert parse_bundle(tree.read_tile(tile), count=tile.width) == LEAVES[start : start + tile.width]
        for level in (0, 1, 2):
            for tile in compute_new_tiles(level, before, size)[-2:]:
                assert len(tree.read_tile(tile)) == 32 * tile.width
        before = size


def test_old_partial_tiles_stay_readable_after_growth(tree: LogTree) -> None:
    tree.append(LEAVES[:300])
    partial = tree.read_tile(Tile(0, 1, 44))
    tree.append(LEAVES[300:600])
    assert tree.read_tile(Tile(0, 1, 44)) == partial == tree.read_tile(Tile(0, 1))[: 44 * 32]
    with pytest.raises(MalformedError, match="log-range"):
        tree.read_tile(Tile(0, 1), size=300)


def test_it_can_be_cut_back_and_grown_again(tree: LogTree) -> None:
    tree.append(LEAVES[:700])
    root = tree.root()
    for size in (513, 512, 511, 256, 0):
        tree.reset_to(size)
        assert tree.root() == naive_root(LEAVES[:size])
        tree.append(LEAVES[size:700])
        assert tree.root() == root
    with pytest.raises(MalformedError, match="log-range"):
        tree.reset_to(701)


@pytest.mark.parametrize("name", ["leaves.bin", "level0.bin", "level1.bin"])
@pytest.mark.parametrize("lost", [1, 32, 33, 5000])
def test_a_file_cut_short_never_yields_a_wrong_root(tmp_path: Path, name: str, lost: int) -> None:
    tree = LogTree(tmp_path, leaf_bytes=33)
    tree.append(LEAVES[:600])
    tree.close()
    file = tmp_path / name
    file.write_bytes(file.read_bytes()[: -min(lost, file.stat().st_size)])
    tree = LogTree(tmp_path, leaf_bytes=33)
    assert tree.root() == naive_root(LEAVES[: tree.size])
    tree.append(LEAVES[tree.size : 600])
    assert tree.root() == naive_root(LEAVES[:600])
    tree.close()


def test_entries_of_any_size_come_back_whole(tmp_path: Path) -> None:
    entries = [b"x" * (i * 37 % 901) for i in range(520)]
    tree = LogTree(tmp_path, leaf_bytes=None)
    tree.append(entries[:100])
    tree.append(entries[100:])
    assert tree.root() == naive_root(entries)
    assert tree.read_entries(90, 20) == entries[90:110]
    assert parse_bundle(tree.read_tile(Tile(None, 2, 8)), count=8) == entries[512:]
    tree.close()
    blob = tmp_path / "entries.bin"
    blob.write_bytes(blob.read_bytes()[:-1])
    again = LogTree(tmp_path, leaf_bytes=None)
    assert again.size == 519
    assert again.root() == naive_root(entries[:519])
    again.close()


def test_entries_of_the_wrong_size_change_nothing(tree: LogTree) -> None:
    with pytest.raises(MalformedError, match="log-entry-size"):
        tree.append([LEAVES[0], b"short"])
    assert tree.size == 0
    tree.append(LEAVES[:2])
    assert tree.root() == naive_root(LEAVES[:2])
