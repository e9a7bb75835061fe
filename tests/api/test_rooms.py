from __future__ import annotations

from dataclasses import replace

import pytest

from plaint.client.cases import Case
from plaint.client.follow import find_report
from plaint.client.writing import seal_entry
from plaint.crypto.hashes import compute_sha256, random_bytes
from plaint.errors import UnavailableError
from plaint.protocol.content import Content
from plaint.protocol.leaf import draw_dummy_leaf
from plaint.protocol.slots import SLOT_BYTES
from plaint.protocol.state import open_state
from plaint.protocol.write import encode_write, parse_room_answer
from plaint.store.keystore import KeyStore
from tests.support.sealed import get_code, post, seal
from tests.support.world import World


def wait_for_case(world: World, name: str) -> Case:
    desk = world.desk(name)
    for _ in range(40):
        desk.scan()
        cases = desk.list_cases()
        if cases:
            return cases[0]
        world.tick()
    raise AssertionError(name)


def test_a_report_is_read_acknowledged_and_answered(any_world: World) -> None:
    world = any_world
    keys, sent = world.report("Something happened.")
    assert [due.kind for due in sent.state.dues] == ["acknowledge", "feedback"]
    case = wait_for_case(world, "ben")
    desk = world.desk("ben")
    room = desk.acknowledge(case, "It arrived.")
    assert [due.kind for due in room.state.dues] == ["feedback"]
    room = desk.feedback(replace(case, room=room), action="Talks were held.", grounds="Both sides agree.")
    assert room.state.dues == ()
    world.tick(12)
    report = find_report(world.connect(), keys)
    assert [entry.header.kind for entry in report.room.entries] == ["open", "acknowledge", "feedback"]
    assert not report.room.problems


def test_the_same_write_again_gets_the_same_note(any_world: World) -> None:
    report = seal(any_world)
    first = post(any_world, report)
    any_world.tick(3)
    again = post(any_world, report)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content


def test_the_note_promises_both_leaves_and_the_dates(world: World) -> None:
    report = seal(world)
    note = post(world, report).content
    state = open_state(note, world.connect().trust.receipts)
    assert [item.leaf for item in state.leaves] == list(report.write.leaves)
    assert state.at % 600 == 0
    assert {item.include_by for item in state.leaves} == {state.at + 86_400}
    assert (state.entries, state.room) == (1, report.room)


def test_other_bytes_under_a_room_that_is_there_conflict(world: World) -> None:
    report = seal(world, "One thing.")
    other = seal(world, "Another thing.", keys=report.keys)
    assert post(world, report).status_code == 201
    assert get_code(post(world, other), 409) == "room-taken"


def test_work_counts_once(world: World) -> None:
    report = seal(world)
    assert post(world, report).status_code == 201
    room = compute_sha256(b"another room")
    copied = replace(report.write, header=replace(report.write.header, room=room), leaves=(draw_dummy_leaf(),) * 2)
    assert copied.opening is not None
    opening = replace(copied.opening, locator_hash=None)
    assert get_code(world.client.post("rooms", content=encode_write(replace(copied, opening=opening))), 403) == "work"


def test_without_work_or_session_nobody_opens_a_room(world: World) -> None:
    report = seal(world)
    assert report.write.opening is not None
    lazy = encode_write(replace(report.write, opening=replace(report.write.opening, work=None)))
    assert get_code(world.client.post("rooms", content=lazy), 403) == "work"
    session = {"plaint-session": world.session("ben")}
    assert world.client.post("rooms", content=lazy, headers=session).status_code == 201


def test_what_is_refused_uses_up_no_at_rest_key(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    organisation = world.services.organisation
    rest = organisation.rest
    assert isinstance(rest, KeyStore)
    report = seal(world)
    assert post(world, report).status_code == 201
    left = len(rest._ready)
    assert get_code(post(world, seal(world, "Another.", keys=report.keys)), 409) == "room-taken"
    copied = replace(report.write, header=replace(report.write.header, room=bytes(32)), leaves=(draw_dummy_leaf(),) * 2)
    assert copied.opening is not None
    copied = replace(copied, opening=replace(copied.opening, locator_hash=None))
    assert get_code(world.client.post("rooms", content=encode_write(copied)), 403) == "work"
    threshold, organisation.threshold = organisation.threshold, 0
    assert get_code(post(world, seal(world)), 503) == "admission"
    organisation.threshold = threshold
    assert len(rest._ready) == left

    async def fail(*_: object, **__: object) -> None:
        raise UnavailableError("database")

    with monkeypatch.context() as patch:
        patch.setattr(world.database, "write", fail)
        assert get_code(post(world, seal(world)), 503) == "database"
    assert len(rest._ready) == left - 1  # a room may be stored under it


def test_work_of_long_ago_is_refused(world: World) -> None:
    report = seal(world)
    world.tick(14)
    assert get_code(post(world, report), 403) == "work"


def test_a_room_has_one_child_of_a_kind(world: World) -> None:
    mark = random_bytes(32)
    first, second = seal(world), seal(world)
    writes = []
    for report in (first, second):
        assert report.write.opening is not None
        writes.append(encode_write(replace(report.write, opening=replace(report.write.opening, unique=mark))))
    assert get_code(world.client.post("rooms", content=writes[0]), 403) == "session"
    session = {"plaint-session": world.session("ben")}
    assert world.client.post("rooms", content=writes[0], headers=session).status_code == 201
    answer = world.client.post("rooms", content=writes[1], headers=session)
    assert get_code(answer, 409) == "room-unique"
    assert answer.json() == {"code": "room-unique", "room": first.room.hex()}


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        (lambda w: replace(w, opening=replace(w.opening, pack=bytes(32))), 422, "room-pack"),
        (lambda w: replace(w, opening=replace(w.opening, channel="nowhere")), 422, "roster-channel"),
        (lambda w: replace(w, opening=replace(w.opening, roster=99)), 400, "roster-size"),
        (lambda w: replace(w, opening=replace(w.opening, tally=bytes(32))), 422, "write-tally"),
        (lambda w: replace(w, body=w.body + b"x"), 422, "write-body"),
        (lambda w: replace(w, slots=w.slots[:-1] + bytes([w.slots[-1] ^ 1])), 422, "write-slots"),
        (lambda w: replace(w, leaves=w.leaves[:1]), 400, "write-leaves"),
        (lambda w: replace(w, header=replace(w.header, org=bytes(16))), 400, "write-room"),
        (lambda w: replace(w, blobs=(bytes(32),)), 409, "blob-unknown"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_stored(world: World, change, status: int, code: str) -> None:  # type: ignore[no-untyped-def]
    report = seal(world)
    answer = world.client.post("rooms", content=encode_write(change(report.write)))
    assert get_code(answer, status) == code
    assert world.client.get(f"rooms/{report.room.hex()}", headers=report.headers).status_code == 404
    assert post(world, report).status_code == 201


def test_a_slot_set_has_a_place_for_everybody(world: World) -> None:
    report = seal(world)
    slots = report.write.slots[:-SLOT_BYTES]
    header = replace(report.write.header, slots=compute_sha256(slots))
    answer = world.client.post("rooms", content=encode_write(replace(report.write, header=header, slots=slots)))
    assert get_code(answer, 422) == "room-slots"


def test_truncated_and_overlong_writes(world: World) -> None:
    report = seal(world)
    for data in (b"", report.data[:-1], report.data[:500], report.data + b"x", b"\n" + report.data):
        assert world.client.post("rooms", content=data).status_code == 400
    answer = world.client.post("rooms", content=bytes(5_000_000))
    assert get_code(answer, 413) == "body-size"


def test_reading_from_an_entry_on(world: World) -> None:
    world.report("First.")
    case = wait_for_case(world, "ben")
    world.desk("ben").acknowledge(case)
    path, headers = f"rooms/{case.id.hex()}", {"plaint-cap": case.room.cap.hex()}
    whole = parse_room_answer(world.client.get(path, headers=headers).content)
    rest = parse_room_answer(world.client.get(path, params={"from": "1"}, headers=headers).content)
    assert [entry.header.seq for entry in whole.entries] == [0, 1]
    assert rest.entries == whole.entries[1:]
    assert (rest.slots, rest.slots_seq) == (whole.slots, 0)
    none = parse_room_answer(world.client.get(path, params={"from": "2"}, headers=headers).content)
    assert none.entries == ()
    assert get_code(world.client.get(path, params={"from": "-1"}, headers=headers), 400) == "text-integer"


def test_deciding_kinds_need_a_session(world: World) -> None:
    world.report("First.")
    case = wait_for_case(world, "ben")
    desk = world.desk("ben")
    path, headers = f"rooms/{case.id.hex()}", {"plaint-cap": case.room.cap.hex()}
    data = encode_write(seal_entry(case.room, "acknowledge", Content(), desk.writer).write)
    assert get_code(world.client.post(path, content=data, headers=headers), 403) == "session"
    assert (
        get_code(world.client.post(path, content=data, headers={**headers, "plaint-session": "ab" * 40}), 403)
        == "session"
    )
    signed = {**headers, "plaint-session": desk.session.token()}
    assert world.client.post(path, content=data, headers=signed).status_code == 201


def test_heads_answer_for_what_is_there_and_what_is_not_alike(world: World) -> None:
    report = seal(world)
    note = post(world, report).content
    state = open_state(note, world.connect().trust.receipts)
    questions = [report.room + report.cap, report.room + bytes(32), bytes(32) + report.cap, bytes(64)]
    answer = world.client.post("heads", content=b"".join(questions))
    assert answer.status_code == 200
    assert answer.content == (1).to_bytes(8, "big") + state.head + bytes(3 * 40)
    assert get_code(world.client.post("heads", content=bytes(63)), 400) == "heads-size"
    assert get_code(world.client.post("heads", content=bytes(64 * 257)), 413) == "body-size"
    assert world.client.post("heads", content=b"").content == b""


def test_admission_is_one_constant_refusal_and_lets_the_same_bytes_in_later(world: World) -> None:
    report = seal(world)
    organisation = world.services.organisation
    organisation.waiting = organisation.threshold
    refused = post(world, report)
    assert (refused.status_code, refused.content) == (503, b'{"code":"admission"}')
    organisation.waiting = 0
    assert post(world, report).status_code == 201


def test_leaves_wait_and_are_then_in_the_log(world: World) -> None:
    report = seal(world)
    post(world, report)
    assert world.services.organisation.waiting == 2
    for _ in range(60):
        if not world.services.organisation.waiting:
            break
        world.tick()
    connection = world.connect()
    connection.leaves.update()
    tree = world.services.organisation.trees["cases"]
    entries = tree.read_entries(0, tree.size)
    assert set(report.write.leaves) <= set(entries)
    assert tree.size == world.services.organisation.tick * 16


def test_the_first_missed_date_releases_the_held_slots(world: World) -> None:
    world.report("Nobody answers.")
    dov = world.desk("dov")
    dov.scan()
    for _ in range(12):
        world.tick()
    dov.scan()
    assert dov.list_cases() == []
    world.now += 7 * 86_400
    world.tick()
    assert dov.list_cases() == []
    world.now += 3_600
    for _ in range(30):
        world.tick()
    dov.scan()
    assert len(dov.list_cases()) == 1
