"""How great the risk of further harm is, said and read from the command line; the reporter is not shown it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plaint.cli.app import run
from plaint.client.files import create_private
from plaint.protocol.words import encode_words
from tests.support.directory_world import draw
from tests.support.erasing import Story


def test_the_last_word_on_the_risk_is_shown_to_members_alone(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url, case = story.world.url, story.case(story.ben).id.hex()
    for label in ("member ben", "member cai", "holder 1"):
        create_private(tmp_path / label, encode_words(draw(label, 16), "english").encode())

    def say(*command: str, who: str, code: int = 0) -> str:
        assert run([*command, "--words", str(tmp_path / who)]) == code
        said = capsys.readouterr()
        return said.out if "--json" in command else said.out + said.err

    assert json.loads(say("desk", "show", url, case, "--json", who="member cai"))["risk"] is None
    assert "(risk-reason)" in say("desk", "risk", url, case, "high", " ", who="member ben", code=1)
    say("desk", "risk", url, case, "extreme", "They share a shift.", who="member ben", code=2)
    say("desk", "risk", url, case, "severe", "They share a shift.", who="member ben")
    assert "The reporter does not see it." in say("desk", "risk", url, case, "low", "Not now.", who="member ben")
    shown = json.loads(say("desk", "show", url, case, "--json", who="member cai"))["risk"]
    assert (shown["level"], shown["reason"]) == ("low", "Not now.")
    assert "Risk of further harm: low: Not now." in say("desk", "show", url, case, who="member cai")
    (listed,) = json.loads(say("desk", "list", url, "--json", who="member ben"))["cases"]
    assert listed["risk"] == "low"
    assert "  risk low  (" in say("desk", "list", url, who="member ben")
    told = say("follow", url, "--json", who="holder 1")
    assert '"risk"' not in told
    assert "share a shift" not in told
