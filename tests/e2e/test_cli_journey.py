"""From nothing to a verdict with the command line alone: real processes, a tick of one second, two cosigners."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.founded import Org, run_organisation
from tests.support.patience import wait_until

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    with run_organisation(tmp_path_factory.mktemp("journey")) as org:
        yield org


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
        "--told", "hr", "--told-on", "2026-11-05", "--out", out,
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
    for wrong in (["--told", "hr", "--told-on", "2026-11-31"], ["--told-name", "Somebody"]):
        org.run("report", org.url, "--text", text, *wrong, "--out", tmp_path / "none", code=2)
    assert not (tmp_path / "none").exists()

    provisional = org.json("verify", receipt, "--trust", trust)
    assert provisional["verdict"] in {"provisional", "holds"}
    case = wait_until(lambda: find_case(org, "cai"))
    assert org.desk("ben", "list") == {"cases": []}
    shown = org.desk("cai", "show", case, "--out", tmp_path / "files")
    first = shown["entries"][0]
    assert (first["author"], first["proved"], first["text"]) == ("reporter", True, text.read_text("utf-8"))
    assert (first["room"], first["kind"]) == ("reporter", "open")
    assert [item["name"] for item in first["attachments"]] == ["voice memo.bin"]
    (claim,) = shown["claimed"]
    assert {**claim, "logged_at": None} == {"on": "2026-11-05", "to": "hr", "name": "", "logged_at": None}
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
