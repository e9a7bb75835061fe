"""The demo's data hold together: everybody exists, everything happens in order, every state and language is there."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections import Counter
from importlib.resources import files
from itertools import pairwise

import pytest

from plaint.cli.demo.command import SIGHTS
from plaint.cli.demo.story import (
    CHANNEL_ROLES,
    DAY_S,
    REPORTER,
    WEEK_S,
    Act,
    Case,
    Do,
    Outsider,
    compute_moment,
    compute_start,
    find_attachment,
    load_cases,
    load_members,
    load_ways,
    read_chart,
)
from plaint.client.drafts import DEFAULT_CHANNEL
from plaint.client.law.shipped import check_law, make_pack
from plaint.client.law.sites import make_calendar
from plaint.docket.records import REVIEW_S
from plaint.protocol.content import GROUNDS

LIVE_AT = 1_795_000_000
ANY_WEEKDAY = [LIVE_AT + day * DAY_S for day in range(7)]
BLAME = re.compile(r"\bwhy\b|\bwarum\b|\bwieso\b|\bweshalb\b|为什么|为何|لماذا|\bare you sure\b", re.IGNORECASE)
LABELS = re.compile(
    r"\bvictim|\bperpetrator|\bculprit|\baccused\b|\bTäter|\bOpfer\b|受害者|加害者|الضحية|الجاني", re.IGNORECASE
)
CASES = load_cases()


def people() -> dict[str, dict[str, str]]:
    rows = csv.DictReader(io.StringIO(read_chart().decode("utf-8")))
    return {row["id"]: row for row in rows}


def ancestors(person: str) -> set[str]:
    chart, found = people(), set[str]()
    while above := chart[person]["reports_to"]:
        found.add(above)
        person = above
    return found


def line(person: str) -> set[str]:
    below = {other for other in people() if person in ancestors(other)}
    return {person} | ancestors(person) | below


def shut_out(case: Case) -> set[str]:
    """Give the names of members without a key, in the words of spec/directory.md."""
    chart = people()
    independent = {member.name for member in load_members() if "independent" in member.roles}
    named = {entry for entry in case.about if isinstance(entry, str)}
    in_line = {chart[other]["name"] for person in named for other in line(person)}
    return ({chart[person]["name"] for person in named} | (in_line - independent)) | set(case.exclude)


def acts(case: Case, *kinds: Do) -> list[Act]:
    return [act for act in case.then if act.do in kinds]


def test_the_chart_is_a_forest_with_every_member_in_it_once() -> None:
    chart = people()
    assert 40 <= len(chart) <= 45
    assert len({row["name"] for row in chart.values()}) == len(chart)
    assert all(row["reports_to"] in chart for row in chart.values() if row["reports_to"])
    assert all(person not in ancestors(person) for person in chart)
    assert {member.name for member in load_members()} <= {row["name"] for row in chart.values()}


def test_the_eight_members_have_the_roles_a_genesis_needs() -> None:
    roles = Counter(role for member in load_members() for role in member.roles)
    assert roles == {"administrator": 1, "independent": 2, "intake-handler": 2, "case-manager": 2, "investigator": 1}


def test_thirty_three_cases_in_four_languages_and_all_states() -> None:
    assert len(CASES) == 33
    assert Counter(case.lang for case in CASES) == {"en": 16, "zh-CN": 7, "de": 5, "ar": 5}
    statuses = Counter(case.ends.status for case in CASES)
    assert set(statuses) == {"received", "acknowledged", "feedback", "closing", "closed", "reopened", "erased"}
    assert set(Counter(case.ends.acknowledge for case in CASES)) == {"met", "late", "missed", "open"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_everybody_named_exists(case: Case) -> None:
    chart, members = people(), {member.name for member in load_members()}
    names = {row["name"] for row in chart.values()}
    assert all(entry in chart for entry in case.about if isinstance(entry, str))
    assert all(entry.where in {"inside", "outside"} for entry in case.about if isinstance(entry, Outsider))
    assert set(case.exclude) <= names
    assert {act.by for act in case.then} <= members | {REPORTER}
    assert {act.member for act in acts(case, Do.GRANT)} <= members


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_nobody_who_is_shut_out_acts(case: Case) -> None:
    acting = {act.by for act in case.then} | {act.member for act in case.then if act.member}
    assert not acting & shut_out(case)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_everybody_who_acts_has_a_key_by_then(case: Case) -> None:
    roles = {member.name: set(member.roles) for member in load_members()}
    independent = {name for name in roles if "independent" in roles[name]}
    readers = {name for name in roles if roles[name] & set(CHANNEL_ROLES)} - shut_out(case)
    if len(readers) < 2:
        readers |= independent
    due = compute_moment(case.at, live_at=LIVE_AT) + 7 * DAY_S
    for act in case.then:
        released = independent if compute_moment(act.at, live_at=LIVE_AT) > due + 3_600 else set()
        assert act.by == REPORTER or act.by in readers | released
        if act.member:
            readers.add(act.member)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_things_happen_one_after_the_other_and_before_the_demo_is_live(case: Case) -> None:
    for live_at in ANY_WEEKDAY:
        moments = [compute_moment(at, live_at=live_at) for at in (case.at, *(act.at for act in case.then))]
        assert all(earlier + 300 <= later for earlier, later in pairwise(moments))
        assert compute_start(live_at) <= moments[0]
        assert moments[-1] < live_at


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_the_acknowledgement_stands_as_the_case_says(case: Case) -> None:
    for live_at in ANY_WEEKDAY:
        due = compute_moment(case.at, live_at=live_at) + 7 * DAY_S
        done = [compute_moment(act.at, live_at=live_at) for act in acts(case, Do.ACKNOWLEDGE)]
        if done:
            state = "met" if done[0] <= due else "late"
        else:
            state = "missed" if due <= live_at else "open"
        assert state == case.ends.acknowledge


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_the_status_follows_from_what_was_done(case: Case) -> None:
    status = "received"
    for act in case.then:
        match act.do:
            case Do.ACKNOWLEDGE:
                status = "acknowledged"
            case Do.FEEDBACK:
                status = "feedback"
            case Do.CLOSE:
                status = "closing"
            case Do.CONFIRM:
                status = "closed"
            case Do.REOPEN:
                status = "reopened"
            case Do.AGREE:
                status = "erased"
    assert status == case.ends.status


NEEDS = {
    Do.REPLY: {"text"},
    Do.NOTE: {"text"},
    Do.HANDLING: {"text"},
    Do.FEEDBACK: {"action", "grounds"},
    Do.GRANT: {"member"},
    Do.STEP: {"what", "text"},
    Do.EXTEND: {"what", "until", "reason"},
    Do.HOLD: {"what", "until", "reason"},
    Do.CLOSE: {"reason"},
    Do.CLOSE_HANDLING: {"reason"},
    Do.ERASE: {"what"},
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_every_act_says_what_it_needs(case: Case) -> None:
    for act in case.then:
        assert all(getattr(act, name) for name in NEEDS.get(act.do, ()))
    assert {act.what for act in acts(case, Do.ERASE, Do.ERASE_NOTES)} <= {None, *GROUNDS}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_closing_and_erasing_take_two_different_members(case: Case) -> None:
    for kinds in ((Do.CLOSE, Do.CONFIRM), (Do.ERASE, Do.AGREE), (Do.ERASE_NOTES,)):
        signing = [act.by for act in acts(case, *kinds)]
        assert REPORTER not in signing
        assert len(signing) == len(set(signing))


def test_only_independents_look_into_how_a_case_was_handled() -> None:
    independent = {member.name for member in load_members() if "independent" in member.roles}
    looking = [act.by for case in CASES for act in acts(case, Do.HANDLING, Do.CLOSE_HANDLING)]
    assert set(looking) == independent


def test_one_hold_is_over_and_one_stands_on_whatever_day_the_demo_is_made() -> None:
    holds = [act for case in CASES for act in acts(case, Do.HOLD)]
    for live_at in ANY_WEEKDAY:
        spans = [(compute_moment(a.at, live_at=live_at), compute_moment(a.until or "", live_at=live_at)) for a in holds]
        assert all(0 < until - at <= REVIEW_S for at, until in spans)
        assert sorted(until < live_at for _, until in spans) == [False, True]


def test_further_ways_keep_the_law_and_every_case_goes_one_of_the_ways() -> None:
    today = dt.date(2026, 10, 12)
    for way in load_ways():
        calendar = make_calendar(way.site, way.zone, today=today) if way.site and way.zone else None
        check_law(make_pack(way.law, id_=way.id, title=way.title, calendar=calendar, counts=way.counts))
    assert {case.channel for case in CASES} == {DEFAULT_CHANNEL, *(way.id for way in load_ways())}


def test_what_the_demo_says_there_is_to_see_is_there() -> None:
    names = {member.name for member in load_members()} | {"its reporter"}
    assert {slug for slug, _, _ in SIGHTS} <= {case.slug for case in CASES}
    assert {who for _, _, who in SIGHTS} <= names


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_members_never_ask_why_and_nobody_is_labelled(case: Case) -> None:
    theirs = [act for act in case.then if act.by != REPORTER]
    said = [part for act in theirs for part in (act.text, act.action, act.grounds, act.reason) if part]
    assert not [text for text in said if BLAME.search(text) or LABELS.search(text)]


def test_attachments_are_real_files_of_five_kinds_and_small() -> None:
    starts = {
        ".jpg": b"\xff\xd8\xff\xe1",
        ".png": b"\x89PNG",
        ".pdf": b"%PDF-1.",
        ".docx": b"PK\x03\x04",
        ".ogg": b"OggS",
        ".csv": b"week,",
    }
    used = {name for case in CASES for name in (*case.files, *(name for act in case.then for name in act.files))}
    stored = {entry.name for entry in files("plaint.cli.demo").joinpath("files").iterdir()}
    assert used == stored
    content = {name: find_attachment(name).read_bytes() for name in sorted(used)}
    assert sum(map(len, content.values())) < 1_000_000
    for name, data in content.items():
        suffix = "." + name.rsplit(".", 1)[1]
        assert data[4:8] == b"ftyp" if suffix in {".mp4", ".m4a"} else data.startswith(starts[suffix])
    photo = content["bar-bill.jpg"][:400]
    place_tag = b"\x25\x88\x04\x00"
    assert all(part in photo for part in (b"Exif\0\0II*\0", b"Invented Optics", place_tag))


def test_the_long_story_shuts_out_the_line_up_to_the_chief_executive() -> None:
    (dinner,) = (case for case in CASES if case.slug == "client-dinner")
    out = shut_out(dinner)
    assert {"Dorian Meskell", "Petra Lindqual", "Conrad Veylin", "Sabine Rothvane"} <= out
    assert not out & {"Maren Oduvale", "Tobin Ashgrave", "Judit Amsellin"}
    assert len(dinner.then) >= 15


def test_a_report_about_the_chief_executive_leaves_only_the_independents() -> None:
    (card,) = (case for case in CASES if case.slug == "chief-card")
    left = {member.name for member in load_members()} - shut_out(card)
    assert left == {"Judit Amsellin", "Ilse Karvonde"}


def test_the_story_starts_on_a_monday_six_to_seven_weeks_before() -> None:
    for day in range(14):
        live_at = LIVE_AT + day * DAY_S
        start = compute_start(live_at)
        assert (start // DAY_S + 3) % 7 == 0
        assert 6 * WEEK_S <= live_at - start < 7 * WEEK_S
