"""Which waiting leaves enter the next tick, so that a tick says nothing about what waits (SPEC D4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plaint.crypto.hashes import random_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

LEAF_BYTES = 33
LEAF_VERSION = b"\x01"


def choose_batch(waiting: Sequence[bytes], *, batch: int, random: Random) -> list[bytes]:
    """Return exactly `batch` leaves in random order: chosen waiting ones and fresh dummies.

    Every position takes a waiting leaf only when its coin falls right, and then any of them: somebody who fills the
    queue cannot see whether one foreign leaf stood in it. A missed tick is not made up for by a larger batch.
    """
    eligible = sum(random.getrandbits(1) for _ in range(batch))
    chosen = random.sample(waiting, min(eligible, len(waiting)))
    leaves = chosen + [make_dummy() for _ in range(batch - len(chosen))]
    random.shuffle(leaves)
    return leaves


def make_dummy() -> bytes:
    """Return a leaf that opens for nobody."""
    return LEAF_VERSION + random_bytes(LEAF_BYTES - 1)


def admission_threshold(*, batch: int, window_ticks: int, random: Random) -> int:
    """Return how many waiting leaves are still admitted during this tick: uniform in 1/4..1/2 of the window's capacity.

    A fixed bound would let a prober fill the queue up and count the writes of others.
    """
    capacity = batch * window_ticks
    return random.randint(-(-capacity // 4), capacity // 2)
