"""The data of the demo as values: people, members, cases and what is done in them, when and by whom."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec

ORGANISATION = "Orvane Group"
SLUG = "demo"
CHANNEL_ROLES = ("case-manager", "intake-handler")
DAY_S = 86_400
HOUR_S = 3_600
WEEK_S = 7 * DAY_S
TOLD_WEEKS = 6
REPORTER = "reporter"
_FOLDER = files("plaint.cli.demo")


class Do(StrEnum):
    """What somebody does in a case after it was reported."""

    ACKNOWLEDGE = "acknowledge"
    REPLY = "reply"
    NOTE = "note"
    GRANT = "grant"
    FEEDBACK = "feedback"
    STEP = "step"
    EXTEND = "extend"
    HOLD = "hold"
    RISK = "risk"
    CLOSE = "close"
    CONFIRM = "confirm"
    REOPEN = "reopen"
    HANDLING = "handling"
    CLOSE_HANDLING = "close-handling"
    ERASE = "erase"
    AGREE = "agree"
    ERASE_NOTES = "erase-notes"


class Outsider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody named in free text."""

    name: str
    where: str


class Act(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing done in a case, `by` the reporter or a member's name.

    `what` is the step, the kind of hold, the level of risk, the duty that is given more time `until` a day, or the
    ground to erase.
    """

    at: str
    do: Do
    by: str
    text: str | None = None
    files: tuple[str, ...] = ()
    member: str | None = None
    action: str | None = None
    grounds: str | None = None
    reason: str | None = None
    what: str | None = None
    until: str | None = None


class Ends(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a case stands when the demo goes live."""

    status: str
    acknowledge: str


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One report and what follows; `about` holds ids of the chart and people named in free text."""

    slug: str
    title: str
    lang: str
    topics: tuple[str, ...]
    at: str
    text: str
    about: tuple[str | Outsider, ...]
    exclude: tuple[str, ...]
    files: tuple[str, ...]
    then: tuple[Act, ...]
    ends: Ends
    channel: str = "reports"


class Way(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A further way to report: its channel, and its deadlines as stricter ones of a law, by duty."""

    id: str
    title: str
    law: str
    counts: dict[str, int]
    site: str | None = None
    zone: str | None = None


class DemoMember(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One member: the name of the file with her words, her name, her roles."""

    file: str
    name: str
    roles: tuple[str, ...]


@cache
def load_members() -> tuple[DemoMember, ...]:
    """Read the eight members, the administrator first."""
    return msgspec.json.decode(_FOLDER.joinpath("members.json").read_bytes(), type=tuple[DemoMember, ...])


@cache
def load_ways() -> tuple[Way, ...]:
    """Read the ways to report besides the first one."""
    return msgspec.json.decode(_FOLDER.joinpath("ways.json").read_bytes(), type=tuple[Way, ...])


@cache
def load_cases() -> tuple[Case, ...]:
    """Read the cases, by slug."""
    found = [entry for entry in _FOLDER.joinpath("story").iterdir() if entry.name.endswith(".json")]
    cases = [msgspec.json.decode(entry.read_bytes(), type=Case) for entry in found]
    return tuple(sorted(cases, key=lambda case: case.slug))


def read_chart() -> bytes:
    """Read the chart as CSV."""
    return _FOLDER.joinpath("chart.csv").read_bytes()


def find_attachment(name: str) -> Traversable:
    """Return one of the files that people attach."""
    return _FOLDER.joinpath("files", name)


def compute_start(live_at: int) -> int:
    """Give the Monday, 00:00 UTC, on which the story starts: six to seven weeks before the demo goes live.

    Weekdays in the texts are then right on whatever day the demo is made.
    """
    monday_1970 = 4 * DAY_S
    return monday_1970 + (live_at - TOLD_WEEKS * WEEK_S - monday_1970) // WEEK_S * WEEK_S


def compute_moment(at: str, *, live_at: int) -> int:
    """Give the time of `11T09:30` (day 11 of the story, UTC) or of `-40h` (40 hours before the demo goes live)."""
    if at.startswith("-"):
        return live_at - int(at[1:].removesuffix("h")) * HOUR_S
    day, clock = at.split("T")
    moment = dt.time.fromisoformat(clock)
    return compute_start(live_at) + int(day) * DAY_S + moment.hour * HOUR_S + moment.minute * 60
