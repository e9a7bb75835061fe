"""Reports that cannot be taken just now are kept sealed and sent again; words are never written over."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from plaint.cli import follow as follow_command
from plaint.cli import report as report_command
from plaint.cli.app import run
from plaint.cli.output import CommandError
from plaint.client.files import create_private
from plaint.client.follow import find_report
from plaint.client.outbox import Outbox
from plaint.client.reporter import prepare_report, seal_report
from plaint.client.words_file import read_words
from plaint.errors import UnavailableError
from plaint.protocol.directory_contents import Channel
from plaint.protocol.keys import compute_holder_keys
from plaint.protocol.words import draw_words
from tests.support.world import CLOCK, World

NARROW = replace(CLOCK, batch=2, window=6_000, delay=0)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "world", clock=NARROW) as made:
        yield made


def fill(world: World) -> None:
    """Send reports until the log admits no more."""
    with pytest.raises(UnavailableError) as caught:
        send_many(world)
    assert caught.value.code == "admission"


def send_many(world: World) -> None:
    for _ in range(50):
        world.report("Somebody else's report.")


def seal(world: World, folder: Path, text: str) -> Outbox:
    outbox, words = Outbox(folder), draw_words()
    view = world.connect().view
    write = seal_report(view, prepare_report(view), compute_holder_keys(words.entropy), text=text)
    outbox.keep(write)
    create_private(outbox.words, words.text.encode())
    return outbox


def test_a_refused_report_is_kept_sealed_and_sent_when_there_is_room(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outbox = seal(world, tmp_path / "mine", "Please take this.")
    fill(world)
    assert report_command._send(world.connect(), outbox, json=True) == 4
    said = json.loads(capsys.readouterr().out)
    assert (said["receipt"], said["unsent"]) == (None, str(outbox.unsent))
    assert b"Please take this." not in outbox.unsent.read_bytes()
    assert stat.S_IMODE(outbox.unsent.stat().st_mode) == 0o600
    world.tick(30)
    assert report_command._send(world.connect(), outbox, json=True) == 0
    assert not outbox.unsent.exists()
    world.tick(30)  # room again for who asks once more
    report = find_report(world.connect(), compute_holder_keys(read_words(outbox.words).entropy))
    assert report.room.entries[0].content is not None
    assert report.room.entries[0].content.text == "Please take this."
    assert report.update_receipt(outbox.read_receipt()).note == report.update_receipt(None).note


def test_a_refused_answer_is_kept_sealed_and_sent_by_the_next_follow(world: World, tmp_path: Path) -> None:
    keys, sent = world.report("First.")
    outbox = Outbox(tmp_path / "mine")
    report = find_report(world.connect(), keys)
    fill(world)
    assert follow_command._send(report, outbox, report.seal_text("Second.")) is True
    world.tick(30)
    desk = world.desk("ben")
    desk.scan()
    desk.reply(desk.open_case(sent.receipt.header.room.hex()), "In between.")
    report = find_report(world.connect(), keys)
    assert follow_command._send_kept(report, outbox) is False
    assert not outbox.unsent.exists()
    said = [entry.content.text for entry in report.room.entries if entry.content]
    assert said == ["First.", "In between.", "Second."]


def test_a_report_whose_answer_was_lost_is_not_sent_twice(world: World, tmp_path: Path) -> None:
    outbox = seal(world, tmp_path / "mine", "Once.")
    write = outbox.read()
    assert report_command._send(world.connect(), outbox, json=True) == 0
    assert write is not None
    first = outbox.receipt.read_bytes()
    outbox.keep(write)
    world.tick(3)
    assert report_command._send(world.connect(), outbox, json=True) == 0
    assert outbox.receipt.read_bytes() == first


def test_words_that_are_there_are_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, text = tmp_path / "mine", tmp_path / "text"
    out.mkdir()
    text.write_text("Something.", "utf-8")
    (out / "words.txt").write_text("mine", "utf-8")
    assert run(["report", "http://127.0.0.1:9/o/x", "--text", str(text), "--out", str(out)]) == 1
    assert "one set of words is for one report" in capsys.readouterr().err
    assert (out / "words.txt").read_text("utf-8") == "mine"


def test_whoever_must_choose_a_way_to_report_is_shown_them(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    view = world.connect().view
    assert report_command._choose(world.connect(), None) is None
    pack = view.state.channels["reports"].pack
    world.submit(Channel("plant", "The plant in Qinwan", ("intake-handler",), pack), "ada", "dov")
    world.tick(3)
    for typed in (None, "plants"):
        with pytest.raises(CommandError) as caught:
            report_command._choose(world.connect(), typed)
        assert caught.value.exit_code == 2
        assert "  --channel plant  The plant in Qinwan" in str(caught.value).splitlines()
    assert report_command._choose(world.connect(), "plant") == "plant"
