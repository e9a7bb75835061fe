"""A missed date is looked into outside the line; and the reporter lets in whom she wants, when she wants."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plaint.client.erasing import confirm_erasure, propose_erasure
from plaint.client.follow import Report, find_report
from plaint.client.handling import close_handling, list_handling, open_handling
from plaint.docket.handling import HANDLING
from plaint.errors import RefusedError
from plaint.protocol.content import CloseContent, EntryContent
from tests.support.directory_world import find_id
from tests.support.false_rooms import make_false_handling
from tests.support.world import World, open_case

DAY = 86_400
TEXT = "Nobody acknowledged this report within seven days."


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as made:
        yield made


def miss(world: World) -> tuple[Report, bytes]:
    keys, sent = world.report("Is anybody there?")
    world.tick(12)
    world.now += 7 * DAY
    world.tick(20)
    return find_report(world.connect(), keys), sent.receipt.header.room


def list_statuses(world: World, name: str, room: bytes) -> list[str]:
    desk, case = open_case(world, name, room)
    return [item.status for item in list_handling(desk, case)]


def test_the_line_cannot_bury_by_erasing_what_is_looked_into(world: World) -> None:
    def refuse(name: str) -> str:
        desk, case = open_case(world, name, room)
        with pytest.raises(RefusedError) as caught:
            propose_erasure(desk, case, "irrelevant")
        return caught.value.code

    _, room = miss(world)
    ben, case = open_case(world, "ben", room)
    ben.acknowledge(case, "Late, but read.")
    ben.feedback(ben.open_case(room.hex()), action="We talked to both.", grounds="Their own words.")
    open_handling(*open_case(world, "dov", room), TEXT)
    world.tick(12)
    assert [refuse(name) for name in ("ben", "cai", "dov", "eva")] == ["erase-handling"] * 4
    close_handling(*open_case(world, "dov", room), "A stand-in was named.")
    close_handling(*open_case(world, "eva", room), "Yes.")
    assert [refuse(name) for name in ("ben", "cai")] == ["erase-handling"] * 2
    dov, case = open_case(world, "dov", room)
    propose_erasure(dov, case, "irrelevant")
    confirm_erasure(*open_case(world, "eva", room))
    world.tick(2)
    dov = world.desk("dov")
    dov.scan()
    assert dov.list_cases() == []
    assert len(dov.list_erased()) == 2


def test_the_first_independent_opens_the_room_and_the_line_never_sees_it(world: World) -> None:
    report, room = miss(world)
    dov, case = open_case(world, "dov", room)
    opened = open_handling(dov, case, TEXT)
    world.tick(12)
    assert opened.manifest.label == HANDLING
    assert list_statuses(world, "dov", room) == ["open"]
    for name in ("ben", "cai"):
        _, theirs = open_case(world, name, room)
        assert [other.manifest.label for other in theirs.others] == []
    report.refresh()
    shown = [access.name for access in report.list_access()]
    independents = [member.id for member in opened.roster.held]
    assert [name for name in shown if name.endswith("(handling)")] == [
        f"{report.connection.view.name(member)} (handling)" for member in sorted(independents)
    ]
    assert not any(code.startswith("grant-untold") for code in dov.list_alarms(dov.open_case(room.hex())))


def test_whom_a_missed_date_let_in_is_shown_as_a_reader(world: World) -> None:
    keys, sent = world.report("Is anybody there?")
    world.tick(12)
    report = find_report(world.connect(), keys)
    before = [access.name for access in report.list_access()]
    watchers = [name for _, name in report.list_watchers()]
    world.now += 7 * DAY
    world.tick(20)
    ben, case = open_case(world, "ben", sent.receipt.header.room)
    ben.acknowledge(case, "Late, but read.")
    world.tick(12)
    report.refresh()
    last = next(due.at for due in report.list_due_dates()) + report.connection.trust.grace_s
    assert report.list_watchers() == []
    assert {(item.name, item.since) for item in report.list_access() if item.name not in before} == {
        (name, last) for name in watchers
    }


def test_two_independents_open_one_room_and_close_it_together(world: World) -> None:
    report, room = miss(world)
    dov, case = open_case(world, "dov", room)
    eva, hers = open_case(world, "eva", room)
    open_handling(dov, case, TEXT)
    world.tick(12)
    eva.scan()
    again = open_handling(eva, eva.open_case(room.hex()), TEXT)
    assert again.entries[0].author == find_id("dov")
    assert len(list_handling(eva, eva.open_case(room.hex()))) == 1
    assert hers.others == ()
    dov.scan()
    assert close_handling(dov, dov.open_case(room.hex()), "A stand-in was named.").status == "closing"
    with pytest.raises(RefusedError) as caught:
        close_handling(dov, dov.open_case(room.hex()), "Again.")
    assert caught.value.code == "handling-closing"
    assert close_handling(eva, eva.open_case(room.hex()), "Yes.").status == "closed"
    assert list_statuses(world, "dov", room) == ["closed"]
    report.refresh()
    assert report.fold().status == "received"


def test_handlers_can_neither_open_nor_take_its_place(world: World) -> None:
    _, room = miss(world)
    ben, case = open_case(world, "ben", room)
    with pytest.raises(RefusedError) as caught:
        open_handling(ben, case, "All is well.")
    assert caught.value.code == "handling-member"
    false = ben.open_only(make_false_handling(ben, case, ("ben", "dov", "eva")))
    ben.write(false, "close", CloseContent(reason="All is well."))
    world.tick(20)
    dov, theirs = open_case(world, "dov", room)
    assert [other.id for other in theirs.others] == [false.id]
    assert list_handling(dov, theirs) == ()
    opened = open_handling(dov, theirs, TEXT)
    assert opened.id != false.id
    world.tick(12)
    assert list_statuses(world, "dov", room) == ["open"]


def test_a_key_that_never_comes_does_not_keep_the_room_from_being_opened(world: World) -> None:
    _, room = miss(world)
    ben, case = open_case(world, "ben", room)
    ben.open_only(make_false_handling(ben, case, ("ben",)))
    world.tick(20)
    dov, theirs = open_case(world, "dov", room)
    open_handling(dov, theirs, TEXT, besides=True)
    world.tick(12)
    assert list_statuses(world, "dov", room) == ["open"]


def test_what_handlers_sign_closes_nothing(world: World) -> None:
    _, room = miss(world)
    dov, case = open_case(world, "dov", room)
    opened = open_handling(dov, case, TEXT)
    world.tick(12)
    dov.scan()
    dov.grant(dov.open_case(room.hex()), find_id("cai"), labels=[HANDLING])
    world.tick(12)
    cai, seen = open_case(world, "cai", room)
    inside = next(other for other in seen.others if other.id == opened.id)
    inside = cai.write(inside, "close", CloseContent(reason="Enough."))
    assert list_statuses(world, "eva", room) == ["open"]
    dov.scan()
    close_handling(dov, dov.open_case(room.hex()), "A stand-in was named.")
    _, seen = open_case(world, "cai", room)
    closing = list_handling(cai, seen)[0].closing
    assert closing is not None
    cai.write(seen.others[0], "entry", EntryContent(confirms=closing.hash))
    assert list_statuses(world, "eva", room) == ["closing"]


def test_without_a_missed_date_there_is_no_failure(world: World) -> None:
    keys, sent = world.report("Early.")
    world.tick(12)
    report = find_report(world.connect(), keys)
    report.send(report.seal_let_in(find_id("dov")))
    world.tick(12)
    dov, case = open_case(world, "dov", sent.receipt.header.room)
    with pytest.raises(RefusedError) as caught:
        open_handling(dov, case, TEXT)
    assert caught.value.code == "handling-date"
    with pytest.raises(RefusedError) as caught:
        close_handling(dov, case, "Why not.")
    assert caught.value.code == "handling-none"


def test_the_reporter_lets_an_independent_in_at_any_time(world: World) -> None:
    keys, sent = world.report("I do not want to wait.")
    world.tick(12)
    report = find_report(world.connect(), keys)
    assert find_id("dov") in [member for member, _ in report.list_watchers()]
    report.send(report.seal_let_in(find_id("dov")))
    assert find_id("dov") not in [member for member, _ in report.list_watchers()]
    world.tick(12)
    dov, case = open_case(world, "dov", sent.receipt.header.room)
    assert [entry.authorship for entry in case.room.entries] == ["proved", "proved"]
    assert dov.list_alarms(case) == []
    dov.acknowledge(case, "I have it.")
    world.tick(12)
    report.refresh()
    assert report.list_due_dates()[0].state == "met"
    ben, theirs = open_case(world, "ben", sent.receipt.header.room)
    assert ben.list_alarms(theirs) == []
    with pytest.raises(RefusedError) as caught:
        report.seal_let_in(find_id("dov"))
    assert caught.value.code == "grant-already"


def test_a_let_in_that_was_overtaken_lets_in_all_the_same(world: World) -> None:
    keys, sent = world.report("I do not want to wait.")
    world.tick(12)
    report = find_report(world.connect(), keys)
    write = report.seal_let_in(find_id("dov"))
    ben, case = open_case(world, "ben", sent.receipt.header.room)
    ben.acknowledge(case)
    report.send(write)
    world.tick(12)
    open_case(world, "dov", sent.receipt.header.room)


def test_nobody_whom_she_kept_out_is_let_in(world: World) -> None:
    keys, _ = world.report("About Dov.", exclude=[find_id("dov").hex()])
    report = find_report(world.connect(), keys)
    assert find_id("dov") not in [member for member, _ in report.list_watchers()]
    for name, code in (("dov", "grant-conflict"), ("stranger", "grant-roster")):
        member = find_id(name) if name == "dov" else bytes(16)
        with pytest.raises(RefusedError) as caught:
            report.seal_let_in(member)
        assert caught.value.code == code
