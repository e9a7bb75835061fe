"""Members who would stop the escalation: whoever the report let watch is let in when a date is missed, and told of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from plaint.client.desk import Desk
from plaint.client.follow import find_report
from plaint.client.handling import list_handling, open_handling
from plaint.client.rooms import OpenedRoom
from plaint.client.writing import make_holder_writer, seal_slots
from plaint.crypto.hashes import compute_sha256, random_bytes
from plaint.errors import RefusedError
from plaint.protocol.access import Access
from plaint.protocol.content import SlotsContent
from plaint.protocol.directory_contents import Leave, Suspend
from plaint.protocol.leaf import compute_content_leaf
from plaint.protocol.room import encode_header
from plaint.server.clock.batch import MOVING_PER_CELL
from plaint.store import ticks
from tests.support.directory_world import find_id
from tests.support.many_rooms import add_missed, read_escalated
from tests.support.world import CLOCK, World, open_case

WEEK_S = 7 * 86_400
MOST = MOVING_PER_CELL * CLOCK.cells


def shut_out(desk: Desk, room: OpenedRoom, names: Sequence[str]) -> None:
    """Send the slot set of the same readers that keeps `names` out from now on."""
    granted = tuple(sorted({*room.access.granted} - {find_id(name) for name in names}))
    conflicted = tuple(sorted({*room.access.conflicted, *map(find_id, names)}))
    content = SlotsContent(access=Access(granted, conflicted, room.access.excluded))
    desk.connection.send(seal_slots(room, content, desk.writer).write, cap=room.cap)


def test_keeping_independents_out_later_is_an_alarm_and_stops_no_escalation(world: World) -> None:
    keys, sent = world.report("It was the head of sales.")
    room = sent.state.room
    world.tick(12)
    ben, case = open_case(world, "ben", room)
    shut_out(ben, case.room, ["dov", "eva"])
    codes = {f"access-shut {find_id(name).hex()}" for name in ("dov", "eva")}
    report = find_report(world.connect(), keys)
    assert set(report.list_warnings()) == codes
    assert {member for member, _ in report.list_watchers()} == {find_id("dov"), find_id("eva")}
    cai, case = open_case(world, "cai", room)
    assert set(cai.list_alarms(case)) == codes
    report.send(report.seal_text("Does nobody answer?"))
    world.now += WEEK_S
    world.tick(40)
    for name in ("dov", "eva"):
        desk, case = open_case(world, name, room)
        assert [entry.authorship for entry in case.room.entries] == ["proved", "proved", "proved"]
        assert set(desk.list_alarms(case)) == codes
    dov, case = open_case(world, "dov", room)
    open_handling(dov, case, "Nobody answered, and we were shut out.")
    world.tick(20)
    assert len(list_handling(*open_case(world, "dov", room))) == 1


def test_keeping_independents_out_after_the_date_takes_no_say_from_them(world: World) -> None:
    keys, sent = world.report("It was the head of sales.")
    room = sent.state.room
    world.tick(12)
    world.now += WEEK_S
    world.tick(40)
    ben, case = open_case(world, "ben", room)
    shut_out(ben, case.room, ["dov", "cai"])
    dov, case = open_case(world, "dov", room)
    open_handling(dov, case, "Nobody answered.")
    report = find_report(world.connect(), keys)
    report.send(report.seal_let_in(find_id("dov")))
    assert find_id("dov") in report.room.access.granted
    shut = {f"access-shut {find_id(name).hex()}" for name in ("dov", "cai")}
    assert set(report.room.problems) == {*shut, f"access-dropped {find_id('cai').hex()}"}
    assert find_id("cai") in report.room.access.granted  # whoever was let in stays so
    ben, case = open_case(world, "ben", room)
    with pytest.raises(RefusedError) as caught:
        ben.grant(case, find_id("cai"), labels=["reporter"])
    assert caught.value.code == "grant-already"


def test_a_garbage_set_in_place_of_the_first_stops_no_escalation(world: World) -> None:
    keys, sent = world.report("It was the head of sales.")
    room = sent.state.room
    world.tick(12)
    ben, case = open_case(world, "ben", room)
    sealed = seal_slots(case.room, SlotsContent(access=case.room.access), ben.writer)
    slots = random_bytes(len(sealed.write.slots))
    header = replace(sealed.write.header, slots=compute_sha256(slots))
    leaf = compute_content_leaf(sealed.opening, encode_header(header))
    ben.connection.send(replace(sealed.write, header=header, slots=slots, leaves=(leaf,)), cap=case.room.cap)
    cai, case = open_case(world, "cai", room)
    assert cai.list_alarms(case) == ["slots-position 0"]
    report = find_report(world.connect(), keys)  # her words still lead to it
    assert report.list_warnings() == ["slots-position 0"]
    report.send(report.seal_let_in(find_id("dov")))
    assert find_report(world.connect(), keys).list_warnings() == ["slots-digest 1"]
    world.now += WEEK_S
    world.tick(40)
    for name in ("dov", "eva"):
        _, case = open_case(world, name, room)
        assert case.id == room


def count_waiting(world: World) -> int:
    org = world.services.organisation.org
    return world.loop.run(world.database.read(lambda c: ticks.count_waiting(c, org)))


def test_sets_that_somebody_keeps_sending_to_his_own_missed_room_hold_no_other_room_back(world: World) -> None:
    keys, _ = world.report("Nothing much, and nobody answers it.")
    world.tick(12)
    world.now += WEEK_S
    world.tick(20)
    own = find_report(world.connect(), keys)
    writer = make_holder_writer(own.connection.view, keys, own.room.access.granted, roster=own.room.manifest.roster)
    _, sent = world.report("It was the head of sales.")
    world.now += WEEK_S
    for _ in range(12):
        while count_waiting(world) < MOST + 2:
            own.refresh()
            own.connection.send(
                seal_slots(own.room, SlotsContent(access=own.room.access), writer).write, cap=own.room.cap
            )
        world.tick()
    assert sent.state.room in read_escalated(world)


def test_an_answer_after_the_date_takes_no_escalation_back(world: World) -> None:
    _, sent = world.report("It was the head of sales.")
    world.tick(12)
    world.now += WEEK_S
    add_missed(world, 2 * MOST, before=int(world.now) - WEEK_S)
    world.tick(2)
    assert sent.state.room not in read_escalated(world)  # those missed longer come first
    ben, case = open_case(world, "ben", sent.state.room)
    ben.acknowledge(case)
    world.tick(90)
    assert sent.state.room in read_escalated(world)
    _, case = open_case(world, "dov", sent.state.room)
    assert case.id == sent.state.room


def test_an_answer_before_the_date_moves_the_escalation_to_the_next_one(world: World) -> None:
    _, sent = world.report("It was the head of sales.")
    world.tick(12)
    world.skew = 30 * 86_400  # the server's own clock says that the date is over, and no cosigner does
    ben, case = open_case(world, "ben", sent.state.room)
    ben.acknowledge(case)
    world.skew = 0
    world.now += WEEK_S
    world.tick(9)
    assert read_escalated(world) == set()


def test_an_independent_who_was_suspended_around_the_date_gets_the_key_when_she_is_back(world: World) -> None:
    _, sent = world.report("It was Eva.", about=["Eva Invented"])
    world.tick(12)
    world.submit(Suspend(find_id("dov")), "ada")
    world.now += WEEK_S
    world.tick(9)
    assert sent.state.room in read_escalated(world)
    assert count_waiting(world) == 0  # what is kept for whoever is away closes no door
    world.submit_member("dov", ("independent",), "gus", "eva")
    world.tick(1)
    world.now += CLOCK.delay
    world.tick(30)
    _, case = open_case(world, "dov", sent.state.room)
    assert case.id == sent.state.room


def test_when_the_independents_of_a_report_have_left_she_is_told_and_nobody_is_let_in_for_nothing(world: World) -> None:
    keys, sent = world.report("It was the head of sales.")
    world.tick(12)
    world.submit_member("hal", ("independent",), "ada", "dov")
    world.tick(2)
    world.now += CLOCK.delay
    world.tick(3)
    world.submit(Leave(find_id("dov")), "dov")
    world.tick(3)
    report = find_report(world.connect(), keys)
    assert ([name for _, name in report.list_watchers()], report.list_warnings()) == (["Eva Invented"], [])
    world.submit(Leave(find_id("eva")), "eva")
    world.tick(3)
    report = find_report(world.connect(), keys)
    assert (report.list_watchers(), report.list_warnings()) == ([], ["room-unwatched"])
    for name, code in (
        ("dov", "grant-left"),
        ("hal", "grant-roster"),
    ):  # whoever came later has no place in this report
        with pytest.raises(RefusedError) as caught:
            report.seal_let_in(find_id(name))
        assert caught.value.code == code
    ben, case = open_case(world, "ben", sent.state.room)
    assert ben.list_alarms(case) == ["room-unwatched"]
