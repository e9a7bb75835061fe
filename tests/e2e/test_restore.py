"""Real processes: a server whose database comes back from an old backup, and a cosigner that runs all the while."""

from __future__ import annotations

import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from plaint.log.fetch import hash_origin
from plaint.protocol.checkpoint import Checkpoint, open_checkpoint
from plaint.protocol.directory import Entry, sign_entry
from plaint.protocol.directory_server import Cosigner, Cosigners, Succession
from plaint.protocol.draft import Draft, encode_draft, parse_draft
from plaint.protocol.note import VerifierKey, encode_vkey, find_signatures, parse_note, parse_vkey
from plaint.protocol.trust import parse_trust
from plaint.protocol.words import encode_words
from plaint.server.config import Config
from plaint.server.keys import read_keys
from tests.support.directory_world import draw, make_keys
from tests.support.patience import PATIENCE_S, wait_until
from tests.support.plaint_processes import Processes
from tests.support.ports import find_port
from tests.support.process import CLOCK, UpProcess, create

pytestmark = pytest.mark.e2e


class Scene:
    """A server, a cosigner that mirrors it, and what both show."""

    def __init__(self, folder: Path, processes: Processes) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.org = create(self.data)
        self.keys = read_keys(Config(self.data).keys_path("demo"))
        self.port, self.cosigner_port = find_port(), find_port()
        self.url = f"http://127.0.0.1:{self.port}/o/demo"
        self.cosigner_url = f"http://127.0.0.1:{self.cosigner_port}"
        self.processes = processes
        self.cosigner_key = self.start_cosigner()
        self.up = self.start()

    def start(self) -> UpProcess:
        """Start the server."""
        return UpProcess(self.data, port=self.port)

    def read(self, address: str | None = None) -> Checkpoint | None:
        """Return the newest checkpoint of the case log that the cosigner signed, at the server or at the cosigner."""
        try:
            answer = httpx.get(address or f"{self.url}/log/cases/checkpoint", timeout=PATIENCE_S)
        except httpx.HTTPError:
            return None
        if answer.status_code != 200:
            return None
        note = parse_note(answer.content)
        key = self.keys.verifiers.cases
        return open_checkpoint(note, key) if find_signatures(note, self.cosigner_key) else None

    def wait(self, size: int) -> Checkpoint:
        """Wait until more than `size` leaves are cosigned and copied by the cosigner."""
        base = f"{self.cosigner_url}/{hash_origin(self.keys.verifiers.cases.name)}"

        def check() -> Checkpoint | None:
            found = self.read()
            if found is None or found.size <= size:
                return None
            path = f"tile/entries/{(found.size - 1) // 256:03}"
            width = found.size % 256
            copy = httpx.get(f"{base}/{path}{f'.p/{width}' if width else ''}", timeout=PATIENCE_S)
            return found if copy.status_code == 200 else None

        found: Checkpoint = wait_until(check)
        return found

    def back_up(self) -> int:
        """Copy the database as it is, and return a size of the log that the copy does not reach."""
        with (
            closing(sqlite3.connect(self.data / "plaint.sqlite")) as here,
            closing(sqlite3.connect(self.folder / "old.sqlite")) as there,
        ):
            here.backup(there)
        found = wait_until(self.read)
        # A tick may have been decided and not shown.
        return int(found.size) + CLOCK.batch

    def strike(self) -> None:
        """Kill the server, put the old database in its place and lose the log's files."""
        assert self.up.stop(signal.SIGKILL) == -signal.SIGKILL
        for suffix in ("-wal", "-shm"):
            (self.data / f"plaint.sqlite{suffix}").unlink(missing_ok=True)
        shutil.copy(self.folder / "old.sqlite", self.data / "plaint.sqlite")
        shutil.rmtree(self.data / "logs")

    def start_cosigner(self) -> VerifierKey:
        """Start the cosigner for the keys that the server has now, and return its own."""
        verifiers = self.keys.verifiers
        logs = [f"{encode_vkey(verifiers.cases)}={self.url}/log/cases"]
        logs += [f"{encode_vkey(verifiers.directory)}={self.url}/log/directory"]
        options = [part for log in logs for part in ("--log", log)]
        process = self.processes.start(
            "cosign",
            "--data",
            self.folder / "cosigner",
            "--port",
            self.cosigner_port,
            "--name",
            "watch.example",
            *options,
        )
        assert process.stdout is not None
        return parse_vkey(process.stdout.readline().removeprefix("key ").strip())

    def lose_copy(self) -> None:
        """Let the cosigner lose its copy of the logs, but not what it signed."""
        self.processes.stop(self.processes.started[-1])
        shutil.rmtree(self.folder / "cosigner" / "mirror")
        self.start_cosigner()
        head = f"{self.cosigner_url}/{hash_origin(self.keys.verifiers.cases.name)}/checkpoint"
        wait_until(lambda: self.read(head))

    def name_cosigner(self) -> None:
        """Let the directory name the cosigner, whose word alone dates from then on."""
        content = Cosigners((Cosigner("watch", self.cosigner_key, self.cosigner_url),), 1)
        entry = Entry(2, content)
        for name in ("ada", "dov"):
            keys = make_keys(name)
            entry = sign_entry(self.org, entry, keys.id, keys.sign)
        answer = httpx.post(f"{self.url}/directory", content=encode_draft(Draft(content, {}, None, self.org, entry)))
        assert answer.status_code == 201, answer.text


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with Processes(tmp_path) as processes:
        scene = Scene(tmp_path, processes)
        with scene.up:
            scene.name_cosigner()
            yield scene


def test_a_restored_server_goes_on_where_its_cosigner_is(scene: Scene) -> None:
    scene.wait(0)
    last = scene.wait(scene.back_up() + 32)
    scene.strike()
    with scene.start() as up:
        goes_on = scene.wait(last.size)
        assert goes_on.size % 16 == 0
        assert httpx.get(f"{scene.url}/log/alarms").text == "plaint/v1/alarms\n"
        assert up.stop() == 0
    assert '"event": "restored"' in up.said
    assert '"event": "fork"' not in up.said


def test_where_the_cosigner_lost_its_copy_nothing_is_signed_until_a_mirror_helps(scene: Scene, tmp_path: Path) -> None:
    scene.wait(0)
    last = scene.wait(scene.back_up())
    scene.up.stop(signal.SIGKILL)
    shutil.copytree(scene.data / "logs" / "demo", tmp_path / "mirror")
    scene.strike()
    scene.lose_copy()
    processes = scene.processes
    with scene.start() as up:
        assert up.stop() == 1, up.said
    assert "log-behind" in up.said
    found = processes.run(
        "org", "restore", "--data", scene.data, "--slug", "demo", "--from", tmp_path / "mirror", "--json"
    )
    cases = next(log for log in found.value["logs"] if log["log"] == "cases")
    assert cases["new"] >= last.size
    assert (cases["lost"], found.value["names_missing"]) == (None, 0)
    with scene.start() as up:
        scene.wait(cases["new"])
        assert up.stop() == 0
    assert '"event": "fork"' not in up.said
    assert processes.run("org", "alarms", "--data", scene.data, "--slug", "demo", "--json").value == {"alarms": []}


def test_where_nobody_has_the_log_the_independents_let_others_take_its_place(scene: Scene, tmp_path: Path) -> None:
    scene.wait(0)
    last = scene.wait(scene.back_up())
    processes, place = scene.processes, ("--data", scene.data, "--slug", "demo")
    processes.run("trust", scene.url, "--out", tmp_path / "old")
    scene.strike()
    scene.lose_copy()
    processes.run("org", "succession", *place, "--out", tmp_path / "draft")
    for name in ("dov", "eva"):
        (tmp_path / name).write_text(encode_words(draw(f"member {name}", 16), "english") + "\n", "utf-8")
        (tmp_path / name).chmod(0o600)
        processes.run("directory", "sign", tmp_path / "draft", "--words", tmp_path / name, "--yes")
    processes.run("org", "succeed", *place, "--draft", tmp_path / "draft")
    content = parse_draft((tmp_path / "draft").read_bytes()).content
    assert isinstance(content, Succession)
    assert content.cases.size >= last.size

    scene.keys = read_keys(Config(scene.data).keys_path("demo"))
    processes.stop(processes.started[-1])
    scene.start_cosigner()
    with scene.start() as up:
        first = scene.wait(0)
        assert first.origin == content.origin.cases.name != last.origin
        scene.wait(first.size)
        wait_until(lambda: _follow(processes, scene, tmp_path))
        assert up.stop() == 0
    assert '"event": "fork"' not in up.said
    assert parse_trust((tmp_path / "new").read_bytes()).cases == content.origin.cases
    assert parse_trust((tmp_path / "old").read_bytes()).cases.name == last.origin


def _follow(processes: Processes, scene: Scene, folder: Path) -> bool:
    """Try to turn the old trust file into a new one: not before the succession has taken effect."""
    done = processes.run("trust", scene.url, "--succeed", folder / "old", "--out", folder / "new", code=None)
    assert done.code == 0 or "trust-succession" in done.err or "view-keys" in done.err, done.err
    return done.code == 0
