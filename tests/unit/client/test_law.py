from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest

from plaint.client.drafts import draft_content, place_next, sign_as_member
from plaint.client.law.shipped import SHIPPED, check_law, load_law, load_pack, make_pack
from plaint.client.law.sites import LIMIT_UNKNOWN_YEAR, count_days_left, make_calendar
from plaint.client.review import review_draft
from plaint.encoding.json import encode_json
from plaint.errors import RefusedError
from plaint.protocol.calendars import add_working_days, encode_calendar, parse_calendar
from plaint.protocol.directory import LIMIT_ENTRY_BYTES
from plaint.protocol.packs import Duty, Escalation, Pack, encode_pack, parse_pack
from tests.support.directory_world import DirectoryWorld, make_keys

TODAY = date(2026, 11, 27)
SITES = {
    "CN": "Asia/Shanghai",
    "DE-BE": "Europe/Berlin",
    "GB-ENG": "Europe/London",
    "IN-MH": "Asia/Kolkata",
    "JP": "Asia/Tokyo",
    "SA": "Asia/Riyadh",
    "US-CA": "America/Los_Angeles",
}


def change(pack: Pack, kind: str, **more: object) -> Pack:
    duties = tuple(replace(d, **more) if d.kind == kind else d for d in pack.duties)  # type: ignore[arg-type]
    return replace(pack, duties=duties)


def refuse(pack: Pack, detail: str) -> None:
    with pytest.raises(RefusedError) as caught:
        check_law(pack)
    assert (caught.value.code, caught.value.detail) == ("pack-loose", detail)


@pytest.mark.parametrize("id_", SHIPPED)
def test_every_shipped_pack_keeps_its_own_law_and_can_be_kept(id_: str) -> None:
    pack = load_pack(id_, make_calendar("IN", "Asia/Kolkata", today=TODAY))
    assert parse_pack(encode_pack(pack)) == pack
    assert (pack.id, pack.base) == (id_, id_)
    check_law(pack)


@pytest.mark.parametrize(("site", "zone"), SITES.items())
def test_the_longest_calendar_of_a_site_fits_into_an_entry_beside_the_longest_pack(site: str, zone: str) -> None:
    longest = 2035 - TODAY.year + 1
    calendar = make_calendar(site, zone, today=TODAY, years=longest)
    assert parse_calendar(encode_calendar(calendar)) == calendar
    assert len(encode_json(encode_pack(load_pack("in-posh", calendar)))) < LIMIT_ENTRY_BYTES // 4


@pytest.mark.parametrize(("site", "zone"), SITES.items())
def test_working_days_are_those_of_the_library(site: str, zone: str) -> None:
    country, _, part = site.partition("-")
    calendar = make_calendar(site, zone, today=TODAY)
    library = holidays.country_holidays(country, subdiv=part or None)
    for start in range(30):
        at = int(datetime(2026, 12, 1 + start, 12, tzinfo=UTC).timestamp()) - calendar.offset * 60
        for count in (1, 2, 7, 10):
            due = add_working_days(calendar, at, count)
            local = datetime.fromtimestamp(due + calendar.offset * 60, UTC)
            assert local.date() == library.get_nth_working_day(date(2026, 12, 1 + start), count)
            assert local.time() == time(22, 59, 59)


def test_a_calendar_of_an_unknown_site_zone_or_time_is_refused() -> None:
    for site, zone, years, code in (
        ("ZZ", "Europe/Berlin", 6, "site-unknown"),
        ("DE-XX", "Europe/Berlin", 6, "site-unknown"),
        ("Berlin", "Europe/Berlin", 6, "site-unknown"),
        ("DE", "Europe/Atlantis", 6, "zone-unknown"),
        ("DE", "../etc/passwd", 6, "zone-unknown"),
        ("DE", "Europe/Berlin", 1, "site-years"),
        ("DE", "Europe/Berlin", 13, "site-years"),
        ("IN", "Asia/Kolkata", 12, "site-years"),
    ):
        with pytest.raises(RefusedError) as caught:
            make_calendar(site, zone, today=TODAY, years=years)
        assert caught.value.code == code, site


def test_the_end_of_a_calendar_is_seen_long_before() -> None:
    calendar = make_calendar("IN", "Asia/Kolkata", today=TODAY, years=6)
    assert (calendar.first, calendar.last) == (2026, 2031)
    assert count_days_left(calendar, datetime(2031, 12, 30, tzinfo=UTC).timestamp()) == 1
    assert count_days_left(calendar, datetime(2032, 1, 5, tzinfo=UTC).timestamp()) < 0


def test_a_pack_that_counts_working_days_needs_a_site() -> None:
    for code, id_ in (("pack-site", "in-posh"), ("pack-unknown", "atlantis")):
        with pytest.raises(RefusedError) as caught:
            load_pack(id_)
        assert caught.value.code == code


def test_an_organisation_may_be_stricter() -> None:
    pack = make_pack("eu-internal", id_="ours", title="Ours", version=3, counts={"acknowledge": 2, "feedback": 1})
    assert [(duty.kind, duty.count) for duty in pack.duties] == [("acknowledge", 2), ("feedback", 1)]
    more = Duty("contact", "days", 2, met=("contact",), source="Our own rule")
    check_law(replace(pack, duties=(*pack.duties, more)))
    check_law(change(pack, "feedback", unit="days", count=86))
    soon = (Escalation("case-manager", 0), Escalation("independent", 0), Escalation("outside", 0))
    check_law(change(pack, "acknowledge", escalate=soon))


def test_an_organisation_may_not_be_looser() -> None:
    law = load_law("eu-authority")
    for kind, more in (
        ("acknowledge", {"count": 8}),
        ("acknowledge", {"extend": 8}),
        ("acknowledge", {"unit": "working_days", "count": 1}),
        ("acknowledge", {"escalate": ()}),
        ("acknowledge", {"escalate": (Escalation("independent", 1), Escalation("outside", 1))}),
        ("feedback", {"count": 4}),
        ("feedback", {"extend": 7}),
        ("feedback", {"unit": "days", "count": 87, "extend": None}),
    ):
        refuse(change(law, kind, **more), kind)
    refuse(replace(law, base="eu-internal", duties=law.duties[:1]), "feedback")
    posh = load_pack("in-posh", make_calendar("IN", "Asia/Kolkata", today=TODAY))
    refuse(replace(posh, outside=None), "outside")
    refuse(replace(posh, duties=posh.duties[:-1]), "action")
    refuse(change(posh, "report", start="receipt", count=9), "report")
    refuse(change(posh, "report", met=("report", "contact")), "report")
    refuse(change(posh, "respondent-reply", count=9), "respondent-reply")
    check_law(change(posh, "respondent-reply", count=20))


def test_free_days_of_ones_own_move_no_date() -> None:
    calendar = make_calendar("GB-ENG", "Europe/London", today=TODAY)
    law = load_pack("uk", calendar)
    check_law(law)
    days = [date(2027, 1, 1) + timedelta(number) for number in range(40)]
    for looser in (
        replace(calendar, holidays=calendar.holidays | set(days)),
        replace(calendar, weekend=(5, 6, 7)),
        replace(calendar, offset=-720),
        replace(calendar, site="IN"),
    ):
        refuse(replace(law, calendar=looser), "calendar")
    decreed = [day for day in days if calendar.is_working(day)][:LIMIT_UNKNOWN_YEAR]
    pack = replace(law, calendar=replace(calendar, holidays=calendar.holidays | set(decreed)))
    check_law(pack)
    lines = review_draft(draft_content(pack))
    assert [line for line in lines if "not known" in line] == [
        f"    free here, and not known to this program: {day}" for day in decreed
    ]
    shorter = replace(calendar, holidays=frozenset(), workdays=frozenset())
    check_law(replace(law, calendar=shorter))


def test_working_saturdays_cannot_be_left_out() -> None:
    calendar = make_calendar("CN", "Asia/Shanghai", today=date(2025, 3, 1), years=2)
    assert len(calendar.workdays) > LIMIT_UNKNOWN_YEAR
    law = load_pack("in-posh", calendar)
    check_law(law)
    refuse(replace(law, calendar=replace(calendar, workdays=frozenset())), "calendar")


def test_no_clock_at_the_site_shows_the_day_after() -> None:
    zone = ZoneInfo("Europe/Berlin")
    calendar = make_calendar("DE", "Europe/Berlin", today=TODAY)
    for month, hour in ((7, 23), (1, 22)):
        at = int(datetime(2027, month, 5, 12, tzinfo=zone).timestamp())
        due = datetime.fromtimestamp(add_working_days(calendar, at, 3), zone)
        assert due.isoformat()[:19] == ("2027-07-08T23:59:59" if hour == 23 else "2027-01-08T22:59:59")


def test_a_duty_of_no_law_cannot_be_tightened() -> None:
    with pytest.raises(RefusedError) as caught:
        make_pack("eu-internal", counts={"inquiry": 3})
    assert (caught.value.code, caught.value.detail) == ("pack-loose", "inquiry")


def test_nobody_signs_a_pack_below_its_law() -> None:
    world = DirectoryWorld()
    fair, loose = load_pack("eu-internal"), change(load_pack("eu-internal"), "acknowledge", count=30)
    signed = sign_as_member(place_next(draft_content(replace(fair, version=2)), world.state, {}), make_keys("ada"))
    assert signed.entry is not None
    assert len(signed.entry.by) == 1
    with pytest.raises(RefusedError) as caught:
        sign_as_member(place_next(draft_content(loose), world.state, {}), make_keys("ada"))
    assert (caught.value.code, caught.value.detail) == ("pack-loose", "acknowledge")
