"""Keeps copies of the logs that this cosigner vouches for, so that silence can be shown without their operator."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from plaint.errors import PlaintError
from plaint.log.copy import LogCopy
from plaint.protocol.leaf import LEAF_BYTES
from plaint.protocol.note import parse_note
from plaint.protocol.trust import CASES_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from plaint.log.pull import Fetch
    from plaint.log.tree import LogTree
    from plaint.log.witness import WitnessStore

FORK = "log-fork"
PULL_S = 60.0
RETRIES_S = (0.5, 2.0, 8.0, 30.0)
"""A log publishes what this cosigner signed a moment after the signature: the first pull may come too early."""


class Mirror:
    """One log: pulled up to the head this cosigner signed, never further."""

    def __init__(
        self,
        directory: Path,
        *,
        origin: str,
        store: WitnessStore,
        fetch: Fetch,
        report: Callable[[str, str], None] = lambda _origin, _code: None,
    ) -> None:
        """Open the copy in `directory`; `report` hears the origin and why the copy stays behind, or "ok" again."""
        self._origin = origin
        self._store = store
        self._fetch = fetch
        self._report = report
        self._reported = "ok"
        self._lock = asyncio.Lock()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._copy = LogCopy(directory, leaf_bytes=LEAF_BYTES if origin.endswith(CASES_SUFFIX) else None)

    @property
    def tree(self) -> LogTree:
        """The copied log."""
        return self._copy.tree

    def start(self) -> None:
        """Pull now and from time to time, until the mirror is closed."""
        self._wake.set()
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
        failures = 0
        while True:
            self._wake.clear()
            code = await self._try_pull()
            failures = failures + 1 if code else 0
            if failures > len(RETRIES_S) or code in {None, FORK}:
                self._tell(code or "ok")
            wait_s = RETRIES_S[failures - 1] if 0 < failures <= len(RETRIES_S) else PULL_S
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._wake.wait()

    async def _try_pull(self) -> str | None:
        """Pull and return why it failed, if it did; the next checkpoint, or a later try, goes on from there."""
        try:
            await self.pull()
        except PlaintError as error:
            return error.code
        except OSError:
            return "disk"
        return None

    def _tell(self, code: str) -> None:
        if code != self._reported:
            self._reported = code
            self._report(self._origin, code)
