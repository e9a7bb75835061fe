"""When things are due, worked out slowly and from the text of the laws: day by day, with other libraries than the code.

Nothing here knows packs, calendars or the fold. A story says what really happened; `find_due` and `find_fate` say what
that means.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

HOUR, DAY = 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Site:
    """A place where people work."""

    code: str
    zone: str


@dataclass(frozen=True, slots=True)
class Story:
    """What happened in a case: the first date of everything that counts, and the extension that was granted."""

    law: str
    site: Site
    received: int
    happened: Mapping[str, int] = field(default_factory=dict)
    extended_to: int | None = None


Rule = Callable[[Story], int | None]


@cache
def _library(code: str) -> Any:
    country, _, part = code.partition("-")
    return holidays.country_holidays(country, subdiv=part or None, years=range(2026, 2032))


def _standard(site: Site, at: int) -> timezone:
    """Return the zone without its summer time."""
    moment = datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(site.zone))
    offset, summer = moment.utcoffset(), moment.dst()
    assert offset is not None
    return timezone(offset - (summer or timedelta()))


def working_days(site: Site, at: int, count: int) -> int:
    """The last second before eleven at night of the working day number `count` that comes after today."""
    zone, library = _standard(site, at), _library(site.code)
    day: date = datetime.fromtimestamp(at, zone).date()
    done = 0
    while done < count:
        day = day + timedelta(days=1)
        if library.is_working_day(day):
            done += 1
    return int(datetime.combine(day, time(22, 59, 59), zone).timestamp())


def days(at: int, count: int) -> int:
    return int((datetime.fromtimestamp(at, UTC) + timedelta(days=count)).timestamp())


def months(at: int, count: int) -> int:
    """The same day and hour so many months on; where that month is too short, its last day."""
    start = datetime.fromtimestamp(at, UTC)
    month, day = (start.year * 12 + start.month - 1 + count), start.day
    while True:
        try:
            return int(start.replace(year=month // 12, month=month % 12 + 1, day=day).timestamp())
        except ValueError:
            day -= 1


def _done_by(story: Story, event: str, latest: int) -> int:
    """When the next step begins: when this one was done, if it was done in time; otherwise when it should have been."""
    return latest if event not in story.happened or story.happened[event] > latest else story.happened[event]


def _posh_inquiry(s: Story) -> int:
    return days(s.received, 90)


def _posh_report(s: Story) -> int:
    return days(_done_by(s, "inquiry", _posh_inquiry(s)), 10)


def _strict_report(s: Story) -> int:
    return days(_done_by(s, "inquiry", days(s.received, 45)), 10)


LAWS: Mapping[str, Mapping[str, Rule]] = {
    # Acknowledged within seven days; feedback within three months.
    "eu-internal": {"acknowledge": lambda s: days(s.received, 7), "feedback": lambda s: months(s.received, 3)},
    # The same, but feedback within six months in justified cases.
    "eu-authority": {
        "acknowledge": lambda s: days(s.received, 7),
        "feedback": lambda s: s.extended_to or months(s.received, 3),
    },
    # In time, and the result in writing.
    "cn-2023": {
        "acknowledge": lambda s: working_days(s.site, s.received, 2),
        "feedback": lambda s: days(s.received, 40),
        "contact": lambda s: working_days(s.site, s.received, 2),
        "inquiry": lambda s: days(s.received, 30),
        "outcome": lambda s: days(_done_by(s, "inquiry", days(s.received, 30)), 10),
    },
    # Seven working days to send the copy, ten working days to reply, ninety to inquire, ten to report, sixty to act.
    "in-posh": {
        "acknowledge": lambda s: working_days(s.site, s.received, 2),
        "feedback": lambda s: days(s.received, 100),
        "respondent-notice": lambda s: working_days(s.site, s.received, 7),
        "respondent-reply": lambda s: (
            working_days(s.site, s.happened["respondent-notice"], 10) if "respondent-notice" in s.happened else None
        ),
        "inquiry": _posh_inquiry,
        "report": _posh_report,
        "action": lambda s: days(_done_by(s, "report", _posh_report(s)), 60),
    },
    # Notice within twenty days.
    "jp-wpa": {
        "acknowledge": lambda s: days(s.received, 7),
        "feedback": lambda s: months(s.received, 3),
        "contact": lambda s: days(s.received, 20),
    },
    "uk": {
        "acknowledge": lambda s: working_days(s.site, s.received, 5),
        "feedback": lambda s: months(s.received, 3),
        "contact": lambda s: working_days(s.site, s.received, 10),
    },
    "us": {
        "acknowledge": lambda s: working_days(s.site, s.received, 2),
        "feedback": lambda s: days(s.received, 90),
        "contact": lambda s: working_days(s.site, s.received, 2),
        "inquiry": lambda s: days(s.received, 60),
    },
    "strict": {
        "acknowledge": lambda s: s.received + 24 * HOUR,
        "feedback": lambda s: days(s.received, 65),
        "contact": lambda s: s.received + 48 * HOUR,
        "inquiry": lambda s: days(s.received, 45),
        "report": _strict_report,
        "outcome": lambda s: days(_done_by(s, "report", _strict_report(s)), 10),
    },
}
DOES = {"contact": {"contact", "feedback", "decide"}, "outcome": {"decide"}}
"""What else than the event of the same name counts as having done it."""


def find_due(story: Story) -> dict[str, int]:
    """Return the date of every duty that there is by now."""
    dates = {kind: rule(story) for kind, rule in LAWS[story.law].items()}
    return {kind: at for kind, at in dates.items() if at is not None}


def find_fate(story: Story, kind: str, due: int, *, now: int, grace: int) -> str:
    """Return what became of a duty."""
    done = sorted(story.happened[event] for event in DOES.get(kind, {kind}) if event in story.happened)
    if done:
        return "late" if done[0] - due > grace else "met"
    if now - due <= grace:
        return "open"
    return "lapsed" if kind == "respondent-reply" else "missed"
