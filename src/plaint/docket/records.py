"""What holds a case up, who is said to have been told before, and risk (spec/content.md, "Records")."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from plaint.docket.entries import REPORTER, OpenedEntry
from plaint.protocol.content import EntryContent, OpenContent, is_blank
from plaint.protocol.records import EXTERNAL, LEGAL

REVIEW_S = 30 * 86_400
INTERNAL = "internal"
_PLACES = {EXTERNAL: {REPORTER}, LEGAL: {REPORTER, INTERNAL}}
"""In rooms with these labels a hold counts: where the reporter sees it, or those who could erase."""


@dataclass(frozen=True, slots=True)
class HoldState:
    """Something a case waits for, by a member; `at` its logged date, `lifted_at` that of what ended it.

    `review` is when somebody must look at it again, 30 days after its logged date at most; None for a legal hold.
    """

    type: str
    hash: bytes
    room: bytes
    label: str
    member: bytes
    reason: str
    at: int | None
    review: int | None
    lifted: bool = False
    lifted_at: int | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody says that others were told, on a day unless it is not known.

    `at` is the date on which the log had this claim.
    """

    on: str | None
    to: str
    name: str
    author: bytes | str
    at: int | None


@dataclass(frozen=True, slots=True)
class Risk:
    """How great a member holds the risk of further harm to be, and why; `at` its logged date."""

    level: str
    member: bytes
    reason: str
    at: int | None


def fold_holds(entries: Iterable[OpenedEntry]) -> tuple[HoldState, ...]:
    """Return the holds that members put on a case, in the order of its rooms and entries.

    A hold for an authority counts only where the reporter sees it, a legal one where those who could erase do. It is
    lifted by a later entry of its own room.
    """
    found: dict[tuple[bytes, bytes], HoldState] = {}
    for entry in entries:
        content, member = entry.content, entry.member
        if not isinstance(content, EntryContent) or member is None:
            continue
        waiting = found.get((entry.room, content.lifts)) if content.lifts is not None else None
        if waiting is not None and not waiting.lifted:
            found[entry.room, waiting.hash] = replace(waiting, lifted=True, lifted_at=entry.logged_at)
        hold = content.hold
        if hold is not None and entry.label in _PLACES.get(hold.type, {entry.label}):
            review = _limit_review(hold.until, entry.logged_at)
            found[entry.room, entry.hash] = HoldState(
                hold.type, entry.hash, entry.room, entry.label, member, hold.reason, entry.logged_at, review
            )
    return tuple(found.values())


def fold_claims(entries: Iterable[OpenedEntry]) -> tuple[Claim, ...]:
    """Return who is said to have been told before, in the order of the entries that say so."""
    return tuple(
        Claim(told.on, told.to, told.name, entry.author, entry.logged_at)
        for entry in entries
        if entry.counts
        and entry.author is not None
        and isinstance(entry.content, OpenContent | EntryContent)
        and (told := entry.content.disclosure) is not None
    )


def fold_risk(entries: Iterable[OpenedEntry]) -> Risk | None:
    """Return the last word of a member on the risk of further harm; it counts in the internal room alone."""
    found = None
    for entry in entries:
        content, member = entry.content, entry.member
        if not isinstance(content, EntryContent) or member is None or entry.label != INTERNAL:
            continue
        if content.risk is not None and not is_blank(content.text or ""):
            found = Risk(content.risk, member, content.text or "", entry.logged_at)
    return found


def find_review(holds: Sequence[HoldState]) -> tuple[int, bool] | None:
    """Return when somebody must next look at the holds of a case again, and whether they are all lifted.

    None where no hold ever had such a date.
    """
    dates = [(hold.review, hold.lifted) for hold in holds if hold.review is not None]
    waiting = [at for at, lifted in dates if not lifted]
    if waiting:
        return min(waiting), False
    return (max(at for at, _ in dates), True) if dates else None


def blocks_erasure(holds: Sequence[HoldState]) -> bool:
    """Say whether a legal hold forbids erasing the case."""
    return any(hold.type == LEGAL and not hold.lifted for hold in holds)


def _limit_review(until: int | None, logged_at: int | None) -> int | None:
    return until if until is None or logged_at is None else min(until, logged_at + REVIEW_S)
