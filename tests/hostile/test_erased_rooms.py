"""Two members erase a room of a case and leave the report: who still reads the case sees it there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from plaint.client.cases import Case
from plaint.client.desk import Desk, sign_in
from plaint.client.erasing import confirm_erasure, list_others, list_staying, propose_erasure, send_erase
from plaint.client.left import confirm_left, find_left_wish, list_left, propose_left
from plaint.errors import RefusedError
from plaint.protocol.content import EntryContent, EraseContent
from plaint.protocol.directory_contents import Suspend
from plaint.protocol.records import Hold
from tests.support.directory_world import find_id, make_keys
from tests.support.world import World, open_case


def see(world: World, name: str, room: bytes, folder: Path | None = None) -> tuple[Desk, Case]:
    """Return the desk of a member, remembered in `folder`, and the case as he sees it there."""
    desk = sign_in(world.connect(), make_keys(name), folder=folder)
    desk.scan()
    return desk, desk.open_case(room.hex())


def report_twice(world: World) -> bytes:
    """Report, let Ben answer and write a note, and return the room."""
    _, sent = world.report("It was on the last day of the fair.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    ben.acknowledge(case)
    ben.feedback(ben.open_case(case.id.hex()), action="We asked.", grounds="Nobody saw it.")
    ben.note(ben.open_case(case.id.hex()), "He admitted it.")
    world.tick(24)
    return sent.state.room


def erase_internal(world: World, room: bytes) -> bytes:
    """Let Ben and Fay, past what their own clients would do, erase the internal room alone."""
    ben, case = open_case(world, "ben", room)
    internal = case.find_room("internal")
    assert internal is not None
    ben.grant(case, find_id("fay"))
    world.tick(24)
    ben, case = open_case(world, "ben", room)
    internal = next(other for other in case.others if other.id == internal.id)
    send_erase(ben, internal, EraseContent(ground="irrelevant"))
    fay, case = open_case(world, "fay", room)
    internal = next(other for other in case.others if other.id == internal.id)
    send_erase(fay, internal, EraseContent(confirms=internal.head))
    return internal.id


def test_an_internal_room_erased_alone_is_an_alarm_in_its_case(world: World, tmp_path: Path) -> None:
    room, kept = report_twice(world), tmp_path / "cai"
    cai, case = see(world, "cai", room, kept)
    assert (len(case.rooms), cai.list_alarms(case)) == (2, [])
    internal = erase_internal(world, room)
    world.tick(12)
    cai, case = see(world, "cai", room, kept)
    assert cai.list_alarms(case) == [f"room-erased {internal.hex()}"]
    assert cai.unreadable == {}
    erased = cai.erased[internal]
    assert erased.members == (find_id("ben"), find_id("fay"))
    assert erased.certificate.second.proof is not None


def test_a_device_that_never_read_the_room_knows_it_by_a_notice(world: World) -> None:
    room = report_twice(world)
    internal = erase_internal(world, room)
    cai, case = see(world, "cai", room)
    assert cai.list_alarms(case) == [f"room-erased {internal.hex()}"]


def test_a_room_that_the_server_keeps_back_is_an_alarm_and_no_erasure(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, kept = report_twice(world), tmp_path / "cai"
    _, case = see(world, "cai", room, kept)
    hidden = case.others[0].id
    desk = sign_in(world.connect(), make_keys("cai"), folder=kept)
    real = desk.connection.api.get

    def hide(path: str, **named: object):  # type: ignore[no-untyped-def]
        if path.startswith(f"rooms/{hidden.hex()}"):
            raise RefusedError("not-found")
        return real(path, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(desk.connection.api, "get", hide)
    desk.scan()
    case = desk.open_case(room.hex())
    assert desk.list_alarms(case) == [f"room-missing {hidden.hex()}"]


def test_a_fair_erasure_raises_no_alarm_and_says_what_each_room_was(world: World, tmp_path: Path) -> None:
    room, kept = report_twice(world), tmp_path / "cai"
    _, other = world.report("Another one.")
    world.tick(12)
    _, case = see(world, "cai", room, kept)
    internal = case.others[0].id
    propose_erasure(*open_case(world, "ben", room), "irrelevant")
    confirm_erasure(*see(world, "cai", room, kept))
    cai, case = see(world, "cai", other.state.room, kept)
    assert cai.list_alarms(case) == []
    assert {item.room for item in cai.list_erased()} == {room, internal}
    places = [cai.find_place(one) for one in (room, internal)]
    assert [(place.parent, place.label) for place in places if place] == [(None, "reporter"), (room, "internal")]
    fresh, _ = see(world, "ben", other.state.room)
    assert {item.room for item in fresh.list_erased()} == {room, internal}
    assert [fresh.find_place(one) for one in (room, internal)] == [None, None]


def test_a_room_that_the_second_cannot_read_stays_and_those_who_can_are_reminded(world: World) -> None:
    room = report_twice(world)
    ben, case = open_case(world, "ben", room)
    ben.grant(case, find_id("fay"), labels=["reporter"])
    world.tick(24)
    ben, case = open_case(world, "ben", room)
    [staying] = list_staying(ben, case)
    assert staying.label == "internal"
    assert set(staying.able or ()) == {find_id("cai"), find_id("ida")}
    propose_erasure(ben, case, "irrelevant", "A copy.")
    fay, case = open_case(world, "fay", room)
    assert list_staying(fay, case) == []  # nobody ever told of the room: it was opened with those who read the report
    confirm_erasure(fay, case)
    cai = world.desk("cai")
    cai.scan()
    assert cai.list_cases() == []
    [left] = list_left(cai)
    place = cai.find_place(room)
    assert place is not None
    assert (place.parent, place.label) == (None, "reporter")
    wish = find_left_wish(left)
    assert (left.room.manifest.label, left.report.room) == ("internal", room)
    assert wish is not None
    assert (wish.member, wish.text) == (find_id("ben"), "A copy.")
    cap = left.room.cap
    confirm_left(cai, left)
    cai.list_cases()
    assert list_left(cai) == []
    gone = world.client.get(f"rooms/{left.room.id.hex()}", headers={"plaint-cap": cap.hex()})
    assert gone.status_code == 404


def test_a_wish_in_the_report_alone_can_be_agreed_to_by_somebody_who_reads_more(world: World) -> None:
    room = report_twice(world)
    ben, case = open_case(world, "ben", room)
    ben.grant(case, find_id("fay"), labels=["reporter"])
    world.tick(24)
    propose_erasure(*open_case(world, "fay", room), "irrelevant")
    cai, case = open_case(world, "cai", room)
    [staying] = list_staying(cai, case)
    assert set(staying.able or ()) == {find_id("ben"), find_id("ida")}
    confirm_erasure(cai, case)
    for desk in (cai, ben):
        desk.scan()
        desk.list_cases()
    [hers], [his] = list_left(cai), list_left(ben)
    with pytest.raises(RefusedError) as caught:
        confirm_left(cai, hers)
    assert caught.value.code == "erase-nothing"
    propose_left(cai, hers, "irrelevant")
    cai.list_cases()
    with pytest.raises(RefusedError) as caught:
        confirm_left(cai, list_left(cai)[0])
    assert caught.value.code == "erase-same"
    ben.list_cases()
    with pytest.raises(RefusedError) as caught:
        propose_left(ben, list_left(ben)[0], "order")
    assert caught.value.code == "erase-waiting"
    assert his.room.id == hers.room.id
    confirm_left(ben, list_left(ben)[0])
    ben.list_cases()
    assert {item.room for item in ben.list_erased()} == {room, his.room.id}


def test_a_legal_hold_in_a_room_that_is_left_keeps_it(world: World) -> None:
    room = report_twice(world)
    ben, case = open_case(world, "ben", room)
    ben.grant(case, find_id("fay"), labels=["reporter"])
    world.tick(24)
    propose_erasure(*open_case(world, "ben", room), "irrelevant")
    confirm_erasure(*open_case(world, "fay", room))
    ben.list_cases()
    [left] = list_left(ben)
    ben.write(left.room, "entry", EntryContent(hold=Hold("legal", None, "A claim was announced.")))
    ben.list_cases()
    with pytest.raises(RefusedError) as caught:
        propose_left(ben, list_left(ben)[0], "irrelevant")
    assert caught.value.code == "erase-held"


def test_independents_know_of_the_internal_room_that_they_cannot_read_only_by_a_notice(world: World) -> None:
    room = report_twice(world)
    ben, case = open_case(world, "ben", room)
    ben.grant(case, find_id("fay"))
    ben.grant(ben.open_case(room.hex()), find_id("dov"), labels=["reporter"])
    world.tick(24)
    dov, case = open_case(world, "dov", room)
    assert [(item.label, item.able) for item in list_staying(dov, case)] == [("internal", None)]


def test_a_reader_who_was_suspended_is_nobody_who_could_sign(world: World) -> None:
    room = report_twice(world)
    ben, case = open_case(world, "ben", room)
    ben.grant(case, find_id("fay"), labels=["reporter"])
    ben.grant(ben.open_case(room.hex()), find_id("dov"), labels=["reporter"])
    world.tick(24)
    ben, case = open_case(world, "ben", room)
    [staying] = list_staying(ben, case)
    assert set(staying.able or ()) == {find_id("cai"), find_id("ida")}
    world.submit(Suspend(find_id("ida")), "eva")
    world.tick(3)
    ben, case = open_case(world, "ben", room)
    [staying] = list_staying(ben, case)
    assert staying.able == (find_id("cai"),)
    propose_erasure(*open_case(world, "ben", room), "irrelevant")
    confirm_erasure(*open_case(world, "fay", room))
    ben.list_cases()
    [left] = list_left(ben)
    assert list_others(ben, left.room) == (find_id("cai"),)
    alone = replace(
        left, room=replace(left.room, access=replace(left.room.access, granted=(ben.member, find_id("ida"))))
    )
    with pytest.raises(RefusedError) as caught:
        propose_left(ben, alone, "irrelevant")
    assert caught.value.code == "erase-alone"
