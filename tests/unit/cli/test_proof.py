"""Proofs judged from their own files, after the server and every other copy are gone."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from plaint.cli.app import run
from plaint.cli.messages import MESSAGES
from plaint.client.follow import find_report
from plaint.client.mirror import mirror_log
from plaint.client.outbox import Outbox
from plaint.client.proof import encode_bundle
from plaint.client.sheet import pdf
from plaint.client.sheet.describe import say_grace
from plaint.client.sheet.words import ISOLATE, LANGUAGES, POP, RIGHT_TO_LEFT, load_words
from plaint.crypto.hashes import compute_sha256
from plaint.errors import UnavailableError
from plaint.protocol.excerpt import encode_excerpt, parse_excerpt
from plaint.protocol.merkle import Hash
from plaint.protocol.trust import encode_trust
from tests.support.world import World

DAY = 86_400
BEFORE = 320  # leaves in the log when the report comes: more than one tile


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, int]:
    """A folder with a receipt, a trust file, a note and a mirror; the due date that nobody kept; the time it is now."""
    folder = tmp_path_factory.mktemp("told")
    with World(folder / "world") as world:
        world.tick(BEFORE // 16)
        keys, sent = world.report("Is anybody there?")
        world.tick(12)
        world.now += 8 * DAY
        world.tick(2)
        report = find_report(world.connect(), keys)
        outbox = Outbox(folder / "mine")
        outbox.save_receipt(report.update_receipt(sent.receipt))
        outbox.save_note(report.answer.note)
        (folder / "trust").write_bytes(encode_trust(world.connect().trust))
        world.loop.run(_mirror(world, folder / "copy"))
        due = report.room.state.dues[0].at
        now = int(world.now)
    shutil.rmtree(folder / "world")
    return folder, due, now


async def _mirror(world: World, copy: Path) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(world.app)) as client:  # type: ignore[arg-type]
        await mirror_log(world.url, copy, client=client)


def prove(told: tuple[Path, int, int], out: Path, *more: object, leaves: object = None, code: int = 3) -> None:
    folder, _, now = told
    given: list[object] = ["--trust", folder / "trust", "--leaves", leaves or folder / "copy", "--at", now]
    assert run(["proof", str(folder / "mine" / "receipt.txt"), *map(str, [*given, "--out", out, *more])]) == code


def unpack(bundle: Path, into: Path) -> Path:
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(into)
    return into


def judge(folder: Path, now: int, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    given = ["--trust", folder / "trust.txt", "--leaves", folder / "leaves.bin", "--at", now, "--json"]
    run(["verify", str(folder / "receipt.txt"), *map(str, given)])
    verdict: dict[str, Any] = json.loads(capsys.readouterr().out)
    return verdict


def read_pdf(path: Path) -> str:
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, text=True).stdout


def say(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")


def test_the_bundle_alone_proves_the_silence(
    told: tuple[Path, int, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prove(told, tmp_path / "out")
    capsys.readouterr()
    files = unpack(tmp_path / "out" / "bundle.zip", tmp_path / "files")
    names = ["README.txt", "leaves.bin", "note.txt", "receipt.txt", "trust.txt"]
    assert sorted(file.name for file in files.iterdir()) == names
    verdict = judge(files, told[2], capsys)
    assert (verdict["verdict"], [due["state"] for due in verdict["due"]]) == ("silent", ["silent", "open"])


def test_the_bundle_holds_the_leaves_from_the_report_on(told: tuple[Path, int, int], tmp_path: Path) -> None:
    prove(told, tmp_path / "out")
    excerpt = parse_excerpt((unpack(tmp_path / "out" / "bundle.zip", tmp_path / "files") / "leaves.bin").read_bytes())
    assert excerpt.first == BEFORE // 256 * 256
    assert len(excerpt.kept) < 20


def test_the_same_files_make_the_same_bundle_and_sheet(told: tuple[Path, int, int], tmp_path: Path) -> None:
    for name in ("one", "two"):
        prove(told, tmp_path / name)
    for file in ("bundle.zip", "sheet.pdf"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    shuffled = {"b": b"2", "a": b"1"}
    assert encode_bundle(shuffled) == encode_bundle(dict(sorted(shuffled.items())))


def test_a_bundle_has_the_bytes_that_the_page_gives_it() -> None:
    bundle = encode_bundle({"leaves.bin": bytes(range(256)), "README.txt": "为\n".encode()})
    assert compute_sha256(bundle).hex() == "55a291d0cb713a74fd9e3553d136dd95f54c52b9db520d14fbef72f5071dc1f3"


def test_a_proof_can_be_made_of_a_proof(told: tuple[Path, int, int], tmp_path: Path) -> None:
    prove(told, tmp_path / "one")
    files = unpack(tmp_path / "one" / "bundle.zip", tmp_path / "files")
    prove(told, tmp_path / "two", leaves=files / "leaves.bin")
    assert (tmp_path / "one" / "bundle.zip").read_bytes() == (tmp_path / "two" / "bundle.zip").read_bytes()


@pytest.mark.parametrize(
    ("file", "verdict", "reason"),
    [("leaves.bin", "silent-admitted", "leaves-root"), ("receipt.txt", "invalid", "receipt-leaf")],
)
def test_a_bundle_with_a_changed_file_is_refused_with_a_code(
    file: str,
    verdict: str,
    reason: str,
    told: tuple[Path, int, int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    prove(told, tmp_path / "out")
    files = unpack(tmp_path / "out" / "bundle.zip", tmp_path / "files")
    capsys.readouterr()
    data = bytearray((files / file).read_bytes())
    if file == "leaves.bin":
        data[-1] ^= 1
    else:
        at = data.index(b"\nopening ") + 9
        data[at] = ord("1") if data[at] == ord("0") else ord("0")
    (files / file).write_bytes(data)
    found = judge(files, told[2], capsys)
    assert (found["verdict"], found["reasons"][0]) == (verdict, reason)


def test_nobody_makes_a_proof_of_a_log_that_does_not_hold(
    told: tuple[Path, int, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prove(told, tmp_path / "out")
    files = unpack(tmp_path / "out" / "bundle.zip", tmp_path / "files")
    excerpt = parse_excerpt((files / "leaves.bin").read_bytes())
    false = type(excerpt)(excerpt.first, (Hash(bytes(32)),), excerpt.kept, excerpt.data)
    (files / "leaves.bin").write_bytes(encode_excerpt(false))
    prove(told, tmp_path / "two", leaves=files / "leaves.bin", code=1)
    assert "leaves-root" in capsys.readouterr().err
    assert not (tmp_path / "two").exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sheet_says_promises_dates_and_digests(
    language: str, told: tuple[Path, int, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prove(told, tmp_path / "out", "--lang", language, "--json")
    made = json.loads(capsys.readouterr().out)
    text = read_pdf(tmp_path / "out" / "sheet.pdf")
    _, due, now = told
    assert say(due) in text
    assert say(made["seen_at"]) in text
    assert now - DAY < made["seen_at"] <= now
    assert "Is anybody there?" not in text
    fonts = subprocess.run(
        ["pdffonts", str(tmp_path / "out" / "sheet.pdf")], check=True, capture_output=True, text=True
    )
    assert "yes yes yes" in fonts.stdout
    if language in {"en", "de", "zh"}:
        squeezed = "".join(text.split())
        assert "".join(load_words(language).say("not_people").split()) in squeezed


@pytest.mark.parametrize("language", RIGHT_TO_LEFT)
def test_an_address_in_a_sheet_that_runs_the_other_way_keeps_its_own_order(language: str) -> None:
    assert f"{ISOLATE}…/verify/{POP}" in load_words(language).say("check_page")


def test_what_the_organisation_signed_later_goes_into_the_bundle(
    told: tuple[Path, int, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = told[0]
    prove(told, tmp_path / "out")  # as `plaint follow` keeps it
    prove(told, tmp_path / "said", "--note", folder / "mine" / "note.txt")
    assert (tmp_path / "out" / "bundle.zip").read_bytes() == (tmp_path / "said" / "bundle.zip").read_bytes()
    files = unpack(tmp_path / "out" / "bundle.zip", tmp_path / "files")
    assert (files / "note.txt").read_bytes() == (folder / "mine" / "note.txt").read_bytes()
    assert "--note note.txt" in (files / "README.txt").read_text("utf-8")


def verify(path: Path, folder: Path, now: int, capsys: pytest.CaptureFixture[str], *more: object) -> dict[str, Any]:
    """Judge a bundle, unpacked or not, with the trust file from elsewhere."""
    capsys.readouterr()
    run(["verify", str(path), "--trust", str(folder / "trust"), "--at", str(now), *map(str, more), "--json"])
    verdict: dict[str, Any] = json.loads(capsys.readouterr().out)
    return verdict


def list_beside(verdict: dict[str, Any]) -> dict[str, str | None]:
    return {item["file"]: item["reason"] for item in verdict["beside"]}


def test_a_bundle_is_judged_as_it_is_and_as_it_was_unpacked(
    told: tuple[Path, int, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _, now = told
    prove(told, tmp_path / "out")
    bundle = tmp_path / "out" / "bundle.zip"
    files = unpack(bundle, tmp_path / "files")
    taken = {"note.txt": None, "leaves.bin": None}
    for path, beside in ((bundle, taken), (files, taken), (files / "receipt.txt", {"note.txt": None})):
        found = verify(path, folder, now, capsys)
        assert (found["verdict"], list_beside(found)) == (
            "silent" if path.name != "receipt.txt" else "silent-admitted",
            beside,
        )
    again = verify(files, folder, now, capsys, "--note", files / "note.txt", "--leaves", folder / "copy")
    assert (again["verdict"], again["beside"]) == ("silent", [])
    assert run(["verify", str(files), "--trust", str(folder / "trust"), "--at", str(now)]) == 3
    assert "Also read        note.txt, leaves.bin, which lay beside the receipt" in capsys.readouterr().out
    (files / "receipt.txt").write_bytes((files / "receipt.txt").read_bytes().replace(b"opening ", b"opening 00", 1))
    changed = verify(files, folder, now, capsys)
    assert (changed["verdict"], list_beside(changed)) == ("invalid", taken)
    (files / "trust.txt").write_bytes((folder / "trust").read_bytes())
    assert run(["verify", str(files)]) == 2  # its own trust file is nobody's word


def test_a_note_of_another_report_in_a_bundle_is_left_aside(
    told: tuple[Path, int, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _, now = told
    prove(told, tmp_path / "out")
    files = unpack(tmp_path / "out" / "bundle.zip", tmp_path / "files")
    (files / "note-2.txt").write_bytes((files / "note.txt").read_bytes().replace(b"entries 1", b"entries 2"))
    (files / "note-3.txt").write_bytes(bytes(100_000))
    found = verify(files, folder, now, capsys)
    assert found["verdict"] == "silent"
    assert list_beside(found) == {
        "note.txt": None,
        "note-2.txt": "note-known-key",
        "note-3.txt": "note-size",
        "leaves.bin": None,
    }
    assert run(["verify", str(files), "--trust", str(folder / "trust"), "--at", str(now)]) == 3
    assert "Left aside       note-2.txt: a signature is false" in capsys.readouterr().out


def pack(path: Path, files: dict[str, bytes], *, packed: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", packed) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, packed)
    return path


def test_a_hostile_archive_is_refused_with_a_sentence(
    told: tuple[Path, int, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _, now = told
    receipt = (folder / "mine" / "receipt.txt").read_bytes()
    whole = pack(tmp_path / "whole", {"a/receipt.txt": receipt, "a/README.txt": b"", "__MACOSX/._receipt.txt": b""})
    assert verify(whole, folder, now, capsys)["verdict"] == "cannot-judge"
    dotted = pack(tmp_path / "dotted", {"./receipt.txt": receipt, "./a/note.txt": b""})
    assert verify(dotted, folder, now, capsys)["verdict"] == "cannot-judge"
    broken, locked = bytearray(whole.read_bytes()), bytearray(whole.read_bytes())
    broken[60] ^= 1
    central = locked.index(b"PK\1\2")
    locked[6] |= 1
    locked[central + 8] |= 1
    for name, data in (("broken", broken), ("locked", locked), ("short", whole.read_bytes()[:-30])):
        (tmp_path / name).write_bytes(data)
    hostile = {
        "two": {"a/receipt.txt": receipt, "b/receipt.txt": receipt},
        "copies": {"receipt.txt": receipt, "receipt (1).txt": receipt},
        "up": {"receipt.txt": receipt, "../note.txt": b""},
        "root": {"receipt.txt": receipt, "/etc/note.txt": b""},
        "windows": {"receipt.txt": receipt, "..\\note.txt": b""},
        "bomb": {"receipt.txt": receipt, "note.txt": bytes(50_000_000)},
        "crowd": {"receipt.txt": receipt} | {f"{i}.txt": b"" for i in range(300)},
    }
    for name, files in hostile.items():
        pack(tmp_path / name, files)
    (tmp_path / "huge").write_bytes(whole.read_bytes())
    with (tmp_path / "huge").open("r+b") as file:
        file.truncate(100_000_000)
    codes = dict.fromkeys(("broken", "locked", "short"), "archive-form") | dict.fromkeys(
        ("two", "copies"), "archive-receipts"
    )
    codes |= dict.fromkeys(("up", "root", "windows"), "archive-path")
    codes |= dict.fromkeys(("bomb", "crowd", "huge"), "archive-size")
    for name, code in codes.items():
        found = verify(tmp_path / name, folder, now, capsys)
        assert (name, found["verdict"], found["reasons"]) == (name, "cannot-judge", [code])
        assert run(["verify", str(tmp_path / name), "--trust", str(folder / "trust")]) == 2
        assert MESSAGES[code] in capsys.readouterr().err
    assert not (tmp_path.parent / "note.txt").exists()


def test_files_are_for_their_owner_and_the_warning_is_given(
    told: tuple[Path, int, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prove(told, tmp_path / "out")
    assert "somebody reported" in capsys.readouterr().err
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "out").iterdir()} == {0o600}
    prove(told, tmp_path / "out", code=1)  # nothing is written over


def test_without_a_font_for_the_language_there_is_no_sheet() -> None:
    with pytest.raises(UnavailableError) as caught:
        pdf._choose_fonts("zh", ["Libertinus Serif", "DejaVu Sans Mono"])
    assert caught.value.code == "sheet-font"


@pytest.mark.parametrize(
    ("grace_s", "said"), [(12, "12 seconds"), (60, "60 seconds"), (90, "90 seconds"), (600, "10 minutes")]
)
def test_the_grace_is_said_in_minutes_only_where_it_is_whole_ones(grace_s: int, said: str) -> None:
    assert say_grace(grace_s, load_words("en")) == f"All times are UTC. {said} of grace are added to each date."
    for language in LANGUAGES:
        assert said.split(maxsplit=1)[0] in say_grace(grace_s, load_words(language))


def test_every_language_says_the_same_things() -> None:
    tables = [load_words(language).table for language in LANGUAGES]
    assert [table.keys() for table in tables] == [tables[0].keys()] * 4
