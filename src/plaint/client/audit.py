"""Checks a mirror from its entries up: roots, growth, batches, signatures and dates."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import httpx

from plaint.client.compare import CONTRADICTS, compare_cosigners, fetch_alarms
from plaint.client.mirror import LIMIT_CONNECTIONS, LOGS, list_kept, mirror_log, read_kept, read_latest, read_offered
from plaint.errors import PlaintError, VerificationError
from plaint.log.entries import open_entries
from plaint.log.replay import compute_roots
from plaint.protocol.checkpoint import parse_checkpoint
from plaint.protocol.policy import compute_date
from plaint.protocol.trust import Trust, parse_trust

if TYPE_CHECKING:
    from plaint.protocol.note import Note, VerifierKey


@dataclass(frozen=True, slots=True)
class _Dates:
    """What the signatures of all kept checkpoints say."""

    dates: list[int]
    undated: int
    invalid: list[int]


async def audit_log(
    source: Path | str, *, trust: Trust | None = None, client: httpx.AsyncClient | None = None
) -> dict[str, Any]:
    """Return the report on a mirror's directory, or on an organisation's address after copying its logs.

    From an address the report has two parts more: `cosigners`, what each of them shows of the same logs, and `alarms`,
    those that the server shows of itself.
    Raises: those of `mirror_log` where there is nothing to audit.
    """
    if not _is_address(source):
        return audit_directory(Path(source), trust=trust)
    if client is None:
        async with httpx.AsyncClient(timeout=30, limits=httpx.Limits(max_connections=LIMIT_CONNECTIONS)) as own:
            return await audit_log(source, trust=trust, client=own)
    with tempfile.TemporaryDirectory(prefix="plaint-audit-") as folder:
        start = perf_counter()
        await mirror_log(str(source), Path(folder), trust=trust, client=client)
        fetch_s = perf_counter() - start
        report = audit_directory(Path(folder), trust=trust)
        keys = trust or read_offered(Path(folder))
        report["cosigners"] = await compare_cosigners(Path(folder), keys, client=client)
    report["alarms"] = [asdict(alarm) for alarm in await fetch_alarms(client, str(source))]
    report["ok"] &= all(CONTRADICTS not in found.values() for found in report["cosigners"].values())
    report["timing"]["fetch_s"] = fetch_s
    return report


def audit_directory(directory: Path, *, trust: Trust | None = None) -> dict[str, Any]:
    """Return the report on a mirror: `ok`, `trusted`, one part for each log, and where the time went.

    Nothing in the folder is written, and nothing needed but entries and checkpoints. Without `trust` the keys that the
    mirror was offered are used, and `trusted` is False; without any, nothing is signed.
    """
    offered = directory / "keys"
    keys = trust or (parse_trust(offered.read_bytes()) if offered.exists() else None)
    timing = dict.fromkeys(("hash_s", "checkpoints_s", "signatures_s", "fetch_s"), 0.0)
    logs = {name: _audit_one(directory, name, keys, timing) for name in LOGS if (directory / name).is_dir()}
    ok = bool(logs) and all(part["root_ok"] and part["consistent"] and not part["invalid"] for part in logs.values())
    return {"ok": ok, "trusted": trust is not None, "signed": keys is not None, "logs": logs, "timing": timing}


def _is_address(source: Path | str) -> bool:
    return isinstance(source, str) and source.startswith(("http://", "https://"))


def _audit_one(directory: Path, name: str, trust: Trust | None, timing: dict[str, float]) -> dict[str, Any]:
    start = perf_counter()
    notes = {size: read_kept(directory, name, size) for size in list_kept(directory, name)}
    claims = {size: parse_checkpoint(note.text) for size, note in notes.items()}
    timing["checkpoints_s"] += perf_counter() - start
    latest = read_latest(directory, name)
    last = parse_checkpoint(latest.text) if latest else None
    entries = open_entries(directory / name, leaf_bytes=LOGS[name], writable=False)
    try:
        start = perf_counter()
        roots = compute_roots(entries, [*claims, last.size if last else 0])
        timing["hash_s"] += perf_counter() - start
        count = entries.size
    finally:
        entries.close()
    contradictions = [size for size, claim in claims.items() if claim.size != size or roots.get(size) != claim.root]
    start = perf_counter()
    dates = _check_signatures(notes, latest, getattr(trust, name), trust) if trust else _Dates([], len(notes), [])
    timing["signatures_s"] += perf_counter() - start
    return {
        "origin": last.origin if last else None,
        "size": last.size if last else 0,
        "entries": count,
        "root_ok": last is not None and roots.get(last.size) == last.root,
        "consistent": not contradictions,
        "contradictions": contradictions,
        "invalid": dates.invalid,
        "kept": len(notes),
        "batch": _describe_batches(sorted(claims)),
        "dates": _describe_dates(dates),
    }


def _check_signatures(notes: dict[int, Note], latest: Note | None, log: VerifierKey, trust: Trust) -> _Dates:
    dates, invalid, undated = [], [], 0
    everything = list(notes.items())
    if latest is not None and parse_checkpoint(latest.text).size not in notes:
        everything.append((parse_checkpoint(latest.text).size, latest))
    for size, note in everything:
        try:
            if parse_checkpoint(note.text).origin != log.name:
                raise VerificationError("checkpoint-origin")
            date = compute_date(trust.policy, note)
        except PlaintError:
            invalid.append(size)
            continue
        if date is None:
            undated += 1
        else:
            dates.append(date)
    return _Dates(dates, undated, invalid)


def _describe_batches(sizes: list[int]) -> dict[str, Any]:
    """Return how the log grew from one kept checkpoint to the next; the case log's steps should all be one number."""
    steps = Counter(after - before for before, after in pairwise(sizes))
    return {"constant": len(steps) <= 1, "steps": {str(step): count for step, count in sorted(steps.items())}}


def _describe_dates(found: _Dates) -> dict[str, Any]:
    dates = sorted(found.dates)
    return {
        "dated": len(dates),
        "undated": found.undated,
        "first": dates[0] if dates else None,
        "last": dates[-1] if dates else None,
        "longest_gap_s": max((after - before for before, after in pairwise(dates)), default=0),
    }
