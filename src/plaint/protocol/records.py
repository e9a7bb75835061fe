"""What is recorded of a case besides words: holds, who is said to have known before, risk (spec/content.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from plaint.encoding.fields import Fields
from plaint.protocol.calendars import DATE_PATTERN, parse_date
from plaint.protocol.packs import LIMIT_TIME

CODE = "content-form"
EXTERNAL, INTERVIEW, LEGAL = "external", "interview", "legal"
HOLDS = (EXTERNAL, INTERVIEW, LEGAL)
TOLD = ("manager", "hr", "forum", "police", "other")
RISKS = ("low", "medium", "high", "severe")
"""How great the risk of further harm is held to be, the least first."""
LIMIT_NAME = 512


@dataclass(frozen=True, slots=True)
class Hold:
    """Something waits: for an authority, with interviews, or with erasing. No hold moves a date.

    `until` is when somebody must look at it again; only a legal hold has none.
    """

    type: str
    until: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Somebody was told before the report: a claim of whoever writes it, beside the logged date, never instead.

    `on` is null where the day is not known.
    """

    on: str | None
    to: str
    name: str


def encode_hold(hold: Hold) -> dict[str, Any]:
    """Return the JSON value of a hold."""
    return {"type": hold.type, "until": hold.until, "reason": hold.reason}


def parse_hold(value: Any) -> Hold:
    """Return the hold of a JSON value. Raises: MalformedError "content-form"."""
    fields = Fields(value, CODE)
    hold = Hold(
        type=fields.take_one_of("type", HOLDS),
        until=fields.take_null("until", lambda key: fields.take_integer(key, most=LIMIT_TIME - 1)),
        reason=fields.take_string("reason"),
    )
    if (hold.until is None) != (hold.type == LEGAL):
        raise fields.refuse("until")
    return hold


def encode_disclosure(disclosure: Disclosure) -> dict[str, Any]:
    """Return the JSON value of a disclosure."""
    return {"on": disclosure.on, "to": disclosure.to, "name": disclosure.name}


def parse_disclosure(value: Any) -> Disclosure:
    """Return the disclosure of a JSON value. Raises: MalformedError "content-form"."""
    fields = Fields(value, CODE)
    return Disclosure(
        on=fields.take_null("on", lambda _: _take_day(fields)),
        to=fields.take_one_of("to", TOLD),
        name=fields.take_string("name", limit=LIMIT_NAME, least=0),
    )


def _take_day(fields: Fields) -> str:
    return parse_date(fields.take_text("on", pattern=DATE_PATTERN), code=CODE).isoformat()
