"""Ninety days of the case log read for silence: every leaf hashed to a cosigned root, no token found."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.rows import ROUNDS, Row, at_most
from plaint.client.copies import MirrorLeaves
from plaint.crypto.hashes import random_bytes
from plaint.log.column import write_durably
from plaint.log.tree import LogTree
from plaint.protocol.leaf import LEAF_BYTES
from plaint.protocol.scan import LeafScan
from tests.support.toy_log import TICK_S, ToyOrg

DAYS = 90
BATCH = 16
TICKS = DAYS * 86_400 // TICK_S
CHUNK = 50_000


def build_mirror(org: ToyOrg, folder: Path) -> None:
    """Write a mirror with a checkpoint of every tick, each under two cosignatures."""
    log, count = org.logs["cases"], TICKS * BATCH
    tree = LogTree(folder / "cases", leaf_bytes=LEAF_BYTES)
    for start in range(0, count, CHUNK):
        data = random_bytes(LEAF_BYTES * min(CHUNK, count - start))
        tree.append([b"\x01" + data[i + 1 : i + LEAF_BYTES] for i in range(0, len(data), LEAF_BYTES)])
    (folder / "cases" / "at").mkdir()
    data = b""
    for size in range(BATCH, count + 1, BATCH):
        org.now += TICK_S
        data = org.cosigned(log.signer.sign_checkpoint(size, tree.root_at(size)), signed=2)
        (folder / "cases" / "at" / str(size)).write_bytes(data)
    write_durably(folder / "cases" / "checkpoint", data)
    tree.close()


def rows(rounds: int = ROUNDS) -> list[Row]:
    """Return the row of a scan."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        org = ToyOrg(folder / "org")
        build_mirror(org, folder / "mirror")
        times, work = [], []
        for _ in range(rounds):
            start, began = time.perf_counter(), time.thread_time()
            leaves = MirrorLeaves(folder / "mirror")
            scan = LeafScan(leaves, org.trust, now=org.now + 10)
            found = scan.find([random_bytes(32) for _ in range(2)], start=0)
            leaves.close()
            times.append(time.perf_counter() - start)
            work.append(time.thread_time() - began)
            if found or scan.size != TICKS * BATCH:
                raise AssertionError
        org.close()
    kept = f"{TICKS * BATCH:,} leaves, {TICKS:,} checkpoints kept"
    note = f"{kept}; best of {rounds}, median {median(times):.2g} s, of processor time {median(work):.2g} s"
    return [at_most(f"scan of {DAYS} days for silence", min(times), 1, "s", note=note)]
