"""Due dates as a calendar file, made on the device of whoever may know them; nothing is asked of any calendar service.

A calendar is often seen by others: an event names no organisation, no case and no person, and its id means nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from plaint.client.casework import DueDate
from plaint.client.desk import Desk
from plaint.client.files import read_limited, replace_private
from plaint.client.follow import Report
from plaint.crypto.hashes import compute_hmac
from plaint.docket.obligations import LAPSED, LATE, MET
from plaint.errors import MalformedError, RefusedError
from plaint.protocol.packs import HEARD_KINDS
from plaint.protocol.receipt import Receipt

if TYPE_CHECKING:
    from pathlib import Path

PURPOSE = b"plaint/v1/calendar\n"
FEED_PURPOSE = b"plaint/v1/calendar-feed\n"
FIRST_LINE = b"BEGIN:VCALENDAR\r\n"
LIMIT_CALENDAR_BYTES = 16 * 1024 * 1024
REPORTER_SUMMARY = "Look for an answer"
MEMBER_SUMMARIES = {
    "acknowledge": "Desk: acknowledgement due",
    "feedback": "Desk: feedback due",
    "review": "Desk: look at a hold again",
}
MEMBER_SUMMARY = "Desk: a step is due"
WARNING = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CalendarDate:
    """One event (spec/calendar.md): done when nothing is waited for, moved when the date was given more time."""

    id: bytes
    at: int
    summary: str
    done: bool
    moved: bool
    warned: bool


def list_report_dates(report: Report, receipt: Receipt | None = None) -> list[CalendarDate]:
    """Return what a reporter waits for; nothing on the screen warns of it beforehand."""
    key = report.keys.locator
    return [
        CalendarDate(
            compute_id(key, b"", due.what), due.at, REPORTER_SUMMARY, is_done(due), is_moved(due), warned=False
        )
        for due in report.list_due_dates(receipt)
        if due.what in HEARD_KINDS
    ]


def list_desk_dates(desk: Desk) -> list[CalendarDate]:
    """Return the dates of every case that a member reads or watches; call `scan` first."""
    known = {case.id: desk.list_dates(case) for case in desk.list_cases()}
    found = {**desk.list_watched(), **known}
    return [
        CalendarDate(
            compute_id(desk.keys.cache, room, due.what),
            due.at,
            MEMBER_SUMMARIES.get(due.what, MEMBER_SUMMARY),
            is_done(due),
            is_moved(due),
            warned=True,
        )
        for room, dates in found.items()
        for due in dates
    ]


def is_done(due: DueDate) -> bool:
    """Tell whether there is nothing to wait for any more."""
    return due.state in {MET, LATE, LAPSED}


def is_moved(due: DueDate) -> bool:
    """Tell whether the date was given more time."""
    return due.duty is not None and due.duty.extension is not None


def encode_calendar(dates: Iterable[CalendarDate], *, now: float) -> bytes:
    """Return an iCalendar file (RFC 5545, spec/calendar.md), the earliest date first."""
    from icalendar import Alarm, Calendar, Event  # noqa: PLC0415 -- a third of a second that other commands need not pay

    calendar = Calendar()
    calendar.add("prodid", "-//Dates//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for date in sorted(dates, key=lambda date: (date.at, date.id)):
        event = Event()
        event.add("uid", date.id.hex())
        event.add("dtstamp", datetime.fromtimestamp(int(now), UTC))
        event.add("dtstart", datetime.fromtimestamp(date.at, UTC))
        event.add("summary", date.summary)
        event.add("transp", "TRANSPARENT")
        event.add("sequence", 2 if date.done else int(date.moved))
        event.add("status", "CANCELLED" if date.done else "CONFIRMED")
        if date.warned and not date.done:
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", date.summary)
            alarm.add("trigger", -WARNING)
            event.add_component(alarm)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def save_calendar(path: Path, data: bytes) -> None:
    """Write a calendar file for its owner only; an older one makes way, any other file does not.

    Raises: RefusedError "file-exists"; MalformedError "file-size".
    """
    try:
        kept = read_limited(path, limit_bytes=LIMIT_CALENDAR_BYTES)
    except MalformedError as error:
        if error.code != "file-missing" or path.is_dir():
            raise
        kept = FIRST_LINE
    if not kept.startswith(FIRST_LINE):
        raise RefusedError("file-exists")
    replace_private(path, data)


def compute_id(key: bytes, room: bytes, kind: str) -> bytes:
    """Return an id that stays the same from file to file and that nobody without the words can tie to a report."""
    return compute_hmac(key, PURPOSE, room, kind.encode("ascii"))[:16]


def compute_feed_path(key: bytes) -> str:
    """Return where a member's feed stands on their device: the same from run to run, guessed by nobody."""
    return f"/{compute_hmac(key, FEED_PURPOSE)[:16].hex()}/dates.ics"
