"""From nothing to a verdict with the command line alone: real processes, a tick of one second, two cosigners."""

from __future__ import annotations

import json
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from plaint.client.connection import connect
from plaint.errors import PlaintError
from tests.support.plaint_processes import Processes, Result, find_port, wait_until

pytestmark = pytest.mark.e2e

FOUNDERS = {"ada": "administrator", "dov": "independent", "ben": "intake-handler", "cai": "intake-handler"}
CHART = """id,name,title,reports_to
p1,Mira Oduya,Director,
p2,Ben Farrow,Head of sales,p1
p3,Lena Holt,Sales,p2
p4,Lena Holt,Research,p1
p5,Cai Brandt,Human resources,p1
"""
NAMES = {"ada": "Ada Quill", "dov": "Dov Amsel", "ben": "Ben Farrow", "cai": "Cai Brandt"}


@dataclass
class Org:
    """An organisation that was founded and runs."""

    processes: Processes
    folder: Path
    url: str
    server: subprocess.Popen[str]

    def run(self, *arguments: object, code: int | None = 0, stdin: str | None = None) -> Result:
        return self.processes.run(*arguments, code=code, stdin=stdin)

    def json(self, *arguments: object, code: int = 0) -> Any:
        return self.run(*arguments, "--json", code=code).value

    def words(self, name: str) -> Path:
        return self.folder / f"{name}.words"

    def desk(self, name: str, command: str, *arguments: object) -> Any:
        return self.json("desk", command, self.url, *arguments, "--words", self.words(name))


def found(processes: Processes, folder: Path) -> Path:
    for name in FOUNDERS:
        made = processes.run(
            "member",
            "request",
            "--name",
            NAMES[name],
            "--words",
            folder / f"{name}.words",
            "--out",
            folder / name,
            "--json",
        ).value
        assert len(made["check_words"]) == 4
    founders = [part for name, role in FOUNDERS.items() for part in ("--founder", f"{folder / name}={role}")]
    draft = folder / "genesis"
    processes.run(
        "directory", "draft", "genesis", "--org-name", "Aurora Invented", *founders,
        "--tick", 1, "--delay", 0, "--work-bits", 8, "--out", draft,
    )  # fmt: skip
    for name in FOUNDERS:
        processes.run("directory", "sign", draft, "--words", folder / f"{name}.words")
    processes.run("org", "create", "--data", folder / "data", "--slug", "aurora", "--genesis", draft)
    return folder / "data"


def submit(processes: Processes, folder: Path, url: str, draft: Path) -> None:
    for name in ("ada", "dov"):
        processes.run("directory", "sign", draft, "--words", folder / f"{name}.words", "--url", url)
    processes.run("directory", "submit", draft, url)


def start_cosigners(processes: Processes, folder: Path, url: str) -> None:
    trust = folder / "first.trust"
    processes.run("trust", url, "--out", trust)
    logs = [line.split(" ")[1] for line in trust.read_text("utf-8").splitlines() if line.startswith("log ")]
    named = []
    for name in ("north", "south"):
        port = find_port()
        arguments = [part for vkey in logs for part in ("--log", vkey)]
        process = processes.start("cosign", "--data", folder / name, "--port", port, *arguments)
        assert process.stdout is not None
        vkey = process.stdout.readline().removeprefix("key ").strip()
        named += ["--cosigner", f"{name}={vkey}=http://127.0.0.1:{port}"]
    draft = folder / "cosigners"
    processes.run("directory", "draft", "cosigners", *named, "--quorum", 2, "--out", draft)
    submit(processes, folder, url, draft)


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    folder = tmp_path_factory.mktemp("journey")
    with Processes(folder) as processes:
        data = found(processes, folder)
        port = find_port()
        server = processes.start("up", "--data", data, "--port", port)
        assert server.stdout is not None
        assert server.stdout.readline()
        url = f"http://127.0.0.1:{port}/o/aurora"
        start_cosigners(processes, folder, url)
        chart = folder / "chart.csv"
        chart.write_text(CHART, "utf-8")
        draft = folder / "chart"
        processes.run("directory", "draft", "chart", "--csv", chart, "--out", draft)
        submit(processes, folder, url, draft)
        wait_until(lambda: is_ready(url))
        yield Org(processes, folder, url, server)


def is_ready(url: str) -> bool:
    """Tell whether both cosigners countersign a directory that has the chart."""
    try:
        connection = connect(url)
    except PlaintError:
        return False
    ready = connection.view.countersigned and connection.view.chart is not None
    connection.close()
    return ready


def test_the_journey(org: Org, tmp_path: Path) -> None:
    trust = tmp_path / "trust"
    assert "checked by nobody" in org.run("trust", org.url, "--out", trust).err
    evidence = tmp_path / "voice memo.bin"
    evidence.write_bytes(bytes(range(256)) * 800)
    text = tmp_path / "text"
    text.write_text("It happened on the second evening.\nLena saw it.", "utf-8")
    out = tmp_path / "mine"
    sent = org.json(
        "report", org.url, "--text", text, "--attach", evidence, "--about", "p3", "--about", "Somebody Else",
        "--out", out,
    )  # fmt: skip
    assert sent["recipients"] == ["Cai Brandt", "Dov Amsel"]
    assert {"name": "Ben Farrow", "why": "line"} in sent["excluded"]
    assert [due["what"] for due in sent["due"]] == ["acknowledge", "feedback"]
    assert len(sent["check_words"]) == 4
    words, receipt = Path(sent["words"]), Path(sent["receipt"])
    assert (words.name, receipt.name) == ("words.txt", "receipt.txt")
    assert stat.S_IMODE(words.stat().st_mode) == 0o600
    assert len(words.read_text("utf-8").split()) == 12
    org.run("report", org.url, "--text", text, "--out", out, code=1)

    provisional = org.json("verify", receipt, "--trust", trust)
    assert provisional["verdict"] in {"provisional", "holds"}
    case = wait_until(lambda: find_case(org, "cai"))
    assert org.desk("ben", "list") == {"cases": []}
    shown = org.desk("cai", "show", case, "--out", tmp_path / "files")
    first = shown["entries"][0]
    assert (first["author"], first["proved"], first["text"]) == ("reporter", True, text.read_text("utf-8"))
    assert (first["room"], first["kind"]) == ("reporter", "open")
    assert [item["name"] for item in first["attachments"]] == ["voice memo.bin"]
    assert (tmp_path / "files" / "voice memo.bin").read_bytes() == evidence.read_bytes()

    assert org.desk("cai", "acknowledge", case, "We have it.")["status"] == "acknowledged"
    org.desk("cai", "reply", case, "Do you want to talk?")
    answered = org.json("follow", org.url, "--words", words, "--reply", "Yes.", "--out", tmp_path / "again")
    assert [entry["text"] for entry in answered["entries"]][1:] == ["We have it.", "Do you want to talk?", "Yes."]
    assert all(entry["proved"] for entry in answered["entries"])
    assert (tmp_path / "again" / "voice memo.bin").read_bytes() == evidence.read_bytes()

    done = wait_until(lambda: follow_until_met(org, words))
    assert [item["name"] for item in done["access"]] == ["Cai Brandt", "Dov Amsel"]
    assert all(item["since"] for item in done["access"])

    org.desk("cai", "note", case, "Ask Dov to lead.")
    org.desk("dov", "note", case, "I will.")
    org.desk("cai", "close", case, "Settled.")
    assert org.run("desk", "close", org.url, case, "--words", org.words("cai"), code=1).out == ""
    assert org.desk("dov", "close", case)["status"] == "closed"
    assert org.desk("cai", "reopen", case, "There is more.")["status"] == "reopened"
    seen = org.desk("dov", "show", case)
    assert [entry["text"] for entry in seen["entries"] if entry["room"] == "internal"][1:] == [
        "Ask Dov to lead.",
        "I will.",
    ]

    check_verdicts(org, tmp_path, receipt=receipt, trust=trust)


def find_case(org: Org, name: str) -> str | None:
    cases = org.desk(name, "list")["cases"]
    return str(cases[0]["id"]) if cases else None


def follow_until_met(org: Org, words: Path) -> Any:
    value = org.json("follow", org.url, "--words", words)
    met = {"what": "acknowledge", "state": "met"}
    found = [{key: item[key] for key in met} for item in value["due"]]
    dated = all(item["since"] for item in value["access"])
    return value if met in found and value["complete"] and dated else None


def check_verdicts(org: Org, folder: Path, *, receipt: Path, trust: Path) -> None:
    mirror = folder / "mirror"
    copied = org.json("log", "mirror", org.url, mirror)
    assert copied["logs"]["cases"]["size"] > 0
    assert org.json("log", "audit", mirror, "--trust", trust)["ok"] is True
    assert org.json("log", "audit", org.url)["ok"] is True
    holds = org.json("verify", receipt, "--trust", trust, "--leaves", mirror)
    assert holds["verdict"] == "holds"
    assert {item["what"]: item["state"] for item in holds["due"]} == {"acknowledge": "met", "feedback": "open"}
    assert org.json("verify", receipt, "--trust", trust, "--leaves", org.url)["verdict"] == "holds"
    later = "2027-12-31T00:00:00Z"
    judged = org.json("verify", receipt, "--trust", trust, "--leaves", mirror, "--at", later, code=2)
    assert judged["verdict"] == "cannot-judge"
    assert org.run("verify", receipt, code=2).out == ""
    forged = folder / "forged.txt"
    forged.write_text(receipt.read_text("utf-8").replace("opening ", "opening 00", 1)[:-2] + "\n", "utf-8")
    assert org.json("verify", forged, "--trust", trust, code=1)["verdict"] == "invalid"


def test_somebody_of_a_name_that_two_people_have_must_be_given_by_id(org: Org, tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("Something.", "utf-8")
    refused = org.run("report", org.url, "--text", text, "--about", "lena holt", "--out", tmp_path / "out", code=2)
    assert "p3, p4" in refused.err
    assert not (tmp_path / "out").exists()


def test_wrong_words_get_one_answer(org: Org, tmp_path: Path) -> None:
    wrong = tmp_path / "words"
    wrong.write_text("abandon " * 11 + "about", "utf-8")
    for command in (["follow", org.url], ["desk", "list", org.url]):
        refused = org.run(*command, "--words", wrong, code=1)
        assert "not-found" in refused.err
        assert refused.out == ""


def test_words_that_cannot_be_words_are_told_on_the_device(org: Org, tmp_path: Path) -> None:
    wrong = tmp_path / "words"
    wrong.write_text("abandon " * 11 + "zebrra", "utf-8")
    assert "words-unknown: 12" in org.run("follow", org.url, "--words", wrong, code=1).err


def test_json_is_one_object_and_nothing_else(org: Org) -> None:
    out = org.run("desk", "list", org.url, "--words", org.words("ben"), "--json").out
    assert json.loads(out) == {"cases": []}
    assert out.count("\n") == 1
