"""`plaint directory draft pack`: deadlines of a channel, from a shipped pack, with the holidays of a site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter

from plaint.cli.directory_place import Target, connect, find_url, finish_draft, load_places
from plaint.cli.output import CommandError
from plaint.client.drafts import draft_content, fetch_directory, find_packs
from plaint.client.law.shipped import SHIPPED, load_law, make_pack
from plaint.client.law.sites import DEFAULT_YEARS, make_calendar
from plaint.errors import RefusedError
from plaint.protocol.calendars import Calendar
from plaint.protocol.packs import Pack

PROBLEMS = {
    "pack-unknown": f"There are no deadlines with this name; there are: {', '.join(SHIPPED)}.",
    "pack-site": "These deadlines count working days: add --site and --zone, such as --site IN-MH --zone Asia/Kolkata.",
    "pack-loose": "This would be below the law that these deadlines keep",
    "site-unknown": "The holidays of this site are not known; write a country or one of its parts, like DE or DE-BE.",
    "site-years": "The holidays of so many years are not known; try fewer with --years.",
    "zone-unknown": "There is no such time zone; write, for example, Europe/Berlin.",
}
Many = Annotated[list[str] | None, Parameter(negative=())]


def pack(
    base: str,
    *,
    id_: Annotated[str | None, Parameter(name="--id")] = None,
    title: str | None = None,
    version: int | None = None,
    site: str | None = None,
    zone: str | None = None,
    years: int = DEFAULT_YEARS,
    tighten: Many = None,
    target: Target,
) -> None:
    """Add deadlines, or a newer version of them; they may be shorter than the law, never longer.

    Parameters
    ----------
    base
        Shipped deadlines whose law they keep.
    id_
        Their short name in this organisation; the shipped one when not given.
    title
        What people read; the shipped title when not given.
    version
        Number of the version; one more than the directory has, or 1.
    site
        Country, or one of its parts, whose holidays count: IN, DE-BE.
    zone
        Time zone of the site: Asia/Kolkata.
    years
        For how many years the holidays are written down.
    tighten
        DUTY=COUNT, a shorter period in the same unit, for example acknowledge=5; may be given several times.

    """
    found = build_pack(base, site=site, zone=zone, years=years, counts=_parse_counts(tighten or []), id_=id_)
    number = version or max((other.version for other in list_known(target.url) if other.id == found.id), default=0) + 1
    made = replace(found, title=title or found.title, version=number)
    finish_draft(draft_content(made), target)


def build_pack(
    base: str,
    *,
    site: str | None,
    zone: str | None,
    years: int = DEFAULT_YEARS,
    counts: Mapping[str, int] | None = None,
    id_: str | None = None,
) -> Pack:
    """Return deadlines that keep the law of `base`.

    Raises: CommandError.
    """
    try:
        calendar = _make_calendar(base, site, zone, years)
        return make_pack(base, calendar=calendar, counts=counts, id_=id_)
    except RefusedError as error:
        if error.code not in PROBLEMS:
            raise
        detail = f" ({error.detail})." if error.code == "pack-loose" else ""
        raise CommandError(PROBLEMS[error.code] + detail) from error


def find_pack(id_: str, url: str | None) -> Pack:
    """Return the newest version of deadlines: of the organisation, or as shipped when no address is known.

    Raises: CommandError.
    """
    known = [pack for pack in list_known(url) if pack.id == id_]
    return max(known, key=lambda pack: pack.version) if known else build_pack(id_, site=None, zone=None)


def list_known(url: str | None) -> Sequence[Pack]:
    """Return the deadlines that the organisation's directory has or will have; none when its address is not known."""
    known = find_url(url, load_places(), None)
    if known is None:
        return []
    with connect(known) as api:
        state, _ = fetch_directory(api)
    return find_packs(state)


def _make_calendar(base: str, site: str | None, zone: str | None, years: int) -> Calendar | None:
    if load_law(base).calendar is None:
        return None
    if site is None or zone is None:
        raise RefusedError("pack-site")
    return make_calendar(site, zone, today=datetime.now(UTC).date(), years=years)


def _parse_counts(texts: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for text in texts:
        kind, _, count = text.partition("=")
        if not count.isdecimal() or int(count) < 1:
            raise CommandError(f"--tighten {text}: write DUTY=COUNT, for example acknowledge=5.")
        found[kind] = int(count)
    return found
