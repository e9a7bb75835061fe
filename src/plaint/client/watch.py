"""Watches an organisation for anybody: copies its logs, and says what an honest organisation would not show.

Nothing is asked that says what the watcher is after. What was found stands in the folder beside the copy, so that a
restart forgets nothing. Start at `Watch.look`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from plaint.client.delays import verify_dated_delays
from plaint.client.mirror import LIMIT_CONNECTIONS, LOGS, list_kept, mirror_log, read_entries, read_kept, read_latest
from plaint.client.pages import Manifest, verify_client
from plaint.client.releases import ServedRelease, verify_release_served
from plaint.client.view import check_keys
from plaint.crypto.hashes import compute_sha256
from plaint.encoding.fields import Fields
from plaint.encoding.json import encode_json, parse_json
from plaint.errors import MalformedError, PlaintError, VerificationError
from plaint.log.column import write_durably
from plaint.log.fetch import make_fetch
from plaint.protocol.checkpoint import parse_checkpoint
from plaint.protocol.directory import parse_entry
from plaint.protocol.directory_contents import Clock
from plaint.protocol.directory_state import DirectoryState, Released
from plaint.protocol.fold import apply_entry
from plaint.protocol.note import Note
from plaint.protocol.policy import compute_date
from plaint.protocol.trust import Trust, parse_trust

LATE_TICKS = 3
SLACK_S = 60
LIMIT_STATE_BYTES = 4 * 1024 * 1024
LIMIT_FINDINGS = 1_000
LIMIT_EVIDENCE = 32
LIMIT_STEP = 10_000  # of several batch sizes, in what is further apart anything can be a sum
UNREACHABLE = frozenset({"network", "log-unreachable", "log-answer"})
STANDING = frozenset({"log-fork", "view-delay", "watch-batch"})


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What is wrong, by a code of spec/errors.md; `detail` is a log, a size, an index or a file."""

    code: str
    detail: str = ""

    @property
    def reached(self) -> bool:
        """Whether it says something about the organisation, not only that it could not be reached."""
        return self.code not in UNREACHABLE

    @property
    def stands(self) -> bool:
        """Whether it is true for ever: that the log is well again does not undo it."""
        return self.code in STANDING or self.code.startswith("directory-")


@dataclass(frozen=True, slots=True)
class Memory:
    """What a watcher keeps: when the case log had grown to `size`, how far growth was checked, what was found."""

    size: int = 0
    seen: int = 0
    checked: int = 0
    standing: tuple[Finding, ...] = ()
    told: tuple[Finding, ...] = ()


class Watch:
    """One organisation and one folder: the copy, and `watch.json`."""

    def __init__(
        self,
        url: str,
        directory: Path,
        *,
        trust: Trust | None = None,
        manifest: Manifest | None = None,
        late_ticks: int = LATE_TICKS,
        now: Callable[[], float] = time.time,
        client: httpx.Client | None = None,
        connect: Callable[[], httpx.AsyncClient] | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._directory = directory
        self._trust = trust
        self._manifest = manifest
        self._late_ticks = late_ticks
        self._now = now
        self._client = client
        self._connect = connect or _connect
        self._releases: Sequence[Released] | None = None  # none was ever logged
        self._path = directory / "watch.json"
        self.memory = parse_memory(self._path.read_bytes()) if self._path.exists() else Memory()

    def look(self) -> list[Finding]:
        """Bring the copy up to date and return everything that is wrong now, or was and cannot be undone.

        Raises: OSError where the folder cannot be written.
        """
        found = list(self._copy())
        trust = self._trust or self._read_offered()
        if trust is not None and all(read_latest(self._directory, name) is not None for name in LOGS):
            found += self._check_copy(trust)
        if self._manifest is not None:
            found += self._check_client(self._manifest)
        elif self._releases is not None:
            found += self._check_release(self._releases)
        standing = sorted({*self.memory.standing, *(one for one in found if one.stands)})[:LIMIT_FINDINGS]
        self._keep(replace(self.memory, standing=tuple(standing)))
        return sorted({*found, *standing})

    def list_fresh(self, found: Iterable[Finding]) -> list[Finding]:
        """Return what nobody has been told yet."""
        return [one for one in found if one not in self.memory.told]

    def remember_told(self, found: Sequence[Finding]) -> None:
        """Remember that somebody was told of all this; what is over may be told again when it comes back."""
        self._keep(replace(self.memory, told=tuple(found[:LIMIT_FINDINGS])))

    def _copy(self) -> Iterator[Finding]:
        try:
            asyncio.run(self._mirror())
        except PlaintError as error:
            if error.code == "log-fork":
                asyncio.run(self._keep_evidence())
            yield Finding(error.code, error.detail)

    async def _mirror(self) -> None:
        async with self._connect() as client:
            await mirror_log(self._url, self._directory, trust=self._trust, client=client)

    async def _keep_evidence(self) -> None:
        """Keep the signed checkpoints that the copy contradicts: with the copy's own they are the proof."""
        folder = self._directory / "evidence"
        async with self._connect() as client:
            for name in LOGS:
                with suppress(PlaintError):
                    data = await make_fetch(client, f"{self._url}/log/{name}")("checkpoint")
                    path = folder / f"{name}-{compute_sha256(data).hex()[:16]}"
                    if not path.exists() and (not folder.exists() or len(list(folder.iterdir())) < LIMIT_EVIDENCE):
                        write_durably(path, data)

    def _check_copy(self, trust: Trust) -> Iterator[Finding]:
        try:
            entries = self._read_entries()
            clocks, state = _fold(entries, trust)
            check_keys(trust, state.origin)
            verify_dated_delays(_KeptCheckpoints(self._directory), trust, entries)
        except PlaintError as error:
            yield Finding(error.code, error.detail)
            return
        self._releases = state.list_releases(trust.upstream) if state.releases else None
        yield from self._check_growth(trust, clocks)
        yield from self._check_age(trust, state.clock.tick)

    def _read_entries(self) -> list[bytes]:
        latest = read_latest(self._directory, "directory")
        return read_entries(self._directory, "directory", parse_checkpoint(latest.text).size if latest else 0)

    def _check_growth(self, trust: Trust, clocks: Sequence[Clock]) -> Iterator[Finding]:
        """Check that every step is whole batches, and no more of them than ticks went by: nothing is made up for."""
        batches = {clock.batch for clock in clocks}
        tick_s, most = min(clock.tick for clock in clocks), max(batches)
        last: tuple[int, int | None] | None = None
        for size in list_kept(self._directory, "cases"):
            if size < self.memory.checked:
                continue
            date = compute_date(trust.policy, read_kept(self._directory, "cases", size))
            if last is not None:
                step, age_s = size - last[0], _subtract(date, last[1])
                if not _is_sum(step, batches) or (age_s > 0 and step > most * ((age_s + SLACK_S) // tick_s)):
                    yield Finding("watch-batch", str(size))
            last = size, date
        if last is not None:
            self.memory = replace(self.memory, checked=last[0])

    def _check_age(self, trust: Trust, tick_s: int) -> Iterator[Finding]:
        """Check that the newest checkpoints are of the last few ticks, by the cosigners' dates or else by own eyes."""
        now = int(self._now())
        for name in LOGS:
            note = read_latest(self._directory, name)
            date = compute_date(trust.policy, note) if note else None
            if note is not None and date is None and name == "cases":
                size = parse_checkpoint(note.text).size
                if size != self.memory.size:
                    self.memory = replace(self.memory, size=size, seen=now)
                date = self.memory.seen
            if date is not None and date < now - self._late_ticks * tick_s - SLACK_S:
                yield Finding("watch-late", name)

    def _check_client(self, manifest: Manifest) -> Iterator[Finding]:
        try:
            served = verify_client(self._url, manifest, client=self._client)
        except PlaintError as error:
            yield Finding(error.code, error.detail)
            return
        yield from (Finding("watch-client", f"{file.path} {file.state}"[:500]) for file in served if not file.same)

    def _check_release(self, releases: Sequence[Released]) -> Iterator[Finding]:
        """Check that the pages are those of the newest release that was logged, fetched as a browser would."""
        try:
            served = self._fetch_release(releases)
        except PlaintError as error:
            yield Finding(error.code, error.detail)
            return
        yield from (
            Finding("watch-client", f"{file.path} {file.state}"[:500]) for file in served.files if not file.same
        )

    def _fetch_release(self, releases: Sequence[Released]) -> ServedRelease:
        if self._client is not None:
            return verify_release_served(self._url, releases, client=self._client)
        with httpx.Client(timeout=60.0, follow_redirects=False) as client:
            return verify_release_served(self._url, releases, client=client)

    def _read_offered(self) -> Trust | None:
        path = self._directory / "keys"
        return parse_trust(path.read_bytes()) if path.exists() else None

    def _keep(self, memory: Memory) -> None:
        write_durably(self._path, encode_memory(memory))
        self.memory = memory


class _KeptCheckpoints:
    """The directory's checkpoints in a copy."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def list_sizes(self) -> Sequence[int]:
        return list_kept(self._directory, "directory")

    def read(self, size: int) -> Note:
        return read_kept(self._directory, "directory", size)


def encode_memory(memory: Memory) -> bytes:
    """Return the bytes of `watch.json`."""
    lists = {key: [[one.code, one.detail] for one in getattr(memory, key)] for key in ("standing", "told")}
    return encode_json({"v": 1, "size": memory.size, "seen": memory.seen, "checked": memory.checked, **lists})


def parse_memory(data: bytes) -> Memory:
    """Return what a watcher remembered. Raises: MalformedError "kept-form" and those of `parse_json`."""
    fields = Fields(parse_json(data, limit_bytes=LIMIT_STATE_BYTES), "kept-form")
    fields.take_exactly("v", 1)
    size, seen, checked = (fields.take_integer(key) for key in ("size", "seen", "checked"))
    standing, told = (fields.take_list(key, _parse_finding, limit=LIMIT_FINDINGS) for key in ("standing", "told"))
    fields.finish()
    return Memory(size, seen, checked, standing, told)


def _parse_finding(value: Any) -> Finding:
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(part, str) for part in value):
        raise MalformedError("kept-form", "finding")
    return Finding(*value)


def _fold(entries: Sequence[bytes], trust: Trust) -> tuple[list[Clock], DirectoryState]:
    """Return the state, and every clock that was ever in force. Raises: those of `apply_entry`."""
    state: DirectoryState | None = None
    clocks: list[Clock] = []
    for data in entries:
        state = apply_entry(state, parse_entry(data))
        if state.clock not in clocks:
            clocks.append(state.clock)
    if state is None or state.org != trust.org:
        raise VerificationError("view-keys")
    return clocks, state


def _is_sum(step: int, sizes: Collection[int]) -> bool:
    """Tell whether `step` is made of whole batches; several sizes where the directory changed them."""
    if len(sizes) == 1 or step > LIMIT_STEP:
        return any(step % size == 0 for size in sizes) or len(sizes) > 1
    sums = {0}
    for size in sizes:
        sums = {start + more for start in sums for more in range(0, step - start + 1, size)}
    return step in sums


def _subtract(after: int | None, before: int | None) -> int:
    return after - before if after is not None and before is not None else 0


def _connect() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=30, limits=httpx.Limits(max_connections=LIMIT_CONNECTIONS))
