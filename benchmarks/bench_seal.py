"""Sealing in Python beside pyrage, on the same bytes."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import pyrage  # type: ignore[import-untyped]

from benchmarks.rows import ROUNDS, Row, at_least, compare
from plaint.crypto.age import seal_age
from plaint.crypto.age_keys import encode_age_recipient
from plaint.crypto.agreement import AgreementKey
from plaint.crypto.hashes import random_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = ((4 * 2**10, "4 KiB", 2_000), (256 * 2**10, "256 KiB", 200), (64 * 2**20, "64 MiB", 2))


def rows(rounds: int = ROUNDS) -> list[Row]:
    """Return one row for each size."""
    public = AgreementKey(random_bytes(32)).public
    recipient = pyrage.x25519.Recipient.from_str(encode_age_recipient(public))
    found = []
    for size, name, count in SIZES:
        data = random_bytes(size)
        ours = partial(_measure, partial(seal_age, public, data), count)
        theirs = partial(_measure, partial(pyrage.encrypt, data, [recipient]), count)
        ratio, one, other = compare(theirs, ours, rounds=rounds)
        note = f"{other * 1e6:,.0f} µs, pyrage {one * 1e6:,.0f} µs"
        found.append(at_least(f"sealing {name} / pyrage", ratio, 1.0, note=note))
    return found


def _measure(call: Callable[[], bytes], count: int) -> float:
    """Return the seconds of processor time that one call takes: nothing here waits for anything."""
    call()
    start = time.thread_time()
    for _ in range(count):
        call()
    return (time.thread_time() - start) / count
