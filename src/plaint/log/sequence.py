"""Which waiting leaves enter the next tick, so that a tick says nothing about what waits (spec/leaf.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plaint.protocol.leaf import LEAF_BYTES, draw_dummy_leaf

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

__all__ = ["LEAF_BYTES", "admission_threshold", "choose_batch", "slots_threshold"]
LEAST_BOUND = 2


def choose_batch(waiting: Sequence[bytes], *, batch: int, random: Random) -> list[bytes]:
    """Return exactly `batch` leaves in random order: chosen waiting ones and fresh dummies.

    Every position takes a waiting leaf only when its coin falls right, and then any of them: somebody who fills the
    queue can hardly see whether one foreign leaf stood in it (docs/adr/0015). All coins of a tick share a bias drawn
    for it, so that every number of eligible positions is as likely: fair coins would bunch around the half and show
    what is missing there. A missed tick is not made up for by a larger batch.
    """
    bias = random.random()
    eligible = sum(random.random() < bias for _ in range(batch))
    chosen = random.sample(waiting, min(eligible, len(waiting)))
    leaves = chosen + [draw_dummy_leaf() for _ in range(batch - len(chosen))]
    random.shuffle(leaves)
    return leaves


def admission_threshold(*, batch: int, window_ticks: int, random: Random) -> int:
    """Return how many waiting leaves are still admitted during this tick, drawn afresh for each.

    Uniform in W/32..W/16, where W is what the include window is expected to take: half its positions. A fixed bound
    would let a prober fill the queue up and count the writes of others. A larger one would break promises: whoever
    waits among n leaves that are always made good again misses the window with probability exp(-W/n).
    """
    return _draw_bound(batch * window_ticks // 2, 32, random)


def slots_threshold(*, cells: int, window_ticks: int, random: Random) -> int:
    """Return how many slot sets may wait for streams during this tick: uniform in W/4..W/2 of what a stream takes."""
    return _draw_bound(cells * window_ticks // 2, 4, random)


def _draw_bound(capacity: int, part: int, random: Random) -> int:
    least = max(LEAST_BOUND, -(-capacity // part))
    return random.randint(least, max(least, 2 * capacity // part))
