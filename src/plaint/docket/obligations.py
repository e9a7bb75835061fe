"""What became of each promised date: open, met, late or missed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from plaint.docket.entries import OpenedEntry

OPEN, MET, LATE, MISSED = "open", "met", "late", "missed"


@dataclass(frozen=True, slots=True)
class Obligation:
    """A duty of `kind`, due `at`; `met_at` is the logged date of the first entry that did it."""

    kind: str
    at: int
    state: str
    met_at: int | None = None


def compute_obligations(
    due: Sequence[tuple[str, int]], entries: Iterable[OpenedEntry], *, now: int, grace_s: int
) -> tuple[Obligation, ...]:
    """Return each (kind, date) of `due` with what became of it by `now`.

    Only a member's proved entry with a logged date does a duty; one that waits for the log does not yet. As in
    receipts, the log's own slowness (`grace_s`) is not held against anybody.
    """
    found = list(entries)
    return tuple(_judge(kind, at, found, now=now, grace_s=grace_s) for kind, at in due)


def _judge(kind: str, at: int, entries: Sequence[OpenedEntry], *, now: int, grace_s: int) -> Obligation:
    dates = [e.logged_at for e in entries if e.kind == kind and e.member is not None and e.logged_at is not None]
    if dates:
        first = min(dates)
        return Obligation(kind, at, MET if first <= at + grace_s else LATE, first)
    return Obligation(kind, at, MISSED if now > at + grace_s else OPEN)
