"""More time, steps, holds and earlier disclosures, from the desk to the reporter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from plaint.client.cases import Case
from plaint.client.dates import list_desk_dates
from plaint.client.desk import Desk
from plaint.client.follow import Report, find_report
from plaint.client.law.shipped import NO_HOLIDAYS, load_pack
from plaint.client.law.sites import describe_ending, list_ending
from plaint.client.overdue import list_overdue, sign_evidence
from plaint.client.steps import (
    assess_risk,
    check_told,
    extend_duty,
    hold_case,
    lift_hold,
    list_standing,
    record_decision,
    record_disclosure,
    record_step,
)
from plaint.docket.records import REVIEW_S, blocks_erasure
from plaint.errors import MalformedError, RefusedError
from plaint.protocol.calendars import compute_end
from plaint.protocol.content import EntryContent
from plaint.protocol.directory_contents import Channel
from plaint.protocol.keys import HolderKeys
from plaint.protocol.packs import compute_pack_digest
from plaint.protocol.records import Disclosure, Hold
from tests.support.world import CLOCK, World

DAY = 86_400
PAIR = ("ada", "dov")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, clock=replace(CLOCK, delay=0)) as made:
        yield made


def put_under(world: World, law: str) -> None:
    pack = load_pack(law, NO_HOLIDAYS)
    world.submit(pack, *PAIR)
    world.tick(3)
    world.submit(Channel("reports", "Reports", ("intake-handler",), compute_pack_digest(pack)), *PAIR)
    world.tick(3)


def report(world: World) -> tuple[HolderKeys, bytes]:
    keys, sent = world.report("It happened on the second evening.")
    world.tick(12)
    return keys, sent.receipt.header.room


def open_case(world: World, room: bytes, name: str = "ben") -> tuple[Desk, Case]:
    desk = world.desk(name)
    desk.scan()
    return desk, desk.open_case(room.hex())


def follow(world: World, keys: HolderKeys) -> Report:
    return find_report(world.connect(), keys)


def refuse(code: str, desk: Desk, case: Case, kind: str, until: int, reason: str = "A witness is abroad") -> None:
    with pytest.raises(RefusedError) as caught:
        extend_duty(desk, case, kind, until, reason)
    assert caught.value.code == code


def test_a_date_is_extended_once_before_it_with_a_reason_and_the_reporter_sees_it(world: World) -> None:
    put_under(world, "eu-authority")
    keys, room = report(world)
    desk, case = open_case(world, room)
    due = next(duty for duty in desk.list_due_dates(case) if duty.what == "feedback")
    refuse("extend-law", desk, case, "acknowledge", due.at + DAY)
    refuse("extend-law", desk, case, "inquiry", due.at + DAY)
    refuse("extend-date", desk, case, "feedback", due.at)
    refuse("extend-date", desk, case, "feedback", due.at + 100 * DAY)
    refuse("extend-reason", desk, case, "feedback", due.at + DAY, " ")
    extend_duty(desk, case, "feedback", due.at + 30 * DAY, "A witness is abroad")
    world.tick(12)
    desk, case = open_case(world, room, "cai")
    refuse("extend-again", desk, case, "feedback", due.at + 60 * DAY)
    seen = next(duty for duty in follow(world, keys).list_due_dates() if duty.what == "feedback")
    assert seen.at == due.at + 30 * DAY
    assert seen.duty is not None
    assert seen.duty.extension is not None
    assert (seen.duty.extension.before, seen.duty.extension.reason) == (due.at, "A witness is abroad")
    # What the server signs does not move: the independent members are let in by the promised date.
    assert [due.at for due in case.room.state.dues if due.kind == "feedback"] == [due.at]
    assert desk.list_alarms(case) == []
    desk.acknowledge(case)
    world.tick(12)
    assert len(follow(world, keys).list_watchers()) == 2
    world.now = due.at
    world.tick(20)
    assert follow(world, keys).list_watchers() == []
    assert open_case(world, room, "dov")[1].id == room


def test_nothing_is_extended_after_its_date_or_once_done(world: World) -> None:
    put_under(world, "eu-authority")
    _, room = report(world)
    desk, case = open_case(world, room)
    due = next(duty for duty in desk.list_due_dates(case) if duty.what == "feedback")
    desk.feedback(case, action="We looked into it", grounds="Two witnesses")
    world.tick(12)
    desk, case = open_case(world, room)
    refuse("extend-late", desk, case, "feedback", due.at + DAY)


def test_steps_in_the_reporters_room_meet_their_dates(world: World) -> None:
    put_under(world, "in-posh")
    keys, room = report(world)
    desk, case = open_case(world, room)
    with pytest.raises(RefusedError) as caught:
        record_step(desk, case, "respondent-notice", "\u200b ")
    assert caught.value.code == "step-blank"
    record_step(desk, case, "respondent-notice", "By letter.")
    record_step(desk, case, "inquiry", "All were heard.")
    world.tick(12)
    found = {duty.what: duty for duty in follow(world, keys).list_due_dates()}
    assert [kind for kind, duty in found.items() if duty.state == "met"] == ["respondent-notice", "inquiry"]
    assert found["respondent-reply"].state == "open"
    inquiry, report_due = found["inquiry"].duty, found["report"]
    assert inquiry is not None
    assert inquiry.met_at is not None
    assert report_due.at == inquiry.met_at + 10 * DAY
    assert "section 13(1)" in report_due.source


def test_an_ending_calendar_is_told_long_before(world: World) -> None:
    assert list_ending(world.connect().view.state, world.now) == []
    put_under(world, "in-posh")
    (ending,) = list_ending(world.connect().view.state, world.now)
    assert (ending.id, ending.site, ending.last) == ("in-posh", "XX", date(1970, 12, 31))
    assert "ended 1970-12-31" in describe_ending(ending)
    end = compute_end(NO_HOLIDAYS)
    assert list_ending(world.connect().view.state, end - 400 * DAY) == []
    (ending,) = list_ending(world.connect().view.state, end - 200 * DAY)
    assert "are known until 1970-12-31" in describe_ending(ending)


def test_only_a_written_result_is_one(world: World) -> None:
    put_under(world, "cn-2023")
    keys, room = report(world)
    desk, case = open_case(world, room)
    with pytest.raises(RefusedError) as caught:
        record_decision(desk, case, " ")
    assert caught.value.code == "decide-blank"
    record_decision(desk, case, "We found what you reported to be true.")
    world.tick(12)
    met = {duty.what for duty in follow(world, keys).list_due_dates() if duty.state == "met"}
    assert met == {"contact", "outcome"}


@pytest.mark.parametrize(("law", "days"), [("strict", 65), ("cn-2023", 40)])
def test_independents_who_only_watch_see_that_a_written_result_is_missing(world: World, law: str, days: int) -> None:
    put_under(world, law)
    _, room = report(world)
    desk, case = open_case(world, room)
    latest = next(duty.at for duty in desk.list_due_dates(case) if duty.what == "outcome")
    assert latest == case.room.begin + days * DAY
    desk.acknowledge(case)
    desk, case = open_case(world, room)
    desk.feedback(case, action="We ask everybody.", grounds="It is grave.")
    world.tick(12)

    def watch() -> tuple[list[tuple[int, str]], list[str]]:
        dov = world.desk("dov")
        dov.scan()
        results = [(due.at, due.state) for due in dov.list_watched()[room] if due.what == "outcome"]
        with pytest.raises(RefusedError):
            sign_evidence(dov, room.hex())  # no file says it: whose it is nobody outside the room can show
        return results, [item.due.what for item in list_overdue(dov) if item.late_s > 0]

    ((seen, state),), late = watch()
    assert (state, late) == ("open", [])
    assert latest <= seen <= latest + 3 * CLOCK.tick  # a watcher counts from the date that the log gives to the report
    world.now += days * DAY
    world.tick(12)
    assert watch() == ([(seen, "missed")], ["outcome"])
    desk, case = open_case(world, room)
    record_decision(desk, case, "We found what you reported to be true.")
    world.tick(12)
    assert watch() == ([(seen, "late")], [])


def test_where_more_time_can_be_given_no_result_is_said_to_be_missing(world: World) -> None:
    put_under(world, "eu-authority")
    _, room = report(world)
    dov = world.desk("dov")
    dov.scan()
    assert {due.what for due in dov.list_watched()[room]} == {"acknowledge", "feedback"}


def test_a_hold_is_looked_at_again_and_moves_nothing(world: World) -> None:
    keys, room = report(world)
    desk, case = open_case(world, room)
    before = [(due.what, due.at) for due in desk.list_due_dates(case)]
    now = int(desk.connection.now())
    for code, hold, internal in (
        ("hold-review", Hold("external", now + REVIEW_S + DAY, "The police asked"), False),
        ("hold-review", Hold("interview", now - 1, "The police asked"), False),
        ("hold-hidden", Hold("external", now + DAY, "The police asked"), True),
        ("hold-reason", Hold("interview", now + DAY, " \u200b"), False),
    ):
        with pytest.raises(RefusedError) as caught:
            hold_case(desk, case, hold, internal=internal)
        assert caught.value.code == code
    hold_case(desk, case, Hold("external", now + 20 * DAY, "The police asked"))
    hold_case(desk, case, Hold("legal", None, "A suit is expected"), internal=True)
    world.tick(12)
    seen = follow(world, keys).fold()
    assert [(hold.type, hold.review, hold.lifted) for hold in seen.holds] == [("external", now + 20 * DAY, False)]
    desk, case = open_case(world, room)
    assert [(due.what, due.at) for due in desk.list_due_dates(case)] == before
    assert blocks_erasure(desk.fold(case).holds)
    hold_case(desk, case, Hold("legal", None, "An audit runs"), internal=True)
    desk, case = open_case(world, room)
    first, second = list_standing(desk, case, "legal")
    lift_hold(desk, case, first)
    desk, case = open_case(world, room)
    assert blocks_erasure(desk.fold(case).holds)
    assert list_standing(desk, case, "legal") == [second]
    assert list_standing(desk, case, "interview") == []
    lift_hold(desk, case, second)
    world.tick(12)
    desk, case = open_case(world, room)
    assert not blocks_erasure(desk.fold(case).holds)
    assert [hold.type for hold in desk.fold(case).holds if not hold.lifted] == ["external"]


def test_a_hold_that_nobody_looked_at_again_is_overdue_for_members_and_breaks_no_promise(world: World) -> None:
    _, room = report(world)
    desk, case = open_case(world, room)
    review = int(desk.connection.now()) + 5 * DAY
    hold_case(desk, case, Hold("external", review, "The police asked"))
    hold_case(desk, case, Hold("interview", review + DAY, "One witness is away"))
    world.tick(12)

    def read() -> tuple[list[tuple[int, str]], list[str], list[tuple[str, bool]]]:
        desk, case = open_case(world, room)
        dates = [(due.at, due.state) for due in desk.list_dates(case) if due.what == "review"]
        assert "review" not in {due.what for due in desk.list_due_dates(case)}
        late = [item.due.what for item in list_overdue(desk) if item.late_s > 0]
        return dates, late, [(date.summary, date.done) for date in list_desk_dates(desk) if "hold" in date.summary]

    event = "Desk: look at a hold again"
    assert read() == ([(review, "open")], [], [(event, False)])
    world.now += 5 * DAY
    world.tick(2)
    assert read() == ([(review, "missed")], ["review"], [(event, False)])
    desk, case = open_case(world, room)
    lift_hold(desk, case, list_standing(desk, case, "external")[0])
    assert read()[0] == [(review + DAY, "open")]
    desk, case = open_case(world, room)
    lift_hold(desk, case, list_standing(desk, case, "interview")[0])
    assert read() == ([(review + DAY, "met")], [], [(event, True)])


def test_who_was_told_before_is_claimed_beside_the_logged_date(world: World) -> None:
    keys, room = report(world)
    desk, case = open_case(world, room)
    before = desk.list_due_dates(case)
    day = datetime.fromtimestamp(world.now, UTC).date().isoformat()
    record_disclosure(desk, case, Disclosure(day, "forum", "Water cooler"))
    world.tick(12)
    seen = follow(world, keys)
    (claim,) = seen.fold().claims
    assert (claim.on, claim.to, claim.name) == (day, "forum", "Water cooler")
    assert claim.at is not None
    assert [(due.what, due.at) for due in seen.list_due_dates()] == [(due.what, due.at) for due in before]


def test_a_risk_stands_in_the_internal_room_and_the_last_word_counts(world: World) -> None:
    keys, room = report(world)
    desk, case = open_case(world, room)
    dates = [(due.what, due.at) for due in desk.list_due_dates(case)]
    for blank in ("", " \u200b"):
        with pytest.raises(RefusedError) as caught:
            assess_risk(desk, case, "high", blank)
        assert caught.value.code == "risk-reason"
    assess_risk(desk, case, "severe", "They travel together on Friday.")
    world.tick(12)
    desk, case = open_case(world, room)
    assess_risk(desk, case, "low", "The trip is off.")
    world.tick(12)
    desk, case = open_case(world, room)
    found = desk.fold(case).risk
    assert found is not None
    assert (found.level, found.reason, found.member) == ("low", "The trip is off.", desk.member)
    assert found.at is not None
    assert [(due.what, due.at) for due in desk.list_due_dates(case)] == dates
    hers = follow(world, keys)
    assert hers.fold().risk is None
    assert [entry.header.kind for entry in hers.room.entries] == ["open"]


def test_what_nobody_could_open_is_not_sealed(world: World) -> None:
    _, room = report(world)
    desk, case = open_case(world, room)
    before = len(case.room.entries)
    for content in (
        EntryContent(hold=Hold("legal", None, "")),
        EntryContent(disclosure=Disclosure(None, "hr", "x" * 513)),
    ):
        with pytest.raises(MalformedError) as caught:
            desk.write(case.room, "entry", content)
        assert caught.value.code == "content-form"
    assert len(open_case(world, room)[1].room.entries) == before


@pytest.mark.parametrize(("days", "code"), [(0, None), (1, None), (2, "told-ahead")])
def test_nobody_was_told_on_a_day_that_has_not_come_anywhere(days: int, code: str | None) -> None:
    noon = 1_795_867_200  # of 28 November 2026, UTC
    told = Disclosure((date(2026, 11, 28) + timedelta(days)).isoformat(), "hr", "")
    if code is None:
        check_told(told, noon)
        return
    with pytest.raises(RefusedError) as caught:
        check_told(told, noon)
    assert caught.value.code == code


def test_a_missed_step_lets_nobody_in_and_is_not_said_to(world: World) -> None:
    put_under(world, "jp-wpa")
    keys, room = report(world)
    desk, case = open_case(world, room)
    desk.acknowledge(case)
    world.tick(12)
    world.now += 30 * DAY
    world.tick(12)
    told = follow(world, keys)
    assert {due.what for due in told.list_due_dates() if due.state == "missed"} == {"contact"}
    assert len(told.list_watchers()) == 2
