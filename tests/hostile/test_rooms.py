"""What readers see of rooms whose people and server do not play fair; nothing here is hidden, all of it is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plaint.client.cases import Case
from plaint.client.desk import Desk
from plaint.client.follow import check_extends, find_report
from plaint.client.reporter import prepare_report, seal_report
from plaint.client.writing import SealedWrite, seal_entry
from plaint.crypto.hashes import compute_sha256
from plaint.errors import ConflictError, RefusedError, VerificationError
from plaint.protocol.authorship import MemberWriter
from plaint.protocol.body import open_body
from plaint.protocol.content import EntryContent
from plaint.protocol.keys import HolderKeys, compute_room_keys
from plaint.protocol.leaf import compute_content_leaf
from plaint.protocol.room import encode_header
from plaint.protocol.slots import SLOT_BYTES
from plaint.protocol.work import parse_work
from plaint.protocol.write import Write
from tests.support.directory_world import find_id, make_keys
from tests.support.world import World, open_case

DAY = 86_400


def change_slots(write: Write, keys: HolderKeys, slots: bytes) -> Write:
    """Return the write with another slot set, consistent in everything the server can check."""
    opening = open_body(compute_room_keys(keys.room).identity, write.header, write.body).proof.opening
    header = replace(write.header, slots=compute_sha256(slots))
    leaves = (compute_content_leaf(opening, encode_header(header)), *write.leaves[1:])
    return replace(write, header=header, slots=slots, leaves=leaves)


def test_a_slot_sealed_otherwise_than_the_list_says_is_named_by_position(world: World) -> None:
    connection, keys = world.connect(), world.draw_holder()
    write = seal_report(connection.view, prepare_report(connection.view), keys, text="First.")
    position = 5
    start = position * SLOT_BYTES
    lying = write.slots[:start] + write.slots[:SLOT_BYTES] + write.slots[start + SLOT_BYTES :]
    changed = change_slots(write, keys, lying)
    assert changed.opening is not None
    work = parse_work(connection.solve(compute_sha256(changed.body)))
    connection.send(replace(changed, opening=replace(changed.opening, work=work)))
    assert find_report(world.connect(), keys).room.problems == (f"slots-position {position}",)


def test_a_member_who_signs_for_another_is_not_believed(world: World) -> None:
    _, sent = world.report("First.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.receipt.header.room)
    forged = MemberWriter(find_id("cai"), make_keys("ben").sign)
    send_as(ben, case, seal_entry(case.room, "entry", EntryContent(text="Signed, Cai."), forged))
    _, seen = open_case(world, "ida", case.id)
    assert (seen.room.entries[1].author, seen.room.entries[1].authorship) == (find_id("cai"), "unproved")


def test_a_forged_closing_closes_nothing(world: World) -> None:
    _, sent = world.report("First.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.receipt.header.room)
    ben.close(case, "Nothing to see.")
    ben, case = open_case(world, "ben", case.id)
    closing = ben.fold(case).closing
    assert closing is not None
    forged = MemberWriter(find_id("cai"), make_keys("ben").sign)
    send_as(ben, case, seal_entry(case.room, "entry", EntryContent(confirms=closing.hash), forged))
    ida, seen = open_case(world, "ida", case.id)
    assert ida.fold(seen).status == "closing"


def test_acknowledging_takes_a_session(world: World) -> None:
    keys, sent = world.report("First.")
    world.tick(12)
    report = find_report(world.connect(), keys)
    ben, case = open_case(world, "ben", sent.receipt.header.room)
    sealed = seal_entry(case.room, "acknowledge", EntryContent(), ben.writer)
    with pytest.raises(RefusedError) as caught:
        report.connection.send(sealed.write, cap=report.room.cap)
    assert caught.value.code == "session"


def test_a_room_that_lost_an_entry_is_an_alarm(world: World) -> None:
    keys, sent = world.report("First.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.receipt.header.room)
    before = find_report(world.connect(), keys)
    ben.reply(case, "Second.")
    after = find_report(world.connect(), keys)
    state = after.room.state
    check_extends(after.room, entries=before.room.state.entries, head=before.room.state.head)
    for entries, head in ((state.entries, before.room.state.head), (state.entries + 1, state.head)):
        with pytest.raises(VerificationError) as caught:
            check_extends(after.room, entries=entries, head=head)
        assert caught.value.code == "state-fork"
    with pytest.raises(VerificationError) as caught:
        check_extends(before.room, entries=state.entries, head=state.head)
    assert caught.value.code == "state-fork"


def test_a_member_who_remembers_more_than_the_server_shows_raises_the_alarm(world: World) -> None:
    _, sent = world.report("First.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.receipt.header.room)
    ben.stream.heads[case.id] = (2, bytes(32))
    with pytest.raises(VerificationError) as caught:
        ben.list_cases()
    assert caught.value.code == "state-fork"


def test_a_clock_that_runs_apart_is_told(world: World) -> None:
    keys, sent = world.report("First.")
    world.tick(12)
    report = find_report(world.connect(), keys)
    assert report.list_warnings(sent.receipt) == []
    world.now += 3 * 3600
    assert {"state-clock", "state-stale"} <= set(report.list_warnings(sent.receipt))


def test_words_are_for_one_report(world: World) -> None:
    keys, _ = world.report("First.")
    with pytest.raises(ConflictError) as caught:
        world.report("Second.", keys=keys)
    assert caught.value.code == "room-taken"


def send_as(desk: Desk, case: Case, sealed: SealedWrite) -> None:
    desk.connection.send(sealed.write, cap=case.room.cap)
