"""Members who take new words, and keys that end: what still opens, what still counts, who is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from plaint.client.cases import Case
from plaint.client.desk import Desk, sign_in
from plaint.client.drafts import draft_rotation
from plaint.client.follow import find_report
from plaint.client.succession import fetch_full_trust
from plaint.client.writing import seal_entry
from plaint.errors import RefusedError, VerificationError
from plaint.protocol.authorship import MemberWriter
from plaint.protocol.carry import seal_carry
from plaint.protocol.content import EntryContent
from plaint.protocol.directory_contents import Suspend
from plaint.protocol.directory_keys import Compromised
from plaint.protocol.draft import encode_draft
from plaint.protocol.ring import identify_keys
from plaint.protocol.trust import encode_trust, parse_trust
from tests.support.directory_world import draw, find_id, make_keys
from tests.support.world import CLOCK, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, clock=replace(CLOCK, delay=60)) as made:
        yield made


def rotate(world: World, old: str, new: str) -> None:
    """Take the words of `new`, as the member's device does, and let the change take effect."""
    state = world.services.organisation.state
    draft = draft_rotation(state, old=draw(f"member {old}", 16), new=draw(f"member {new}", 16))
    answer = world.client.post("directory", content=encode_draft(draft))
    assert answer.status_code == 201, answer.text
    world.wait_for_effects()


def sign_in_as(world: World, name: str) -> Desk:
    desk = sign_in(world.connect(), make_keys(name))
    desk.scan()
    return desk


def open_case(world: World, name: str, case: bytes) -> tuple[Desk, Case]:
    desk = sign_in_as(world, name)
    return desk, desk.open_case(case.hex())


def write_as(world: World, name: str, room: Case, *, member: str) -> None:
    """Write with a key that a member had, as somebody could who kept the room's key."""
    writer = MemberWriter(find_id(member), make_keys(name).sign)
    write = seal_entry(room.room, "entry", EntryContent(text="Still here."), writer).write
    world.connect().send(write, cap=room.room.cap)


def test_new_words_open_what_the_old_ones_opened_and_what_comes_after(world: World) -> None:
    _, before = world.report("Before.")
    world.tick(12)
    rotate(world, "ben", "ben 2")
    rotate(world, "ben 2", "ben 3")
    _, after = world.report("After.")
    world.tick(12)
    desk = sign_in_as(world, "ben 3")
    assert desk.member == find_id("ben")
    assert {case.id for case in desk.list_cases()} == {before.state.room, after.state.room}
    assert desk.unreadable == {}


@pytest.mark.parametrize("words", ["ben", "ben 2"])
def test_replaced_words_open_no_desk(world: World, words: str) -> None:
    rotate(world, "ben", "ben 2")
    rotate(world, "ben 2", "ben 3")
    with pytest.raises(RefusedError) as refused:
        sign_in(world.connect(), make_keys(words))
    assert refused.value.code == "member-rotated"


def test_who_rotated_answers_and_is_believed_in_old_rooms(world: World) -> None:
    keys, sent = world.report("Before.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    ben.reply(case, "With the old key.")
    world.tick(3)
    rotate(world, "ben", "ben 2")
    ben, case = open_case(world, "ben 2", sent.state.room)
    ben.acknowledge(case)
    world.tick(12)
    report = find_report(world.connect(), keys)
    assert [entry.authorship for entry in report.room.entries] == ["own", "proved", "proved"]
    assert report.fold().status == "acknowledged"
    report.send(report.seal_text("Thank you."))
    ben, case = open_case(world, "ben 2", sent.state.room)
    assert [entry.authorship for entry in case.room.entries] == ["proved", "own", "own", "proved"]
    cai, seen = open_case(world, "cai", sent.state.room)
    assert [entry.authorship for entry in seen.room.entries] == ["proved", "proved", "proved", "proved"]
    assert cai.list_alarms(seen) == []
    assert cai.list_alarms(case) == []


def test_a_colleague_lets_somebody_in_who_rotated_since(world: World) -> None:
    _, sent = world.report("Before.")
    world.tick(12)
    rotate(world, "fay", "fay 2")
    ben, case = open_case(world, "ben", sent.state.room)
    ben.grant(case, find_id("fay"))
    world.tick(12)
    _, seen = open_case(world, "fay 2", sent.state.room)
    assert seen.id == sent.state.room


def test_a_kept_state_goes_on_under_new_words(world: World, tmp_path: Path) -> None:
    _, sent = world.report("Before.")
    world.tick(12)
    folder = tmp_path / "state"
    first = sign_in(world.connect(), make_keys("ben"), folder=folder)
    first.scan()
    rotate(world, "ben", "ben 2")
    again = sign_in(world.connect(), make_keys("ben 2"), folder=folder)
    assert again.stream.tick == first.stream.tick
    again.scan()
    assert [case.id for case in again.list_cases()] == [sent.state.room]
    assert sign_in(world.connect(), make_keys("ben 2"), folder=folder).stream.tick == again.stream.tick


def test_what_a_replaced_key_signs_later_is_shown_as_a_former_member_s(world: World) -> None:
    keys, sent = world.report("Before.")
    world.tick(12)
    _, case = open_case(world, "ben", sent.state.room)
    rotate(world, "ben", "ben 2")
    write_as(world, "ben", case, member="ben")
    world.tick(12)
    _, seen = open_case(world, "cai", sent.state.room)
    assert seen.room.entries[1].authorship == "former"
    assert find_report(world.connect(), keys).room.entries[1].authorship == "former"


@pytest.mark.parametrize("end", ["suspend", "key-compromised"])
def test_what_was_logged_before_the_end_stays_and_what_comes_after_does_not_count(world: World, end: str) -> None:
    keys, sent = world.report("Before.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    ben.acknowledge(case)
    ben.close(case, "Nothing to it.")
    world.tick(12)
    _, case = open_case(world, "ben", sent.state.room)
    if end == "suspend":
        world.submit(Suspend(find_id("ben")), "dov")
    else:
        world.submit(Compromised(find_id("ben")), "ben")
    world.tick(3)
    confirms = EntryContent(confirms=case.room.entries[2].hash)
    write = seal_entry(case.room, "entry", confirms, MemberWriter(find_id("ben"), make_keys("ben").sign)).write
    world.connect().send(write, cap=case.room.cap)
    for _ in range(2):
        cai, seen = open_case(world, "cai", sent.state.room)
        assert [entry.authorship for entry in seen.room.entries] == ["proved", "proved", "proved", "former"]
        assert (case.id, 3) in cai.fold(seen).unproved
        assert cai.fold(seen).status == "closing"
        report = find_report(world.connect(), keys)
        assert [entry.authorship for entry in report.room.entries] == ["own", "proved", "proved", "former"]
        world.tick(12)


def test_who_comes_back_is_believed_again_but_not_for_the_time_between(world: World) -> None:
    _, sent = world.report("Before.")
    world.tick(12)
    _, case = open_case(world, "ben", sent.state.room)
    world.submit(Suspend(find_id("ben")), "dov")
    world.tick(6)
    write_as(world, "ben", case, member="ben")
    world.tick(12)
    member = world.services.organisation.state.members[find_id("ben")].member
    world.submit_member("ben", member.roles, "ada", "dov")
    world.wait_for_effects()
    ben, case = open_case(world, "ben", sent.state.room)
    ben.reply(case, "Back.")
    world.tick(12)
    _, seen = open_case(world, "cai", sent.state.room)
    assert [entry.authorship for entry in seen.room.entries] == ["proved", "former", "proved"]


def test_words_of_a_compromised_key_open_no_desk(world: World) -> None:
    world.submit(Compromised(find_id("ben")), "ben")
    world.tick()
    with pytest.raises(RefusedError) as refused:
        sign_in(world.connect(), make_keys("ben"))
    assert refused.value.code == "member-inactive"


def test_a_trust_file_says_since_when_a_receipt_key_is_void(world: World) -> None:
    key = world.connect().trust.receipts
    world.submit(Compromised(receipts=key), "ada", "dov")
    world.tick(2)
    trust = world.connect().trust
    (former,) = fetch_full_trust(world.connect_api(), trust, now=world.read_clock).former
    assert (former.key, former.void) == (key, True)
    assert former.until <= world.now
    written = replace(trust, former=(former,))
    assert parse_trust(encode_trust(written)) == written


def test_a_carry_of_other_words_is_an_alarm_to_the_member(world: World) -> None:
    rotate(world, "ben", "ben 2")
    found = world.connect().view.state.members[find_id("ben")]
    false = replace(found, carries=(seal_carry(make_keys("ben 2").age.public, draw("member cai", 16)),))
    with pytest.raises(VerificationError) as alarm:
        identify_keys(false, make_keys("ben 2"))
    assert alarm.value.code == "ring-carry"
