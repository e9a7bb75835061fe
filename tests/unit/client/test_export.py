"""An export for one person: nobody else is named, or nothing is written."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from plaint.cli import desk as desk_command
from plaint.cli.app import run
from plaint.client.described import load_export_words
from plaint.client.export import Choice, name_entries, prepare_export
from plaint.client.files import create_private
from plaint.client.redact import Redactor, find_left
from plaint.client.reporter import prepare_report, seal_report, send_report
from plaint.crypto.hashes import compute_sha256
from plaint.protocol.records import Disclosure
from plaint.protocol.words import encode_words
from tests.support.directory_world import draw
from tests.support.false_rooms import open_second
from tests.support.world import World, open_case

TEXT = "Caius Nobody and Mia Madeup stood there. CAIUS NOBODY'S coat <was> on Nobody's chair.\n马丽 saw it."


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("Ben, BEN and Bens hat", ["Ben"], "[redacted 1], [redacted 1] and [redacted 1] hat"),
        ("Ben's hat, a benefit", ["Ben"], "[redacted 1] hat, a benefit"),
        ("Ben  Bold\nand Ben Bold, Ben", ["Ben", "Ben Bold"], "[redacted 2]\nand [redacted 2], [redacted 1]"),
        ("Ben\nBold", ["Ben Bold"], "[redacted 1]"),
        ("他看见马丽了", ["马丽"], "他看见[redacted 1]了"),
        ("Jose\u0301 und Jos\u00e9", ["Jos\u00e9"], "[redacted 1] und [redacted 1]"),
        (r"A \1 and a.b", ["a.b"], r"A \1 and [redacted 1]"),
    ],
)
def test_names_are_blacked_out_however_they_are_written(text: str, names: list[str], expected: str) -> None:
    redactor = Redactor(names, load_export_words("en"))
    assert redactor.redact(text) == expected
    assert sum(redactor.counts.values()) == expected.count("[redacted")


def test_what_is_left_of_a_name_is_found() -> None:
    assert find_left(["The benefit of Bold"], ["Ben Bold"], allowed=[]) == ["benefit", "bold"]
    assert find_left(["The benefit of Bold"], ["Ben Bold"], allowed=["benefit", "Mia Bold"]) == []


@pytest.mark.parametrize(
    ("text", "name", "left"),
    [
        ("Wu told me. Wupper is a river.", "Li Wu", ["wu"]),
        ("Bo and Ek came, Bob and Eke did not.", "Bo Ek", ["bo", "ek"]),
        ("Jose Ng said so", "José Ng", ["jose", "ng"]),
        ("Mueller, MULLER and Müllers", "Jürgen Müller", ["mueller", "muller", "müllers"]),
        ("An\u00adna B\u200berg", "Anna Berg", ["anna", "berg"]),
        ("с Ольгой Петровой, Петровою", "Ольга Петрова", ["ольгой", "петровой", "петровою"]),
        ("annaberg@x.example", "Anna Berg", ["annaberg"]),
        ("Market in March", "Maren Oduvale", []),
    ],
)
def test_no_spelling_hides_a_name(text: str, name: str, left: list[str]) -> None:
    assert find_left([text], [name], allowed=["Sam Sub"]) == left
    assert find_left([text], [name], allowed=left) == []


def test_letters_nobody_sees_do_not_keep_a_name_in() -> None:
    redactor = Redactor(["Anna Berg"], load_export_words("en"))
    assert redactor.redact("An\u00adna B\u200berg, Anna Ber\u2060gs") == "[redacted 1], [redacted 1]"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with World(tmp_path / "world") as made:
        monkeypatch.setattr(desk_command, "connect", lambda *_args, **_options: made.connect())
        create_private(tmp_path / "words", encode_words(draw("member ben", 16), "english").encode())
        made.report(TEXT, about=["Mia Madeup"])
        made.tick(12)
        yield made


def start(world: World, folder: Path, *more: str) -> list[str]:
    desk = world.desk("ben")
    desk.scan()
    case = desk.list_cases()[0].id.hex()
    return ["desk", "export", world.url, case, "--words", str(folder / "words"), "--for", "Mia Madeup", *more]


def test_without_a_choice_it_lists_what_there_is(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(start(world, tmp_path)) == 2
    assert "reporter:0" in capsys.readouterr().out


def test_nothing_is_written_while_somebody_else_may_be_named(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = start(world, tmp_path, "--entry", "reporter:0", "--out", str(out), "--redact", "Caius Nobody")
    assert run(command) == 2
    assert "--redact or --leave: nobody" in capsys.readouterr().err
    assert not out.exists()
    assert run([*command, "--redact", "Mia Madeup"]) == 1
    assert "export-subject" in capsys.readouterr().err
    assert run([*command[:-4], "--entry", "internal:7", "--out", str(out)]) == 1
    assert "export-entry" in capsys.readouterr().err


def test_what_is_handed_over_names_one_person_and_the_log_stays_behind(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    names = ["Caius Nobody", "Nobody", "马丽"]
    given = [part for name in names for part in ("--redact", name)]
    assert run(start(world, tmp_path, "--entry", "reporter:0", "--out", str(out), *given, "--json")) == 0
    assert json.loads(capsys.readouterr().out)["redacted"] == 4
    assert sorted(path.name for path in out.iterdir()) == ["export.html", "export.json", "export.txt", "log.json"]
    for name in ("export.html", "export.json", "export.txt"):
        data = (out / name).read_text("utf-8")
        assert stat.S_IMODE((out / name).stat().st_mode) == 0o600
        assert "Mia Madeup" in data
        assert not any(secret in data for secret in ("Caius", "CAIUS", "Nobody", "NOBODY", "马丽"))
    assert "&lt;was&gt;" in (out / "export.html").read_text("utf-8")
    desk = world.desk("ben")
    desk.scan()
    entry = desk.list_cases()[0].room.entries[0]
    handed = json.loads((out / "export.json").read_text("utf-8"))["entries"][0]
    assert handed["original"] == entry.hash.hex()
    log = json.loads((out / "log.json").read_text("utf-8"))
    assert [item["count"] for item in log["redacted"]] == [2, 1, 1]
    assert log["entries"][0]["text_sha256"] == compute_sha256(TEXT.encode()).hex()
    assert run(start(world, tmp_path, "--entry", "reporter:0", "--out", str(out), *given)) == 1


def test_whom_the_report_says_was_told_is_in_it_blacked_out_like_anybody(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = Disclosure("2026-05-01", "hr", "Tessa Told")
    connection, keys = world.connect(), world.draw_holder()
    write = seal_report(connection.view, prepare_report(connection.view), keys, text="It broke.", disclosure=told)
    send_report(connection, keys, write)
    world.tick(12)
    desk, out = world.desk("ben"), tmp_path / "told"
    desk.scan()
    case = next(case.id.hex() for case in desk.list_cases() if case.room.entries[0].content.text == "It broke.")  # type: ignore[union-attr]
    command = ["desk", "export", world.url, case, "--words", str(tmp_path / "words"), "--for", "Mia Madeup"]
    command += ["--entry", "reporter:0", "--out", str(out), "--lang", "de"]
    assert run([*command[:-1], "fr"]) == 2
    capsys.readouterr()
    assert run(command) == 2
    assert "--redact or --leave: Tessa Told" in capsys.readouterr().err
    assert run([*command, "--redact", "Tessa Told"]) == 0
    text = (out / "export.txt").read_text("utf-8")
    assert "am 2026-05-01 erzählt, wem: der Personalabteilung ([geschwärzt 1]).\n\nIt broke." in text
    assert text.startswith("Meldung · meldende Person · ")
    assert '<html lang="de" dir="ltr">' in (out / "export.html").read_text("utf-8")


def test_a_piece_of_a_name_that_the_report_was_sent_with_keeps_it_here(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "Rafe Ostellan, the buyer"
    _, sent = world.report("Rafe saw the shop.", about=[name])
    world.tick(12)
    out = tmp_path / "typed"
    command = ["desk", "export", world.url, sent.state.room.hex(), "--words", str(tmp_path / "words")]
    command += ["--for", "Mia Madeup", "--entry", "reporter:0", "--out", str(out)]

    def refuse(*more: str) -> str:
        assert run([*command, *more]) == 2
        return capsys.readouterr().err.split("--redact or --leave: ")[1].strip()

    assert refuse() == "rafe"
    assert refuse("--redact", name) == "rafe, the"
    assert not out.exists()
    assert run([*command, "--redact", "Rafe", "--redact", name, "--leave", "the"]) == 0
    assert "Rafe" not in (out / "export.txt").read_text("utf-8")


def test_of_two_rooms_with_one_label_what_was_chosen_is_handed_over(world: World) -> None:
    _, sent = world.report("First.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    for number in ("one", "two", "three"):
        open_second(ben, case, "internal", f"Room {number}.")
    world.tick(20)
    ben, case = open_case(world, "ben", sent.state.room)
    names = [name for name, _, _ in name_entries(case)]
    assert sorted(names) == ["internal-2:0", "internal-3:0", "internal:0", "reporter:0"]
    for name, _, entry in name_entries(case):
        (made,) = prepare_export(ben.connection, case, Choice("Ben Invented", (name,), ())).entries
        assert (made.name, made.original) == (name, entry.hash.hex())
