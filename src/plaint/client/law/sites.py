"""The days on which a site does not work, looked up once, when a pack is drafted; from then on they are data."""

from __future__ import annotations

import re
import warnings
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from plaint.client.view import View
from plaint.errors import RefusedError
from plaint.protocol.calendars import DAY_S, LIMIT_YEARS, SITE_PATTERN, Calendar, compute_end

DEFAULT_YEARS = 6
WARN_DAYS = 400
"""How long before its end an organisation is told that a calendar needs new years."""


def make_calendar(site: str, zone: str, *, today: date, years: int = DEFAULT_YEARS) -> Calendar:
    """Return the free days of a country or one of its parts ("DE", "DE-BE") from this year on.

    `zone` is the site's time zone ("Asia/Kolkata"); what counts is its standard time.
    Raises: RefusedError "site-unknown", "zone-unknown", "site-years".
    """
    import holidays  # noqa: PLC0415 -- a third of a second that other commands need not pay

    if not 2 <= years <= LIMIT_YEARS:
        raise RefusedError("site-years")
    country, _, part = site.partition("-")
    span = range(today.year, today.year + years)
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
    return Calendar(site, _find_offset(zone, today.year), weekend, free, workdays, span[0], span[-1])


def count_days_left(calendar: Calendar, now: float) -> int:
    """Return for how many more days the calendar knows the holidays; negative when it has ended."""
    return int((compute_end(calendar) - now) // DAY_S)


def list_ending(view: View, now: float) -> list[str]:
    """Return the ids of the deadlines of channels whose calendar ends within `WARN_DAYS`."""
    packs = {view.pack(channel.pack) for channel in view.state.channels.values()}
    ending = {p.id for p in packs if p.calendar is not None and count_days_left(p.calendar, now) < WARN_DAYS}
    return sorted(ending)


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
