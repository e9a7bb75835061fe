"""Deadline packs: which duties follow from a report, and when they are due (spec/directory.md)."""

from __future__ import annotations

import calendar as months
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from plaint.crypto.hashes import compute_sha256
from plaint.encoding.fields import Fields
from plaint.encoding.json import encode_json
from plaint.errors import MalformedError
from plaint.protocol.calendars import (
    DATE_PATTERN,
    DAY_S,
    Calendar,
    add_working_days,
    encode_calendar,
    parse_calendar,
    parse_date,
)

CODE = "pack-form"
PROMISED_KINDS = ("acknowledge", "feedback")
"""The duties that receipts and state notes carry: first in every pack, counted from receipt, met by their own kind."""
DUTY_KINDS = (
    *PROMISED_KINDS,
    "contact",
    "respondent-notice",
    "respondent-reply",
    "inquiry",
    "report",
    "outcome",
    "action",
)
HEARD_KINDS = (*PROMISED_KINDS, "contact", "outcome")
"""Duties by which the reporter hears from somebody."""
STEPS = ("contact", "respondent-notice", "respondent-reply", "inquiry", "report", "action")
EVENTS = (*PROMISED_KINDS, "decide", *STEPS)
RECEIPT = "receipt"
ORGANISATION, RESPONDENT = "organisation", "respondent"
UNITS = {"days": 3_650, "working_days": 1_000, "months": 120}
CHAIN = ("case-manager", "independent", "outside")
LIMIT_DUTIES = 16
LIMIT_SOURCE = 500
LIMIT_TIME = 2**37
ID_PATTERN = re.compile(r"[a-z0-9-]{1,32}")


@dataclass(frozen=True, slots=True)
class Escalation:
    """Who takes a missed duty up, `days` after its date."""

    to: str
    days: int


@dataclass(frozen=True, slots=True)
class Duty:
    """What must follow within `count` of `unit` after `start`, and which events do it.

    `by` is whose duty it is; `extend` the longest it may be given, in the same unit, None where nothing extends it;
    `checked_on` when somebody compared `source` with the law, None while nobody has.
    """

    kind: str
    unit: str
    count: int
    start: str = RECEIPT
    met: tuple[str, ...] = ()
    by: str = ORGANISATION
    extend: int | None = None
    escalate: tuple[Escalation, ...] = ()
    source: str = ""
    checked_on: str | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """Duties of every report of a channel. `base` names the shipped pack whose law it keeps, perhaps itself.

    `outside` is the law that opens a way outside once a date was missed.
    """

    id: str
    version: int
    title: str
    base: str
    duties: tuple[Duty, ...]
    calendar: Calendar | None = None
    outside: str | None = None

    def find(self, kind: str) -> Duty | None:
        """Return the duty of a kind, if there is one."""
        return next((duty for duty in self.duties if duty.kind == kind), None)

    def find_origin(self, duty: Duty) -> Duty | None:
        """Return the earlier duty whose doing starts this one; None when the report itself does."""
        return None if duty.start == RECEIPT else find_meeting(self.duties, duty.start)


def find_meeting(duties: Sequence[Duty], event: str) -> Duty | None:
    """Return the first duty that an event meets."""
    return next((duty for duty in duties if event in duty.met), None)


def encode_pack(pack: Pack) -> dict[str, Any]:
    """Return the JSON value of a pack."""
    return {
        "base": pack.base,
        "calendar": None if pack.calendar is None else encode_calendar(pack.calendar),
        "duties": [_encode_duty(duty) for duty in pack.duties],
        "id": pack.id,
        "outside": pack.outside,
        "title": pack.title,
        "version": pack.version,
    }


def parse_pack(value: Any) -> Pack:
    """Return the pack of a JSON value: first `acknowledge`, then `feedback`, then what else there is.

    Raises: MalformedError "pack-form"; "pack-rule" (detail: the duty's kind, or "calendar") when no case could keep it.
    """
    fields = Fields(value, CODE)
    pack = Pack(
        id=fields.take_text("id", pattern=ID_PATTERN),
        version=fields.take_integer("version", least=1),
        title=fields.take_text("title"),
        base=fields.take_text("base", pattern=ID_PATTERN),
        duties=fields.take_list("duties", _parse_duty, limit=LIMIT_DUTIES),
        calendar=fields.take_null("calendar", lambda key: parse_calendar(fields.take(key))),
        outside=fields.take_null("outside", lambda key: fields.take_text(key, limit=LIMIT_SOURCE)),
    )
    fields.finish()
    kinds = tuple(duty.kind for duty in pack.duties)
    if kinds[: len(PROMISED_KINDS)] != PROMISED_KINDS or len(set(kinds)) != len(kinds):
        raise fields.refuse("duties")
    for place, duty in enumerate(pack.duties):
        if not _holds(duty, pack.duties[:place]):
            raise MalformedError("pack-rule", duty.kind)
    if (pack.calendar is not None) != any(duty.unit == "working_days" for duty in pack.duties):
        raise MalformedError("pack-rule", "calendar")
    return pack


def compute_pack_digest(pack: Pack) -> bytes:
    """Return H(JCS(pack)), by which channels and manifests name it."""
    return compute_sha256(encode_json(encode_pack(pack)))


def compute_due(pack: Pack, at: int) -> list[tuple[str, int]]:
    """Return (kind, Unix time) of the promised duties of a report received at `at`.

    Raises: MalformedError "pack-time".
    """
    if not 0 <= at < LIMIT_TIME:
        raise MalformedError("pack-time")
    return [(duty.kind, compute_limit(pack, duty, at)) for duty in pack.duties[: len(PROMISED_KINDS)]]


def compute_limit(pack: Pack, duty: Duty, at: int, *, count: int | None = None) -> int:
    """Return when a duty that starts at `at` is due; `count` in place of the duty's own.

    Days are 86,400 seconds. Months are those of the UTC calendar, clamped to the month's last day; the time of day
    stays. Working days end a second before 23:00 of the calendar's standard time.
    """
    count = duty.count if count is None else count
    if duty.unit == "days":
        return at + count * DAY_S
    if duty.unit == "months":
        return _add_months(at, count)
    if pack.calendar is None:
        raise MalformedError("pack-rule", "calendar")
    return add_working_days(pack.calendar, at, count)


def _add_months(at: int, count: int) -> int:
    start = datetime.fromtimestamp(at, UTC)
    years, month = divmod(start.month - 1 + count, 12)
    year = start.year + years
    last = months.monthrange(year, month + 1)[1]
    return int(start.replace(year=year, month=month + 1, day=min(start.day, last)).timestamp())


def _holds(duty: Duty, earlier: Sequence[Duty]) -> bool:
    """Say whether a duty can be kept: it starts, something does it, and nothing but an extension makes it later."""
    if duty.kind in PROMISED_KINDS and (duty.start, duty.met, duty.by) != (RECEIPT, (duty.kind,), ORGANISATION):
        return False
    if duty.start != RECEIPT:
        origin = find_meeting(earlier, duty.start)
        # A month from a later day can end earlier: only what starts with the report is counted in months.
        if origin is None or origin.by == RESPONDENT or duty.unit == "months":
            return False
    if not duty.met or len(set(duty.met)) != len(duty.met) or duty.start in duty.met:
        return False
    if duty.by == RESPONDENT and (duty.escalate or duty.start == RECEIPT):
        return False
    # Only a promised date can be extended so that anybody can check it (room.md, `until`).
    if duty.extend is not None and (duty.kind not in PROMISED_KINDS or duty.extend <= duty.count):
        return False
    places = [(CHAIN.index(step.to), step.days) for step in duty.escalate]
    return all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(places))


def _encode_duty(duty: Duty) -> dict[str, Any]:
    value: dict[str, Any] = {
        "by": duty.by,
        "checked_on": duty.checked_on,
        "escalate": [{"days": step.days, "to": step.to} for step in duty.escalate],
        "from": duty.start,
        "kind": duty.kind,
        "met": list(duty.met),
        "source": duty.source,
        duty.unit: duty.count,
    }
    if duty.extend is not None:
        value["extend"] = duty.extend
    return value


def _parse_duty(value: Any) -> Duty:
    fields = Fields(value, CODE)
    unit = next((unit for unit in UNITS if fields.has(unit)), "days")
    checked_on = fields.take_null("checked_on", lambda key: fields.take_text(key, pattern=DATE_PATTERN))
    duty = Duty(
        kind=fields.take_one_of("kind", DUTY_KINDS),
        unit=unit,
        count=fields.take_integer(unit, least=1, most=UNITS[unit]),
        start=fields.take_one_of("from", (RECEIPT, *EVENTS)),
        met=fields.take_list("met", lambda item: Fields({"met": item}, CODE).take_one_of("met", EVENTS), limit=4),
        by=fields.take_one_of("by", (ORGANISATION, RESPONDENT)),
        extend=fields.take_optional("extend", lambda key: fields.take_integer(key, least=1, most=UNITS[unit])),
        escalate=fields.take_list("escalate", _parse_escalation, limit=len(CHAIN)),
        source=fields.take_text("source", limit=LIMIT_SOURCE),
        checked_on=checked_on if checked_on is None else parse_date(checked_on).isoformat(),
    )
    fields.finish()
    return duty


def _parse_escalation(value: Any) -> Escalation:
    fields = Fields(value, CODE)
    step = Escalation(fields.take_one_of("to", CHAIN), fields.take_integer("days", most=365))
    fields.finish()
    return step
