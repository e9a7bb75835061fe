"""Where mail goes, calendar files, and a service that does not start with doubtful settings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from icalendar import Calendar

from plaint.cli import desk as desk_command
from plaint.cli import desk_mail
from plaint.cli import follow as follow_command
from plaint.cli.app import run
from plaint.client.files import create_private
from plaint.protocol.keys import compute_holder_keys
from plaint.protocol.words import draw_words, encode_words
from plaint.server.notify.settings import NoticeSettings
from tests.support.directory_world import draw
from tests.support.mail_server import make_smtp
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with World(tmp_path / "world") as made:
        for command in (desk_command, desk_mail, follow_command):
            monkeypatch.setattr(command, "connect", lambda *_args, **_options: made.connect())
        yield made


@pytest.fixture
def words(tmp_path: Path) -> Path:
    path = tmp_path / "ben.words"
    create_private(path, encode_words(draw("member ben", 16), "english").encode())
    return path


def send_mail_from(world: World) -> None:
    settings = NoticeSettings((7, 16), make_smtp(9))
    world.config = replace(world.config, public_url="https://reports.example.invalid", notices=settings)
    world.restart()


def test_a_member_says_where_mail_goes_and_takes_it_back(
    world: World, words: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    send_mail_from(world)
    for given, kept in (([], False), (["ben@example.invalid"], True), ([], True), (["--none"], False)):
        assert run(["desk", "mail", world.url, *given, "--words", str(words), "--json"]) == 0
        printed = capsys.readouterr().out
        assert json.loads(printed) == {"address": kept, "hours": [7, 16]}
        assert "example.invalid" not in printed


def test_a_member_is_told_in_a_sentence(world: World, words: Path, capsys: pytest.CaptureFixture[str]) -> None:
    send_mail_from(world)
    assert run(["desk", "mail", world.url, "ben@example.invalid", "--words", str(words)]) == 0
    assert "every day at 07:00, 16:00 UTC" in capsys.readouterr().out
    assert run(["desk", "mail", world.url, "Ben <ben@example.invalid>", "--words", str(words)]) == 1
    assert "mail-address" in capsys.readouterr().err
    assert run(["desk", "mail", world.url, "ben@example.invalid", "--none", "--words", str(words)]) == 2


def test_where_no_mail_is_sent_a_member_is_told_so(
    world: World, words: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["desk", "mail", world.url, "--words", str(words)]) == 0
    assert "sends no mail" in capsys.readouterr().out
    assert run(["desk", "mail", world.url, "ben@example.invalid", "--words", str(words)]) == 1
    assert "mail-off" in capsys.readouterr().err


def test_calendar_files_are_written_for_both_sides(
    world: World, words: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    own = draw_words()
    create_private(mine / "words.txt", own.text.encode())
    world.report("Something happened.", keys=compute_holder_keys(own.entropy))
    world.tick(30)
    out, ics = tmp_path / "desk.ics", tmp_path / "mine.ics"
    assert run(["desk", "dates", world.url, "--words", str(words), "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"dates": 2, "out": str(out)}
    arguments = ["follow", world.url, "--words", str(mine / "words.txt"), "--ics", str(ics), "--json"]
    assert run(arguments) == 0
    answer = capsys.readouterr()
    assert [due["state"] for due in json.loads(answer.out)["due"]] == ["open", "open"]
    assert "calendars that others see" in answer.err
    for path in (out, ics):
        calendar = Calendar.from_ical(path.read_bytes())
        assert isinstance(calendar, Calendar)
        assert len(calendar.events) == 2
        assert run(["desk", "dates", world.url, "--words", str(words), "--out", str(path)]) == 0
    assert run(["desk", "dates", world.url, "--words", str(words), "--out", str(words)]) == 1


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("PLAINT_SMTP_UR", "smtp://mail.invalid", "config-variable: PLAINT_SMTP_UR"),
        ("PLAINT_SMTP_URL", "smtp://plaint@mail.invalid", "config-smtp-secret"),
        ("PLAINT_SMTP_URL", "smtp://plaint:secret@mail.invalid", "config-mail-from"),
        ("PLAINT_HOOK_URL", "http://mail.invalid", "config-hook"),
    ],
)
def test_a_service_with_doubtful_settings_does_not_start(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    code: str,
) -> None:
    monkeypatch.setenv(name, value)
    assert run(["up", "--data", str(tmp_path / "data"), "--port", "0"]) == 1
    told = capsys.readouterr().err
    assert f"({code})" in told
    assert "mail.invalid" not in told
    assert not (tmp_path / "data").exists()
