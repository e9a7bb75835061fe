"""Whom else a person can turn to, by country: what is shipped, and what an organisation adds (spec/outside.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from plaint.encoding.fields import Fields
from plaint.encoding.json import parse_json
from plaint.errors import MalformedError

CODE = "outside-form"
LIMIT_OUTSIDE_BYTES = 65_536
LIMIT_ENTRIES = 64
KINDS = ("emergency", "police", "support", "authority", "labour", "equality", "advice")
COSTS = ("free", "local", "paid")
BILLS = ("hidden", "shown")
CHECKS = ("own-page", "other-page")
_COUNTRY = re.compile(r"[A-Z]{2}")
_ID = re.compile(r"[a-z]{2}-[a-z0-9-]{1,40}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_PHONE = re.compile(r"[+#]?[0-9]{2,15}")
_PAGE = re.compile(r"https://[!-~À-\U0010ffff]{4,400}")
_SOURCE = re.compile(r"https?://[!-~À-\U0010ffff]{4,400}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_DAYS = re.compile(r"[1-7](-[1-7])?")
_DATE = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_YEAR = re.compile(r"[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Hours:
    """Days of the week (1 is Monday) and the local time from when to when."""

    days: str
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Route:
    """One place to turn to; null where nobody looked it up. `hours` is empty for always open, None when not known."""

    id: str
    kinds: tuple[str, ...]
    local: str
    lang: str
    english: str
    page: str | None
    phone: str | None
    hours: tuple[Hours, ...] | None
    languages: tuple[str, ...]
    interpreters: bool
    cost: str | None
    bill: str | None
    law: str | None
    sources: tuple[str, ...]
    checked_on: str | None
    checked_how: str | None
    page_date: str | None
    note: tuple[tuple[str, str], ...]
    countries: tuple[str, ...]
    corrects: str | None = None


@dataclass(frozen=True, slots=True)
class Outside:
    """The routes of one region, or those that an organisation adds."""

    region: str | None
    countries: tuple[str, ...]
    routes: tuple[Route, ...]


def parse_outside(data: bytes) -> Outside:
    """Return a shipped file: one region, the countries it covers, and their routes.

    Raises: MalformedError "outside-form", "outside-size" and those of `parse_json`.
    """
    fields = _open(data, "outside")
    region = fields.take_text("region", pattern=_COUNTRY)
    countries = fields.take_list("countries", _parse_country, limit=LIMIT_ENTRIES)
    routes = fields.take_list("entries", lambda item: _parse_route(item, countries), limit=LIMIT_ENTRIES)
    return _finish(fields, Outside(region, countries, routes))


def parse_additions(data: bytes) -> Outside:
    """Return what an organisation adds: shown beside what is shipped, never in its place; its ids begin with `xx-`.

    Raises: MalformedError "outside-form", "outside-size" and those of `parse_json`.
    """
    fields = _open(data, "outside-additions")
    routes = fields.take_list("entries", _parse_addition, limit=LIMIT_ENTRIES)
    return _finish(fields, Outside(None, (), routes))


def _open(data: bytes, kind: str) -> Fields:
    if len(data) > LIMIT_OUTSIDE_BYTES:
        raise MalformedError("outside-size")
    fields = Fields(parse_json(data, limit_bytes=LIMIT_OUTSIDE_BYTES), CODE)
    fields.take_exactly("v", 1)
    fields.take_exactly("type", kind)
    return fields


def _finish(fields: Fields, outside: Outside) -> Outside:
    fields.finish()
    ids = [route.id for route in outside.routes]
    if len(set(ids)) != len(ids):
        raise MalformedError(CODE, "id")
    return outside


def _parse_addition(value: Any) -> Route:
    fields = Fields(value, CODE)
    countries = fields.take_list("countries", _parse_country, limit=LIMIT_ENTRIES)
    corrects = fields.take_null("corrects", lambda key: fields.take_text(key, pattern=_ID))
    route = _parse_route(fields.take_rest(), countries, corrects=corrects)
    if not countries or not route.id.startswith("xx-"):
        raise MalformedError(CODE, "id")
    return route


def _parse_route(value: Any, covered: tuple[str, ...], *, corrects: str | None = None) -> Route:
    fields = Fields(value, CODE)

    def take(key: str, pattern: re.Pattern[str] | None = None, *, limit: int = 200) -> str | None:
        return fields.take_null(key, lambda name: fields.take_text(name, limit=limit, pattern=pattern))

    def take_one(key: str, allowed: tuple[str, ...]) -> str | None:
        return fields.take_null(key, lambda name: fields.take_one_of(name, allowed))

    name = Fields(fields.take("name"), CODE)
    countries = fields.take_optional(
        "countries", lambda key: fields.take_list(key, _parse_country, limit=LIMIT_ENTRIES)
    )
    route = Route(
        id=fields.take_text("id", pattern=_ID),
        kinds=fields.take_list("kinds", _parse_kind, limit=len(KINDS)),
        local=name.take_text("local"),
        lang=name.take_text("lang", pattern=_LANGUAGE),
        english=name.take_text("en"),
        page=take("page", _PAGE, limit=408),
        phone=take("phone", _PHONE),
        hours=_parse_hours(fields.take("hours")),
        languages=fields.take_list("languages", _parse_language, limit=64),
        interpreters=_parse_flag(fields.take("interpreters")),
        cost=take_one("cost", COSTS),
        bill=take_one("bill", BILLS),
        law=take("law"),
        sources=fields.take_list("sources", _parse_source, limit=4),
        checked_on=take("checked_on", _DATE),
        checked_how=take_one("checked_how", CHECKS),
        page_date=take("page_date", _YEAR),
        note=_parse_note(fields.take("note")),
        countries=covered if countries is None else countries,
        corrects=corrects,
    )
    name.finish()
    fields.finish()
    complete = route.kinds and route.languages and route.sources
    within = route.countries and set(route.countries) <= set(covered)
    if not complete or not within or (route.checked_on is None) != (route.checked_how is None):
        raise MalformedError(CODE, "entry")
    return route


def _parse_hours(value: Any) -> tuple[Hours, ...] | None:
    if value is None or value == "always":
        return None if value is None else ()
    return Fields({"hours": value}, CODE).take_list("hours", _parse_span, limit=7) or _refuse("hours")


def _parse_span(value: Any) -> Hours:
    fields = Fields(value, CODE)
    span = Hours(
        fields.take_text("days", pattern=_DAYS),
        fields.take_text("from", pattern=_TIME),
        fields.take_text("to", pattern=_TIME),
    )
    fields.finish()
    return span


def _parse_note(value: Any) -> tuple[tuple[str, str], ...]:
    if value is None:
        return ()
    fields = Fields(value, CODE)
    notes = [("en", fields.take_text("en", limit=300))]
    for lang in ("de", "zh", "ar"):
        text = fields.take_optional(lang, lambda key: fields.take_text(key, limit=300))
        notes += [] if text is None else [(lang, text)]
    fields.finish()
    return tuple(notes)


def _parse_flag(value: Any) -> bool:
    return value if isinstance(value, bool) else _refuse("interpreters")


def _parse_country(value: Any) -> str:
    return Fields({"countries": value}, CODE).take_text("countries", pattern=_COUNTRY)


def _parse_kind(value: Any) -> str:
    return Fields({"kinds": value}, CODE).take_one_of("kinds", KINDS)


def _parse_language(value: Any) -> str:
    return Fields({"languages": value}, CODE).take_text("languages", pattern=_LANGUAGE)


def _parse_source(value: Any) -> str:
    return Fields({"sources": value}, CODE).take_text("sources", limit=408, pattern=_SOURCE)


def _refuse(key: str) -> Any:
    raise MalformedError(CODE, key)
