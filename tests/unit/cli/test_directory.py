from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from plaint.cli.app import run
from plaint.protocol.directory_contents import Genesis
from plaint.protocol.draft import parse_draft
from plaint.protocol.fold import apply_entry

ROLES = {"ada": "administrator", "dov": "independent", "ben": "intake-handler", "cai": "intake-handler,reviewer"}


@pytest.fixture(autouse=True)
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLAINT_STATE", str(tmp_path / "state"))
    monkeypatch.delenv("PLAINT_URL", raising=False)
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
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("plaint: ")
    assert "Traceback" not in output.err
    return output.err


def make_request(capsys: pytest.CaptureFixture[str], name: str) -> dict[str, Any]:
    words, out = f"{name}.words", f"{name}.json"
    return succeed(capsys, "member", "request", "--name", f"{name} Invented", "--words", words, "--out", out)


def draft_genesis(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ROLES:
        make_request(capsys, name)
    founders = [part for name, role in ROLES.items() for part in ("--founder", f"{name}.json={role}")]
    command = ["directory", "draft", "genesis", "--org-name", "Aurora", *founders, "--tick", "1", "--delay", "0"]
    answer = succeed(capsys, *command, "--out", "g.draft")
    assert answer["index"] == 0


def sign(capsys: pytest.CaptureFixture[str], draft: str, *names: str) -> dict[str, Any]:
    return [succeed(capsys, "directory", "sign", draft, "--words", f"{name}.words") for name in names][-1]


def test_a_request_makes_words_once_and_keeps_them(capsys: pytest.CaptureFixture[str], device: Path) -> None:
    first = make_request(capsys, "ada")
    assert set(first) == {"id", "check_words"}
    assert len(first["check_words"]) == 4
    words = (device / "ada.words").read_text()
    assert (device / "ada.words").stat().st_mode & 0o777 == 0o600
    again = succeed(capsys, "member", "request", "--name", "Ada", "--words", "ada.words", "--out", "other.json")
    assert again == first
    assert (device / "ada.words").read_text() == words


def test_a_request_is_never_overwritten(capsys: pytest.CaptureFixture[str], device: Path) -> None:
    make_request(capsys, "ada")
    before = (device / "ada.json").read_bytes()
    fail(capsys, "member", "request", "--name", "Ada", "--words", "new.words", "--out", "ada.json")
    assert (device / "ada.json").read_bytes() == before
    assert not (device / "new.words").exists()


def test_founders_draft_and_sign_on_their_own_devices(capsys: pytest.CaptureFixture[str], device: Path) -> None:
    draft_genesis(capsys)
    assert sign(capsys, "g.draft", *ROLES)["signatures"] == 4
    draft = parse_draft((device / "g.draft").read_bytes())
    assert draft.entry is not None
    assert isinstance(draft.content, Genesis)
    assert draft.content.clock.tick == 1
    assert apply_entry(None, draft.entry).name == "Aurora"


def test_after_the_founding_a_draft_needs_no_address(capsys: pytest.CaptureFixture[str], device: Path) -> None:
    draft_genesis(capsys)
    org = sign(capsys, "g.draft", *ROLES)["org"]
    make_request(capsys, "hal")
    answer = succeed(
        capsys, "directory", "draft", "member", "hal.json", "--role", "investigator,reviewer", "--out", "m"
    )
    assert (answer["org"], answer["index"]) == (None, None)
    assert sign(capsys, "m", "ada", "dov") == {
        "draft": "m",
        "member": parse_member(device / "dov.json"),
        "signatures": 2,
        "org": org,
        "index": 2,
    }


def parse_member(path: Path) -> str:
    return str(json.loads(path.read_text())["id"])


def test_a_device_that_knows_nothing_asks_for_the_address(capsys: pytest.CaptureFixture[str]) -> None:
    make_request(capsys, "hal")
    succeed(capsys, "directory", "draft", "member", "hal.json", "--role", "auditor", "--out", "m")
    assert "--url" in fail(capsys, "directory", "sign", "m", "--words", "hal.words")
    assert "sign" in fail(capsys, "directory", "submit", "m", "http://127.0.0.1:9/o/aurora")


def test_a_founding_is_not_submitted(capsys: pytest.CaptureFixture[str]) -> None:
    draft_genesis(capsys)
    assert "plaint org create" in fail(capsys, "directory", "submit", "g.draft", "http://127.0.0.1:9/o/aurora")


def test_a_stranger_does_not_sign_a_founding(capsys: pytest.CaptureFixture[str], device: Path) -> None:
    draft_genesis(capsys)
    make_request(capsys, "hal")
    before = (device / "g.draft").read_bytes()
    capsys.readouterr()
    assert run(["directory", "sign", "g.draft", "--words", "hal.words"]) == 1
    assert "founder" in capsys.readouterr().err
    assert (device / "g.draft").read_bytes() == before


def test_what_is_signed_is_shown_first(capsys: pytest.CaptureFixture[str]) -> None:
    draft_genesis(capsys)
    words = make_check_words(capsys, "ada")
    capsys.readouterr()
    run(["directory", "sign", "g.draft", "--words", "ada.words"])
    assert words in capsys.readouterr().err
    assert any(words in line for line in succeed(capsys, "directory", "review", "g.draft")["lines"])


def make_check_words(capsys: pytest.CaptureFixture[str], name: str) -> str:
    answer = succeed(capsys, "member", "request", "--name", name, "--words", f"{name}.words", "--out", f"{name}.2")
    return " ".join(answer["check_words"])


@pytest.mark.parametrize(
    ("founders", "said"),
    [
        (["ada.json=administrator", "ben.json=intake-handler"], "independent"),
        (["ada.json=administrator", "dov.json=independent"], "intake-handler"),
        (["ada.json=janitor"], "no role 'janitor'"),
        (["ada.json"], "REQUEST=ROLE"),
        (["missing.json=administrator"], "missing.json"),
    ],
)
def test_a_founding_that_cannot_work_is_explained(
    capsys: pytest.CaptureFixture[str], device: Path, founders: list[str], said: str
) -> None:
    for name in ROLES:
        make_request(capsys, name)
    given = [part for founder in founders for part in ("--founder", founder)]
    assert said in fail(capsys, "directory", "draft", "genesis", "--org-name", "A", *given, "--out", "g")
    assert not (device / "g").exists()


@pytest.mark.parametrize(("option", "value"), [("--tick", "0"), ("--delay", "-1"), ("--work-bits", "99")])
def test_a_clock_out_of_bounds_is_refused(
    capsys: pytest.CaptureFixture[str], device: Path, option: str, value: str
) -> None:
    for name in ROLES:
        make_request(capsys, name)
    founders = [part for name, role in ROLES.items() for part in ("--founder", f"{name}.json={role}")]
    fail(capsys, "directory", "draft", "genesis", "--org-name", "A", *founders, option, value, "--out", "g")
    assert not (device / "g").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,name,title,reports_to\na,Ada,Chief,b\nb,Ben,Sales,a\n", "themselves"),
        ("id,name,title,reports_to\na,Ada,Chief,x\n", "not in the chart (a)"),
        ("id,name\na,Ada\n", "line 1"),
        ("id,name,title,reports_to\na,Ada\n", "line 2"),
    ],
)
def test_a_chart_that_is_none_is_explained(
    capsys: pytest.CaptureFixture[str], device: Path, text: str, said: str
) -> None:
    (device / "chart.csv").write_text(text)
    assert said in fail(capsys, "directory", "draft", "chart", "--csv", "chart.csv", "--out", "c")
    assert not (device / "c").exists()


def test_every_kind_of_draft_is_made(capsys: pytest.CaptureFixture[str], device: Path) -> None:
    make_request(capsys, "ada")
    (device / "chart.csv").write_text("id,name,title,reports_to\na,Ada,Chief,\n")
    vkey = "north.test+9d32b6ed+BCaOIjKP4o7XjgKVo7NgdWQyd4Jh6KxGBJXsdbNIFy1M"
    member = parse_member(device / "ada.json")
    for kind, *given in (
        ["chart", "--csv", "chart.csv"],
        ["channel", "legal", "--title", "Legal", "--role", "reviewer"],
        ["leave", member],
        ["suspend", member],
        ["clock", "--tick", "60"],
    ):
        answer = succeed(capsys, "directory", "draft", kind, *given, "--out", f"{kind}.draft")
        assert answer["type"] == kind
        assert parse_draft((device / f"{kind}.draft").read_bytes()).entry is None
    assert "vkey" in fail(
        capsys, "directory", "draft", "cosigners", "--cosigner", f"north={vkey}=http://x.test", "--out", "cosigners"
    )


def test_an_unknown_command_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["nonsense"]) == 2
    assert "plaint --help" in capsys.readouterr().err
    assert run(["directory", "sign"]) == 2


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "code"), [("n\n", 1), ("\n", 1), ("", 1), ("y\n", 0)])
def test_at_a_terminal_nothing_is_signed_unasked(
    capsys: pytest.CaptureFixture[str], device: Path, monkeypatch: pytest.MonkeyPatch, typed: str, code: int
) -> None:
    draft_genesis(capsys)
    before = (device / "g.draft").read_bytes()
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    monkeypatch.setattr("sys.stderr", Terminal())
    assert run(["directory", "sign", "g.draft", "--words", "ada.words"]) == code
    assert ((device / "g.draft").read_bytes() == before) == (code == 1)
