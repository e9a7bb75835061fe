"""A member who forges, grants in secret or answers without a name: who catches it, and by which word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plaint.client import writing
from plaint.client.cases import Case
from plaint.client.desk import Desk
from plaint.client.erasing import confirm_erasure, propose_erasure
from plaint.client.follow import find_report
from plaint.client.rooms import OpenedRoom
from plaint.client.writing import seal_entry, seal_slots
from plaint.crypto.agreement import AgreementKey
from plaint.crypto.hashes import compute_sha256, random_bytes
from plaint.errors import ConflictError, RefusedError
from plaint.protocol.authorship import HolderWriter, MemberWriter
from plaint.protocol.content import (
    Content,
    EntryContent,
    EraseContent,
    FeedbackContent,
    Notice,
    SlotsContent,
)
from plaint.protocol.directory_contents import Suspend
from plaint.protocol.leaf import compute_content_leaf
from plaint.protocol.room import encode_header
from plaint.protocol.slots import compute_slot_set
from plaint.protocol.write import encode_write
from tests.support.directory_world import find_id, make_keys
from tests.support.world import World, open_case

DAY = 86_400


def test_a_message_forged_in_the_reporter_s_name_is_unproved_to_colleagues_and_to_her(world: World) -> None:
    keys, sent = world.report("First.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    authors = ben.connection.view.authors(case.room.manifest.roster)
    forged = HolderWriter(AgreementKey(bytes(range(32))), {m: authors[m] for m in case.room.access.granted})
    write = seal_entry(case.room, "entry", EntryContent(text="I take it all back."), forged).write
    ben.connection.send(write, cap=case.room.cap)
    cai, seen = open_case(world, "cai", case.id)
    assert seen.room.entries[1].authorship == "unproved"
    assert (case.id, 1) in cai.fold(seen).unproved
    assert find_report(world.connect(), keys).room.entries[1].authorship == "unproved"


@pytest.mark.parametrize("way", ["another's name", "the reporter's tags", "no author"])
def test_an_acknowledgement_that_nobody_signed_meets_no_date_say_reporter_and_colleagues(
    world: World, way: str
) -> None:
    keys, sent = world.report("First.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    writers: dict[str, MemberWriter | HolderWriter] = {
        "another's name": MemberWriter(find_id("cai"), make_keys("ben").sign),
        "the reporter's tags": HolderWriter(AgreementKey(bytes(range(32))), {}),
        "no author": HolderWriter(AgreementKey(bytes(range(1, 33))), {find_id("cai"): make_keys("ben").author.public}),
    }
    write = seal_entry(case.room, "acknowledge", Content(text="It arrived."), writers[way]).write
    ben.connection.send(write, cap=case.room.cap, session=ben.session.token())
    world.tick(12)
    world.now += 9 * DAY
    world.tick(2)
    report = find_report(world.connect(), keys)
    assert report.room.entries[1].authorship == "unproved"
    assert report.fold().status == "received"
    assert report.list_due_dates()[0].state == "missed"
    cai, seen = open_case(world, "cai", case.id)
    assert cai.list_due_dates(seen)[0].state == "missed"
    assert (case.id, 1) in cai.fold(seen).unproved


def test_a_void_slot_sealed_for_real_is_named_by_position_to_reporter_and_colleagues(world: World) -> None:
    keys, sent = world.report("It was Ida.", about=["Ida Invented"])
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    room = case.room
    sealed = seal_slots(room, SlotsContent(access=room.access), ben.writer)
    header = sealed.write.header
    lie = replace(room.access, granted=tuple(sorted({*room.access.granted, find_id("ida")})), conflicted=())
    slots = compute_slot_set(room.secret, room.manifest, room.roster, lie, seq=header.seq)
    header = replace(header, slots=compute_sha256(slots))
    leaf = compute_content_leaf(sealed.opening, encode_header(header))
    ben.connection.send(replace(sealed.write, header=header, slots=slots, leaves=(leaf,)), cap=room.cap)
    report = find_report(world.connect(), keys)
    places = [place.id for place in room.roster.delivered]
    expected = f"slots-position {1 + places.index(find_id('ida'))}"
    assert expected in report.list_warnings()
    cai, seen = open_case(world, "cai", case.id)
    assert expected in cai.list_alarms(seen)


def test_a_grant_in_the_internal_room_without_the_notice_is_named_to_every_colleague(world: World) -> None:
    _, sent = world.report("First.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    ben.note(case, "Between ourselves.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    assert ben.list_alarms(case) == []
    internal = case.find_room("internal")
    assert internal is not None
    ben._grant(internal, find_id("fay"), "Fay Invented")
    cai, case = open_case(world, "cai", sent.state.room)
    assert cai.list_alarms(case) == [f"grant-untold {find_id('fay').hex()}"]
    ben, case = open_case(world, "ben", sent.state.room)
    ben.grant(case, find_id("fay"), labels=["internal"])
    cai, case = open_case(world, "cai", sent.state.room)
    assert cai.list_alarms(case) == []


def test_an_internal_room_opened_with_somebody_more_in_it_is_named_to_every_colleague(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, sent = world.report("First.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    prepare = Desk._prepare_internal

    def prepare_more(desk: Desk, case: Case):  # type: ignore[no-untyped-def]
        new = prepare(desk, case)
        granted = tuple(sorted({*new.access.granted, find_id("fay")}))
        return replace(new, access=replace(new.access, granted=granted))

    monkeypatch.setattr(Desk, "_prepare_internal", prepare_more)
    ben.note(case, "Between the three of us.")
    world.tick(12)
    cai, case = open_case(world, "cai", sent.state.room)
    assert cai.list_alarms(case) == [f"grant-untold {find_id('fay').hex()}"]
    cai.grant(case, find_id("fay"), labels=["internal"])
    cai, case = open_case(world, "cai", sent.state.room)
    assert cai.list_alarms(case) == []


def let_fay_in_untold(world: World) -> tuple[Desk, Case, OpenedRoom]:
    """Let Ben give Fay the key of an internal room and say nothing of it to the reporter."""
    _, sent = world.report("First.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    ben.note(case, "Between ourselves.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    internal = case.find_room("internal")
    assert internal is not None
    ben._grant(internal, find_id("fay"), "Fay Invented")
    return ben, case, internal


def tell_of_fay(desk: Desk, case: Case, internal: OpenedRoom, writer: MemberWriter) -> None:
    """Send the reporter's room a notice that Fay was let in, by `writer`."""
    notice = Notice("access", internal.id, "internal", find_id("fay"), "Fay Invented")
    write = seal_entry(case.room, "entry", EntryContent(notice=notice), writer).write
    desk.connection.send(write, cap=case.room.cap)


def test_a_notice_forged_in_another_s_name_tells_nothing(world: World) -> None:
    ben, case, internal = let_fay_in_untold(world)
    tell_of_fay(ben, case, internal, MemberWriter(find_id("cai"), make_keys("ben").sign))
    cai, case = open_case(world, "cai", case.id)
    assert cai.list_alarms(case) == [f"grant-untold {find_id('fay').hex()}"]


def test_a_notice_signed_by_somebody_who_was_suspended_tells_nothing(world: World) -> None:
    ben, case, internal = let_fay_in_untold(world)
    world.submit(Suspend(find_id("ben")), "dov")
    world.tick(12)
    tell_of_fay(ben, case, internal, ben.writer)
    cai, case = open_case(world, "cai", case.id)
    assert cai.list_alarms(case) == [f"grant-untold {find_id('fay').hex()}"]


def test_who_is_named_as_let_in_without_a_place_or_a_proof_is_no_reader(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ada has no place in a report's slot set, and nobody signed that Fay was let in elsewhere: both read nothing."""
    keys, sent = world.report("First.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    ben.note(case, "Between ourselves.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    internal = case.find_room("internal")
    assert internal is not None
    tell_of_fay(ben, case, internal, MemberWriter(find_id("cai"), make_keys("ben").sign))
    for room in ben.open_case(case.id.hex()).rooms:
        honest = compute_slot_set(room.secret, room.manifest, room.roster, room.access, seq=len(room.entries))
        lie = replace(room.access, granted=tuple(sorted({*room.access.granted, find_id("ada")})))
        with monkeypatch.context() as patch:
            patch.setattr(writing, "compute_slot_set", lambda *_, seq, slots=honest: slots)
            write = seal_slots(room, SlotsContent(access=lie), ben.writer).write
        ben.connection.send(write, cap=room.cap)
    world.tick(12)
    report = find_report(world.connect(), keys)
    readers = sorted(report.connection.view.name(member) for member in case.room.access.granted)
    assert "access-unknown" in report.list_warnings()
    assert [item.name for item in report.list_access()] == readers
    cai, case = open_case(world, "cai", sent.state.room)
    assert cai.list_alarms(case) == ["access-unknown"]
    assert {grant.member for grant in cai.fold(case).grants} == set(case.room.access.granted)


def test_who_is_removed_takes_no_signature_to_erase_back(world: World) -> None:
    keys, sent = world.report("First.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    ben.acknowledge(case)
    ben.feedback(ben.open_case(case.id.hex()), action="We asked.", grounds="Nobody saw it.")
    world.tick(12)
    world.submit(Suspend(find_id("ben")), "dov")
    world.tick(12)
    cai, case = open_case(world, "cai", sent.state.room)
    propose_erasure(cai, case, "order")
    room, stranger = cai.open_case(case.id.hex()).room, world.connect()
    again = SlotsContent(access=room.access)
    for write in (seal_entry(room, "entry", EntryContent(text="No."), ben.writer), seal_slots(room, again, ben.writer)):
        for locator in (None, bytes(32)):
            with pytest.raises(RefusedError) as caught:
                stranger.send(write.write, cap=room.cap, locator=locator)
            assert caught.value.code == "erase-writer"
    late = seal_entry(case.room, "entry", EntryContent(text="No."), ben.writer).write
    with pytest.raises(ConflictError) as overtaken:
        stranger.send(late, cap=room.cap)
    assert overtaken.value.code == "entry-conflict"
    ida, case = open_case(world, "ida", sent.state.room)
    ida.reply(case, "Wait, please.")  # a member objects
    cai, case = open_case(world, "cai", sent.state.room)
    assert cai.fold(case).erasing is None
    propose_erasure(cai, case, "order")
    report = find_report(world.connect(), keys)
    report.send(report.seal_text("I need it in court."))  # and so does she
    cai, case = open_case(world, "cai", sent.state.room)
    assert cai.fold(case).erasing is None
    propose_erasure(cai, case, "order")
    ida, case = open_case(world, "ida", sent.state.room)
    confirm_erasure(ida, case)


def test_the_signature_to_erase_of_somebody_who_was_never_let_in_is_none(world: World) -> None:
    """Ben lends Fay, who reads nothing of it, the key: Cai agrees to what somebody wants who may read it."""
    _, sent = world.report("First.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    ben.acknowledge(case)
    ben.feedback(ben.open_case(case.id.hex()), action="We asked.", grounds="Nobody saw it.")
    room = ben.open_case(case.id.hex()).room
    fay = MemberWriter(find_id("fay"), make_keys("fay").sign)
    write = seal_entry(room, "erase", EraseContent(ground="irrelevant"), fay).write
    ben.connection.send(write, cap=room.cap, session=world.session("fay"))
    world.tick(12)
    cai, case = open_case(world, "cai", sent.state.room)
    assert case.room.entries[-1].authorship == "unadmitted"
    with pytest.raises(RefusedError) as agreed:
        confirm_erasure(cai, case)
    with pytest.raises(RefusedError) as asked:
        propose_erasure(cai, case, "irrelevant")
    assert (agreed.value.code, asked.value.code) == ("erase-doubtful", "erase-doubtful")


@pytest.mark.parametrize("let_in", [False, True])
def test_what_somebody_signs_who_was_never_let_in_answers_and_closes_nothing(world: World, *, let_in: bool) -> None:
    """Ben lends Fay, who reads nothing of it, the key; whom he lets in by name has a say."""
    keys, sent = world.report("First.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    ben.close(case, "Nothing to see.")
    if let_in:
        ben.grant(ben.open_case(case.id.hex()), find_id("fay"))
    room = ben.open_case(case.id.hex()).room
    closing = ben.fold(ben.open_case(case.id.hex())).closing
    assert closing is not None
    fay = MemberWriter(find_id("fay"), make_keys("fay").sign)
    for kind, content in (
        ("acknowledge", EntryContent(text="We have it.")),
        ("entry", EntryContent(confirms=closing.hash)),
    ):
        write = seal_entry(room, kind, content, fay).write
        ben.connection.send(write, cap=room.cap, session=world.session("fay"))
        room = ben.open_case(case.id.hex()).room
    world.tick(12)
    world.now += 100 * DAY
    world.tick(2)
    cai, case = open_case(world, "cai", sent.state.room)
    report = find_report(world.connect(), keys)
    for entries in (case.room.entries[-2:], report.room.entries[-2:]):
        assert [e.authorship for e in entries] == ["proved" if let_in else "unadmitted"] * 2
    assert cai.fold(case).status == report.fold().status == ("closed" if let_in else "closing")
    assert report.list_due_dates()[0].state == ("met" if let_in else "missed")


def test_an_answer_of_blanks_is_none_to_reporter_and_colleagues(world: World) -> None:
    keys, sent = world.report("First.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    ben.acknowledge(case)
    with pytest.raises(RefusedError) as caught:
        ben.feedback(case, action=" ", grounds="Two witnesses")
    assert caught.value.code == "feedback-blank"
    case = ben.open_case(case.id.hex())
    ben.write(case.room, "feedback", FeedbackContent(action=" ", grounds="\n"))  # by a client that was changed
    world.tick(12)
    world.now += 100 * DAY
    world.tick(2)
    report = find_report(world.connect(), keys)
    assert (report.fold().status, report.list_due_dates()[1].state) == ("acknowledged", "missed")
    assert [name for _, name in report.list_watchers()] == ["Dov Invented", "Eva Invented"]
    cai, case = open_case(world, "cai", sent.state.room)
    assert [due.state for due in cai.list_due_dates(case) if due.what == "feedback"] == ["missed"]


def test_a_reader_cannot_shut_the_others_out_of_what_is_written_next(world: World) -> None:
    """Ben alone would read on if a room could get another capability; a set of rubbish takes no key from anybody."""
    keys, sent = world.report("First.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    room = case.room
    headers = {"plaint-cap": room.cap.hex()}
    sealed = seal_slots(room, SlotsContent(access=room.access), ben.writer)
    message = seal_entry(room, "entry", EntryContent(text="For me alone."), ben.writer)
    line = b"cap %s\n" % random_bytes(32).hex().encode()
    for write in (sealed.write, message.write):
        data = encode_write(write).replace(b"leaf ", line + b"leaf ", 1)
        answer = world.client.post(f"rooms/{room.id.hex()}", content=data, headers=headers)
        assert (answer.status_code, answer.json()) == (400, {"code": "text-order"})
    slots, body = random_bytes(len(sealed.write.slots)), random_bytes(len(sealed.write.body))
    header = replace(sealed.write.header, slots=compute_sha256(slots), body=compute_sha256(body))
    ben.connection.send(replace(sealed.write, header=header, slots=slots, body=body), cap=room.cap)
    world.tick(12)
    cai, case = open_case(world, "cai", sent.state.room)
    assert "slots-position 0" in cai.list_alarms(case)
    cai.reply(case, "We read on.")
    report = find_report(world.connect(), keys)
    content = report.room.entries[2].content
    assert content is not None
    assert content.text == "We read on."
    assert "slots-position 0" in report.list_warnings()


def test_limit_who_is_removed_reads_and_writes_on_in_rooms_he_could_read_and_decides_nothing(world: World) -> None:
    keys, sent = world.report("First.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    world.submit(Suspend(find_id("ben")), "dov")
    world.tick(3)
    stranger = world.connect()
    stranger.send(seal_entry(case.room, "entry", EntryContent(text="Still here."), ben.writer).write, cap=case.room.cap)
    assert len(stranger.read_room(case.id, case.room.cap)[0].entries) == 2
    with pytest.raises(RefusedError) as caught:
        stranger.send(seal_entry(case.room, "acknowledge", Content(), ben.writer).write, cap=case.room.cap)
    assert caught.value.code == "session"
    world.tick(12)
    cai, case = open_case(world, "cai", sent.state.room)
    cai.note(case, "Among those who are left.")
    world.tick(12)
    cai, case = open_case(world, "cai", sent.state.room)
    assert (case.room.entries[1].authorship, cai.fold(case).status) == ("former", "received")
    assert find_report(world.connect(), keys).room.entries[1].authorship == "former"
    internal = case.find_room("internal")
    assert internal is not None
    assert find_id("ben") not in {place.id for place in internal.roster.delivered}
