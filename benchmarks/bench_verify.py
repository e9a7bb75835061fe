"""Judging a complete receipt with its trust file, offline."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.rows import ROUNDS, Row, at_most
from plaint.client.follow import find_report
from plaint.protocol.receipt import encode_receipt
from plaint.protocol.trust import encode_trust, parse_trust
from plaint.protocol.verify import judge_receipt
from tests.support.world import World

REPEATS = 50


def rows(rounds: int = ROUNDS) -> list[Row]:
    """Return the row of a receipt with its proof under two cosignatures."""
    with tempfile.TemporaryDirectory() as name, World(Path(name)) as world:
        keys, sent = world.report("Something happened.")
        receipt = sent.receipt
        while receipt.proof is None:
            world.tick()
            receipt = find_report(world.connect(), keys).update_receipt(receipt)
        data, trust, now = encode_receipt(receipt), encode_trust(world.connect().trust), int(world.now)
    times, verdicts = [], set()
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(REPEATS):
            verdicts.add(judge_receipt(data, parse_trust(trust), now=now).verdict)
        times.append((time.perf_counter() - start) / REPEATS * 1000)
    return [
        at_most(
            "verifying a receipt", median(times), 20, "ms", f"{', '.join(verdicts)}; with the trust file parsed anew"
        )
    ]
