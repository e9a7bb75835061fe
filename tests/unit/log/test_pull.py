"""A copy takes the full tile where the partial one is gone, and nothing that is not under the root."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from plaint.errors import UnavailableError, VerificationError
from plaint.log.pull import pull_log
from plaint.log.tree import LogTree
from plaint.protocol.checkpoint import Checkpoint
from plaint.protocol.tiles import parse_tile_path
from tests.support.naive_merkle import counted_entries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIZE = 66_100
SIGNED = 65_800


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LogTree]:
    tree = LogTree(tmp_path / "log", leaf_bytes=8)
    tree.append(counted_entries(SIZE))
    yield tree
    tree.close()


class Pruned:
    """A log that dropped partial tiles where the full one is there by now."""

    def __init__(self, tree: LogTree, *, spoilt: str = "", gone: str = "") -> None:
        self._tree = tree
        self._spoilt = spoilt
        self._gone = gone
        self.asked: list[str] = []

    async def __call__(self, path: str) -> bytes:
        self.asked.append(path)
        tile = parse_tile_path(path)
        full = (tile.index + 1) << 8 * (1 + (tile.level or 0)) <= SIZE
        if (tile.width < 256 and full) or (self._gone and path.startswith(self._gone)):
            raise UnavailableError("log-answer", "404")
        data = self._tree.read_tile(tile)
        return data[:-1] + bytes([data[-1] ^ 1]) if path == self._spoilt else data


def pull(fetch: Pruned, tree: LogTree, log: LogTree) -> None:
    asyncio.run(pull_log(fetch, tree, Checkpoint("log.example", SIGNED, log.root_at(SIGNED))))


def test_the_full_tile_stands_in_for_the_partial_one(log: LogTree, tmp_path: Path) -> None:
    copy, fetch = LogTree(tmp_path / "copy", leaf_bytes=8), Pruned(log)
    pull(fetch, copy, log)
    assert (copy.size, copy.root()) == (SIGNED, log.root_at(SIGNED))
    assert {"tile/entries/257.p/8", "tile/entries/257"} <= set(fetch.asked)
    assert "tile/1/001.p/1" in fetch.asked
    assert "tile/1/001" not in fetch.asked
    copy.close()


def test_a_full_tile_that_is_not_under_the_root_is_a_fork(log: LogTree, tmp_path: Path) -> None:
    copy = LogTree(tmp_path / "copy", leaf_bytes=8)
    with pytest.raises(VerificationError, match="log-fork"):
        pull(Pruned(log, spoilt="tile/entries/000"), copy, log)
    assert copy.size == 0
    copy.close()


def test_what_is_neither_whole_nor_in_part_there_is_not_to_be_had(log: LogTree, tmp_path: Path) -> None:
    copy = LogTree(tmp_path / "copy", leaf_bytes=8)
    with pytest.raises(UnavailableError, match="log-answer"):
        pull(Pruned(log, gone="tile/entries/257"), copy, log)
    assert copy.size == 0
    copy.close()


def test_a_pull_that_was_stopped_goes_on_from_there_and_says_how_far_it_is(log: LogTree, tmp_path: Path) -> None:
    checkpoint = Checkpoint("log.example", SIGNED, log.root_at(SIGNED))
    heard: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        heard.append((done, total))
        if done > SIGNED // 2:
            raise KeyboardInterrupt

    copy = LogTree(tmp_path / "copy", leaf_bytes=8)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(pull_log(Pruned(log), copy, checkpoint, progress=stop))
    assert heard == [(done, SIGNED) for done in range(0, copy.size + 1, 64 * 256)]
    assert SIGNED // 2 < copy.size < SIGNED
    here, fetch = copy.size // 256, Pruned(log)
    pull(fetch, copy, log)
    assert copy.root() == log.root_at(SIGNED)
    assert sum(path.startswith("tile/entries/") for path in fetch.asked) <= 257 - here + 2
