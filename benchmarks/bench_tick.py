"""One tick of the service with a batch of 10,000: the transaction, leaves and tiles on the disk, both checkpoints."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.rows import ROUNDS, Row, at_most
from plaint.protocol.leaf import draw_dummy_leaf
from plaint.store import rooms
from tests.support.world import World

BATCH = 10_000


def rows(rounds: int = ROUNDS) -> list[Row]:
    """Return the row of a full tick; the directory itself allows batches up to 4,096."""
    times = []
    with tempfile.TemporaryDirectory() as name, World(Path(name), cosigners=()) as world:
        organisation, database = world.services.organisation, world.database
        organisation.states[-1] = replace(organisation.state, clock=replace(organisation.clock, batch=BATCH))
        for _ in range(rounds):
            leaves = [draw_dummy_leaf() for _ in range(BATCH)]
            world.loop.run(database.write(partial(rooms.insert_leaves, org=organisation.org, leaves=leaves)))
            start = time.perf_counter()
            world.tick()
            times.append(time.perf_counter() - start)
        size = organisation.trees["cases"].size
    note = f"{BATCH:,} leaves waiting, about half taken; {size:,} leaves in the end; median of {rounds}"
    return [at_most(f"tick with a batch of {BATCH:,}", median(times), 1, "s", note=note)]
