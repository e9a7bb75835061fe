"""Reporters, handlers and servers who lie, against the clients of everybody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from plaint.client.alarms import check_sent
from plaint.client.cases import Case
from plaint.client.desk import Desk
from plaint.client.follow import find_report
from plaint.client.rooms import OpenedRoom
from plaint.client.writing import NewRoom, make_holder_writer, make_manifest, seal_open, seal_slots
from plaint.crypto.age import seal_age
from plaint.crypto.hashes import compute_sha256, random_bytes
from plaint.errors import RefusedError, VerificationError
from plaint.protocol.access import Access
from plaint.protocol.content import SlotsContent
from plaint.protocol.keys import HolderKeys, compute_room_keys
from plaint.protocol.leaf import compute_content_leaf
from plaint.protocol.room import Manifest, encode_header
from plaint.protocol.slots import (
    FULL,
    WATCH,
    Slot,
    TokenHashes,
    compute_slot_set,
    compute_token_hashes,
    encode_slot,
)
from plaint.protocol.state import PendingLeaf, open_state, sign_state
from plaint.protocol.write import encode_write
from tests.support.directory_world import find_id, make_keys
from tests.support.sealed import seal, with_work
from tests.support.world import World


def open_desk(world: World, name: str) -> Desk:
    desk = world.desk(name)
    desk.scan()
    return desk


def open_case(world: World, name: str, case: bytes) -> tuple[Desk, Case]:
    desk = open_desk(world, name)
    return desk, desk.open_case(case.hex())


def open_false_room(world: World, keys: HolderKeys, change: Callable[[Manifest], Manifest], **more: object) -> bytes:
    """Open a room whose manifest says something else than the server is told, and return its id."""
    view = world.connect().view
    channel = next(iter(view.state.channels))
    honest = make_manifest(view, channel=channel, secret=keys.room, label="reporter", holder=keys)
    roster = view.roster(channel, view.size)
    granted = tuple(sorted(m.id for m in roster.delivered if m.channel))
    new = NewRoom(keys.room, change(honest), roster, Access(granted, ()), "Something.", **more)  # type: ignore[arg-type]
    write = seal_open(new, make_holder_writer(view, keys, granted, roster=view.size), holder=keys).write
    assert write.opening is not None
    told = replace(write.opening, channel=honest.channel, pack=honest.pack, roster=honest.roster)
    write = with_work(world, replace(write, opening=told))
    answer = world.client.post("rooms", content=encode_write(write))
    assert answer.status_code == 201, answer.text
    return write.header.room


def test_a_report_under_deadlines_nobody_set_stops_no_desk(world: World) -> None:
    _, sent = world.report("An honest one.")
    false = open_false_room(world, world.draw_holder(), lambda m: replace(m, pack=random_bytes(32)))
    world.tick(20)
    desk = open_desk(world, "ben")
    cases = desk.list_cases()
    assert [case.id for case in cases] == [sent.state.room]
    assert [desk.fold(case).status for case in cases] == ["received"]
    assert desk.unreadable == {false: "room-manifest"}


def test_a_reporter_cannot_make_the_room_in_which_handlers_talk(world: World) -> None:
    keys, sent = world.report("First.")
    mark = compute_room_keys(keys.room).compute_child("internal")
    own = world.draw_holder()
    with pytest.raises(AssertionError, match="session"):
        open_false_room(world, own, lambda m: replace(m, label="internal", parent=sent.state.room), unique=mark)
    open_false_room(world, own, lambda m: replace(m, label="internal", parent=sent.state.room))
    world.tick(20)
    ben, case = open_case(world, "ben", sent.state.room)
    assert case.others == ()
    ben.note(case, "Who speaks with her?")
    world.tick(20)
    _, same = open_case(world, "cai", sent.state.room)
    internal = same.find_room("internal")
    assert internal is not None
    assert internal.manifest.holder is None
    assert len(same.others) == 1


def test_a_lying_slot_set_is_seen_even_behind_a_later_true_one(world: World) -> None:
    keys, sent = world.report("It was Ida.", about=["Ida Invented"])
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    room = _send_slots(ben, case.room, lie=find_id("ida"))
    room = _send_slots(ben, room, lie=None)
    world.tick(20)
    ida = open_desk(world, "ida")
    assert [case.id for case in ida.list_cases()] == [sent.state.room]  # the lie gave her the key
    report = find_report(world.connect(), keys)
    assert "slots-digest 1" in report.room.problems
    assert "slots-digest 1" in report.list_warnings()
    _, seen = open_case(world, "cai", sent.state.room)
    assert "slots-digest 1" in seen.room.problems


def test_lifting_an_exclusion_is_an_alarm(world: World) -> None:
    keys, sent = world.report("It was Ida.", about=["Ida Invented"])
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    granted = tuple(sorted({*case.room.access.granted, find_id("ida")}))
    access = replace(case.room.access, granted=granted, conflicted=())
    content = SlotsContent(access=access)
    ben.connection.send(seal_slots(case.room, content, ben.writer).write, cap=case.room.cap)
    report = find_report(world.connect(), keys)
    assert report.room.problems == (f"access-lifted {find_id('ida').hex()}",)


def test_leaving_colleagues_off_a_later_list_is_an_alarm_and_takes_no_proof_from_them(world: World) -> None:
    keys, sent = world.report("It was the head of sales.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    alone = replace(case.room.access, granted=(find_id("ben"),))
    ben.connection.send(seal_slots(case.room, SlotsContent(access=alone), ben.writer).write, cap=case.room.cap)
    report = find_report(world.connect(), keys)
    dropped = [f"access-dropped {member.hex()}" for member in case.room.access.granted if member != find_id("ben")]
    assert report.list_warnings() == dropped
    assert report.room.access == case.room.access
    names = [report.connection.view.name(member) for member in case.room.access.granted]
    assert sorted(item.name for item in report.list_access()) == sorted(names)  # they have the key all the same
    report.send(report.seal_text("He came back today."))
    report.send(report.seal_let_in(find_id("dov")))
    for name in ("ben", "cai"):
        desk, case = open_case(world, name, sent.state.room)
        assert {entry.authorship for entry in case.room.entries} <= {"proved", "own"}
        assert desk.list_alarms(case) == dropped
        assert {grant.member for grant in desk.fold(case).grants} == set(case.room.access.granted)
    assert find_id("dov") in case.room.access.granted


def test_somebody_kept_out_does_not_confirm_a_closing(world: World) -> None:
    keys, sent = world.report("It was Ida.", about=["Ida Invented"])
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    ben.close(case, "Nothing to see.")
    ben, case = open_case(world, "ben", sent.state.room)
    closing = ben.fold(case).closing
    assert closing is not None
    ida = make_keys("ida")
    friend = Desk(ben.connection, ida, ida.id, ben.session, stream=ben.stream)
    friend.confirm(case, closing.hash)  # Ben seals it, Ida lends her signature
    assert find_report(world.connect(), keys).fold().status == "closing"
    cai, case = open_case(world, "cai", sent.state.room)
    assert cai.fold(case).status == "closing"
    cai.confirm(case, closing.hash)
    assert find_report(world.connect(), keys).fold().status == "closed"


def test_a_place_promised_for_some_day_is_no_promise(world: World) -> None:
    connection = world.connect()
    report = seal(world)
    note = world.client.post("rooms", content=report.data).content
    keys = world.keys
    state = open_state(note, keys.verifiers.receipts)
    late = replace(state, leaves=tuple(PendingLeaf(item.leaf, item.include_by + 1) for item in state.leaves))
    lying = sign_state(late, keys.receipts, name=keys.verifiers.receipts.name)
    connection.api.send = lambda *_args, **_more: lying  # type: ignore[method-assign]
    with pytest.raises(VerificationError) as caught:
        connection.send(report.write)
    assert caught.value.code == "state-leaf"


def _send_slots(desk: Desk, room: OpenedRoom, *, lie: bytes | None) -> OpenedRoom:
    """Send a new slot set; `lie` is let in by the slots and not by the list that stands beside them."""
    sealed = seal_slots(room, SlotsContent(access=room.access), desk.writer)
    write = sealed.write
    if lie is not None:
        shown = room.access
        granted = tuple(sorted({*shown.granted, lie}))
        hidden = Access(granted, tuple(m for m in shown.conflicted if m != lie), shown.excluded)
        slots = compute_slot_set(room.secret, room.manifest, room.roster, hidden, seq=len(room.entries))
        header = replace(write.header, slots=compute_sha256(slots))
        leaf = compute_content_leaf(sealed.opening, encode_header(header))
        write = replace(write, header=header, slots=slots, leaves=(leaf,))
    desk.connection.send(write, cap=room.cap)
    return desk._reread(room)


def test_members_see_a_clock_that_is_wrong_and_dates_that_moved(world: World) -> None:
    _, sent = world.report("First.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    assert ben.list_alarms(case) == []
    state = case.room.state
    moved = replace(state, dues=tuple(replace(due, at=due.at + 30 * 86_400) for due in state.dues))
    assert ben.list_alarms(replace(case, room=replace(case.room, state=moved))) == ["state-due"]
    half = replace(state, dues=(state.dues[0], replace(state.dues[1], at=state.dues[1].at + 1)))
    assert ben.list_alarms(replace(case, room=replace(case.room, state=half))) == ["state-due"]
    none = replace(state, dues=state.dues[:1])
    assert ben.list_alarms(replace(case, room=replace(case.room, state=none))) == ["state-due"]
    wrong = replace(state, at=state.at - 3_600)
    assert ben.list_alarms(replace(case, room=replace(case.room, state=wrong))) == ["state-clock"]
    assert check_sent(ben.connection, wrong) == []  # a report sent again is answered as it was then
    assert check_sent(ben.connection, replace(state, at=state.at + 3_600)) == ["state-clock"]


def test_a_grant_that_was_cut_off_before_the_reporter_was_told_is_told_the_next_time(world: World) -> None:
    keys, sent = world.report("First.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    ben.note(case, "We need Fay.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    internal = case.find_room("internal")
    assert internal is not None
    ben._grant(internal, find_id("fay"), "Fay Invented")
    ben, case = open_case(world, "ben", sent.state.room)
    ben.grant(case, find_id("fay"), labels=["internal"])
    ben, case = open_case(world, "ben", sent.state.room)
    assert all(grant.told for grant in ben.fold(case).grants if grant.member == find_id("fay"))
    names = [item.name for item in find_report(world.connect(), keys).list_access()]
    assert names.count("Fay Invented (internal)") == 1
    with pytest.raises(RefusedError) as caught:
        ben.grant(case, find_id("fay"), labels=["internal"])
    assert caught.value.code == "grant-already"


def test_a_false_key_to_a_room_hides_it_from_nobody(world: World) -> None:
    """Ben, who reads the case, seals his colleagues and the independents false keys to it in a room of his own."""
    _, sent = world.report("First.")
    world.tick(12)
    send_false_slots(world, sent.state.room, FULL)
    world.tick(20)
    cai, case = open_case(world, "cai", sent.state.room)
    assert case.room.entries[0].authorship == "proved"
    assert sent.state.room not in cai.unreadable
    dov = open_desk(world, "dov")
    assert [due.state for due in dov.list_watched()[sent.state.room]] == ["open", "open"]


def test_false_dates_in_a_watcher_s_slot_hide_no_missed_date(world: World) -> None:
    _, sent = world.report("First.")
    world.tick(12)
    _, case = open_case(world, "ben", sent.state.room)
    tokens = compute_token_hashes(case.room.secret)
    logged = compute_sha256(sent.state.leaves[0].leaf[1:])
    send_false_slots(world, sent.state.room, WATCH, tokens=replace(tokens, acknowledge=logged, feedback=logged))
    send_false_slots(world, sent.state.room, WATCH, tokens=replace(tokens, open=bytes(32)))
    world.now += 7 * 86_400
    world.tick(40)
    dov = open_desk(world, "dov")
    dov.stream.slots = [slot for slot in dov.stream.slots if slot.mode == WATCH]  # the server hands out no key
    assert [due.state for due in dov.list_watched()[sent.state.room]] == ["unreleased", "open"]


def send_false_slots(world: World, room: bytes, mode: str, *, tokens: TokenHashes | None = None) -> None:
    """Open a room whose slots speak of another one."""
    report = seal(world)
    view = world.connect().view
    opening = report.write.opening
    assert opening is not None
    manifest_pack = view.state.channels[opening.channel].pack
    roster = view.roster(opening.channel, opening.roster)
    false = tokens or compute_token_hashes(random_bytes(32))
    slots = [random_bytes(456)]
    for position in (*roster.delivered, *roster.held):
        secret = random_bytes(32) if mode == FULL else None
        slot = Slot(mode, view.org, position.id, room, 9, secret, false, manifest_pack[:16])
        slots.append(seal_age(position.age, encode_slot(slot)))
    header = replace(report.write.header, slots=compute_sha256(b"".join(slots)))
    write = replace(report.write, header=header, slots=b"".join(slots))
    answer = world.client.post("rooms", content=encode_write(write))
    assert answer.status_code == 201, answer.text
