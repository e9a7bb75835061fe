"""Receipts judged from files alone, with what the organisation signed later."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from plaint.cli.app import run
from plaint.client.follow import find_report
from plaint.client.mirror import mirror_log
from plaint.client.outbox import Outbox
from plaint.protocol.keys import HolderKeys
from plaint.protocol.state import sign_state
from plaint.protocol.trust import encode_trust
from tests.support.receipt_keys import make_void
from tests.support.world import World

DAY = 86_400


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "world") as made:
        yield made


@dataclass
class Reporter:
    """Somebody with the words, a complete receipt and the trust file of the day."""

    world: World
    outbox: Outbox
    keys: HolderKeys

    @property
    def trust(self) -> Path:
        return self.outbox.folder / "trust"

    def keep_note(self) -> bytes:
        note = find_report(self.world.connect(), self.keys).answer.note
        self.outbox.save_note(note)
        return note


@pytest.fixture
def reporter(world: World, tmp_path: Path) -> Reporter:
    keys, sent = world.report("Is anybody there?")
    world.tick(12)
    report = find_report(world.connect(), keys)
    outbox = Outbox(tmp_path / "mine")
    outbox.save_receipt(report.update_receipt(sent.receipt))
    found = Reporter(world, outbox, keys)
    found.trust.write_bytes(encode_trust(world.connect().trust))
    return found


def judge(reporter: Reporter, *arguments: object, code: int, capsys: pytest.CaptureFixture[str]) -> Any:
    """Judge the receipt at the world's time and return what was printed."""
    receipt, moment = reporter.outbox.receipt, int(reporter.world.now)
    given = [receipt, "--trust", reporter.trust, "--at", moment, *arguments, "--json"]
    assert run(["verify", *map(str, given)]) == code
    return json.loads(capsys.readouterr().out)


def test_a_receipt_under_a_void_key_is_not_said_to_be_changed(
    reporter: Reporter, capsys: pytest.CaptureFixture[str]
) -> None:
    world = reporter.world
    void = make_void(world.connect().trust, until=int(world.now) - DAY)
    reporter.trust.write_bytes(encode_trust(void))
    assert judge(reporter, code=1, capsys=capsys)["reasons"] == ["receipt-void"]
    assert (
        run(["verify", str(reporter.outbox.receipt), "--trust", str(reporter.trust), "--at", str(int(world.now))]) == 1
    )
    said = capsys.readouterr().out
    assert "Nobody need have changed it." in said
    assert "it was changed" not in said


def states(verdict: Any) -> list[str]:
    return [item["state"] for item in verdict["due"]]


def test_a_later_note_admits_the_silence(reporter: Reporter, capsys: pytest.CaptureFixture[str]) -> None:
    world = reporter.world
    world.now += 8 * DAY
    world.tick(2)
    assert judge(reporter, code=2, capsys=capsys)["verdict"] == "cannot-judge"
    reporter.keep_note()
    verdict = judge(reporter, "--note", reporter.outbox.note, code=3, capsys=capsys)
    assert (verdict["verdict"], states(verdict)) == ("silent-admitted", ["silent-admitted", "open"])


def test_of_several_notes_the_one_that_says_most_counts(
    reporter: Reporter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    early = tmp_path / "early"
    early.write_bytes(reporter.keep_note())
    reporter.world.now += 8 * DAY
    reporter.world.tick(2)
    assert judge(reporter, "--note", early, code=2, capsys=capsys)["verdict"] == "cannot-judge"
    reporter.keep_note()
    for notes in ((early, reporter.outbox.note), (reporter.outbox.note, early)):
        given = [part for note in notes for part in ("--note", note)]
        assert judge(reporter, *given, code=3, capsys=capsys)["verdict"] == "silent-admitted"


def test_a_note_that_denies_what_the_log_holds_shows_a_withheld_answer(
    reporter: Reporter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = reporter.world
    first = find_report(world.connect(), reporter.keys).room.state
    desk = world.desk("ben")
    desk.scan()
    desk.acknowledge(desk.open_case(first.room.hex()), "I have read it.")
    world.tick(12)
    world.now += 8 * DAY
    world.tick(2)
    lie = tmp_path / "lie"
    verifier = world.keys.verifiers.receipts
    lie.write_bytes(sign_state(replace(first, at=int(world.now)), world.keys.receipts, name=verifier.name))
    copy = tmp_path / "copy"
    world.loop.run(mirror(world, copy))
    honest = judge(reporter, "--leaves", copy, code=0, capsys=capsys)
    assert (honest["verdict"], states(honest)) == ("holds", ["met", "open"])
    verdict = judge(reporter, "--leaves", copy, "--note", lie, code=3, capsys=capsys)
    assert (verdict["verdict"], states(verdict)) == ("withheld", ["withheld", "open"])


async def mirror(world: World, copy: Path) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(world.app)) as client:  # type: ignore[arg-type]
        await mirror_log(world.url, copy, client=client)


def test_the_note_of_another_report_or_of_nobody_is_left_aside_and_named(
    reporter: Reporter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys, _ = reporter.world.report("Something else.")
    other = tmp_path / "other"
    other.write_bytes(find_report(reporter.world.connect(), keys).answer.note)
    verdict = judge(reporter, "--note", other, code=0, capsys=capsys)
    assert (verdict["verdict"], verdict["beside"]) == ("holds", [{"file": str(other), "reason": "receipt-room"}])
    other.write_bytes(reporter.keep_note().replace(b"entries 1", b"entries 2"))
    verdict = judge(reporter, "--note", other, "--note", reporter.outbox.note, code=0, capsys=capsys)
    assert (verdict["verdict"], verdict["beside"]) == ("holds", [{"file": str(other), "reason": "note-known-key"}])
    verdict = judge(reporter, "--note", tmp_path / "nothing", code=2, capsys=capsys)
    assert (verdict["verdict"], verdict["reasons"]) == ("cannot-judge", ["file-missing"])
