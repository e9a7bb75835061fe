"""What became of each duty of a case: a pure function of its pack, the dates of its events, and now.

The rules that no input can break: a date never moves later but by one valid extension; what is met stays met; what
began stays begun, whatever is closed or reopened after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from plaint.docket.entries import OpenedEntry
from plaint.protocol.content import Content, EntryContent, FeedbackContent, is_blank
from plaint.protocol.packs import PROMISED_KINDS, RECEIPT, RESPONDENT, Duty, Pack, compute_limit, find_meeting

OPEN, MET, LATE, MISSED, LAPSED = "open", "met", "late", "missed", "lapsed"
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Extension:
    """A date that was given more time; `at` is when the log had it, `before` the date until then."""

    before: int
    at: int
    reason: str


@dataclass(frozen=True, slots=True)
class Obligation:
    """A duty of `kind` that runs from `start` and is due `at`; `met_at` is the logged date of what first did it.

    `begun` says whether what starts it has happened; until then it runs from the last day on which that should have.
    `escalated` names who takes it up now that it was missed, None while it is with the handlers.
    """

    kind: str
    start: int
    at: int
    state: str
    met_at: int | None = None
    begun: bool = True
    extension: Extension | None = None
    escalated: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A member's request for more time, as the log dated it."""

    kind: str
    until: int
    reason: str
    at: int


def compute_obligations(
    pack: Pack, begin: int, entries: Iterable[OpenedEntry], *, now: int, grace_s: int
) -> tuple[Obligation, ...]:
    """Return every duty of a case received at `begin`, in the pack's order, with what became of it by `now`.

    `entries` are those of the reporter's room. Only a member's proved entry with a logged date does anything; one that
    waits for the log does not yet. As in receipts, the log's own slowness (`grace_s`) is not held against anybody.
    """
    found = [entry for entry in entries if entry.member is not None and entry.logged_at is not None]
    return judge_duties(pack, begin, list_events(found), list_wishes(found), now=now, grace_s=grace_s)


def judge_duties(
    pack: Pack, begin: int, events: Mapping[str, int], wishes: Sequence[Wish], *, now: int, grace_s: int
) -> tuple[Obligation, ...]:
    """Return the obligations that follow from the first date of each event and from what was asked for."""
    judged: dict[str, Obligation] = {}
    for duty in pack.duties:
        origin = None if duty.start == RECEIPT else find_meeting(pack.duties, duty.start)
        happened = begin if origin is None else events.get(duty.start)
        start = happened
        if origin is not None and duty.by != RESPONDENT:
            # Too late, or not at all, moves nothing: the next duty runs from when this one should have been done.
            latest = judged[origin.kind].at
            start = latest if happened is None else min(happened, latest)
        if start is None:
            continue
        due = compute_limit(pack, duty, start)
        extension = _find_extension(pack, duty, start, due, wishes, grace_s=grace_s)
        at = due if extension is None else extension[0]
        met_at = min((events[name] for name in duty.met if name in events), default=None)
        state = _judge(duty, at, met_at, now=now, grace_s=grace_s)
        judged[duty.kind] = Obligation(
            duty.kind,
            start,
            at,
            state,
            met_at,
            begun=happened is not None,
            extension=extension and extension[1],
            escalated=_find_escalated(duty, at + grace_s, now) if state == MISSED else None,
        )
    return tuple(judged.values())


def list_events(entries: Iterable[OpenedEntry]) -> dict[str, int]:
    """Return the first logged date of each event in members' dated entries."""
    events: dict[str, int] = {}
    for entry in entries:
        name = name_event(entry)
        if name is not None and entry.logged_at is not None:
            events[name] = min(entry.logged_at, events.get(name, entry.logged_at))
    return events


def list_wishes(entries: Iterable[OpenedEntry]) -> list[Wish]:
    """Return what was asked for in members' dated entries, in their order; the reason is the entry's text."""
    found = sorted((entry for entry in entries if entry.until is not None), key=lambda entry: entry.seq)
    return [
        Wish(entry.until.kind, entry.until.at, (entry.content and entry.content.text) or "", entry.logged_at)
        for entry in found
        if entry.until is not None and entry.logged_at is not None
    ]


def name_event(entry: OpenedEntry) -> str | None:
    """Return the event that a member's entry is; None for one that says too little, or was not opened."""
    match entry.content:
        case None:
            return None
        case EntryContent(step=step, automatic=automatic, text=text):
            return None if automatic or is_blank(text or "") else step
        case FeedbackContent(action=action, grounds=grounds):
            return None if is_blank(action) or is_blank(grounds) else entry.kind
        case Content(text=text) if entry.kind == "decide":
            return None if is_blank(text or "") else entry.kind
        case _:
            return entry.kind if entry.kind in PROMISED_KINDS else None


def _find_extension(
    pack: Pack, duty: Duty, start: int, due: int, wishes: Sequence[Wish], *, grace_s: int
) -> tuple[int, Extension] | None:
    """Return the new date and how it came about: by the first wish in time, with reasons and within bounds."""
    if duty.extend is None:
        return None
    last = compute_limit(pack, duty, start, count=duty.extend)
    for wish in wishes:
        if (
            wish.kind == duty.kind
            and wish.at <= due + grace_s
            and due < wish.until <= last
            and not is_blank(wish.reason)
        ):
            return wish.until, Extension(due, wish.at, wish.reason)
    return None


def _judge(duty: Duty, at: int, met_at: int | None, *, now: int, grace_s: int) -> str:
    if met_at is not None:
        return MET if met_at <= at + grace_s else LATE
    if now <= at + grace_s:
        return OPEN
    return LAPSED if duty.by == RESPONDENT else MISSED


def _find_escalated(duty: Duty, last: int, now: int) -> str | None:
    reached = [step.to for step in duty.escalate if now > last + step.days * DAY_S]
    return reached[-1] if reached else None
