"""`plaint desk lift` ends one hold: the only one of its kind, or the one that its number names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plaint.cli.app import run
from plaint.client.files import create_private
from plaint.protocol.words import encode_words
from tests.support.directory_world import draw
from tests.support.erasing import Story


def test_of_several_holds_one_is_named_and_the_others_stand(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words, case = tmp_path / "words", story.case(story.ben).id.hex()
    create_private(words, encode_words(draw("member ben", 16), "english").encode())

    def do(command: str, *arguments: str, code: int = 0) -> str:
        assert run(["desk", command, story.world.url, case, *arguments, "--words", str(words)]) == code
        said = capsys.readouterr()
        return said.out if "--json" in arguments else said.out + said.err

    def standing() -> dict[str, str]:
        shown = json.loads(do("show", "--json"))
        return {hold["number"]: hold["reason"] for hold in shown["holds"] if not hold["lifted"]}

    do("hold", "legal", "--reason", "A suit is expected.")
    do("hold", "legal", "--reason", "An audit runs.", "--internal")
    numbers = standing()
    said = do("lift", "legal", code=2)
    assert all(f"{number} ({reason})" in said for number, reason in numbers.items())
    assert "[" + next(iter(numbers)) + "]" in do("show")
    audit = next(number for number, reason in numbers.items() if reason == "An audit runs.")
    assert "no legal hold of this number" in do("lift", "legal", "--number", "ffffffff0", code=1)
    do("lift", "legal", "It is over.", "--number", audit.upper())
    assert list(standing().values()) == ["A suit is expected."]
    do("lift", "legal")
    assert standing() == {}
    assert "no legal hold that you can read" in do("lift", "legal", code=1)
