"""What `plaint log watch` says, to whom, how often, and with which exit code."""

from __future__ import annotations

import json
import shlex
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from plaint.cli import log_watch
from plaint.cli.app import run
from plaint.client.watch import Watch
from tests.support.mail_server import serve_mailbox
from tests.support.wire import Wire
from tests.support.world import World

APPEND = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read() + chr(10))"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with World(tmp_path / "world") as made:
        wire = Wire(made)

        def make(url: str, directory: Path, **options: Any) -> Watch:
            return Watch(
                url,
                directory,
                now=made.read_clock,
                client=httpx.Client(transport=wire),
                connect=lambda: httpx.AsyncClient(transport=wire),
                **options,
            )

        monkeypatch.setattr(log_watch, "Watch", make)
        yield made


@contextmanager
def serve_hook(*statuses: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Take posts on this machine and answer them with `statuses`, the last one from then on."""
    taken: list[dict[str, Any]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(statuses[min(len(taken), len(statuses)) - 1])
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", taken
        finally:
            server.shutdown()
            thread.join()


def look(world: World, *options: str) -> int:
    return run(["log", "watch", world.url, "--once", "--data", str(world.folder / "watch"), *options])


def test_exit_codes_tell_well_wrong_and_out_of_reach_apart(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert look(world, "--json") == 0
    assert json.loads(capsys.readouterr().out)["findings"] == []
    world._stop()
    assert look(world, "--json") == 2
    assert json.loads(capsys.readouterr().out)["findings"] == [{"code": "log-unreachable", "detail": ""}]
    world._start()
    world.now += 9_000
    assert look(world) == 1
    assert "watch-late cases" in capsys.readouterr().err
    assert look(world) == 1
    assert "watch-late cases" in capsys.readouterr().err
    assert look(world, "--late", "20") == 0
    assert capsys.readouterr().out == "All is as it should be.\n"


def test_a_finding_goes_to_the_webhook_once_and_again_when_it_comes_back(world: World) -> None:
    with serve_hook(204) as (address, taken):
        assert look(world, "--webhook", address) == 0
        assert taken == []
        for _ in range(2):
            world.now += 9_000
            assert look(world, "--webhook", address) == 1
            assert look(world, "--webhook", address) == 1
            world.tick()
            assert look(world, "--webhook", address) == 0
    late = [{"code": "watch-late", "detail": name} for name in ("cases", "directory")]
    assert [post["findings"] for post in taken] == [late, late]
    assert {post["url"] for post in taken} == {world.url}


def test_what_the_webhook_did_not_take_is_told_again(world: World) -> None:
    assert look(world) == 0
    world.now += 9_000
    with serve_hook(500, 204) as (address, taken):
        for _ in range(3):
            assert look(world, "--webhook", address) == 1
    assert len(taken) == 2


def test_a_command_gets_the_findings_and_runs_again_when_it_failed(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert look(world) == 0
    world.now += 9_000
    heard = tmp_path / "heard"
    assert look(world, "--command", shlex.join([sys.executable, "-c", "raise SystemExit(1)"])) == 1
    assert "The command failed" in capsys.readouterr().err
    command = shlex.join([sys.executable, "-c", APPEND, str(heard)])
    for _ in range(2):
        assert look(world, "--command", command) == 1
    said = [json.loads(line) for line in heard.read_text().splitlines()]
    assert [[one["detail"] for one in post["findings"]] for post in said] == [["cases", "directory"]]


def test_a_mail_is_sent_once_and_again_when_it_was_refused(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert look(world) == 0
    world.now += 9_000
    with serve_mailbox() as (mailbox, smtp):
        monkeypatch.setenv("PLAINT_SMTP_URL", f"smtp://{smtp.host}:{smtp.port}")
        monkeypatch.setenv("PLAINT_MAIL_FROM", smtp.sender)
        mailbox.refusals = ["450 later"]
        for _ in range(3):
            assert look(world, "--mail", "watch@union.example.invalid") == 1
    assert "did not take the mail" in capsys.readouterr().err
    (mail,) = mailbox.mails
    assert (mail["To"], mail["From"]) == ("watch@union.example.invalid", smtp.sender)
    text = mail.get_payload()
    assert world.url in text
    assert "watch-late cases" in text
    assert mailbox.receivers == ["watch@union.example.invalid"]


def test_a_mail_needs_a_server_and_a_sender(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert look(world, "--mail", "watch@union.example.invalid") == 1
    assert "watch-mail" in capsys.readouterr().err


def test_a_mail_goes_to_one_plain_address(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PLAINT_SMTP_URL", "smtp://127.0.0.1:9")
    monkeypatch.setenv("PLAINT_MAIL_FROM", "plaint@reports.example.invalid")
    assert look(world, "--mail", "a@example.invalid\nBcc: b@example.invalid") == 1
    assert "mail-address" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["http://hooks.example/x", "ftp://127.0.0.1/x", "hooks.example"])
def test_a_webhook_is_encrypted_or_on_this_machine(
    world: World, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert look(world, "--webhook", address) == 1
    assert "watch-hook" in capsys.readouterr().err


def test_without_a_folder_the_state_of_the_user_is_taken(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert run(["log", "watch", world.url, "--once"]) == 0
    kept = list((tmp_path / "state" / "plaint" / "watch").iterdir())
    assert len(kept) == 1
    assert (kept[0] / "watch.json").exists()
