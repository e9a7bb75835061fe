"""A server that drops, backdates, hides, invents or rolls back: who catches it, and by which word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from plaint.client.connection import Connection
from plaint.client.desk import sign_in
from plaint.client.follow import Report, check_extends, find_report
from plaint.client.reporter import Sent
from plaint.errors import VerificationError
from plaint.protocol.keys import HolderKeys, compute_room_keys
from plaint.protocol.leaf import compute_token_leaf
from plaint.protocol.receipt import encode_receipt
from plaint.protocol.slots import SLOT_BYTES
from plaint.protocol.verify import Verdict, judge_receipt
from plaint.protocol.write import RoomAnswer, encode_write
from tests.support.directory_world import make_keys
from tests.support.hostile_worlds import DAY, ForgetfulServer, LyingAnswers, SplitViewLog
from tests.support.sealed import seal
from tests.support.wire import replace_body
from tests.support.world import World, open_case

WINDOW_S = DAY + 3_600
FEEDBACK_S = 92 * DAY


@pytest.fixture
def lying(tmp_path: Path) -> Iterator[LyingAnswers]:
    with LyingAnswers(tmp_path) as made:
        yield made


@pytest.fixture
def forgetful(tmp_path: Path) -> Iterator[ForgetfulServer]:
    with ForgetfulServer(tmp_path) as made:
        yield made


def judge(world: World, report: Report, sent: Sent, *, notes: tuple[bytes, ...] = ()) -> Verdict:
    """Judge a receipt as a stranger would who has the trust file and a copy of the log."""
    connection = world.connect()
    connection.leaves.update()
    data = encode_receipt(report.update_receipt(sent.receipt))
    return judge_receipt(data, connection.trust, now=int(world.now), leaves=connection.leaves, later=notes)


def list_states(report: Report) -> dict[str, str]:
    return {due.what: due.state for due in report.list_due_dates()}


def wait(world: World, seconds: int) -> None:
    world.now += seconds
    world.tick(3)


def test_a_report_dropped_after_its_note_is_an_alarm_to_her_and_a_breach_to_any_third_party(
    forgetful: ForgetfulServer,
) -> None:
    keys, sent = forgetful.draw_holder(), list[Sent]()
    forgetful.forget(lambda: sent.append(forgetful.report("First.", keys=keys)[1]))
    wait(forgetful, WINDOW_S)
    report = find_report(forgetful.connect(), keys)
    assert report.list_warnings(sent[0].receipt) == ["leaf-missing"]
    verdict = judge(forgetful, report, sent[0])
    assert (verdict.verdict, verdict.reasons) == ("breach", ("leaf-missing",))


def test_an_entry_dropped_after_its_note_is_an_alarm_to_reporter_and_colleagues(forgetful: ForgetfulServer) -> None:
    keys, sent = forgetful.report("First.")
    forgetful.tick(12)
    ben, case = open_case(forgetful, "ben", sent.state.room)
    forgetful.forget(lambda: ben.reply(case, "This leaf is dropped."))
    ben, case = open_case(forgetful, "ben", sent.state.room)
    ben.reply(case, "This one is logged.")
    forgetful.tick(12)
    wait(forgetful, WINDOW_S)
    assert find_report(forgetful.connect(), keys).list_warnings(sent.receipt) == ["leaf-missing"]
    cai, case = open_case(forgetful, "cai", sent.state.room)
    assert cai.list_alarms(case) == ["leaf-missing"]


def test_an_acknowledgement_whose_token_was_dropped_is_silence_to_a_third_party(forgetful: ForgetfulServer) -> None:
    """The organisation pays for its operator."""
    keys, sent = forgetful.report("First.")
    forgetful.tick(12)
    ben, case = open_case(forgetful, "ben", sent.state.room)
    forgetful.forget(lambda: ben.acknowledge(case))
    wait(forgetful, 9 * DAY)
    verdict = judge(forgetful, find_report(forgetful.connect(), keys), sent)
    assert [(due.kind, due.state) for due in verdict.dues] == [("acknowledge", "silent"), ("feedback", "open")]


@pytest.mark.parametrize("skew", [-30 * DAY, 30 * DAY])
def test_a_server_with_another_date_is_seen_by_the_reporter_and_dates_nothing(tmp_path: Path, skew: int) -> None:
    with World(tmp_path) as world:
        world.skew = skew
        keys, sent = world.report("First.")
        world.tick(12)
        report = find_report(world.connect(), keys)
        assert {"state-clock", "state-due"} <= set(report.list_warnings(sent.receipt))
        ben, case = open_case(world, "ben", sent.state.room)
        assert {"state-clock", "state-due"} <= set(ben.list_alarms(case))
        verdict = judge(world, report, sent)
        assert verdict.date is not None
        assert abs(world.now - verdict.date) < DAY


def test_an_answer_given_late_is_late_however_the_server_dates_it(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        keys, sent = world.report("First.")
        world.tick(12)
        world.now += 20 * DAY
        world.skew = -20 * DAY
        world.tick(2)
        ben, case = open_case(world, "ben", sent.state.room)
        ben.acknowledge(case)
        world.tick(12)
        verdict = judge(world, find_report(world.connect(), keys), sent)
        assert verdict.dues[0].state == "late"


def test_a_hidden_acknowledgement_was_withheld_say_reporter_and_third_party(lying: LyingAnswers) -> None:
    keys, sent = lying.report("First.")
    lying.tick(12)
    ben, case = open_case(lying, "ben", sent.state.room)
    ben.acknowledge(case)
    wait(lying, 9 * DAY)
    notes: list[bytes] = []

    def hide(answer: RoomAnswer) -> RoomAnswer:
        hidden = lying.hide(answer, keep=1)
        notes.append(hidden.note)
        return hidden

    report = find_report(lying.connect_to_rooms(hide), keys)
    assert list_states(report)["acknowledge"] == "withheld"
    verdict = judge(lying, report, sent, notes=tuple(notes))
    assert (verdict.verdict, verdict.dues[0].state) == ("withheld", "withheld")


def test_what_was_logged_after_the_room_was_read_is_not_called_withheld(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        keys, sent = world.report("First.")
        world.tick(12)
        report = find_report(world.connect(), keys)  # her page stays open
        world.now += 7 * DAY
        world.tick(2)
        ben, case = open_case(world, "ben", sent.state.room)
        ben.acknowledge(case)
        wait(world, DAY)
        report.connection.leaves.update()
        assert list_states(report)["acknowledge"] == "missed"  # by what was read: the room as it was
        report.refresh()
        assert list_states(report)["acknowledge"] in {"met", "late"}


def test_tokens_planted_as_another_report_s_leaves_are_withheld_answers_to_her_and_her_proof(tmp_path: Path) -> None:
    """The log alone says met: only readers of the room can make the token. Her newest note says the rest."""
    with World(tmp_path) as world:
        keys, sent = world.report("First.")
        world.tick(12)
        _, case = open_case(world, "ben", sent.state.room)
        first = compute_room_keys(case.room.secret)
        for kind in ("acknowledge", "feedback"):
            junk = seal(world).write
            planted = replace(junk, leaves=(junk.leaves[0], compute_token_leaf(first.compute_token(kind))))
            assert world.client.post("rooms", content=encode_write(planted)).is_success
        world.tick(20)
        report = find_report(world.connect(), keys)
        assert list_states(report)["acknowledge"] == "open"  # nothing is due yet
        wait(world, 9 * DAY)
        report.refresh()
        assert (list_states(report)["acknowledge"], list_states(report)["feedback"]) == ("withheld", "open")
        assert (
            judge(world, report, sent).dues[0].state == "met"
        )  # limit: without her note a third party sees the log alone
        verdict = judge(world, report, sent, notes=(report.answer.note,))
        assert (verdict.verdict, verdict.dues[0].state) == ("withheld", "withheld")


def test_a_hidden_acknowledgement_behind_an_invented_one_was_still_withheld(lying: LyingAnswers) -> None:
    keys, sent = lying.report("First.")
    lying.tick(12)
    ben, case = open_case(lying, "ben", sent.state.room)
    ben.acknowledge(case)
    wait(lying, 9 * DAY)
    report = find_report(
        lying.connect_to_rooms(lambda answer: lying.invent(lying.hide(answer, keep=1), "acknowledge")), keys
    )
    assert report.room.entries[1].content is None
    assert list_states(report)["acknowledge"] == "withheld"


def test_an_invented_acknowledgement_meets_nothing_say_reporter_members_and_third_party(lying: LyingAnswers) -> None:
    keys, sent = lying.report("First.")
    lying.tick(12)
    wait(lying, 9 * DAY)
    invent = lying.connect_to_rooms(lambda answer: lying.invent(answer, "acknowledge"))
    report = find_report(invent, keys)
    assert report.room.entries[1].problem is not None
    assert report.fold().status == "received"
    assert list_states(report)["acknowledge"] == "missed"
    desk = sign_in(invent, make_keys("ben"))
    desk.scan()
    case = desk.open_case(sent.state.room.hex())
    assert [due.state for due in desk.list_due_dates(case)] == ["missed", "open"]
    verdict = judge(lying, report, sent)
    assert (verdict.verdict, verdict.dues[0].state) == ("silent", "silent")


@pytest.mark.parametrize("change", ["garble", "swap", "add", "drop"])
def test_slots_that_the_server_changes_are_refused_by_every_reader(lying: LyingAnswers, change: str) -> None:
    keys, sent = lying.report("First.")
    lying.tick(12)

    def lie(answer: RoomAnswer) -> RoomAnswer:
        slots = answer.slots
        first, second, rest = slots[:SLOT_BYTES], slots[SLOT_BYTES : 2 * SLOT_BYTES], slots[2 * SLOT_BYTES :]
        changed = {
            "garble": bytes([slots[0] ^ 1]) + slots[1:],
            "swap": second + first + rest,
            "add": slots + first,
            "drop": first + rest,
        }
        return replace(answer, slots=changed[change])

    with pytest.raises(VerificationError) as caught:
        find_report(lying.connect_to_rooms(lie), keys)
    assert caught.value.code == "room-slots"
    desk = sign_in(lying.connect_to_rooms(lie), make_keys("ben"))
    desk.scan()
    assert desk.list_cases() == []
    assert desk.unreadable == {sent.state.room: "room-slots"}


def test_a_slot_the_server_makes_up_in_a_stream_opens_for_nobody(lying: LyingAnswers) -> None:
    _, sent = lying.report("First.", exclude=[make_keys("ida").id.hex()])
    lying.tick(30)
    cells: dict[str, bytes] = {}

    def change(request, answer):  # type: ignore[no-untyped-def]
        if not request.url.path.endswith("/stream"):
            return answer
        cells.setdefault("size", answer.content)
        return replace_body(answer, answer.content[: -2 * SLOT_BYTES] + cells["ben"][: 2 * SLOT_BYTES])

    def copy(request, answer):  # type: ignore[no-untyped-def]
        if request.url.path.endswith("/stream"):
            cells["ben"] = answer.content
        return answer

    ben = sign_in(lying.connect_through(copy), make_keys("ben"))
    ben.scan()
    assert [case.id for case in ben.list_cases()] == [sent.state.room]
    ida = sign_in(lying.connect_through(change), make_keys("ida"))
    ida.scan()
    assert ida.list_cases() == []


def test_stale_notes_are_told_to_reporter_and_members(lying: LyingAnswers) -> None:
    keys, sent = lying.report("First.")
    lying.tick(12)
    kept: list[RoomAnswer] = []

    def repeat(answer: RoomAnswer) -> RoomAnswer:
        kept.append(answer)
        return kept[0]

    report = find_report(lying.connect_to_rooms(repeat), keys)
    wait(lying, 2 * DAY)
    report.refresh()
    assert {"state-clock", "state-stale"} == set(report.list_warnings(sent.receipt))
    desk = sign_in(lying.connect_to_rooms(lambda _: kept[0]), make_keys("ben"))
    desk.scan()
    assert {"state-clock", "state-stale"} <= set(desk.list_alarms(desk.open_case(sent.state.room.hex())))


def test_a_log_that_is_not_cosigned_when_it_matters_is_told_and_counts_against_the_organisation(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        keys, sent = world.report("First.")
        world.tick(12)
        world.now += 7 * DAY - 4 * 3_600
        world.tick(2)
        ben, case = open_case(world, "ben", sent.state.room)
        world.deafen()
        ben.acknowledge(case)
        world.tick(12)
        assert "state-stale" in find_report(world.connect(), keys).list_warnings(sent.receipt)
        wait(world, 6 * 3_600)
        world.hear()
        world.tick(2)
        verdict = judge(world, find_report(world.connect(), keys), sent)
        assert (verdict.verdict, verdict.dues[0].state) == ("late", "late")


def test_a_room_rolled_back_is_a_fork_to_who_saw_more_of_it(tmp_path: Path) -> None:
    with SplitViewLog(tmp_path) as world:
        keys, sent = world.report("First.")
        world.tick(12)
        heads: dict[bytes, tuple[int, bytes]] = {}
        seen: list[Report] = []

        def talk() -> None:
            ben, case = open_case(world, "ben", sent.state.room)
            ben.acknowledge(case, "It arrived.")
            world.tick(12)
            open_case(world, "ben", sent.state.room)
            heads.update(ben.stream.heads)
            seen.append(find_report(world.connect(), keys))

        world.split(talk)
        world.tick(13)
        ben = world.desk("ben")
        ben.stream.heads.update(heads)
        ben.scan()
        with pytest.raises(VerificationError) as caught:
            ben.list_cases()
        assert caught.value.code == "state-fork"
        with pytest.raises(VerificationError) as caught:
            find_again(world.connect(), keys, seen[0])
        assert caught.value.code == "state-fork"


def find_again(connection: Connection, keys: HolderKeys, before: Report) -> None:
    state = before.room.state
    check_extends(find_report(connection, keys).room, entries=state.entries, head=state.head)


def test_a_server_rolled_back_with_its_log_is_caught_by_its_cosigners(tmp_path: Path) -> None:
    with SplitViewLog(tmp_path / "world") as world:
        world.split(lambda: world.tick(3))
        world.tick(4)
        trust = world.connect().trust
        alarms = world.client.get("log/alarms").text
        assert all(witness.key.key_id.hex() in alarms for witness in trust.policy.witnesses)
