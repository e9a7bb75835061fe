"""A case erased from the command line, told to who comes back, and shown to a third party who has files alone."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from plaint.cli.app import run
from plaint.cli.verify_erasure import show_certificate
from plaint.client.files import create_private
from plaint.client.mirror import mirror_log
from plaint.protocol.trust import encode_trust, parse_trust
from plaint.protocol.words import encode_words
from tests.support.directory_world import draw
from tests.support.erasing import Story
from tests.support.loop import AppTransport
from tests.support.vectors import load_vectors
from tests.support.world import World


def write_words(folder: Path, label: str) -> str:
    path = folder / f"{label.replace(' ', '-')}.words"
    if not path.exists():
        create_private(path, encode_words(draw(label, 16), "english").encode())
    return str(path)


def say(capsys: pytest.CaptureFixture[str], *command: str, code: int = 0) -> dict[str, object]:
    assert run([*command, "--json"]) == code
    answer: dict[str, object] = json.loads(capsys.readouterr().out)
    return answer


async def copy_logs(world: World, folder: Path) -> None:
    class Forward(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return AppTransport(world.app, world.loop).handle_request(request)

    async with httpx.AsyncClient(transport=Forward()) as client:
        await mirror_log(world.url, folder, client=client)


def test_two_members_erase_and_anybody_can_check_it(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world, ben, cai = story.world, write_words(tmp_path, "member ben"), write_words(tmp_path, "member cai")
    case, reporter = story.case(story.ben).id.hex(), write_words(tmp_path, "holder 1")
    kept = ("--state", str(tmp_path / "kept"))
    assert len(say(capsys, "desk", "list", world.url, "--words", ben, *kept)["cases"]) == 1  # type: ignore[arg-type]
    assert run(["desk", "erase", world.url, case, "--words", cai]) == 2
    assert "give a --ground" in capsys.readouterr().err
    assert run(["desk", "erase", world.url, case, "--ground", "shame", "--words", ben]) == 2
    capsys.readouterr()
    first = say(capsys, "desk", "erase", world.url, case, "It is over.", "--ground", "request", "--words", ben)
    assert first == {"id": case, "status": "erasing"}
    own = str(say(capsys, "desk", "erase", world.url, case, "--words", ben)["confirm"])
    assert run(["desk", "erase", world.url, case, "--confirm", own, "--words", ben]) == 1
    assert "another member must confirm" in capsys.readouterr().err
    assert say(capsys, "follow", world.url, "--words", reporter)["status"] == "erasing"
    shown = say(capsys, "desk", "erase", world.url, case, "--words", cai)
    assert (shown["by"], shown["ground"], shown["text"]) == ("Ben Invented", "request", "It is over.")
    assert run(["desk", "erase", world.url, case, "--confirm", "0" * 16, "--words", cai]) == 2
    assert "another signature" in capsys.readouterr().err
    assert run(["desk", "erase", world.url, case, "--words", cai]) == 0
    said = capsys.readouterr()
    assert "It is over." in said.out
    assert f"Nothing was erased. Whoever agrees adds --confirm {shown['confirm']}" in said.err
    agreed = ("desk", "erase", world.url, case, "--confirm", str(shown["confirm"]), "--words")
    assert say(capsys, *agreed, cai) == {"id": case, "status": "erased"}
    world.tick(24)
    told = say(capsys, "follow", world.url, "--words", reporter)
    assert (told["status"], told["ground"], told["text"]) == ("erased", "request", "It is over.")
    assert (told["by"], told["complete"]) == (["Ben Invented", "Cai Invented"], True)
    listed = say(capsys, "desk", "list", world.url, "--words", ben, *kept)
    assert listed["cases"] == []
    assert case in [item["id"] for item in listed["erased"]]  # type: ignore[attr-defined]
    assert "unreadable" not in listed
    assert run(["follow", world.url, "--words", reporter]) == 0
    assert "This report was erased." in capsys.readouterr().out
    check_certificate(story, Path(str(told["certificate"])), tmp_path, capsys)


def check_certificate(story: Story, certificate: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Judge it with a trust file and a mirror alone, and after a byte of it was changed."""
    world, trust, copy = story.world, folder / "trust", folder / "copy"
    trust.write_bytes(encode_trust(world.connect().trust))
    asyncio.run(copy_logs(world, copy))
    given = ["--trust", str(trust), "--at", str(int(world.now))]
    alone = say(capsys, "verify", str(certificate), *given, code=2)
    assert (alone["verdict"], alone["reasons"]) == ("cannot-judge", ["counter-directory"])
    judged = say(capsys, "verify", str(certificate), *given, "--leaves", str(copy))
    assert (judged["verdict"], judged["ground"]) == ("holds", "request")
    assert judged["members"] == [story.ben.member.hex(), story.cai.member.hex()]
    forged = folder / "forged"
    text = certificate.read_text()
    at = text.index("\nsignature ") + len("\nsignature ")
    forged.write_text(text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :])
    answer = say(capsys, "verify", str(forged), *given, "--leaves", str(copy), code=1)
    assert (answer["verdict"], answer["reasons"]) == ("invalid", ["author-signature"])
    assert run(["verify", str(certificate)]) == 2


def test_a_report_that_comes_back_after_it_was_erased_is_an_alarm_to_whoever_kept_the_certificate(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An old copy of everything, the store of keys with it: the server cannot know any more that it was erased."""
    world, reporter, kept = story.world, write_words(tmp_path, "holder 1"), tmp_path / "kept"
    follow = ("follow", world.url, "--words", reporter, "--out", str(kept))
    assert "room-returned" not in say(capsys, *follow)["warnings"]  # type: ignore[operator]
    stores = [Path(url.database or "") for url in (world.config.database, world.config.keystore)]
    for store in stores:
        with closing(sqlite3.connect(store)) as here, closing(sqlite3.connect(tmp_path / store.name)) as there:
            here.backup(there)
    story.erase()
    world.tick(24)
    assert say(capsys, *follow)["status"] == "erased"
    world._stop()
    for store in stores:
        for suffix in ("-wal", "-shm"):
            Path(f"{store}{suffix}").unlink(missing_ok=True)
        shutil.copy(tmp_path / store.name, store)
    world._start()
    world.tick(2)
    assert "room-returned" in say(capsys, *follow)["warnings"]  # type: ignore[operator]
    assert run([*follow]) == 0
    assert "and it is there again" in capsys.readouterr().err
    (kept / "erasure.txt").write_text("torn")
    assert "room-returned" not in say(capsys, *follow)["warnings"]  # type: ignore[operator]


def test_a_closed_case_that_somebody_wants_erased_is_still_closed_and_can_be_reopened(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url, case = story.world.url, story.case(story.ben).id.hex()
    ben, cai = write_words(tmp_path, "member ben"), write_words(tmp_path, "member cai")
    say(capsys, "desk", "close", url, case, "Done.", "--words", ben)
    assert say(capsys, "desk", "close", url, case, "--words", cai)["status"] == "closed"
    erase = ("desk", "erase", url, case, "--ground", "retention", "--words", ben)
    assert say(capsys, *erase)["status"] == "erasing"
    assert run(["desk", "close", url, case, "--words", cai]) == 1
    assert "closed already" in capsys.readouterr().err
    assert say(capsys, "desk", "reopen", url, case, "Wait.", "--words", cai)["status"] == "reopened"
    assert run(["desk", "reopen", url, case, "--words", cai]) == 1
    assert "not closed" in capsys.readouterr().err
    say(capsys, "desk", "close", url, case, "Done.", "--words", ben)
    request = ("desk", "erase", url, case, "--ground", "request", "--words", ben)
    assert run(list(request)) == 1
    assert "for another reason" in capsys.readouterr().err
    say(capsys, "desk", "note", url, case, "It is asked for by him.", "--words", ben)
    say(capsys, *request)
    assert say(capsys, "desk", "close", url, case, "--words", cai)["status"] == "closed"


def test_an_undecided_certificate_only_names_who_signed_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = dict(load_vectors("erasure"))["no-directory"]
    path = tmp_path / "certificate.txt"
    path.write_text(case["input"]["certificate"], "utf-8")
    trust = parse_trust(case["input"]["trust"].encode())
    assert show_certificate(path, trust, None, now=case["input"]["now"], json=False) == 2
    said = capsys.readouterr().out
    assert "Signed by" not in said
    assert f"It names     {case['expect']['members'][0]}" in said
