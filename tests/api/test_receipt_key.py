"""Another key signs state notes: drawn by the server, named by the directory; what the one before signed stays."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from plaint.cli.app import run
from plaint.client.carrying import copy_view
from plaint.client.connection import connect
from plaint.client.copies import fetch_directory_copy
from plaint.client.follow import find_report
from plaint.client.reporter import prepare_report, seal_report, submit_report
from plaint.client.succession import fetch_full_trust
from plaint.crypto.signing import SigningKey
from plaint.errors import MalformedError, UnavailableError, VerificationError
from plaint.protocol.directory_contents import Content
from plaint.protocol.directory_keys import Compromised, ReceiptKey
from plaint.protocol.draft import parse_draft
from plaint.protocol.keys import compute_holder_keys
from plaint.protocol.note import ED25519, Note, VerifierKey, encode_note, parse_note
from plaint.protocol.receipt import Receipt, encode_receipt
from plaint.protocol.state import open_state, parse_state, sign_state
from plaint.protocol.trust import Trust, encode_trust
from plaint.protocol.verify import judge_receipt
from plaint.protocol.words import draw_words
from plaint.server.receipt_draft import draft_receipt_key
from plaint.server.receipts import read_seeds
from tests.support.world import CLOCK, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, clock=replace(CLOCK, delay=60)) as made:
        yield made


def draft_key(world: World) -> VerifierKey:
    content = parse_draft(asyncio.run(draft_receipt_key(world.config, world.slug))).content
    assert isinstance(content, ReceiptKey)
    return content.key


def put_in_effect(world: World, content: Content) -> None:
    world.submit(content, "ada", "dov")
    world.wait_for_effects()


def change_key(world: World) -> VerifierKey:
    key = draft_key(world)
    put_in_effect(world, ReceiptKey(key))
    return key


def make_full_trust(world: World) -> Trust:
    """Return the trust file as `plaint trust` writes it, which is the one that the server offers."""
    made = fetch_full_trust(world.connect_api(), world.connect().trust, now=world.read_clock)
    assert world.client.get("log/keys").content == encode_trust(made)
    return made


def sign_again(world: World, receipt: Receipt, *, at: int) -> bytes:
    """Return a note that whoever kept the first receipt key could still sign."""
    keys = world.keys
    state = replace(parse_state(parse_note(receipt.note).text), at=at)
    return sign_state(state, keys.receipts, name=keys.verifiers.receipts.name)


def read_as_desk(world: World) -> set[bytes]:
    desk = world.desk("ben")
    desk.scan()
    return {desk.open_case(case.id.hex()).room.id for case in desk.list_cases()}


def test_another_key_signs_and_what_was_signed_before_stays(world: World) -> None:
    old = world.connect().trust
    keys, before = world.report("Before.")
    world.tick(12)
    key = change_key(world)
    others, after = world.report("After.")
    assert open_state(after.receipt.note, key).room == after.state.room
    with pytest.raises(VerificationError, match="view-keys"):
        connect(world.url, trust=old, client=world.client, now=world.read_clock)
    world.tick(12)
    trust = make_full_trust(world)
    assert (trust.receipts, [known.key for known in trust.former]) == (key, [old.receipts])
    assert copy_view(world.connect_api(), trust, now=world.read_clock)[0].full_trust == trust
    assert read_as_desk(world) == {before.state.room, after.state.room}
    directory = fetch_directory_copy(world.connect_api(), old)
    for words, sent in ((keys, before), (others, after)):
        report = find_report(world.connect(), words)
        receipt = report.update_receipt(sent.receipt)
        assert report.list_warnings(receipt) == []
        assert report.answer.opening == sent.receipt.note
        assert judge_receipt(encode_receipt(receipt), trust, now=int(world.now)).verdict == "holds"
        seen = judge_receipt(encode_receipt(receipt), old, now=int(world.now), directory=directory)
        assert seen.verdict == "holds"
    unseen = judge_receipt(encode_receipt(after.receipt), old, now=int(world.now))
    assert (unseen.verdict, unseen.reasons) == ("invalid", ("note-no-known-key",))


def test_a_provisional_receipt_of_before_stays_provisional(world: World) -> None:
    change = ReceiptKey(draft_key(world))
    world.submit(change, "ada", "dov")
    _, sent = world.report("Before.")
    while world.services.organisation.state.pending:
        world.tick()
    world.tick()
    trust = make_full_trust(world)
    assert trust.receipts == change.key
    assert judge_receipt(encode_receipt(sent.receipt), trust, now=int(world.now)).verdict == "provisional"


def test_an_answer_that_was_lost_before_the_change_is_signed_by_the_key_of_now(world: World) -> None:
    change = ReceiptKey(draft_key(world))
    world.submit(change, "ada", "dov")
    connection, keys = world.connect(), compute_holder_keys(draw_words().entropy)
    write = seal_report(connection.view, prepare_report(connection.view), keys, text="Sent twice.")
    lost, note = submit_report(connection, write)
    while world.services.organisation.state.pending:
        world.tick()
    world.tick()
    state, again = submit_report(world.connect(), write)
    assert state == lost
    assert (again != note, open_state(again, change.key)) == (True, lost)
    assert submit_report(world.connect(), write) == (state, again)


def test_what_the_old_key_signs_after_the_change_counts_nowhere(world: World) -> None:
    _, sent = world.report("Before.")
    world.tick(12)
    change_key(world)
    world.tick(3)
    connection, trust = world.connect(), make_full_trust(world)
    note, room = sign_again(world, sent.receipt, at=int(world.now)), sent.state.room
    with pytest.raises(VerificationError, match="receipt-retired"):
        connection.open_note(note, room, past=True)
    with pytest.raises(VerificationError, match="note-no-known-key"):
        connection.open_note(note, room)
    with pytest.raises(VerificationError, match="note-no-known-key"):
        connection.open_note(sent.receipt.note, room)
    verdict = judge_receipt(encode_receipt(replace(sent.receipt, note=note)), trust, now=int(world.now))
    assert (verdict.verdict, verdict.reasons) == ("invalid", ("receipt-retired",))


def test_a_line_that_only_announces_the_key_of_now_hides_no_signature(world: World) -> None:
    _, sent = world.report("Before.")
    world.tick(12)
    key = change_key(world)
    connection, note, room = world.connect(), parse_note(sent.receipt.note), sent.state.room
    false = replace(note.signatures[0], key_id=key.key_id, signature=bytes(64))
    for lines in ((false, *note.signatures), (*note.signatures, false)):
        assert connection.open_note(encode_note(Note(note.text, lines)), room, past=True) == sent.state
    with pytest.raises(VerificationError, match="note-known-key"):
        connection.open_note(encode_note(Note(note.text, (false,))), room, past=True)


def test_reports_stay_open_where_the_key_of_before_is_void(world: World) -> None:
    old = world.connect().trust.receipts
    keys, before = world.report("Before.")
    world.tick(12)
    put_in_effect(world, Compromised(receipts=old))
    _, between = world.report("Between.")
    world.tick(12)
    change_key(world)
    assert read_as_desk(world) == {before.state.room, between.state.room}
    assert find_report(world.connect(), keys).list_warnings(before.receipt) == []
    receipt = find_report(world.connect(), keys).update_receipt(before.receipt)
    trust = make_full_trust(world)
    assert judge_receipt(encode_receipt(receipt), trust, now=int(world.now)).verdict == "holds"
    verdict = judge_receipt(encode_receipt(between.receipt), trust, now=int(world.now))
    assert verdict.verdict == "cannot-judge"


def test_the_key_is_drawn_once_and_kept_for_its_owner(world: World, tmp_path: Path) -> None:
    path, out = world.config.receipts_path(world.slug), tmp_path / "draft.json"
    first = draft_key(world)
    assert run(["org", "receipt-key", "--data", str(world.config.data_dir), "--slug", "demo", "--out", str(out)]) == 0
    assert parse_draft(out.read_bytes()).content == ReceiptKey(first)
    assert path.stat().st_mode & 0o777 == 0o600
    put_in_effect(world, ReceiptKey(first))
    second = draft_key(world)
    assert second != first
    put_in_effect(world, ReceiptKey(second))
    _, sent = world.report("After both.")
    assert open_state(sent.receipt.note, second).room == sent.state.room
    path.chmod(0o640)
    with pytest.raises(MalformedError, match="keys-open"):
        read_seeds(path)


def test_a_key_that_does_not_wait_here_is_refused(world: World) -> None:
    draft_key(world)
    state = world.services.organisation.state
    assert state.origin is not None
    key = VerifierKey(state.origin.receipts.name, ED25519, SigningKey(bytes(32)).public)
    with pytest.raises(AssertionError, match="directory-receipts-held"):
        world.submit(ReceiptKey(key), "ada", "dov")
    assert world.services.organisation.state == state


def test_the_new_key_signs_after_a_restart_and_never_the_old_in_its_place(world: World) -> None:
    key = change_key(world)
    world.restart(lose_files=True)
    _, sent = world.report("After a restart.")
    assert open_state(sent.receipt.note, key).room == sent.state.room
    world.config.receipts_path(world.slug).unlink()
    with pytest.raises(UnavailableError, match="keys-receipts"):
        world.restart()


def test_the_new_key_signs_once_the_cosigners_have_dated_it(world: World) -> None:
    """Before that no client could know it: what it signed would be refused."""
    key, old = draft_key(world), world.connect().trust.receipts
    world.submit(ReceiptKey(key), "ada", "dov")
    world.tick(2)
    world.deafen()
    world.tick(2)
    organisation = world.services.organisation
    assert organisation.state.origin is not None
    assert organisation.state.origin.receipts == key
    _, sent = world.report("While the cosigners cannot be reached.")
    assert open_state(sent.receipt.note, old).room == sent.state.room
    world.hear()
    world.tick()
    assert world.connect().trust.receipts == key
    receipt = encode_receipt(sent.receipt)
    assert judge_receipt(receipt, make_full_trust(world), now=int(world.now)).verdict == "provisional"
