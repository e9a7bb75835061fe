"""Missed dates as independents see them, and the file that shows one to anybody, with the server against it or gone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from plaint.cli import desk as desk_command
from plaint.cli import follow as follow_command
from plaint.cli import verify as verify_command
from plaint.cli.app import run
from plaint.client.drafts import draft_rotation
from plaint.client.files import create_private
from plaint.client.mirror import mirror_log
from plaint.protocol.directory_keys import Compromised
from plaint.protocol.draft import encode_draft
from plaint.protocol.keys import compute_holder_keys
from plaint.protocol.missed import Missed, parse_missed, sign_missed
from plaint.protocol.words import draw_words, encode_words
from plaint.store import escalations
from tests.support.directory_world import draw, find_id, make_keys
from tests.support.loop import AppTransport
from tests.support.world import World

DAY = 86_400


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with World(tmp_path / "world") as made:
        for module in (desk_command, follow_command):
            monkeypatch.setattr(module, "connect", lambda *_args, **_options: made.connect())
        monkeypatch.setattr(verify_command, "Api", lambda _url: made.connect_api())
        yield made


def write_words(folder: Path, name: str) -> Path:
    path = folder / f"{name}.words"
    if not path.exists():
        create_private(path, encode_words(draw(f"member {name}", 16), "english").encode())
    return path


def run_json(capsys: pytest.CaptureFixture[str], *command: str, code: int = 0) -> dict[str, object]:
    assert run([*command, "--json"]) == code
    answer: dict[str, object] = json.loads(capsys.readouterr().out)
    return answer


def keep_held_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server be one that hands out no held slot."""
    monkeypatch.setattr(escalations, "list_missed", lambda *_args, **_named: [])


def miss(world: World) -> bytes:
    _, sent = world.report("Is anybody there?")
    world.tick(12)
    world.now += 7 * DAY
    world.tick(20)
    return sent.receipt.header.room


async def copy_logs(world: World, folder: Path) -> None:
    class Forward(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return AppTransport(world.app, world.loop).handle_request(request)

    async with httpx.AsyncClient(transport=Forward()) as client:
        await mirror_log(world.url, folder, client=client)


def write_evidence(world: World, folder: Path, room: bytes, name: str = "dov") -> tuple[Path, Path, Path]:
    """Return the file about the missed date, the trust file and the copy of the logs."""
    out, trust, copy = folder / f"out-{name}", folder / "trust", folder / "copy"
    words = str(write_words(folder, name))
    assert run(["desk", "overdue", world.url, "--words", words, "--evidence", room.hex()[:8], "--out", str(out)]) == 0
    trust.write_bytes(world.client.get("log/keys").content)
    asyncio.run(copy_logs(world, copy))
    return out / "missed-1.txt", trust, copy


def test_a_released_key_turns_a_watched_date_into_a_case(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    room = miss(world)
    for name, seen in (("dov", 1), ("ben", 1), ("ada", 0)):
        answer = run_json(capsys, "desk", "overdue", world.url, "--words", str(write_words(tmp_path, name)))
        rows = answer["overdue"]
        assert isinstance(rows, list)
        assert [(row["id"], row["what"], row["state"], row["reads"]) for row in rows] == [
            (room.hex(), "acknowledge", "missed", True)
        ] * seen


def test_a_kept_key_shows_as_not_released_after_an_hour(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_held_slots(monkeypatch)
    room = miss(world)
    words = str(write_words(tmp_path, "dov"))
    rows = run_json(capsys, "desk", "overdue", world.url, "--words", words)["overdue"]
    assert isinstance(rows, list)
    assert [(row["id"], row["state"], row["reads"]) for row in rows] == [(room.hex(), "unreleased", False)]
    assert run(["desk", "overdue", world.url, "--words", words]) == 0
    assert "the key was not handed to you   (watched: dates only)" in capsys.readouterr().out


@pytest.mark.parametrize("released", [False, True])
def test_evidence_holds_without_the_server_and_says_of_a_key_that_came_nothing_false(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, released: bool
) -> None:
    if not released:
        keep_held_slots(monkeypatch)
    room = miss(world)
    file, trust, copy = write_evidence(world, tmp_path, room)
    capsys.readouterr()
    assert (parse_missed(file.read_bytes())[0].cells == 0) is released
    assert room.hex() not in file.read_text()
    at = str(int(world.now) + DAY)
    offline = ["verify", str(file), "--trust", str(trust), "--leaves", str(copy), "--at", at]
    verdict = run_json(capsys, *offline, code=3)
    assert verdict["verdict"] == "silent"
    at_due = parse_missed(file.read_bytes())[0].due
    assert isinstance(verdict["due"], list)
    assert [(due["what"], due["at"], due["state"]) for due in verdict["due"]] == [("acknowledge", at_due, "silent")]
    online = ["verify", str(file), "--trust", str(trust), "--leaves", world.url, "--at", at]
    assert run_json(capsys, *online, code=3)["verdict"] == "silent"
    without = ["verify", str(file), "--trust", str(trust), "--at", at]
    assert run_json(capsys, *without, code=2)["reasons"] == ["leaves-missing"]


def test_a_late_answer_turns_silence_into_lateness(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_held_slots(monkeypatch)
    room = miss(world)
    desk = world.desk("ben")
    desk.scan()
    file, trust, copy = write_evidence(world, tmp_path, room)
    desk.acknowledge(desk.open_case(room.hex()))
    world.tick(12)
    asyncio.run(copy_logs(world, copy))
    capsys.readouterr()
    command = ["verify", str(file), "--trust", str(trust), "--leaves", str(copy), "--at", str(int(world.now) + DAY)]
    assert run_json(capsys, *command, code=3)["verdict"] == "late"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda told: replace(told, due=told.opened + 1), "missed-due"),
        (lambda told: replace(told, pack=bytes(32)), "missed-due"),
        (lambda told: replace(told, opened=told.opened - DAY, due=told.due - DAY), "missed-open"),
        (lambda told: replace(told, open=bytes(32)), "missed-open"),
        (lambda told: replace(told, org=bytes(16)), "missed-org"),
        (lambda told: replace(told, member=bytes(16)), "missed-member"),
    ],
)
def test_what_was_changed_proves_nothing(
    world: World,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Missed], Missed],
    code: str,
) -> None:
    keep_held_slots(monkeypatch)
    file, trust, copy = write_evidence(world, tmp_path, miss(world))
    told, _ = parse_missed(file.read_bytes())
    file.write_bytes(sign_missed(change(told), make_keys("dov").sign))
    capsys.readouterr()
    command = ["verify", str(file), "--trust", str(trust), "--leaves", str(copy), "--at", str(int(world.now) + DAY)]
    assert run_json(capsys, *command, code=1)["reasons"] == [code]


def test_a_file_signed_by_somebody_else_proves_nothing(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_held_slots(monkeypatch)
    file, trust, copy = write_evidence(world, tmp_path, miss(world))
    told, _ = parse_missed(file.read_bytes())
    assert told.member == find_id("dov")
    file.write_bytes(sign_missed(told, make_keys("ben").sign))
    capsys.readouterr()
    command = ["verify", str(file), "--trust", str(trust), "--leaves", str(copy), "--at", str(int(world.now) + DAY)]
    assert run_json(capsys, *command, code=1)["reasons"] == ["note-no-known-key"]
    file.write_bytes(sign_missed(replace(told, member=find_id("ben")), make_keys("ben").sign))
    assert run_json(capsys, *command, code=1)["reasons"] == ["missed-member"]


def test_evidence_outlives_the_key_that_signed_it_and_says_so(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    room = miss(world)
    file, trust, copy = write_evidence(world, tmp_path, room)
    signed_at = int(world.now)
    draft = draft_rotation(
        world.services.organisation.state, old=draw("member dov", 16), new=draw("member dov again", 16)
    )
    assert world.client.post("directory", content=encode_draft(draft)).status_code == 201
    world.tick(2)
    world.now += world.services.organisation.state.clock.delay
    world.wait_for_effects()
    again, _, _ = write_evidence(world, tmp_path, room, "dov again")
    world.tick(2)
    asyncio.run(copy_logs(world, copy))
    capsys.readouterr()
    command = ["verify", str(file), "--trust", str(trust), "--leaves", str(copy), "--at"]
    found = run_json(capsys, *command, str(int(world.now)), code=4)
    assert (found["verdict"], found["reasons"]) == ("former", ["missed-former"])
    assert isinstance(found["key_until"], int)
    assert signed_at < found["key_until"] <= world.now
    assert run_json(capsys, *command, str(found["key_until"] - 1), code=3)["verdict"] == "silent"
    assert run([*command, str(int(world.now))]) == 4
    assert "Signed           with a key that counted until" in capsys.readouterr().out
    command[1] = str(again)
    assert run_json(capsys, *command, str(int(world.now)), code=3)["verdict"] == "silent"
    world.submit(Compromised(find_id("dov")), "ada", "eva")
    world.tick(2)
    asyncio.run(copy_logs(world, copy))
    for path in (file, again):
        command[1] = str(path)
        assert run_json(capsys, *command, str(int(world.now)), code=1)["reasons"] == ["missed-member"]


def test_only_a_watched_and_missed_report_gives_evidence(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, sent = world.report("It is early.")
    world.tick(12)
    room, words = sent.receipt.header.room.hex(), str(write_words(tmp_path, "dov"))
    command = ["desk", "overdue", world.url, "--words", words, "--evidence", room, "--out", str(tmp_path / "out")]
    assert run(command) == 1
    assert "(not-found)" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert run(command[:-2]) == 2


def test_an_independent_opens_and_closes_a_handling_failure(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    room = miss(world).hex()
    dov, eva, ben = (str(write_words(tmp_path, name)) for name in ("dov", "eva", "ben"))
    command = ["desk", "handling", world.url, room]

    def read_status(words: str, *more: str) -> list[str]:
        answer = run_json(capsys, *command, *more, "--words", words)["handling"]
        assert isinstance(answer, list)
        return [item["status"] for item in answer]

    assert read_status(dov) == []
    assert run([*command, "Let it rest.", "--words", ben]) == 1
    assert "(handling-member)" in capsys.readouterr().err
    assert read_status(dov, "Nobody acknowledged it.") == ["open"]
    world.tick(12)
    assert read_status(eva, "Who was on duty?") == ["open"]
    assert read_status(eva, "--close", "A stand-in was named.") == ["closing"]
    assert read_status(dov, "--close", "A stand-in was named.") == ["closed"]
    assert read_status(ben) == []


def test_a_reporter_reads_who_may_read_and_lets_one_in(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = draw_words("english")
    keys = compute_holder_keys(words.entropy)
    create_private(tmp_path / "words.txt", words.text.encode())
    world.report("I do not want to wait.", keys=keys)
    world.tick(12)
    command = ["follow", world.url, "--words", str(tmp_path / "words.txt")]
    later = run_json(capsys, *command)["if_late"]
    assert isinstance(later, list)
    assert len(later) == 2
    assert run([*command, "--let-in", find_id("dov").hex()]) == 0
    assert f"May read if a date is missed: {later[1]}" in capsys.readouterr().out
    assert run_json(capsys, *command)["if_late"] == later[1:]
    world.tick(12)
    desk = world.desk("dov")
    desk.scan()
    assert len(desk.list_cases()) == 1


def test_while_the_log_itself_has_not_come_so_far_no_file_is_signed_that_proves_nothing(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, sent = world.report("Is anybody there?")
    world.tick(12)
    world.now += 7 * DAY - DAY // 2
    world.tick(2)
    world.now += 2 * DAY // 3  # nobody has cosigned since
    words, out = write_words(tmp_path, "dov"), tmp_path / "out"
    found = run_json(capsys, "desk", "overdue", world.url, "--words", str(words))["overdue"]
    assert [item["what"] for item in found] == ["acknowledge"]  # type: ignore[attr-defined]
    room = sent.receipt.header.room.hex()
    assert run(["desk", "overdue", world.url, "--words", str(words), "--evidence", room, "--out", str(out)]) == 1
    assert "missed-early" in capsys.readouterr().err
    assert not out.exists()
