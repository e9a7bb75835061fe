"""A reporter who seals to nobody, edits her receipt or hides what came later: what it proves, and to whom."""

from __future__ import annotations

from dataclasses import replace

from plaint.client.follow import find_report
from plaint.client.reporter import prepare_report, seal_report
from plaint.crypto.age import seal_age
from plaint.crypto.agreement import AgreementKey
from plaint.crypto.hashes import compute_sha256, random_bytes
from plaint.protocol.body import open_body
from plaint.protocol.keys import compute_room_keys
from plaint.protocol.leaf import compute_content_leaf
from plaint.protocol.receipt import Receipt, encode_receipt
from plaint.protocol.room import encode_header
from plaint.protocol.slots import SLOT_BYTES
from plaint.protocol.state import open_state, sign_state
from plaint.protocol.verify import Verdict, judge_receipt
from tests.support.sealed import with_work
from tests.support.world import World

DAY = 86_400


def judge(world: World, receipt: Receipt) -> Verdict:
    connection = world.connect()
    connection.leaves.update()
    data = encode_receipt(receipt)
    return judge_receipt(data, connection.trust, now=int(world.now), leaves=connection.leaves)


def test_a_report_sealed_to_nobody_proves_silence_and_her_words_prove_why(world: World) -> None:
    """The verdict is about a sealed report; that it could be opened is proved only by revealing the room's secret."""
    connection, keys = world.connect(), world.draw_holder()
    write = seal_report(connection.view, prepare_report(connection.view), keys, text="First.")
    count = len(write.slots) // SLOT_BYTES
    nobody = [seal_age(AgreementKey(random_bytes(32)).public, bytes(256)) for _ in range(count - 1)]
    slots = write.slots[:SLOT_BYTES] + b"".join(nobody)
    opening = open_body(compute_room_keys(keys.room).identity, write.header, write.body).proof.opening
    header = replace(write.header, slots=compute_sha256(slots))
    leaves = (compute_content_leaf(opening, encode_header(header)), *write.leaves[1:])
    state, note = connection.send(with_work(world, replace(write, header=header, slots=slots, leaves=leaves)))
    world.tick(20)
    world.now += 9 * DAY
    world.tick(2)
    ben = world.desk("ben")
    ben.scan()
    assert (ben.list_cases(), ben.list_watched()) == ([], {})
    receipt = Receipt(header, opening, note, None)
    assert judge(world, receipt).verdict == "silent"
    arbiter = find_report(world.connect(), keys)
    assert arbiter.room.id == state.room
    assert arbiter.room.problems == ("slots-position 1",)


def test_a_receipt_with_edited_due_dates_is_invalid_to_every_third_party(world: World) -> None:
    keys, sent = world.report("First.")
    world.tick(12)
    receipt = find_report(world.connect(), keys).update_receipt(sent.receipt)
    date = sent.state.dues[0].at
    edited = receipt.note.replace(str(date).encode(), str(date - 5 * DAY).encode())
    assert edited != receipt.note
    found = judge(world, replace(receipt, note=edited))
    assert (found.verdict, found.reasons) == ("invalid", ("note-known-key",))


def test_due_dates_under_another_s_key_are_invalid_to_every_third_party(world: World) -> None:
    keys, sent = world.report("First.")
    world.tick(12)
    receipt = find_report(world.connect(), keys).update_receipt(sent.receipt)
    state = open_state(receipt.note, world.keys.verifiers.receipts)
    sooner = replace(state, dues=tuple(replace(due, at=due.at - 5 * DAY) for due in state.dues))
    forged = sign_state(sooner, world.keys.cases, name=world.keys.verifiers.receipts.name)
    assert judge(world, replace(receipt, note=forged)).verdict == "invalid"


def test_a_later_note_that_she_hides_changes_nothing_because_the_log_decides(world: World) -> None:
    keys, sent = world.report("First.")
    world.tick(12)
    ben = world.desk("ben")
    ben.scan()
    ben.acknowledge(ben.open_case(sent.state.room.hex()))
    world.tick(12)
    world.now += 9 * DAY
    world.tick(2)
    receipt = find_report(world.connect(), keys).update_receipt(sent.receipt)
    found = judge(world, receipt)
    assert (found.verdict, found.dues[0].state) == ("holds", "met")
