"""How long a test waits for what must come: long enough for any machine, and nothing that a test measures.

Whoever waits goes on as soon as it came, so that a generous limit costs nothing where all is well.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE_S = 240
PATIENCE_MS = PATIENCE_S * 1_000

T = TypeVar("T")


def wait_until(check: Callable[[], T | None], *, every_s: float = 0.3) -> T:
    """Return what `check` returns as soon as that is true."""
    until = time.monotonic() + PATIENCE_S
    while not (found := check()):
        assert time.monotonic() < until, "it did not become true in time"
        time.sleep(every_s)
    return found
