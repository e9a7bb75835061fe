"""Erasing a room: two members in a row, a ground, and only what somebody has read; what is left proves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from plaint.client.erased import find_erased_report
from plaint.client.erasing import confirm_erasure, propose_erasure, send_erase
from plaint.client.follow import find_report
from plaint.client.handling import open_handling
from plaint.client.steps import hold_case
from plaint.client.writing import seal_entry
from plaint.docket.case import ERASING
from plaint.errors import PlaintError, RefusedError, VerificationError
from plaint.protocol.content import Content, EntryContent, EraseContent, FeedbackContent
from plaint.protocol.keys import compute_room_keys
from plaint.protocol.records import Hold
from plaint.protocol.write import encode_write
from plaint.store.schema import answer, blob, cell, entry, erasure, waiting
from tests.support.erasing import Story, tell_story
from tests.support.world import CLOCK, World

NOT_FOUND = (404, b'{"code":"not-found"}')


@pytest.fixture
def story(any_world: World, tmp_path: Path) -> Story:
    return tell_story(any_world, tmp_path)


def rows(world: World, column) -> list[object]:  # type: ignore[no-untyped-def]
    return list(world.loop.run(world.database.read(lambda c: list(c.execute(select(column)).scalars()))))


def refuse(code: str, act: Callable[[], object]) -> None:
    with pytest.raises(PlaintError) as caught:
        act()
    assert caught.value.code == code


def test_two_members_erase_a_case_and_nothing_of_it_is_stored(story: Story) -> None:
    world = story.world
    secret = compute_room_keys(story.keys.room)
    assert rows(world, cell.c.slot) != []
    story.erase()
    for column in (entry.c.header, answer.c.note, waiting.c.owners, blob.c.blob):
        assert rows(world, column) == []
    assert len(rows(world, erasure.c.record)) == 2
    files = [path for path in world.config.blobs_dir("demo").rglob("*") if path.is_file()]
    assert files == []
    room = rows(world, erasure.c.room)
    for name in room:
        assert isinstance(name, bytes)
        answered = world.client.get(f"rooms/{name.hex()}", headers={"plaint-cap": secret.cap.hex()})
        assert (answered.status_code, answered.content) == NOT_FOUND
    assert world.client.get(f"blobs/{story.blobs[0].hex()}").status_code == 404
    refuse("not-found", lambda: find_report(world.connect(), story.keys))


def read_cell_keys(world: World) -> set[bytes]:
    """Return the names of the keys under which cells rest, inside the cells key."""
    org, outer = world.services.organisation.org, world.services.organisation.rest.find_cells_key
    query = select(cell.c.member, cell.c.tick, cell.c.place, cell.c.slot)
    found = world.loop.run(world.database.read(lambda c: c.execute(query).all()))
    return {
        outer(org).open(slot, b"cell\n", org, member, tick.to_bytes(8, "big"), place.to_bytes(2, "big"))[:16]
        for member, tick, place, slot in found
    }


def test_streams_give_the_same_bytes_after_an_erasure_and_no_cell_says_whose_it_was(story: Story) -> None:
    world = story.world
    outer = world.services.organisation.rest.find_cells_key(world.services.organisation.org)
    names = ("ben", "cai", "dov", "ida")
    members = [{"plaint-session": world.session(name)} for name in names]
    before = [world.client.get("stream?from=0", headers=headers).content for headers in members]
    count = len(rows(world, cell.c.slot))
    assert len(read_cell_keys(world)) == 2
    story.erase()
    assert read_cell_keys(world) == {outer.id}
    assert len(rows(world, cell.c.slot)) == count
    assert [world.client.get("stream?from=0", headers=headers).content for headers in members] == before


def test_who_comes_back_is_told_by_two_signatures(story: Story) -> None:
    room = story.erase()
    erased = find_erased_report(story.world.connect(), story.keys)
    assert erased is not None
    assert (erased.room, erased.ground, erased.text) == (room, "retention", "Three years are over.")
    assert erased.members == (story.ben.member, story.cai.member)
    story.world.tick(24)
    erased = find_erased_report(story.world.connect(), story.keys)
    assert erased is not None
    assert all(date is not None for date in erased.dates)
    assert erased.certificate.second.proof is not None


def test_a_member_who_could_read_sees_what_was_erased(story: Story) -> None:
    room = story.erase()
    story.ben.scan()
    assert story.ben.list_cases() == []
    assert room in [item.room for item in story.ben.list_erased()]


def test_words_of_another_report_lead_nowhere(story: Story) -> None:
    room = story.erase()
    other, _ = story.world.report("Another one.")
    assert find_erased_report(story.world.connect(), other) is None
    wrong = story.world.client.get(f"erasures/{room.hex()}", headers={"plaint-cap": "ab" * 32})
    unknown = story.world.client.get(f"erasures/{'cd' * 32}", headers={"plaint-cap": "ab" * 32})
    assert (wrong.status_code, wrong.content) == (unknown.status_code, unknown.content) == NOT_FOUND


def test_until_the_second_signature_nothing_is_gone(story: Story) -> None:
    propose_erasure(story.ben, story.case(story.ben), "request")
    report = find_report(story.world.connect(), story.keys)
    view = report.fold()
    assert view.status == ERASING
    assert view.erasing is not None
    assert (view.erasing.first, view.erasing.ground) == (story.ben.member, "request")
    assert find_erased_report(story.world.connect(), story.keys) is None


def test_whatever_is_written_after_the_first_signature_takes_it_back(story: Story) -> None:
    propose_erasure(story.ben, story.case(story.ben), "irrelevant")
    report = find_report(story.world.connect(), story.keys)
    report.send(report.seal_text("Please keep it: I will need it in court."))
    refuse("erase-nothing", lambda: confirm_erasure(story.cai, story.case(story.cai)))
    assert story.raw_erase(story.cai, EraseContent(confirms=bytes(32))) == 201
    assert find_report(story.world.connect(), story.keys).room.entries[-1].header.kind == "erase"


def test_nobody_agrees_in_one_room_to_a_reason_read_in_another(story: Story) -> None:
    propose_erasure(story.ben, story.case(story.ben), "irrelevant")
    story.ben.note(story.case(story.ben), "Wait.")
    internal = story.case(story.ben).rooms[1]
    write = seal_entry(internal, "erase", EraseContent(ground="order"), story.ben.writer).write
    story.ben.connection.send(write, cap=internal.cap, session=story.ben.session.token())
    refuse("erase-nothing", lambda: confirm_erasure(story.cai, story.case(story.cai)))
    assert len(story.case(story.cai).rooms) == 2


def test_a_first_signature_that_was_cut_off_goes_on_for_its_reason_only(story: Story) -> None:
    internal = story.case(story.ben).rooms[1]
    send_erase(story.ben, internal, EraseContent(ground="irrelevant", text="Another company."))
    refuse("erase-other", lambda: propose_erasure(story.ben, story.case(story.ben), "request", "Another company."))
    refuse("erase-other", lambda: propose_erasure(story.ben, story.case(story.ben), "irrelevant"))
    assert story.case(story.ben).room.entries[-1].header.kind != "erase"
    propose_erasure(story.ben, story.case(story.ben), "irrelevant", "Another company.")
    confirm_erasure(story.cai, story.case(story.cai))
    story.ben.scan()
    assert story.ben.list_cases() == []


def test_one_member_cannot_sign_twice(story: Story) -> None:
    propose_erasure(story.ben, story.case(story.ben), "irrelevant")
    refuse("erase-same", lambda: confirm_erasure(story.ben, story.case(story.ben)))
    assert story.raw_erase(story.ben, EraseContent(ground="retention")) == 403
    refuse("erase-waiting", lambda: propose_erasure(story.cai, story.case(story.cai), "irrelevant"))


def test_a_signature_needs_a_session(story: Story) -> None:
    room = story.case(story.ben).room
    write = seal_entry(room, "erase", EraseContent(ground="order"), story.ben.writer).write
    sent = story.world.client.post(
        f"rooms/{room.id.hex()}", content=encode_write(write), headers={"plaint-cap": room.cap.hex()}
    )
    assert (sent.status_code, sent.json()) == (403, {"code": "session"})


def test_the_last_write_sent_again_has_the_same_answer_until_its_leaf_is_logged(story: Story) -> None:
    world = story.world
    propose_erasure(story.ben, story.case(story.ben), "irrelevant")
    room = story.case(story.cai).room
    last = room.entries[-1].hash
    write = encode_write(seal_entry(room, "erase", EraseContent(confirms=last), story.cai.writer).write)
    headers = {"plaint-cap": room.cap.hex(), "plaint-session": story.cai.session.token()}
    path = f"rooms/{room.id.hex()}"
    first = world.client.post(path, content=write, headers=headers)
    assert first.status_code == 201
    assert world.client.post(path, content=write, headers=headers).content == first.content
    world.tick(12)
    assert rows(world, erasure.c.note) == [b""]
    later = world.client.post(path, content=write, headers=headers | {"plaint-session": story.cai.session.token()})
    assert later.status_code == 201
    assert later.content != first.content


def test_what_nobody_has_acknowledged_is_never_erased(world: World) -> None:
    keys, _ = world.report("Nobody has looked yet.")
    world.tick(12)
    ben = world.desk("ben")
    story = Story(world, keys, ben, world.desk("cai"), [])
    refuse("erase-unread", lambda: propose_erasure(ben, story.case(ben), "irrelevant"))
    assert story.raw_erase(ben, EraseContent(ground="retention")) == 403
    world.now += 100 * 86_400  # both dates are over and the independents have the key: that is no reading
    world.tick(40)
    assert story.raw_erase(ben, EraseContent(ground="retention")) == 403
    assert find_report(world.connect(), keys).room.entries[-1].header.kind == "open"


def test_a_report_to_which_an_answer_is_owed_is_not_erased_behind_the_independents(world: World) -> None:
    keys, _ = world.report("Nobody wants to answer.")
    world.tick(12)
    ben, cai, dov = world.desk("ben"), world.desk("cai"), world.desk("dov")
    story = Story(world, keys, ben, cai, [])
    ben.acknowledge(story.case(ben))
    world.tick(12)
    refuse("erase-due", lambda: propose_erasure(ben, story.case(ben), "irrelevant"))
    assert story.raw_erase(ben, EraseContent(ground="irrelevant")) == 403
    world.now = max(due.at for due in story.case(ben).room.state.dues) + CLOCK.grace * CLOCK.tick + 1
    refuse("erase-due", lambda: propose_erasure(ben, story.case(ben), "irrelevant"))  # the key is not on its way yet
    world.tick(40)
    propose_erasure(ben, story.case(ben), "irrelevant")
    confirm_erasure(cai, story.case(cai))
    world.tick(12)
    dov.scan()
    assert dov.list_cases() == []
    assert [erased.ground for erased in dov.list_erased()] == ["irrelevant"]
    assert [due.state for dues in dov.list_watched().values() for due in dues] == ["met", "missed"]


def test_a_legal_hold_where_those_who_erase_do_not_see_it_is_none(world: World) -> None:
    _, sent = world.report("Nobody answers.")
    world.tick(12)
    world.now += 7 * 86_400
    world.tick(30)
    dov = world.desk("dov")
    dov.scan()
    open_handling(dov, dov.list_cases()[0], "Missed.")
    world.tick(12)
    dov.scan()
    case = dov.list_cases()[0]
    room = case.find_room("handling")
    assert room is not None
    dov.write(room, "entry", EntryContent(hold=Hold("legal", None, "A claim was announced.")))
    assert dov.fold(dov.open_case(sent.state.room.hex())).holds == ()
    hold_case(dov, case, Hold("legal", None, "A claim was announced."))
    ben = world.desk("ben")
    ben.scan()
    refuse("erase-held", lambda: propose_erasure(ben, ben.list_cases()[0], "irrelevant"))


def test_a_legal_hold_keeps_a_case(story: Story) -> None:
    room = story.case(story.ben).find_room("internal")
    assert room is not None
    content = EntryContent(hold=Hold("legal", None, "A claim was announced."))
    story.ben.connection.send(seal_entry(room, "entry", content, story.ben.writer).write, cap=room.cap)
    refuse("erase-held", lambda: propose_erasure(story.ben, story.case(story.ben), "irrelevant"))


def test_an_erased_report_cannot_be_handed_in_again(world: World) -> None:
    connection = world.connect()
    keys = world.draw_holder()
    from plaint.client.reporter import prepare_report, seal_report, send_report, submit_report  # noqa: PLC0415

    write = seal_report(connection.view, prepare_report(connection.view), keys, text="Once.")
    send_report(connection, keys, write)
    world.tick(12)
    ben = world.desk("ben")
    story = Story(world, keys, ben, world.desk("cai"), [])
    ben.acknowledge(story.case(ben))
    ben.feedback(story.case(ben), action="None.", grounds="It is a copy.")
    story.erase()
    refuse("room-taken", lambda: submit_report(connection, write))


def test_the_signature_of_somebody_the_report_keeps_out_is_none(world: World) -> None:
    keys, _ = world.report("About Ben.", exclude=["Ben Invented"])
    world.tick(12)
    cai = world.desk("cai")
    story = Story(world, keys, world.desk("ben"), cai, [])
    cai.acknowledge(story.case(cai))
    cai.feedback(story.case(cai), action="We asked.", grounds="It is settled.")
    room = story.case(cai).room
    ben = story.ben
    write = seal_entry(room, "erase", EraseContent(ground="retention"), ben.writer).write
    ben.connection.send(write, cap=room.cap, session=ben.session.token())
    assert cai.fold(story.case(cai)).erasing is None
    refuse("erase-doubtful", lambda: confirm_erasure(cai, story.case(cai)))
    refuse("erase-doubtful", lambda: propose_erasure(cai, story.case(cai), "irrelevant"))


def test_two_signatures_that_do_not_belong_together_are_not_taken_for_an_erasure(story: Story) -> None:
    assert story.raw_erase(story.ben, EraseContent(ground="retention")) == 201
    assert story.raw_erase(story.cai, EraseContent(ground="retention")) == 201
    with pytest.raises(VerificationError) as caught:
        find_erased_report(story.world.connect(), story.keys)
    assert caught.value.code == "erasure-confirms"


def test_a_room_that_waits_for_streams_is_counted_off(world: World) -> None:
    before = world.services.organisation.sets
    keys, _ = world.report("Soon gone.")
    world.tick()
    report = find_report(world.connect(), keys)
    ben, cai = world.desk("ben"), world.desk("cai")
    for desk, kind, content in (
        (ben, "acknowledge", Content()),
        (ben, "feedback", FeedbackContent(action="None.", grounds="It is about nobody here.")),
        (ben, "erase", EraseContent(ground="irrelevant")),
        (cai, "erase", None),
    ):
        report.refresh()
        said = content or EraseContent(confirms=report.room.head)
        write = seal_entry(report.room, kind, said, desk.writer).write
        desk.connection.send(write, cap=report.room.cap, session=desk.session.token())
    assert world.services.organisation.sets == before
    assert rows(world, waiting.c.owners) == []


def test_an_answer_that_was_changed_is_refused(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    story.erase()
    connection = story.world.connect()
    real = connection.api.get

    def swap(path: str, **named: object):  # type: ignore[no-untyped-def]
        data, headers = real(path, **named)  # type: ignore[arg-type]
        if path.startswith("erasures/"):
            from plaint.protocol.write import encode_room_answer, parse_room_answer  # noqa: PLC0415

            answered = parse_room_answer(data)
            data = encode_room_answer(replace(answered, entries=answered.entries[::-1]))
        return data, headers

    monkeypatch.setattr(connection.api, "get", swap)
    with pytest.raises((VerificationError, RefusedError)) as caught:
        find_erased_report(connection, story.keys)
    assert caught.value.code == "erasure-chain"
