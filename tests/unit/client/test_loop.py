"""The whole loop, from a report to a verdict: real server, logs, cosigners and clients in one process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from plaint.client.cases import Case
from plaint.client.copies import MirrorLeaves
from plaint.client.desk import Desk, sign_in
from plaint.client.follow import Report, find_report
from plaint.client.mirror import mirror_log
from plaint.errors import RefusedError, UnavailableError
from plaint.protocol.keys import HolderKeys
from plaint.protocol.receipt import encode_receipt
from plaint.protocol.verify import judge_receipt
from tests.support.directory_world import find_id, make_keys
from tests.support.loop import AppTransport
from tests.support.world import World

DAY = 86_400


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as made:
        yield made


class Forward(httpx.AsyncBaseTransport):
    """Lets an asynchronous client reach the world's application."""

    def __init__(self, world: World) -> None:
        self._inner = AppTransport(world.app, world.loop)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self._inner.handle_request(request)


async def copy_logs(world: World, folder: Path) -> None:
    async with httpx.AsyncClient(transport=Forward(world)) as client:
        await mirror_log(world.url, folder, client=client)


def open_desk(world: World, name: str) -> Desk:
    desk = world.desk(name)
    desk.scan()
    return desk


def open_case(world: World, name: str, case: bytes) -> tuple[Desk, Case]:
    desk = open_desk(world, name)
    return desk, desk.open_case(case.hex())


def follow(world: World, keys: HolderKeys) -> Report:
    return find_report(world.connect(), keys)


def texts(report: Report) -> list[str | None]:
    return [entry.content.text for entry in report.room.entries if entry.content is not None]


def states(world: World, keys: HolderKeys) -> dict[str, str]:
    return {item.what: item.state for item in follow(world, keys).list_due_dates()}


def status(world: World, name: str, case: bytes) -> str:
    desk, found = open_case(world, name, case)
    return desk.fold(found).status


def test_words_alone_open_the_report_again(world: World) -> None:
    keys, sent = world.report("He said that nobody would believe me.")
    report = follow(world, keys)
    assert texts(report) == ["He said that nobody would believe me."]
    assert report.room.entries[0].authorship == "own"
    assert report.list_warnings(sent.receipt) == []
    assert len(sent.check_words) == 4


def test_words_of_no_report_get_the_one_answer(world: World) -> None:
    with pytest.raises(RefusedError) as caught:
        follow(world, world.draw_holder())
    assert caught.value.code == "not-found"


def test_the_channel_reads_it_and_others_do_not(world: World) -> None:
    _, sent = world.report("It happened on the second evening.")
    world.tick(12)
    room = sent.receipt.header.room
    for name in ("ben", "cai", "ida"):
        _, case = open_case(world, name, room)
        assert case.room.entries[0].authorship == "proved"
        assert case.room.problems == ()
    for name in ("ada", "gus", "fay"):
        assert open_desk(world, name).list_cases() == []


def test_independents_watch_without_reading(world: World) -> None:
    _, sent = world.report("It happened on the second evening.")
    world.tick(12)
    desk = open_desk(world, "dov")
    assert desk.list_cases() == []
    assert list(desk.stream.list_watched()) == [sent.receipt.header.room]


def test_a_watcher_sees_the_dates_and_gets_the_key_when_one_is_missed(world: World) -> None:
    _, sent = world.report("Is anybody there?")
    room = sent.receipt.header.room
    world.tick(12)
    assert [due.state for due in open_desk(world, "dov").list_watched()[room]] == ["open", "open"]
    world.now += 7 * DAY - 12 * 600
    world.tick(3)
    assert open_desk(world, "dov").list_watched()[room][0].state == "open"
    world.tick(20)
    desk, case = open_case(world, "dov", room)
    assert desk.list_watched() == {}
    assert case.room.entries[0].authorship == "proved"


def test_somebody_named_gets_no_key(world: World) -> None:
    _, sent = world.report("It was Ben.", about=["Ben Invented"])
    world.tick(12)
    assert open_desk(world, "ben").list_cases() == []
    _, case = open_case(world, "cai", sent.receipt.header.room)
    assert case.room.access.conflicted == (find_id("ben"),)


def test_acknowledgement_reaches_the_reporter_and_meets_the_date(world: World) -> None:
    keys, sent = world.report("Please answer.")
    world.tick(12)
    desk, case = open_case(world, "ben", sent.receipt.header.room)
    desk.acknowledge(case, "I have read it.")
    world.tick(12)
    report = follow(world, keys)
    assert texts(report) == ["Please answer.", "I have read it."]
    assert report.room.entries[1].authorship == "proved"
    assert states(world, keys) == {"acknowledge": "met", "feedback": "open"}
    assert status(world, "cai", case.id) == "acknowledged"


def test_a_missed_date_shows_as_missed_and_a_late_answer_as_late(world: World) -> None:
    keys, sent = world.report("Is anybody there?")
    world.tick(12)
    world.now += 7 * DAY
    world.tick(8)
    assert states(world, keys) == {"acknowledge": "missed", "feedback": "open"}
    desk, case = open_case(world, "ben", sent.receipt.header.room)
    desk.acknowledge(case)
    world.tick(12)
    assert states(world, keys) == {"acknowledge": "late", "feedback": "open"}


def test_a_conversation_goes_both_ways(world: World) -> None:
    keys, sent = world.report("First.")
    world.tick(12)
    desk, case = open_case(world, "cai", sent.receipt.header.room)
    desk.reply(case, "Second.")
    report = follow(world, keys)
    report.send(report.seal_text("Third."))
    assert texts(report) == ["First.", "Second.", "Third."]
    _, again = open_case(world, "ben", case.id)
    assert [entry.authorship for entry in again.room.entries] == ["proved"] * 3


def test_an_overtaken_answer_is_sealed_again_behind_the_other(world: World) -> None:
    keys, sent = world.report("First.")
    world.tick(12)
    report = follow(world, keys)
    sealed = report.seal_text("Mine.")
    desk, case = open_case(world, "ben", sent.receipt.header.room)
    desk.reply(case, "Theirs.")
    report.send(sealed)
    assert texts(report) == ["First.", "Theirs.", "Mine."]
    assert report.room.entries[2].authorship == "own"


def test_notes_stay_inside_and_there_is_one_internal_room(world: World) -> None:
    keys, sent = world.report("First.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.receipt.header.room)
    ben.note(case, "Who speaks with her?")
    world.tick(12)
    cai, same = open_case(world, "cai", case.id)
    cai.note(same, "I will.")
    _, found = open_case(world, "ida", case.id)
    internal = found.find_room("internal")
    assert internal is not None
    assert [entry.content.text for entry in internal.entries if entry.content][1:] == [
        "Who speaks with her?",
        "I will.",
    ]
    assert len(found.others) == 1
    assert texts(follow(world, keys)) == ["First."]


def test_a_colleague_waits_for_the_key_to_a_room_made_a_moment_ago(world: World) -> None:
    _, sent = world.report("First.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.receipt.header.room)
    cai, same = open_case(world, "cai", case.id)
    ben.note(case, "Who speaks with her?")
    with pytest.raises(UnavailableError) as caught:
        cai.note(same, "I will.")
    assert caught.value.code == "room-pending"


def test_a_grant_is_shown_to_the_reporter_by_name_and_date(world: World) -> None:
    keys, sent = world.report("First.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.receipt.header.room)
    ben.note(case, "We need Fay.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.receipt.header.room)
    ben.grant(case, find_id("fay"))
    world.tick(20)
    _, seen = open_case(world, "fay", case.id)
    assert len(seen.rooms) == 2
    assert seen.room.entries[0].authorship == "earlier"
    report = follow(world, keys)
    access = report.list_access()
    assert {item.name for item in access} >= {"Fay Invented", "Fay Invented (internal)"}
    assert all(item.since is not None for item in access)
    report.send(report.seal_text("Welcome, Fay."))
    _, seen = open_case(world, "fay", case.id)
    assert seen.room.entries[-1].authorship == "proved"


def test_nobody_is_let_in_whom_the_reporter_kept_out(world: World) -> None:
    _, sent = world.report("It was Ben.", about=["Ben Invented"])
    world.tick(12)
    cai, case = open_case(world, "cai", sent.receipt.header.room)
    with pytest.raises(RefusedError) as caught:
        cai.grant(case, find_id("ben"))
    assert caught.value.code == "grant-conflict"


def test_a_member_without_a_place_cannot_be_let_in(world: World) -> None:
    _, sent = world.report("First.")
    world.tick(12)
    cai, case = open_case(world, "cai", sent.receipt.header.room)
    with pytest.raises(RefusedError) as caught:
        cai.grant(case, find_id("ada"))
    assert caught.value.code == "grant-roster"


def test_closing_takes_two_and_the_reporter_can_take_it_back(world: World) -> None:
    keys, sent = world.report("First.")
    world.tick(12)
    room = sent.receipt.header.room
    ben, case = open_case(world, "ben", room)
    ben.close(case, "Done.")
    assert status(world, "ben", room) == "closing"
    cai, case = open_case(world, "cai", room)
    closing = cai.fold(case).closing
    assert closing is not None
    ben.confirm(case, closing.hash)
    assert status(world, "ben", room) == "closing"
    cai, case = open_case(world, "cai", room)
    cai.confirm(case, closing.hash)
    assert status(world, "ben", room) == "closed"
    report = follow(world, keys)
    report.send(report.seal_reopen("It happened again."))
    assert status(world, "ben", room) == "reopened"


def test_the_receipt_becomes_complete_and_is_judged_without_the_server(world: World, tmp_path: Path) -> None:
    keys, sent = world.report("First.")
    trust = world.connect().trust
    provisional = encode_receipt(sent.receipt)
    assert judge_receipt(provisional, trust, now=int(world.now)).verdict == "provisional"
    world.tick(12)
    complete = encode_receipt(follow(world, keys).update_receipt(sent.receipt))
    verdict = judge_receipt(complete, trust, now=int(world.now))
    assert verdict.verdict == "holds"
    assert verdict.date is not None
    world.now += 7 * DAY
    world.tick(8)
    asyncio.run(copy_logs(world, tmp_path / "copy"))
    leaves = MirrorLeaves(tmp_path / "copy")
    assert judge_receipt(complete, trust, now=int(world.now)).verdict == "cannot-judge"
    assert judge_receipt(complete, trust, now=int(world.now), leaves=leaves).verdict == "silent"
    leaves.close()


def test_a_lost_receipt_is_made_again_from_the_words(world: World) -> None:
    keys, sent = world.report("First.")
    world.tick(12)
    report = follow(world, keys)
    made = report.update_receipt(None)
    assert made.note == sent.receipt.note
    verdict = judge_receipt(encode_receipt(made), world.connect().trust, now=int(world.now))
    assert verdict.verdict == "holds"


def test_the_stream_is_read_on_from_where_it_stopped(world: World, tmp_path: Path) -> None:
    _, sent = world.report("First.")
    world.tick(12)
    desk = sign_in(world.connect(), make_keys("ben"), folder=tmp_path / "state")
    desk.scan()
    assert [case.id for case in desk.list_cases()] == [sent.receipt.header.room]
    again = sign_in(world.connect(), make_keys("ben"), folder=tmp_path / "state")
    assert again.stream.tick == desk.stream.tick
    assert [case.id for case in again.list_cases()] == [sent.receipt.header.room]
