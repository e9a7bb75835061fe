"""The days on which a site does not work, looked up once, when a pack is drafted; from then on they are data."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from plaint.errors import RefusedError
from plaint.protocol.calendars import DAY_S, LIMIT_YEARS, SITE_PATTERN, Calendar, compute_end
from plaint.protocol.directory_state import DirectoryState

DEFAULT_YEARS = 6
LIMIT_UNKNOWN_YEAR = 4
"""Free days a year that a pack may have and this program does not know: decrees, and moons that were seen later."""
WARN_DAYS = 400
"""How long before its end an organisation is told that a calendar needs new years."""


def make_calendar(site: str, zone: str, *, today: date, years: int = DEFAULT_YEARS) -> Calendar:
    """Return the free days of a country or one of its parts ("DE", "DE-BE") from this year on.

    `zone` is the site's time zone ("Asia/Kolkata"); what counts is its standard time.
    Raises: RefusedError "site-unknown", "zone-unknown", "site-years".
    """
    if not 2 <= years <= LIMIT_YEARS:
        raise RefusedError("site-years")
    return _look_up(site, _find_offset(zone, today.year), range(today.year, today.year + years))


def list_unknown(calendar: Calendar) -> list[date]:
    """Return the days that are free in a calendar and working days for all that this program knows of its site.

    Raises: RefusedError "site-unknown", "site-years".
    """
    known = _look_up(calendar.site, calendar.offset, range(calendar.first, calendar.last + 1))
    start = date(calendar.first, 1, 1)
    days = (start + timedelta(number) for number in range((date(calendar.last + 1, 1, 1) - start).days))
    return [day for day in days if known.is_working(day) and not calendar.is_working(day)]


def keeps_site(calendar: Calendar) -> bool:
    """Say whether a calendar is that of its site: its clock is one of the country's, and hardly a free day is unknown.

    Raises: RefusedError "site-unknown", "site-years".
    """
    years = Counter(day.year for day in list_unknown(calendar))
    country = calendar.site.partition("-")[0]
    offsets = [_find_offset(zone, calendar.first) for zone in _list_zones().get(country, ())]
    return max(years.values(), default=0) <= LIMIT_UNKNOWN_YEAR and calendar.offset in offsets


@lru_cache(maxsize=8)
def _look_up(site: str, offset: int, span: range) -> Calendar:
    import holidays  # noqa: PLC0415 -- a third of a second that other commands need not pay

    country, _, part = site.partition("-")
    try:
        if not SITE_PATTERN.fullmatch(site):
            raise RefusedError("site-unknown")
        with warnings.catch_warnings():
            # The library warns where it does not know all the years, and gives the others.
            warnings.simplefilter("error", UserWarning)
            found = holidays.country_holidays(country, subdiv=part or None, years=span)
    except (NotImplementedError, KeyError) as error:
        raise RefusedError("site-unknown") from error
    except UserWarning as error:
        raise RefusedError("site-years") from error
    weekend = tuple(sorted(day + 1 for day in found.weekend))
    free = frozenset(day for day in found if day.year in span)
    workdays = frozenset(day for day in found.weekend_workdays if day.year in span and day.isoweekday() in weekend)
    return Calendar(site, offset, weekend, free, workdays, span[0], span[-1])


def count_days_left(calendar: Calendar, now: float) -> int:
    """Return for how many more days the calendar knows the holidays; negative when it has ended."""
    return int((compute_end(calendar) - now) // DAY_S)


@dataclass(frozen=True, slots=True)
class Ending:
    """Deadlines of a channel whose holidays are known for little longer, to the end of `last`."""

    id: str
    version: int
    site: str
    last: date
    days_left: int


def list_ending(state: DirectoryState, now: float) -> list[Ending]:
    """Return the deadlines of channels whose calendar ends within `WARN_DAYS`, by id."""
    packs = {channel.pack: state.packs[channel.pack] for channel in state.channels.values()}
    found = [
        Ending(pack.id, pack.version, pack.calendar.site, date(pack.calendar.last, 12, 31), left)
        for pack in packs.values()
        if pack.calendar is not None and (left := count_days_left(pack.calendar, now)) < WARN_DAYS
    ]
    return sorted(found, key=lambda ending: (ending.id, ending.version))


def describe_ending(ending: Ending) -> str:
    """Return what those are told who can draft and sign a newer version."""
    known = (
        f"are known until {ending.last.isoformat()}" if ending.days_left >= 0 else f"ended {ending.last.isoformat()}"
    )
    return (
        f"The holidays of {ending.site} in the deadlines {ending.id}, version {ending.version}, {known}; after that"
        " only weekends are free and dates come earlier. Draft a newer version: `plaint directory draft pack`."
    )


@lru_cache(maxsize=1)
def _list_zones() -> dict[str, list[str]]:
    """Return the time zones of every country, from the list that comes with the time zone database."""
    found: dict[str, list[str]] = {}
    for line in files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found.setdefault(country, []).append(zone)
    return found


def _find_offset(zone: str, year: int) -> int:
    """Return the standard time of a zone: the smaller of its two offsets."""
    if not re.fullmatch(r"[A-Za-z0-9_+/-]{1,64}", zone):
        raise RefusedError("zone-unknown")
    try:
        found = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise RefusedError("zone-unknown") from error
    offsets = (datetime(year, month, 1, tzinfo=found).utcoffset() for month in (1, 7))
    return min(int(offset.total_seconds()) // 60 for offset in offsets if offset is not None)
