"""What a process holds that serves, extends and audits a log, at a hundred thousand leaves and at a million.

Usage: python -m benchmarks.bench_memory FOLDER prints the peak in bytes of the process that did so in FOLDER.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.bench_log import build_mirror
from benchmarks.organisation import read_memory
from benchmarks.rows import Row, at_most
from plaint.client.audit import audit_directory
from plaint.log.pull import pull_log
from plaint.log.sequence import choose_batch
from plaint.log.tree import LogTree
from plaint.protocol.checkpoint import Checkpoint
from plaint.protocol.leaf import LEAF_BYTES, draw_dummy_leaf
from plaint.protocol.tiles import Tile, parse_tile_path
from tests.support.toy_log import ToyOrg

SMALL, LARGE = 100_000, 1_000_000
LIMIT_MIB = 8
MEBIBYTE = 2**20


def work(folder: Path) -> None:
    """Open the log, let it grow, prove, serve tiles, copy it whole and audit it."""
    tree, pick = LogTree(folder / "cases", leaf_bytes=LEAF_BYTES), random.Random(1)
    for _ in range(50):
        tree.append(choose_batch([draw_dummy_leaf() for _ in range(16)], batch=16, random=pick))
        tree.root()
        tree.compute_inclusion(pick.randrange(tree.size), tree.size)
        tree.compute_consistency(pick.randrange(1, tree.size), tree.size)
        tree.read_tile(Tile(None, pick.randrange(tree.size // 256)))

    async def fetch(path: str) -> bytes:
        return tree.read_tile(parse_tile_path(path))

    copy = LogTree(folder / "copy", leaf_bytes=LEAF_BYTES)
    asyncio.run(pull_log(fetch, copy, Checkpoint("bench", tree.size, tree.root())))
    copy.close()
    tree.close()
    if not audit_directory(folder)["logs"]["cases"]["root_ok"]:
        raise AssertionError


def measure(count: int) -> float:
    """Return the peak, in MiB, of a process that works on a log of `count` leaves."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        org = ToyOrg(folder / "org")
        build_mirror(org, folder / "mirror", count)
        org.close()
        command = [sys.executable, "-m", "benchmarks.bench_memory", str(folder / "mirror")]
        done = subprocess.run(command, capture_output=True, check=True, text=True)
        return int(done.stdout) / MEBIBYTE


def rows() -> list[Row]:
    """Return the row that compares two logs of which one is ten times larger."""
    small, large = measure(SMALL), measure(LARGE)
    note = f"{small:.0f} MiB at {SMALL:,} leaves, {large:.0f} MiB at {LARGE:,}: serve, extend, copy, audit"
    return [at_most("more memory for a log ten times larger", large - small, LIMIT_MIB, "MiB", note=note)]


if __name__ == "__main__":
    work(Path(sys.argv[1]))
    print(read_memory("self", "VmHWM"))
