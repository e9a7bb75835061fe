"""What no story, no clock and no handler can do to a date."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from hypothesis import given, settings
from hypothesis import strategies as st

from plaint.client.law.shipped import SHIPPED, load_law, load_pack, make_pack
from plaint.client.law.sites import make_calendar
from plaint.docket.obligations import LATE, MET, Obligation, Wish, judge_duties
from plaint.protocol.calendars import add_working_days, compute_end
from plaint.protocol.packs import EVENTS, PROMISED_KINDS, RESPONDENT, Pack, compute_due, compute_limit

DAY, YEAR = 86_400, 366 * 86_400
GRACE = 3_600
TODAY = date(2027, 1, 4)
ZONES = {
    "CN": "Asia/Shanghai",
    "DE-BE": "Europe/Berlin",
    "GB-ENG": "Europe/London",
    "IN-MH": "Asia/Kolkata",
    "JP": "Asia/Tokyo",
    "SA": "Asia/Riyadh",
    "US-CA": "America/Los_Angeles",
}


@cache
def find_pack(id_: str, site: str) -> Pack:
    return load_pack(id_, make_calendar(site, ZONES[site], today=TODAY, years=4))


packs = st.builds(find_pack, st.sampled_from(SHIPPED), st.sampled_from(sorted(ZONES)))
begins = st.integers(
    int(datetime(2027, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2029, 1, 1, tzinfo=UTC).timestamp())
)
offsets = st.integers(0, YEAR)
stories = st.dictionaries(st.sampled_from(EVENTS), offsets)
wishes = st.lists(
    st.tuples(st.sampled_from(PROMISED_KINDS), offsets, offsets, st.sampled_from(["A witness is abroad", " "])),
    max_size=4,
)
many = settings(max_examples=150)


class Case:
    """One story under one pack, judged at any moment."""

    def __init__(self, pack: Pack, begin: int, story: dict[str, int], asked: list[tuple[str, int, int, str]]) -> None:
        self.pack, self.begin, self.asked = pack, begin, asked
        self.events = {name: begin + offset for name, offset in story.items()}

    def judge(self, now: int, *, events: dict[str, int] | None = None) -> dict[str, Obligation]:
        wished = [Wish(kind, self.begin + until, reason, self.begin + at) for kind, until, at, reason in self.asked]
        found = self.events if events is None else events
        judged = judge_duties(self.pack, self.begin, found, wished, now=now, grace_s=GRACE)
        return {duty.kind: duty for duty in judged}


cases = st.builds(Case, packs, begins, stories, wishes)


@given(cases, st.sampled_from(EVENTS), offsets, offsets)
@many
def test_nothing_that_happens_moves_a_date_later_or_undoes_a_deed(case: Case, name: str, when: int, now: int) -> None:
    at = case.begin + when
    before = case.judge(case.begin + now)
    after = case.judge(case.begin + now, events={**case.events, name: min(at, case.events.get(name, at))})
    for kind, duty in before.items():
        later = after[kind]
        assert later.at <= duty.at
        assert later.start <= duty.start
        assert later.begun >= duty.begun
        if duty.state == MET and later.at == duty.at:
            assert later.state == MET
        if duty.met_at is not None:
            assert later.met_at is not None
            assert later.met_at <= duty.met_at


@given(cases, offsets)
@many
def test_omitting_and_delaying_gain_nothing(case: Case, delay: int) -> None:
    """A server that slept for months, a handler who waited: every date is where it was, or earlier."""
    ideal = case.judge(case.begin)
    for events in ({}, {name: at + delay for name, at in case.events.items()}):
        for kind, duty in case.judge(case.begin, events=events).items():
            rule = case.pack.find(kind)
            assert rule is not None
            if rule.by != RESPONDENT:
                latest = max(duty.at, ideal[kind].at)
                assert latest <= _find_latest(case, kind), kind


def _find_latest(case: Case, kind: str) -> int:
    """The date when nothing at all was done, which is the latest that there can be."""
    return case.judge(case.begin, events={})[kind].at


@given(cases, st.lists(st.integers(-YEAR, 3 * YEAR), min_size=2, max_size=6))
@many
def test_a_clock_that_jumps_changes_no_date_and_no_deed(case: Case, jumps: list[int]) -> None:
    seen = [case.judge(case.begin + jump) for jump in jumps]
    for other in seen[1:]:
        assert {k: (d.start, d.at, d.met_at, d.extension) for k, d in other.items()} == {
            k: (d.start, d.at, d.met_at, d.extension) for k, d in seen[0].items()
        }
    for kind in seen[0]:
        states = [judged[kind].state for _, judged in sorted(zip(jumps, seen, strict=True), key=lambda item: item[0])]
        # In the order of time: open until the date, over ever after; a deed is a deed at any time.
        assert states == sorted(states, key=lambda state: state != "open")
        assert len(set(states) & {MET, LATE}) <= 1


@given(cases, st.integers(0, 2 * YEAR))
@many
def test_what_was_missed_only_goes_further_up(case: Case, now: int) -> None:
    chain = [None, "case-manager", "independent", "outside"]
    levels = [case.judge(case.begin + now + step * DAY) for step in range(3)]
    for kind in levels[0]:
        reached = [chain.index(judged[kind].escalated) for judged in levels]
        assert reached == sorted(reached)
        assert all(judged[kind].escalated is None for judged in levels if judged[kind].state != "missed")


@given(cases)
@many
def test_more_time_is_given_once_in_time_with_a_reason_and_within_the_law(case: Case) -> None:
    for kind, duty in case.judge(case.begin).items():
        rule = case.pack.find(kind)
        assert rule is not None
        if duty.extension is None:
            continue
        assert rule.extend is not None
        assert duty.extension.at <= duty.extension.before + GRACE
        assert duty.extension.before == compute_limit(case.pack, rule, duty.start)
        assert duty.extension.before < duty.at <= compute_limit(case.pack, rule, duty.start, count=rule.extend)
        assert duty.extension.reason.strip()
        again = replace_wish(case, kind, duty.at + 1)
        assert again.judge(case.begin)[kind] == duty


def replace_wish(case: Case, kind: str, until: int) -> Case:
    """The same case, with one more wish behind the others."""
    more = Case(case.pack, case.begin, {}, [*case.asked, (kind, until - case.begin, 0, "Once more")])
    more.events = case.events
    return more


@given(packs, begins)
@many
def test_the_promised_dates_are_those_of_receipts_whatever_happens(pack: Pack, begin: int) -> None:
    judged = Case(pack, begin, dict.fromkeys(EVENTS, 0), []).judge(begin)
    assert [(kind, judged[kind].at) for kind in PROMISED_KINDS] == compute_due(pack, begin)


@given(st.sampled_from(sorted(ZONES)), begins, st.integers(1, 15))
@settings(max_examples=400)
def test_working_days_never_end_after_the_day_that_people_on_site_would_name(site: str, at: int, count: int) -> None:
    """Summer time begins and ends, 29 February comes and goes."""
    country, _, part = site.partition("-")
    library = holidays.country_holidays(country, subdiv=part or None)
    zone = ZoneInfo(ZONES[site])
    local = datetime.fromtimestamp(at, zone).date()
    last = library.get_nth_working_day(local, count)
    calendar = find_pack("in-posh", site).calendar
    assert calendar is not None
    due = add_working_days(calendar, at, count)
    assert due <= datetime.combine(last + timedelta(days=1), time(), zone).timestamp()
    assert due > at


@given(st.sampled_from(SHIPPED), begins, st.data())
@many
def test_a_stricter_pack_is_never_later(id_: str, begin: int, data: st.DataObject) -> None:
    law = find_pack(id_, "IN-MH")
    duty = data.draw(st.sampled_from([duty for duty in law.duties if duty.by != RESPONDENT]))
    count = data.draw(st.integers(1, duty.count))
    made = make_pack(id_, calendar=law.calendar or find_pack("in-posh", "IN-MH").calendar, counts={duty.kind: count})
    before, after = Case(law, begin, {}, []).judge(begin), Case(made, begin, {}, []).judge(begin)
    assert all(after[kind].at <= before[kind].at for kind in before)


@given(begins, st.integers(1, 40))
@many
def test_beyond_the_listed_years_no_date_is_later(begin: int, count: int) -> None:
    known = find_pack("in-posh", "IN-MH").calendar
    assert known is not None
    ended = replace(known, holidays=frozenset(), workdays=frozenset(), first=2020, last=2020)
    assert add_working_days(ended, begin, count) <= add_working_days(known, begin, count)


def test_the_respondent_has_all_his_time_however_late_he_is_told() -> None:
    pack, begin = find_pack("in-posh", "IN-MH"), int(datetime(2027, 3, 1, 6, tzinfo=UTC).timestamp())
    for late in (1, 30, 300):
        duty = Case(pack, begin, {"respondent-notice": late * DAY}, []).judge(begin)["respondent-reply"]
        assert duty.at >= begin + late * DAY + 10 * DAY
    assert "respondent-reply" not in Case(pack, begin, {}, []).judge(begin + YEAR)


def test_every_law_names_the_first_two_dates_first() -> None:
    for id_ in SHIPPED:
        assert tuple(duty.kind for duty in load_law(id_).duties)[:2] == PROMISED_KINDS


@given(
    site=st.sampled_from(sorted(ZONES)),
    begin=st.integers(
        int(datetime(2029, 6, 1, tzinfo=UTC).timestamp()), int(datetime(2035, 1, 1, tzinfo=UTC).timestamp())
    ),
    count=st.integers(1, 90),
)
def test_behind_the_end_of_a_calendar_no_date_is_later_than_without_holidays(site: str, begin: int, count: int) -> None:
    calendar = make_calendar(site, ZONES[site], today=TODAY, years=4)
    bare = replace(calendar, holidays=frozenset(), workdays=frozenset())
    known = add_working_days(calendar, begin, count)
    if begin >= compute_end(calendar):
        assert known == add_working_days(bare, begin, count)
    elif not calendar.workdays:
        assert known >= add_working_days(bare, begin, count)
        listed = {date(year, month, 15) for year in range(2031, 2037) for month in range(1, 13)}
        longer = replace(calendar, holidays=calendar.holidays | listed)
        assert known <= add_working_days(longer, begin, count)
