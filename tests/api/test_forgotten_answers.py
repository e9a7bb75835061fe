"""Nothing on the disk ties an entry to its leaves and its time once they are logged; a lost answer does no harm."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from plaint.client.alarms import check_sent
from plaint.client.follow import Report, find_report
from plaint.client.reporter import prepare_report, seal_report, send_report, submit_report
from plaint.errors import VerificationError
from plaint.protocol.keys import compute_holder_keys
from plaint.protocol.receipt import encode_receipt
from plaint.protocol.state import open_state
from plaint.protocol.verify import judge_receipt
from plaint.protocol.words import draw_words
from plaint.protocol.write import Write, encode_write
from plaint.store.schema import answer, entry, pending_leaf
from tests.support.world import World


def write_again(world: World, report: Report, write: Write) -> bytes:
    headers = {"plaint-cap": report.room.cap.hex()}
    sent = world.client.post(f"rooms/{report.room.id.hex()}", content=encode_write(write), headers=headers)
    assert sent.status_code == 201
    return sent.content


def read_table(world: World, column) -> list[bytes]:  # type: ignore[no-untyped-def]
    database = world.deployment._database
    assert database is not None
    query = select(column).order_by(*column.table.primary_key)
    return list(world.loop.run(database.read(lambda c: list(c.execute(query).scalars()))))


@pytest.fixture
def sent(world: World) -> tuple[Report, Write]:
    keys, _ = world.report("First.")
    report = find_report(world.connect(), keys)
    write = report.seal_text("Second.")
    report.send(write)
    return report, write


def test_until_its_leaves_are_logged_a_write_gets_the_same_answer_again(
    world: World, sent: tuple[Report, Write]
) -> None:
    first = write_again(world, *sent)
    world.now += 60
    assert write_again(world, *sent) == first
    assert len(read_table(world, answer.c.note)) == 1


def test_once_they_are_logged_the_answer_is_forgotten_and_promises_nothing(
    world: World, sent: tuple[Report, Write], tmp_path: Path
) -> None:
    report, write = sent
    world.tick(12)
    assert read_table(world, pending_leaf.c.leaf) == []
    assert read_table(world, answer.c.note) == []
    assert [bool(note) for note in read_table(world, entry.c.note)] == [True, False]
    leaf = write.leaves[0]
    data = (tmp_path / "data" / "plaint.sqlite").read_bytes()
    batches = [part for part in world.services.organisation.trees["cases"].read_entries(0, 16 * 13) if part == leaf]
    assert len(batches) == 1
    assert data.count(leaf) == 1
    state = open_state(write_again(world, report, write), report.connection.trust.receipts)
    assert (state.leaves, state.entries) == ((), 2)


def test_a_client_that_lost_the_answer_finds_its_leaves_in_the_log(world: World, sent: tuple[Report, Write]) -> None:
    report, write = sent
    world.tick(12)
    state, _ = report.connection.send(write, cap=report.room.cap)
    assert state.leaves == ()


def test_an_answer_is_kept_until_the_log_that_holds_it_is_published(world: World, sent: tuple[Report, Write]) -> None:
    report, write = sent
    world.deafen()
    world.tick(12)
    assert read_table(world, pending_leaf.c.leaf) == []
    state, _ = world.connect().send(write, cap=report.room.cap)
    assert [item.leaf for item in state.leaves] == list(write.leaves)
    world.hear()
    world.tick(3)
    assert read_table(world, answer.c.note) == []
    state, _ = world.connect().send(write, cap=report.room.cap)
    assert state.leaves == ()


def test_a_report_sent_again_hours_later_ends_with_its_receipt_and_no_alarm(world: World) -> None:
    """The connection broke when the server had taken it; meanwhile it was logged, read and answered."""
    connection, keys = world.connect(), compute_holder_keys(draw_words().entropy)
    write = seal_report(connection.view, prepare_report(connection.view), keys, text="Is it there?")
    lost, _ = submit_report(connection, write)
    world.tick(40)
    desk = world.desk("ben")
    desk.scan()
    desk.acknowledge(desk.open_case(lost.room.hex()))
    world.tick(12)
    connection = world.connect()
    sent = send_report(connection, keys, write)
    assert (sent.state, check_sent(connection, sent.state)) == (lost, [])
    report = find_report(connection, keys)
    receipt = report.update_receipt(sent.receipt)
    assert report.list_warnings(receipt) == []
    judged = judge_receipt(encode_receipt(receipt), connection.trust, now=int(world.now))
    assert (judged.verdict, judged.reasons) == ("holds", ())


def test_a_note_without_leaves_is_no_promise_for_what_the_log_does_not_hold(
    world: World, sent: tuple[Report, Write]
) -> None:
    report, write = sent
    world.tick(12)
    other = replace(write, leaves=(b"\x01" + bytes(32),))
    with pytest.raises(VerificationError) as caught:
        report.connection.send(other, cap=report.room.cap)
    assert caught.value.code == "state-leaf"
