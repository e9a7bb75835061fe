"""Heads in memory, and a store that can be stalled between check and write."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tests.support.patience import PATIENCE_S

if TYPE_CHECKING:
    from plaint.log.witness import Head, WitnessStore


class MemoryHeads:
    def __init__(self) -> None:
        self.heads: dict[str, Head] = {}

    def read_head(self, origin: str) -> Head | None:
        return self.heads.get(origin)

    def replace_head(self, origin: str, *, old: Head | None, new: Head) -> bool:
        if self.heads.get(origin) != old:
            return False
        self.heads[origin] = new
        return True


class StallingHeads:
    """The first request to read waits, with what it read, until `go` is set."""

    def __init__(self, inner: WitnessStore) -> None:
        self.inner = inner
        self.stalled = threading.Event()
        self.go = threading.Event()
        self._first = threading.Lock()

    def read_head(self, origin: str) -> Head | None:
        head = self.inner.read_head(origin)
        if self._first.acquire(blocking=False):
            self.stalled.set()
            assert self.go.wait(PATIENCE_S)
        return head

    def replace_head(self, origin: str, *, old: Head | None, new: Head) -> bool:
        return self.inner.replace_head(origin, old=old, new=new)
