from __future__ import annotations

import json
from pathlib import Path

import pytest

from plaint.cli.app import run
from plaint.protocol.draft import parse_draft
from plaint.protocol.packs import Pack


def draft(out: Path, *arguments: str) -> int:
    return run(["directory", "draft", "pack", *arguments, "--out", str(out)])


def read(out: Path) -> Pack:
    content = parse_draft(out.read_bytes()).content
    assert isinstance(content, Pack)
    return content


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PLAINT_STATE", str(tmp_path / "state"))
    monkeypatch.delenv("PLAINT_URL", raising=False)


def test_deadlines_carry_the_holidays_of_the_site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "posh.json"
    assert draft(out, "in-posh", "--site", "IN-MH", "--zone", "Asia/Kolkata", "--years", "3") == 0
    pack = read(out)
    assert pack.calendar is not None
    assert (pack.id, pack.version, pack.calendar.offset, pack.calendar.last - pack.calendar.first) == (
        "in-posh",
        1,
        330,
        2,
    )
    said = capsys.readouterr().out
    assert "respondent-notice: 7 working days from receipt (compared on 2026-11-27)" in said
    assert "acknowledge: 2 working days from receipt (not compared with the law yet)" in said


def test_deadlines_are_made_stricter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "ours.json"
    ours = ["--id", "ours", "--title", "Ours", "--version", "4", "--tighten", "acknowledge=2", "--json"]
    assert draft(out, "eu-internal", *ours) == 0
    pack = read(out)
    assert (pack.id, pack.title, pack.version, pack.base) == ("ours", "Ours", 4, "eu-internal")
    assert [duty.count for duty in pack.duties] == [2, 3]
    assert json.loads(capsys.readouterr().out)["type"] == "pack"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["eu-internal", "--tighten", "acknowledge=8"], "below the law that these deadlines keep (acknowledge)"),
        (["eu-internal", "--tighten", "inquiry=8"], "below the law that these deadlines keep (inquiry)"),
        (["eu-internal", "--tighten", "acknowledge"], "write DUTY=COUNT"),
        (["in-posh"], "add --site and --zone"),
        (["in-posh", "--site", "ZZ", "--zone", "Asia/Kolkata"], "holidays of this site are not known"),
        (["in-posh", "--site", "IN", "--zone", "Asia/Atlantis"], "no such time zone"),
        (["in-posh", "--site", "IN", "--zone", "Asia/Kolkata", "--years", "99"], "so many years"),
        (["atlantis"], "no deadlines with this name"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "draft.json"
    assert draft(out, *arguments) == 1
    assert words in capsys.readouterr().err
    assert not out.exists()
