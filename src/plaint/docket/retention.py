"""What rules say of a closed case: that it should go, or must still be kept; nothing is done, and nobody told to."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

ANY, NO_ACTION, NO_PROCEEDINGS, FOLLOWED_UP = "any", "no-action", "no-proceedings", "followed-up"
OUTCOMES = (NO_ACTION, NO_PROCEEDINGS, FOLLOWED_UP)
RECEIVED, CLOSED, YEAR_CLOSED = "received", "closed", "year-closed"
TRIGGERS = (RECEIVED, CLOSED, YEAR_CLOSED)
LONGEST, SHORTEST, USUAL = "longest", "shortest", "usual"
BOUNDS = (LONGEST, SHORTEST, USUAL)
UNREAD, OPEN, HELD, KEEP, DECIDE, DUE, UNRULED = "unread", "open", "held", "keep", "decide", "due", "unruled"


@dataclass(frozen=True, slots=True)
class Rule:
    """How long a case may, must or usually is kept after a trigger; `months` None where no term is fixed."""

    id: str
    jurisdiction: str
    outcome: str
    trigger: str
    months: int | None
    bound: str
    source: str
    checked_on: str
    confirmed: bool
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What of a case counts here; times are logged dates, None while there is none."""

    received_at: int
    closed_at: int | None
    acknowledged: bool
    held: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """What one rule says of one case: until when, None where it fixes no date; `over` once that is past."""

    rule: Rule
    until: int | None
    over: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What all the rules say of a case, side by side; `state` says what there is to look at.

    `decide`: they do not agree by now, or what one says depends on an outcome nobody named. `due`: every one that fixes
    a date says that its time is over.
    """

    state: str
    terms: tuple[Term, ...] = ()


def plan_retention(facts: Facts, rules: Sequence[Rule], *, outcome: str | None, now: int) -> Plan:
    """Return what `rules` say of a case with this outcome, None when nobody said how it ended."""
    if not facts.acknowledged:
        return Plan(UNREAD)
    if facts.closed_at is None:
        return Plan(OPEN)
    terms = tuple(_apply(rule, facts.received_at, facts.closed_at, now) for rule in rules if _may_apply(rule, outcome))
    if facts.held:
        return Plan(HELD, terms)
    dated = [term for term in terms if term.until is not None]
    if not dated:
        return Plan(UNRULED, terms)
    if not any(term.over for term in dated):
        return Plan(KEEP, terms)
    sure = all(term.over for term in dated) and all(_does_apply(term.rule, outcome) for term in terms)
    return Plan(DUE if sure else DECIDE, terms)


def add_months(at: int, months: int) -> int:
    """Return the same time of day so many months later, on the last day of a shorter month (UTC)."""
    start = datetime.fromtimestamp(at, UTC)
    count = start.month - 1 + months
    year, month = start.year + count // 12, count % 12 + 1
    day = min(start.day, monthrange(year, month)[1])
    return int(start.replace(year=year, month=month, day=day).timestamp())


def _may_apply(rule: Rule, outcome: str | None) -> bool:
    return outcome is None or _does_apply(rule, outcome)


def _does_apply(rule: Rule, outcome: str | None) -> bool:
    return rule.outcome in {ANY, outcome}


def _apply(rule: Rule, received_at: int, closed_at: int, now: int) -> Term:
    start = received_at if rule.trigger == RECEIVED else closed_at
    if rule.trigger == YEAR_CLOSED:
        start = int(datetime(datetime.fromtimestamp(closed_at, UTC).year + 1, 1, 1, tzinfo=UTC).timestamp())
    if rule.months is None:
        return Term(rule, None, over=False)
    until = add_months(start, rule.months)
    return Term(rule, until, now >= until)
