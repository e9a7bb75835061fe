from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from plaint.cli.app import run
from plaint.client.pages import parse_manifest
from plaint.encoding.json import encode_json
from plaint.protocol.draft import parse_draft
from plaint.protocol.note import parse_vkey
from plaint.protocol.release import Release, verify_release

MANIFEST = {"files": {"reporter.html": "00" * 32}, "v": 1, "version": "1.0.0"}


@pytest.fixture(autouse=True)
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLAINT_STATE", str(tmp_path / "state"))
    monkeypatch.delenv("PLAINT_URL", raising=False)
    Path("manifest.json").write_bytes(encode_json(MANIFEST))
    return tmp_path


def succeed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run([*arguments, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert isinstance(answer, dict)
    return answer


def fail(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert run([*arguments]) == 1
    return capsys.readouterr().err


def make_release(capsys: pytest.CaptureFixture[str], version: str = "1.0.0") -> str:
    vkey = succeed(capsys, "release", "key", "--name", "plaint.test/releases", "--out", "upstream.key")["vkey"]
    sign(capsys, version)
    return str(vkey)


def sign(capsys: pytest.CaptureFixture[str], version: str) -> None:
    command = ["release", "sign", "--version", version, "--key", "upstream.key", "--manifest", "manifest.json"]
    succeed(capsys, *command, "--out", f"{version}.txt")


def test_a_signed_release_is_checked_with_the_key_alone(capsys: pytest.CaptureFixture[str]) -> None:
    vkey = make_release(capsys)
    found = succeed(capsys, "release", "check", "1.0.0.txt", "--upstream", vkey, "--manifest", "manifest.json")
    digest = parse_manifest(Path("manifest.json").read_bytes()).digest
    assert found == {"version": "1.0.0", "manifest": digest.hex()}
    assert Path("upstream.key").stat().st_mode & 0o777 == 0o600


def test_other_files_are_not_the_release(capsys: pytest.CaptureFixture[str]) -> None:
    vkey = make_release(capsys)
    Path("other.json").write_bytes(encode_json(MANIFEST | {"files": {"reporter.html": "11" * 32}}))
    assert "other files" in fail(
        capsys, "release", "check", "1.0.0.txt", "--upstream", vkey, "--manifest", "other.json"
    )


def test_a_changed_note_is_no_release(capsys: pytest.CaptureFixture[str]) -> None:
    vkey = make_release(capsys)
    note = Path("1.0.0.txt")
    note.write_bytes(note.read_bytes().replace(b"version 1.0.0", b"version 1.0.1"))
    assert "note-known-key" in fail(capsys, "release", "check", "1.0.0.txt", "--upstream", vkey)


def test_a_key_that_others_may_read_signs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    make_release(capsys)
    Path("upstream.key").chmod(0o644)
    command = ["release", "sign", "--version", "2", "--key", "upstream.key", "--manifest", "manifest.json"]
    assert "keys-open" in fail(capsys, *command, "--out", "2.txt")
    assert not Path("2.txt").exists()


def test_a_version_that_cannot_stand_in_a_directory_is_not_signed(capsys: pytest.CaptureFixture[str]) -> None:
    make_release(capsys)
    command = ["release", "sign", "--version", "1/0", "--key", "upstream.key", "--manifest", "manifest.json"]
    assert "release-version" in fail(capsys, *command, "--out", "x.txt")


def test_a_release_becomes_a_draft_with_the_same_signature(capsys: pytest.CaptureFixture[str]) -> None:
    vkey = make_release(capsys)
    succeed(capsys, "directory", "draft", "release", "1.0.0.txt", "--upstream", vkey, "--out", "r.draft")
    content = parse_draft(Path("r.draft").read_bytes()).content
    assert isinstance(content, Release)
    verify_release(content, parse_vkey(vkey))
    lines = succeed(capsys, "directory", "review", "r.draft")["lines"]
    assert any("1.0.0" in line and content.manifest.hex() in line for line in lines)


def test_another_projects_release_becomes_no_draft(capsys: pytest.CaptureFixture[str]) -> None:
    make_release(capsys)
    other = succeed(capsys, "release", "key", "--name", "plaint.test/releases", "--out", "other.key")["vkey"]
    command = ["directory", "draft", "release", "1.0.0.txt", "--upstream", other]
    assert "note-no-known-key" in fail(capsys, *command, "--out", "r.draft")


def test_the_key_becomes_a_draft(capsys: pytest.CaptureFixture[str]) -> None:
    vkey = make_release(capsys)
    succeed(capsys, "directory", "draft", "upstream", vkey, "--out", "u.draft")
    assert any(vkey in line for line in succeed(capsys, "directory", "review", "u.draft")["lines"])
