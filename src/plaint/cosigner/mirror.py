"""Keeps copies of the logs that this cosigner vouches for, so that silence can be shown without their operator."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from plaint.errors import PlaintError
from plaint.log.copy import LogCopy
from plaint.protocol.leaf import LEAF_BYTES
from plaint.protocol.note import parse_note
from plaint.protocol.trust import CASES_SUFFIX

if TYPE_CHECKING:
    from pathlib import Path

    from plaint.log.pull import Fetch
    from plaint.log.tree import LogTree
    from plaint.log.witness import WitnessStore


class Mirror:
    """One log: pulled up to the head this cosigner signed, never further."""

    def __init__(self, directory: Path, *, origin: str, store: WitnessStore, fetch: Fetch) -> None:
        self._origin = origin
        self._store = store
        self._fetch = fetch
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._copy = LogCopy(directory, leaf_bytes=LEAF_BYTES if origin.endswith(CASES_SUFFIX) else None)

    @property
    def tree(self) -> LogTree:
        """The copied log."""
        return self._copy.tree

    def start(self) -> None:
        """Pull in the background, unless a pull that has yet to look at the head is already waiting."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def pull(self) -> None:
        """Bring the copy to the head.

        Raises: those of `LogCopy.advance`.
        """
        async with self._lock:
            head = self._store.read_head(self._origin)
            if head is not None and head.size > self._copy.vouched:
                await self._copy.advance(self._fetch, parse_note(head.note))

    async def close(self) -> None:
        """Stop pulling and give the files back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._copy.close()

    async def _run(self) -> None:
        try:
            await self.pull()
            await self.pull()  # a head may have come while the first one was being copied
        except PlaintError:
            return  # the next checkpoint, or the next start, tries again
