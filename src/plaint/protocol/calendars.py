"""Working days of one site, listed date by date, so that everybody counts the same (spec/directory.md, packs)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from plaint.encoding.fields import Fields
from plaint.errors import MalformedError

CODE = "pack-form"
DATE_PATTERN = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
SITE_PATTERN = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
DAY_S = 86_400
DUE_S = 23 * 3_600 - 1
LIMIT_YEARS = 12
LIMIT_HOLIDAYS_YEAR = 40
LIMIT_DAYS = LIMIT_YEARS * LIMIT_HOLIDAYS_YEAR
LIMIT_WEEKEND = 3
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Calendar:
    """The free days of `site` in the years `first` to `last`; `offset` is its standard time in minutes east of UTC.

    `weekend` are ISO weekdays (Monday is 1); `workdays` are days of the weekend on which people work all the same.
    """

    site: str
    offset: int
    weekend: tuple[int, ...]
    holidays: frozenset[date]
    workdays: frozenset[date]
    first: int
    last: int

    def is_working(self, day: date) -> bool:
        """Say whether `day` is a working day; beyond the listed years only weekends are free, so no date is later."""
        if day.isoweekday() in self.weekend:
            return day in self.workdays
        return day not in self.holidays


def add_working_days(calendar: Calendar, at: int, count: int) -> int:
    """Return the second before 23:00, in the site's standard time, of working day `count` after the day of `at`.

    In summer time that is the last second of the day that the law means, never the next day.
    """
    day = (at + calendar.offset * 60) // DAY_S
    left = count
    while left:
        day += 1
        left -= calendar.is_working(date.fromordinal(EPOCH_ORDINAL + day))
    return day * DAY_S + DUE_S - calendar.offset * 60


def compute_end(calendar: Calendar) -> int:
    """Return when the listed days end: from then on only weekends are free."""
    return int(datetime(calendar.last + 1, 1, 1, tzinfo=UTC).timestamp()) - calendar.offset * 60


def encode_calendar(calendar: Calendar) -> dict[str, Any]:
    """Return the JSON value of a calendar."""
    return {
        "first": calendar.first,
        "holidays": [day.isoformat() for day in sorted(calendar.holidays)],
        "last": calendar.last,
        "offset": calendar.offset,
        "site": calendar.site,
        "weekend": list(calendar.weekend),
        "workdays": [day.isoformat() for day in sorted(calendar.workdays)],
    }


def parse_calendar(value: Any) -> Calendar:
    """Return the calendar of a JSON value.

    Raises: MalformedError "pack-form"; "pack-rule" (detail "calendar") for days out of order or outside the years, and
            for so many free days that no date would come.
    """
    fields = Fields(value, CODE)
    site, offset = fields.take_text("site", pattern=SITE_PATTERN), _take_offset(fields)
    first, last = (fields.take_integer(key, least=1970, most=2999) for key in ("first", "last"))
    weekend = fields.take_list("weekend", _parse_weekday, limit=LIMIT_WEEKEND)
    holidays, workdays = (fields.take_list(key, parse_date, limit=LIMIT_DAYS) for key in ("holidays", "workdays"))
    fields.finish()
    calendar = Calendar(site, offset, weekend, frozenset(holidays), frozenset(workdays), first, last)
    listed: tuple[Sequence[Any], ...] = (weekend, holidays, workdays)
    if any(list(days) != sorted(set(days)) for days in listed) or not _holds(calendar):
        raise MalformedError("pack-rule", "calendar")
    return calendar


def parse_date(value: Any, *, code: str = CODE) -> date:
    """Return the day of "YYYY-MM-DD". Raises: MalformedError with `code`."""
    text = Fields({"date": value}, code).take_text("date", pattern=DATE_PATTERN)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise MalformedError(code, "date") from error


def _holds(calendar: Calendar) -> bool:
    years = range(calendar.first, calendar.last + 1)
    return (
        1 <= len(years) <= LIMIT_YEARS
        and all(day.year in years for day in calendar.holidays | calendar.workdays)
        and all(day.isoweekday() in calendar.weekend for day in calendar.workdays)
        and max(Counter(day.year for day in calendar.holidays).values(), default=0) <= LIMIT_HOLIDAYS_YEAR
    )


def _take_offset(fields: Fields) -> int:
    """Take minutes from -720 to 840."""
    value = fields.take("offset")
    return (
        Fields({"offset": value + 720 if type(value) is int else value}, CODE).take_integer("offset", most=1_560) - 720
    )


def _parse_weekday(value: Any) -> int:
    return Fields({"weekend": value}, CODE).take_integer("weekend", least=1, most=7)
