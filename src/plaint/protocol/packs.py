"""Deadline packs: which duties follow from a report, and when they are due (spec/directory.md)."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from plaint.crypto.hashes import compute_sha256
from plaint.encoding.fields import Fields
from plaint.encoding.json import encode_json
from plaint.errors import MalformedError

CODE = "pack-form"
DUTY_KINDS = ("acknowledge", "feedback")
LIMIT_TIME = 2**37
ID_PATTERN = re.compile(r"[a-z0-9-]{1,32}")
_DATE_PATTERN = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")


@dataclass(frozen=True, slots=True)
class Duty:
    """What must follow within `count` of `unit` ("days" or "months")."""

    kind: str
    unit: str
    count: int


@dataclass(frozen=True, slots=True)
class Pack:
    """Duties with their source, under the date on which somebody compared the two."""

    id: str
    version: int
    title: str
    duties: tuple[Duty, ...]
    source: str
    checked_on: str


EU_INTERNAL = Pack(
    id="eu-internal",
    version=1,
    title="Internal reporting in the European Union",
    duties=(Duty("acknowledge", "days", 7), Duty("feedback", "months", 3)),
    source="Directive (EU) 2019/1937, Article 9(1)(b) and (f); feedback counted from receipt, which is earlier",
    checked_on="2026-11-20",
)
PACKS = {EU_INTERNAL.id: EU_INTERNAL}


def encode_pack(pack: Pack) -> dict[str, Any]:
    """Return the JSON value of a pack."""
    return {
        "checked_on": pack.checked_on,
        "duties": [{"kind": duty.kind, duty.unit: duty.count} for duty in pack.duties],
        "id": pack.id,
        "source": pack.source,
        "title": pack.title,
        "version": pack.version,
    }


def parse_pack(value: Any) -> Pack:
    """Return the pack of a JSON value: first `acknowledge`, then `feedback`.

    Raises: MalformedError "pack-form".
    """
    fields = Fields(value, CODE)
    pack = Pack(
        id=fields.take_text("id", pattern=ID_PATTERN),
        version=fields.take_integer("version", least=1),
        title=fields.take_text("title"),
        duties=fields.take_list("duties", _parse_duty, limit=len(DUTY_KINDS)),
        source=fields.take_text("source", limit=500),
        checked_on=fields.take_text("checked_on", pattern=_DATE_PATTERN),
    )
    fields.finish()
    if tuple(duty.kind for duty in pack.duties) != DUTY_KINDS:
        raise fields.refuse("duties")
    return pack


def compute_pack_digest(pack: Pack) -> bytes:
    """Return H(JCS(pack)), by which channels and manifests name it."""
    return compute_sha256(encode_json(encode_pack(pack)))


def compute_due(pack: Pack, at: int) -> list[tuple[str, int]]:
    """Return (kind, Unix time) of each duty of a report received at `at`.

    Months are those of the UTC calendar, clamped to the month's last day; the time of day stays.
    Raises: MalformedError "pack-time".
    """
    if not 0 <= at < LIMIT_TIME:
        raise MalformedError("pack-time")
    return [(duty.kind, _add(duty, at)) for duty in pack.duties]


def _add(duty: Duty, at: int) -> int:
    start = datetime.fromtimestamp(at, UTC)
    if duty.unit == "days":
        return int((start + timedelta(days=duty.count)).timestamp())
    years, month = divmod(start.month - 1 + duty.count, 12)
    year = start.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return int(start.replace(year=year, month=month + 1, day=min(start.day, last)).timestamp())


def _parse_duty(value: Any) -> Duty:
    fields = Fields(value, CODE)
    kind = fields.take_text("kind", limit=32)
    unit, most = ("days", 3_650) if fields.has("days") else ("months", 120)
    duty = Duty(kind, unit, fields.take_integer(unit, least=1, most=most))
    fields.finish()
    return duty
