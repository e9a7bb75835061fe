"""Cases of retention: what rules say of a case, side by side."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tools.vectors.case import Case


def _at(year: int, month: int, day: int, hour: int = 9) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp())


def _rule(name: str, **changes: Any) -> dict[str, Any]:
    given = {"id": name, "jurisdiction": "XX", "outcome": "any", "trigger": "closed", "months": 36, "bound": "longest"}
    return {**given, "source": "somewhere", "checked_on": "2026-05", **changes}


FACTS = {"received_at": _at(2026, 1, 10), "closed_at": _at(2026, 3, 31), "acknowledged": True, "held": False}
YEARS = _rule("years")
LATE = _at(2040, 1, 1)


def _plan(
    name: str,
    about: str,
    state: str,
    *rules: dict[str, Any],
    now: int = LATE,
    outcome: str | None = None,
    **facts: Any,
) -> Case:
    given = {"rules": list(rules), "facts": FACTS | facts, "outcome": outcome, "now": now}
    return Case("retention", name, "plan", about, given, expect={"state": state})


CASES = [
    _plan("unread", "nobody acknowledged it", "unread", YEARS, acknowledged=False),
    _plan("open", "it is not closed", "open", YEARS, closed_at=None),
    _plan("held", "a legal hold, over the time", "held", YEARS, held=True),
    _plan("before", "one second before its end", "keep", YEARS, now=_at(2029, 3, 31) - 1),
    _plan("over", "at its very end", "due", YEARS, now=_at(2029, 3, 31)),
    _plan("short-month", "a month without that day", "keep", _rule("short", months=1), now=_at(2026, 4, 30, 8)),
    _plan("leap", "the last day of a leap year's February", "due", _rule("leap", months=23), now=_at(2028, 2, 29)),
    _plan("received", "from arrival", "due", _rule("three", trigger="received", months=3)),
    _plan("year", "from the end of the year", "keep", _rule("year", trigger="year-closed"), now=_at(2029, 12, 31)),
    _plan("disagree", "one is over, one is not", "decide", YEARS, _rule("ten", months=120), now=_at(2030, 1, 1)),
    _plan("unnamed", "one is for an outcome nobody named", "decide", YEARS, _rule("none", outcome="no-action")),
    _plan("named", "the outcome is named", "due", YEARS, _rule("none", outcome="no-action"), outcome="no-action"),
    _plan("other", "another outcome", "due", YEARS, _rule("none", outcome="no-action"), outcome="followed-up"),
    _plan("unruled", "no rule fixes a date", "unruled", _rule("nl", months=None)),
    _plan("some-unruled", "one fixes a date", "due", YEARS, _rule("nl", months=None)),
    _plan("no-rules", "there is no rule", "unruled"),
]
