"""A tick is always the same size and its contents say nothing about the queue."""

from __future__ import annotations

import random

from plaint.log.sequence import LEAF_BYTES, admission_threshold, choose_batch, slots_threshold

RANDOM = random.Random(7)


def test_a_batch_is_always_full_whatever_waits() -> None:
    for count in (0, 1, 16, 500):
        waiting = [b"\x01" + RANDOM.randbytes(32) for _ in range(count)]
        batch = choose_batch(waiting, batch=16, random=RANDOM)
        assert len(batch) == 16 == len(set(batch))
        assert all(len(leaf) == LEAF_BYTES and leaf[0] == 1 for leaf in batch)


def test_about_half_of_the_places_take_a_waiting_leaf_however_long_the_queue() -> None:
    waiting = [b"\x01" + RANDOM.randbytes(32) for _ in range(400)]
    taken = [len(set(waiting) & set(choose_batch(waiting, batch=16, random=RANDOM))) for _ in range(300)]
    assert 7.3 < sum(taken) / 300 < 8.7
    assert max(taken) > 11
    assert min(taken) < 5


def test_the_queue_has_no_order_and_a_batch_has_none() -> None:
    waiting = [b"\x01" + bytes([i]) * 32 for i in range(20)]
    batches = [choose_batch(waiting, batch=16, random=RANDOM) for _ in range(1500)]
    first = sum(waiting[0] in batch for batch in batches)
    last = sum(waiting[-1] in batch for batch in batches)
    assert abs(first - last) < 150
    places = [batch.index(waiting[0]) for batch in batches if waiting[0] in batch]
    assert 6.5 < sum(places) / len(places) < 8.5


def test_dummies_and_leaves_share_version_and_length() -> None:
    waiting = [b"\x01" + RANDOM.randbytes(32)]
    ones = sum(leaf[1] >> 7 for _ in range(200) for leaf in choose_batch(waiting, batch=16, random=RANDOM))
    assert 1450 < ones < 1750


def test_the_admission_bound_moves_by_a_factor_of_two() -> None:
    bounds = {admission_threshold(batch=16, window_ticks=144, random=RANDOM) for _ in range(1000)}
    assert bounds == set(range(36, 73))
    bounds = {slots_threshold(cells=2, window_ticks=144, random=RANDOM) for _ in range(1000)}
    assert bounds == set(range(36, 73))


def test_the_shortest_window_still_admits_a_report() -> None:
    assert admission_threshold(batch=1, window_ticks=1, random=RANDOM) == 2
    assert slots_threshold(cells=1, window_ticks=1, random=RANDOM) == 2


def test_who_was_admitted_is_logged_in_time_however_long_a_flood_lasts() -> None:
    """A flood that fills the queue up again after every tick cannot make the organisation break its promise."""
    window = 144
    waiting: dict[bytes, int] = {}
    for tick in range(6 * window):
        bound = admission_threshold(batch=16, window_ticks=window, random=RANDOM)
        while len(waiting) < bound:
            waiting[b"\x01" + RANDOM.randbytes(32)] = tick
        for leaf in choose_batch(list(waiting), batch=16, random=RANDOM):
            waiting.pop(leaf, None)
        assert tick - min(waiting.values()) < window
