"""The log at full size: audit, proofs and a large tick, against the bare hash loop.

Usage: python -m benchmarks.bench_log [LEAVES] prints one JSON object with more than the limits ask for.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from functools import partial
from hashlib import sha256
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from benchmarks.rows import Row, at_least, at_most
from plaint.client.audit import audit_directory
from plaint.crypto.hashes import random_bytes
from plaint.log.column import write_durably
from plaint.log.sequence import choose_batch
from plaint.log.tree import LogTree
from plaint.protocol.leaf import LEAF_BYTES, draw_dummy_leaf
from plaint.protocol.note import encode_note
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
    start = perf_counter()
    for _ in range(count):
        sha256(leaf).digest()
    for _ in range(count - 1):
        sha256(node).digest()
    return perf_counter() - start


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


def measure_proofs(tree: LogTree) -> dict[str, float]:
    """Time proofs for random leaves and sizes."""
    pick = random.Random(1)
    inclusion, consistency = [], []
    for _ in range(200):
        index = pick.randrange(tree.size)
        inclusion.append(_time(partial(tree.compute_inclusion, index, tree.size)))
        consistency.append(_time(partial(tree.compute_consistency, index + 1, tree.size)))
    return {"inclusion_ms_worst": max(inclusion) * 1000, "consistency_ms_worst": max(consistency) * 1000}


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
        bare, audits = [], []
        for _ in range(ROUNDS):
            bare.append(measure_bare(count))
            audits.append(audit_directory(folder / "mirror", trust=org.trust))
        hashing = [report["timing"]["hash_s"] for report in audits]
        result = {
            "leaves": count,
            "audit_ok": all(report["ok"] for report in audits),
            "bare_loop_s": median(bare),
            "audit_hash_s": median(hashing),
            "audit_share_of_bare": median(one / other for one, other in zip(bare, hashing, strict=True)),
            "audit_signatures_s": audits[-1]["timing"]["signatures_s"],
            "audit_checkpoints_s": audits[-1]["timing"]["checkpoints_s"],
            **measure_proofs(tree),
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
    note = f"{result['audit_hash_s']} s; signatures {result['audit_signatures_s']} s apart; median of {ROUNDS}"
    worst = max(result["inclusion_ms_worst"], result["consistency_ms_worst"])
    return [
        at_least(f"log audit of {LEAVES:,} leaves / bare loop", result["audit_share_of_bare"], 0.6, note=note),
        at_most("inclusion or consistency proof", worst, 5, "ms", note=f"worst of 400 from tiles of {LEAVES:,} leaves"),
    ]


def _time(call: Callable[[], object]) -> float:
    start = perf_counter()
    call()
    return perf_counter() - start


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else LEAVES), indent=1))
