"""Members who would stop the escalation: whoever the report let watch is let in when a date is missed, and told of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from plaint.client.cases import Case
from plaint.client.desk import Desk
from plaint.client.follow import find_report
from plaint.client.handling import list_handling, open_handling
from plaint.client.rooms import OpenedRoom
from plaint.client.writing import seal_slots
from plaint.crypto.hashes import compute_sha256, random_bytes
from plaint.protocol.access import Access
from plaint.protocol.content import SlotsContent
from plaint.protocol.leaf import compute_content_leaf
from plaint.protocol.room import encode_header
from tests.support.directory_world import find_id
from tests.support.world import World

WEEK_S = 7 * 86_400


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as made:
        yield made


def open_case(world: World, name: str, case: bytes) -> tuple[Desk, Case]:
    desk = world.desk(name)
    desk.scan()
    return desk, desk.open_case(case.hex())


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
    assert set(report.room.problems) == {f"access-shut {find_id(name).hex()}" for name in ("dov", "cai")}
    ben, case = open_case(world, "ben", room)
    ben.grant(case, find_id("cai"), labels=["reporter"])
    assert find_id("cai") in find_report(world.connect(), keys).room.access.granted


def test_a_garbage_set_in_place_of_the_first_stops_no_escalation(world: World) -> None:
    _, sent = world.report("It was the head of sales.")
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
    world.now += WEEK_S
    world.tick(40)
    for name in ("dov", "eva"):
        _, case = open_case(world, name, room)
        assert case.id == room
