"""The packs that come with Plaint, and a pack made from one of them for an organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files

from plaint.client.law.sites import keeps_site
from plaint.client.law.tighten import check_tightened
from plaint.encoding.json import parse_json
from plaint.errors import RefusedError
from plaint.protocol.calendars import Calendar, encode_calendar
from plaint.protocol.packs import Pack, parse_pack

DEFAULT = "eu-internal"
SHIPPED = ("cn-2023", "eu-authority", "eu-internal", "in-posh", "jp-wpa", "strict", "uk", "us")
LIMIT_PACK_BYTES = 65_536
NO_HOLIDAYS = Calendar("XX", 0, (6, 7), frozenset(), frozenset(), 1970, 1970)


@lru_cache(maxsize=len(SHIPPED))
def load_law(id_: str) -> Pack:
    """Return a shipped pack to compare others with; where it counts working days, under a calendar without holidays.

    Raises: RefusedError "pack-unknown".
    """
    if id_ not in SHIPPED:
        raise RefusedError("pack-unknown")
    data = files("plaint.client.law").joinpath(f"{id_}.json").read_bytes()
    value = parse_json(data, limit_bytes=LIMIT_PACK_BYTES)
    if any("working_days" in duty for duty in value["duties"]):
        value["calendar"] = encode_calendar(NO_HOLIDAYS)
    return parse_pack(value)


def load_pack(id_: str, calendar: Calendar | None = None) -> Pack:
    """Return a shipped pack; one that counts working days needs the calendar of a site.

    Raises: RefusedError "pack-unknown", "pack-site" without a calendar that is needed.
    """
    law = load_law(id_)
    if law.calendar is None:
        return law
    if calendar is None:
        raise RefusedError("pack-site")
    return replace(law, calendar=calendar)


def check_law(pack: Pack) -> None:
    """Check that a pack keeps the law it names, and counts the working days of its site.

    Raises: RefusedError "pack-unknown", "pack-loose" (detail: the duty's kind, "base", "outside" or "calendar"),
            "site-unknown", "site-years".
    """
    check_tightened(pack, load_law(pack.base))
    if pack.calendar is not None and not keeps_site(pack.calendar):
        raise RefusedError("pack-loose", "calendar")


def make_pack(
    base: str,
    *,
    id_: str | None = None,
    title: str | None = None,
    version: int = 1,
    calendar: Calendar | None = None,
    counts: Mapping[str, int] | None = None,
) -> Pack:
    """Return a pack that keeps the law of `base`; `counts` are the organisation's own, shorter periods by kind.

    Raises: those of `load_pack` and `check_tightened`; RefusedError "pack-loose" for a duty the base does not have.
    """
    shipped = load_pack(base, calendar)
    for kind in counts or {}:
        if shipped.find(kind) is None:
            raise RefusedError("pack-loose", kind)
    duties = tuple(replace(duty, count=(counts or {}).get(duty.kind, duty.count)) for duty in shipped.duties)
    pack = replace(shipped, id=id_ or shipped.id, title=title or shipped.title, version=version, duties=duties)
    check_tightened(pack, shipped)
    return pack
