"""The log at full size: audit, proofs and a large tick, against the bare hash loop.

Usage: python -m benchmarks.bench_log [LEAVES] prints one JSON object with more than the limits ask for.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
from functools import partial
from hashlib import sha256
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time
from typing import TYPE_CHECKING, Any

from benchmarks.rows import Row, at_least, at_most
from plaint.client.audit import audit_directory
from plaint.crypto.hashes import random_bytes
from plaint.log.column import write_durably
from plaint.log.entries import open_entries
from plaint.log.replay import compute_roots
from plaint.log.sequence import choose_batch
from plaint.log.tree import LogTree
from plaint.protocol.leaf import LEAF_BYTES, draw_dummy_leaf
from plaint.protocol.note import encode_note
from plaint.protocol.tiles import compute_inclusion
from tests.support.toy_log import ToyOrg

if TYPE_CHECKING:
    from collections.abc import Callable

LEAVES = 1_000_000
KEPT = 1_000
CHUNK = 50_000
BATCH = 10_000
ROUNDS = 3


def measure_bare(count: int) -> float:
    """Hash as many 33- and 65-byte strings as a tree of `count` leaves has hashes."""
    leaf, node = bytes(LEAF_BYTES + 1), bytes(65)
    start = thread_time()
    for _ in range(count):
        sha256(leaf).digest()
    for _ in range(count - 1):
        sha256(node).digest()
    return thread_time() - start


def measure_hashing(folder: Path, count: int) -> float:
    """Compute the roots of all kept checkpoints from the entries, as an audit does."""
    entries = open_entries(folder / "cases", leaf_bytes=LEAF_BYTES, writable=False)
    start = thread_time()
    roots = compute_roots(entries, range(0, count + 1, count // KEPT))
    took_s = thread_time() - start
    entries.close()
    if len(roots) != KEPT + 1:
        raise AssertionError
    return took_s


def build_mirror(org: ToyOrg, folder: Path, count: int) -> None:
    """Write a mirror of `count` leaves with `KEPT` cosigned checkpoints."""
    log, step = org.logs["cases"], count // KEPT
    tree = LogTree(folder / "cases", leaf_bytes=LEAF_BYTES)
    for start in range(0, count, CHUNK):
        data = random_bytes(33 * min(CHUNK, count - start))
        tree.append([b"\x01" + data[i + 1 : i + LEAF_BYTES] for i in range(0, len(data), LEAF_BYTES)])
    log.tree.close()
    log.tree = tree
    (folder / "cases" / "at").mkdir()
    for size in range(step, count + 1, step):
        org.now += 600
        note = log.signer.sign_checkpoint(size, tree.root_at(size))
        (folder / "cases" / "at" / str(size)).write_bytes(org.cosigned(note, signed=3))
    write_durably(folder / "cases" / "checkpoint", (folder / "cases" / "at" / str(size)).read_bytes())


class _Recorder:
    """Reads hashes for a proof and remembers which."""

    def __init__(self, tree: LogTree) -> None:
        self._tree = tree
        self.reads: list[tuple[int, int, int]] = []

    def read_hashes(self, level: int, start: int, count: int) -> list[bytes]:
        """Return the hashes."""
        self.reads.append((level, start, count))
        return self._tree.read_hashes(level, start, count)


def measure_proofs(tree: LogTree, folder: Path) -> dict[str, float]:
    """Time proofs for random leaves and sizes, each the best of three, and the same bytes merely read."""
    pick = random.Random(1)
    inclusion, consistency, shares, counts = [], [], [], []
    files = [os.open(folder / f"level{level}.bin", os.O_RDONLY) for level in range(3)]
    for _ in range(200):
        index = pick.randrange(tree.size)
        recorder = _Recorder(tree)
        compute_inclusion(recorder, index, tree.size)
        raw = _time(partial(_read_raw, files, recorder.reads))
        inclusion.append(_time(partial(tree.compute_inclusion, index, tree.size)))
        consistency.append(_time(partial(tree.compute_consistency, index + 1, tree.size)))
        shares.append(inclusion[-1] / raw)
        counts.append(len(recorder.reads))
    for file in files:
        os.close(file)
    return {
        "inclusion_ms_worst": max(inclusion) * 1000,
        "consistency_ms_worst": max(consistency) * 1000,
        "inclusion_ms_median": median(inclusion) * 1000,
        "inclusion_share_of_reads": median(shares),
        "inclusion_reads": median(counts),
    }


def _read_raw(files: list[int], reads: list[tuple[int, int, int]]) -> None:
    for level, start, count in reads:
        os.pread(files[level], 32 * count, 32 * start)


def measure_tick(org: ToyOrg, tree: LogTree) -> float:
    """Time one tick: choose, append, fsync, sign, encode."""
    waiting = [draw_dummy_leaf() for _ in range(BATCH)]
    start = perf_counter()
    tree.append(choose_batch(waiting, batch=BATCH, random=random.SystemRandom()))
    encode_note(org.logs["cases"].signer.sign_checkpoint(tree.size, tree.root()))
    return perf_counter() - start


def run(count: int) -> dict[str, Any]:
    """Return all measurements for a log of `count` leaves."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        org = ToyOrg(folder / "org")
        build_mirror(org, folder / "mirror", count)
        tree = org.logs["cases"].tree
        pairs = [(measure_bare(count), measure_hashing(folder / "mirror", count)) for _ in range(ROUNDS)]
        audit = audit_directory(folder / "mirror", trust=org.trust)
        result = {
            "leaves": count,
            "audit_ok": audit["ok"],
            "bare_loop_s": median(bare for bare, _ in pairs),
            "audit_hash_s": median(hashing for _, hashing in pairs),
            "audit_share_of_bare": median(bare / hashing for bare, hashing in pairs),
            "audit_signatures_s": audit["timing"]["signatures_s"],
            "audit_checkpoints_s": audit["timing"]["checkpoints_s"],
            **measure_proofs(tree, folder / "mirror" / "cases"),
            "tick_batch": BATCH,
            "tick_s": measure_tick(org, tree),
        }
        org.close()
        return {key: round(value, 4) if isinstance(value, float) else value for key, value in result.items()}


def rows() -> list[Row]:
    """Return the rows of an audit and of proofs at full size."""
    result = run(LEAVES)
    if not result["audit_ok"]:
        raise AssertionError(result)
    apart = f"signatures {result['audit_signatures_s']} s apart"
    note = f"{result['audit_hash_s']} s of processor time; {apart}; median of {ROUNDS}"
    worst = max(result["inclusion_ms_worst"], result["consistency_ms_worst"])
    reads = (
        f"{result['inclusion_reads']:.0f} reads, {result['inclusion_share_of_reads']:.2g} times as long as these alone"
    )
    proofs = f"worst of 400, each the best of 3; inclusion: median {result['inclusion_ms_median']} ms, {reads}"
    return [
        at_least(f"log audit of {LEAVES:,} leaves / bare loop", result["audit_share_of_bare"], 0.6, note=note),
        at_most(f"proof from the tiles of {LEAVES:,} leaves", worst, 5, "ms", note=proofs),
    ]


def _time(call: Callable[[], object]) -> float:
    """Return the best of three: what else runs on the machine shows in a call of a millisecond as ten of them."""
    times = []
    for _ in range(3):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else LEAVES), indent=1))
