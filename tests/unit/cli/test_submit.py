"""A sealed report carried by somebody who cannot open it."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from plaint.cli import submit as submit_command
from plaint.client.follow import find_report
from plaint.client.reporter import submit_report
from plaint.errors import MalformedError, RefusedError, UnavailableError, VerificationError
from plaint.protocol.state import open_state
from plaint.protocol.write import encode_write
from tests.support.sealed import SealedReport, seal
from tests.support.world import CLOCK, World

NARROW = replace(CLOCK, batch=2, window=6_000)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "world", clock=NARROW) as made:
        yield made


def save(report: SealedReport, path: Path) -> Path:
    """Save a report as reporters' devices do: without its proof of work."""
    assert report.write.opening is not None
    path.write_bytes(encode_write(replace(report.write, opening=replace(report.write.opening, work=None))))
    return path


def send_many(world: World) -> None:
    for _ in range(50):
        world.report("Somebody else's report.")


def test_a_carried_report_arrives_and_its_words_open_it(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = seal(world, "Carried by a friend.")
    file, note = save(report, tmp_path / "sealed"), tmp_path / "note"
    world.tick(200)  # it may lie about for long
    assert submit_command._submit(world.connect(), file, note, json=True) == 0
    said = json.loads(capsys.readouterr().out)
    connection = world.connect()
    state = open_state(note.read_bytes(), connection.trust.receipts)
    assert (state.room, state.entries) == (report.room, 1)
    assert (said["at"], said["note"]) == (state.at, str(note))
    assert [item["what"] for item in said["due"]] == ["acknowledge", "feedback"]
    assert said["include_by"] == max(leaf.include_by for leaf in state.leaves)
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    assert file.exists()
    found = find_report(connection, report.keys)
    assert [entry.content.text for entry in found.room.entries if entry.content] == ["Carried by a friend."]


def test_handed_in_twice_it_is_one_report(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, note = save(seal(world), tmp_path / "sealed"), tmp_path / "note"
    assert submit_command._submit(world.connect(), file, note, json=False) == 0
    first = note.read_bytes()
    world.tick(3)
    assert submit_command._submit(world.connect(), file, note, json=False) == 0
    assert note.read_bytes() == first
    assert "The report arrived on" in capsys.readouterr().out


def test_refused_for_now_it_is_handed_in_later(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, note = save(seal(world), tmp_path / "sealed"), tmp_path / "note"
    with pytest.raises(UnavailableError) as caught:
        send_many(world)
    assert caught.value.code == "admission"
    before = file.read_bytes()
    assert submit_command._submit(world.connect(), file, note, json=True) == 4
    printed = capsys.readouterr()
    assert (printed.out, note.exists(), file.read_bytes()) == ("", False, before)
    assert "admission" in printed.err
    world.tick(30)
    assert submit_command._submit(world.connect(), file, note, json=True) == 0


def test_an_answer_cannot_be_carried(world: World) -> None:
    keys, _ = world.report("First.")
    answer = find_report(world.connect(), keys).seal_text("Second.")
    with pytest.raises(RefusedError) as caught:
        submit_report(world.connect(), answer)
    assert caught.value.code == "submit-answer"


def test_a_report_for_another_organisation_is_not_sent(world: World) -> None:
    write = seal(world).write
    other = replace(write, header=replace(write.header, org=bytes(16)))
    with pytest.raises(RefusedError) as caught:
        submit_report(world.connect(), other)
    assert caught.value.code == "submit-other"


def test_a_damaged_file_is_not_sent(world: World, tmp_path: Path) -> None:
    file, note = save(seal(world), tmp_path / "sealed"), tmp_path / "note"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with pytest.raises(VerificationError) as changed:
        submit_command._submit(world.connect(), file, note, json=True)
    assert changed.value.code == "write-slots"
    file.write_bytes(bytes(data[:-1]))
    with pytest.raises(MalformedError) as cut:
        submit_command._submit(world.connect(), file, note, json=True)
    assert cut.value.code == "write-form"
    assert not note.exists()
