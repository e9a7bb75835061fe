"""Keeps a copy of an organisation's two logs and of every cosigned checkpoint (layout: spec/log.md)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from plaint.errors import VerificationError
from plaint.log.column import sync_directory, write_durably
from plaint.log.copy import LogCopy
from plaint.log.entries import open_entries
from plaint.log.fetch import make_fetch
from plaint.protocol.checkpoint import open_checkpoint, parse_sizes
from plaint.protocol.leaf import LEAF_BYTES
from plaint.protocol.note import Note, parse_note
from plaint.protocol.policy import compute_date
from plaint.protocol.trust import Trust, parse_trust

if TYPE_CHECKING:
    from pathlib import Path

    from plaint.log.pull import Fetch
    from plaint.protocol.checkpoint import Checkpoint
    from plaint.protocol.note import VerifierKey

LOGS = {"cases": LEAF_BYTES, "directory": None}
LIMIT_CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class MirrorReport:
    """What one run brought for one log; `date` is when the quorum had signed, None without a quorum."""

    log: str
    old_size: int
    size: int
    new_checkpoints: int
    date: int | None


async def mirror_log(
    url: str, directory: Path, *, trust: Trust | None = None, client: httpx.AsyncClient | None = None
) -> tuple[MirrorReport, ...]:
    """Bring the copy in `directory` to what the organisation at `url` publishes; run it again to go on.

    With `trust`, a checkpoint counts only when cosigned by its quorum; without, the keys of the first run are kept.
    Raises: VerificationError "log-fork", "checkpoint-quorum", those of `open_checkpoint`; UnavailableError of
            `make_fetch`.
    """
    if client is None:
        limits = httpx.Limits(max_connections=LIMIT_CONNECTIONS)
        async with httpx.AsyncClient(timeout=30, limits=limits) as own:
            return await mirror_log(url, directory, trust=trust, client=own)
    prefix = url.rstrip("/") + "/log"
    keys = trust or await _load_offered(make_fetch(client, prefix), directory)
    reports = []
    for name in LOGS:
        fetch = make_fetch(client, f"{prefix}/{name}")
        reports.append(await _mirror_one(fetch, directory, name, keys, strict=trust is not None))
    return tuple(reports)


def open_copy(directory: Path, name: str) -> LogCopy:
    """Return the copy of the log `name` ("cases" or "directory") in a mirror's directory."""
    return LogCopy(directory / name, leaf_bytes=LOGS[name])


def read_latest(directory: Path, name: str) -> Note | None:
    """Return the checkpoint that the copy of the log `name` was last brought to."""
    path = directory / name / "checkpoint"
    return parse_note(path.read_bytes()) if path.exists() else None


def list_kept(directory: Path, name: str) -> list[int]:
    """Return the sizes of the checkpoints kept for the log `name`, ascending."""
    folder = directory / name / "at"
    return sorted(int(path.name) for path in folder.iterdir() if path.name.isdigit()) if folder.exists() else []


def read_kept(directory: Path, name: str, size: int) -> Note:
    """Return the checkpoint kept at `size`."""
    return parse_note((directory / name / "at" / str(size)).read_bytes())


def read_entries(directory: Path, name: str, size: int) -> list[bytes]:
    """Return the first `size` entries of a copied log, or fewer when it has not so many."""
    entries = open_entries(directory / name, leaf_bytes=LOGS[name], writable=False)
    try:
        return entries.read(0, size)
    finally:
        entries.close()


def read_offered(directory: Path) -> Trust:
    """Return the keys that a mirror's first run was offered. Raises: those of `parse_trust`."""
    return parse_trust((directory / "keys").read_bytes())


async def _load_offered(fetch: Fetch, directory: Path) -> Trust:
    path = directory / "keys"
    if not path.exists():
        data = await fetch("keys")
        parse_trust(data)
        write_durably(path, data)
    return parse_trust(path.read_bytes())


async def _mirror_one(fetch: Fetch, directory: Path, name: str, trust: Trust, *, strict: bool) -> MirrorReport:
    key: VerifierKey = getattr(trust, name)
    note = parse_note(await fetch("checkpoint"))
    checkpoint, date = _open(note, key, trust)
    if strict and date is None:
        raise VerificationError("checkpoint-quorum")
    copy = open_copy(directory, name)
    try:
        old_size = copy.tree.size
        await copy.advance(fetch, note)
        kept = await _keep_checkpoints(fetch, directory, name, copy, (key, trust))
        return MirrorReport(name, old_size, checkpoint.size, kept, date)
    finally:
        copy.close()


async def _keep_checkpoints(
    fetch: Fetch, directory: Path, name: str, copy: LogCopy, keys: tuple[VerifierKey, Trust]
) -> int:
    folder = directory / name / "at"
    folder.mkdir(exist_ok=True)
    have = set(list_kept(directory, name))
    missing = [size for size in parse_sizes(await fetch("at")) if size not in have and size <= copy.tree.size]
    for at in range(0, len(missing), LIMIT_CONNECTIONS):
        sizes = missing[at : at + LIMIT_CONNECTIONS]
        for size, data in zip(sizes, await asyncio.gather(*(fetch(f"at/{size}") for size in sizes)), strict=True):
            checkpoint, _ = _open(parse_note(data), *keys)
            if checkpoint.size != size or copy.tree.root_at(size) != checkpoint.root:
                raise VerificationError("log-fork")
            fresh = folder / f"{size}.new"
            fresh.write_bytes(data)
            fresh.replace(folder / str(size))
    sync_directory(folder)
    return len(missing)


def _open(note: Note, key: VerifierKey, trust: Trust) -> tuple[Checkpoint, int | None]:
    return open_checkpoint(note, key), compute_date(trust.policy, note)
