"""Roots computed again from the entries are the roots the log had."""

from __future__ import annotations

from pathlib import Path

from plaint.log.replay import compute_roots
from plaint.log.tree import LogTree
from tests.support.naive_merkle import counted_entries, naive_root


def test_every_size_has_its_root(tmp_path: Path) -> None:
    entries = counted_entries(600)
    tree = LogTree(tmp_path, leaf_bytes=8)
    tree.append(entries)
    assert compute_roots(tree, range(601)) == {size: naive_root(entries[:size]) for size in range(601)}
    tree.close()


def test_roots_across_groups_of_tiles_agree_with_the_tree(tmp_path: Path) -> None:
    tree = LogTree(tmp_path, leaf_bytes=8)
    tree.append(counted_entries(65_537))
    sizes = [1, 255, 256, 257, 16_384, 16_385, 32_768, 65_535, 65_536, 65_537]
    assert compute_roots(tree, sizes) == {0: tree.root_at(0)} | {size: tree.root_at(size) for size in sizes}
    tree.close()


def test_sizes_beyond_the_log_have_no_root(tmp_path: Path) -> None:
    tree = LogTree(tmp_path, leaf_bytes=8)
    tree.append(counted_entries(3))
    assert set(compute_roots(tree, [2, 4])) == {0, 2}
    tree.close()
