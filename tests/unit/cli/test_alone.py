"""A member who was let into the internal room of a case and not into its report sees that room, plainly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from plaint.cli.app import run
from plaint.client.files import create_private
from plaint.protocol.words import encode_words
from tests.support.directory_world import draw, find_id
from tests.support.erasing import Story


def write_words(folder: Path, name: str) -> str:
    path = folder / f"{name}.words"
    create_private(path, encode_words(draw(f"member {name}", 16), "english").encode())
    return str(path)


def say(capsys: pytest.CaptureFixture[str], *command: str) -> dict[str, Any]:
    assert run([*command, "--json"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_a_room_without_its_report_is_listed_shown_and_written_in(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url, fay, ben = story.world.url, write_words(tmp_path, "fay"), write_words(tmp_path, "ben")
    story.ben.grant(story.case(story.ben), find_id("fay"), labels=["internal"])
    story.world.tick(24)
    case, internal = (room.id.hex() for room in story.case(story.ben).rooms)
    listed = say(capsys, "desk", "list", url, "--words", fay)
    [alone] = listed["alone"]
    assert (listed["cases"], alone["id"], alone["case"], alone["room"]) == ([], internal, case, "internal")
    assert alone["by"] == "Ben Invented"
    assert "Fay Invented" in alone["readers"]
    assert run(["desk", "list", url, "--words", fay]) == 0
    said = capsys.readouterr().out
    assert "you were let in here, and cannot read the report" in said
    assert "There is no case that you can open." not in said
    shown = say(capsys, "desk", "show", url, internal[:8], "--words", fay)
    assert "Ask the stand's owner." in [entry["text"] for entry in shown["entries"]]
    assert shown["problems"] == []
    assert say(capsys, "desk", "note", url, internal, "He is away.", "--words", fay) == {"id": internal}
    assert run(["desk", "show", url, internal, "--words", fay]) == 0
    assert "He is away." in capsys.readouterr().out
    assert "alone" not in say(capsys, "desk", "list", url, "--words", ben)
    assert say(capsys, "desk", "show", url, case, "--words", ben)["problems"] == []
    assert run(["desk", "show", url, case, "--words", fay]) == 1
    assert "not-found" in capsys.readouterr().err
