"""A member's dates as a feed on the own device: it follows the case, and answers nobody who guesses."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from icalendar import Calendar

from plaint.cli import desk as desk_command
from plaint.cli import desk_feed, desk_history
from plaint.cli.app import run
from plaint.client.dates import compute_feed_path
from plaint.client.files import create_private
from plaint.errors import UnavailableError
from plaint.protocol.keys import compute_member_keys
from plaint.protocol.words import encode_words
from tests.support.directory_world import draw
from tests.support.patience import PATIENCE_S
from tests.support.ports import find_port
from tests.support.world import World, open_case


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with World(tmp_path / "world") as made:
        monkeypatch.setattr(desk_command, "connect", lambda *_args, **_options: made.connect())
        yield made


class Program(threading.Thread):
    """A calendar program: asks again and again until what it reads is what `until` waits for."""

    def __init__(self, address: str, steps: list[tuple[Callable[[], object], Callable[[list[str]], bool]]]) -> None:
        super().__init__()
        self.address = address
        self.steps = steps
        self.strangers: list[int] = []
        self.seen: list[list[str]] = []

    def run(self) -> None:
        try:
            for act, until in self.steps:
                act()
                self.seen.append(self._wait(until))
            base, _, path = self.address.partition("/dates.ics")
            for guessed in (
                f"{base}{path}",
                f"{base[:-1]}{0 if base[-1] != '0' else 1}/dates.ics",
                f"http://127.0.0.1:{urlsplit(base).port}/",
            ):
                self.strangers.append(httpx.get(guessed).status_code)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    def _wait(self, until: Callable[[list[str]], bool]) -> list[str]:
        end = time.monotonic() + PATIENCE_S
        states: list[str] = []
        while time.monotonic() < end and not until(states):
            time.sleep(0.1)
            states = self._read()
        return states

    def _read(self) -> list[str]:
        try:
            answer = httpx.get(self.address)
        except httpx.TransportError:
            return []
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"].startswith("text/calendar")
        return sorted(str(event["STATUS"]) for event in Calendar.from_ical(answer.content).walk("VEVENT"))


def test_the_feed_follows_the_case_and_answers_nobody_who_guesses(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    entropy = draw("member ben", 16)
    words = tmp_path / "ben.words"
    create_private(words, encode_words(entropy, "english").encode())
    _, sent = world.report("Something happened.")
    world.tick(12)
    port = find_port()
    address = f"http://127.0.0.1:{port}{compute_feed_path(compute_member_keys(entropy).cache)}"
    broken, told, warned = threading.Event(), list[str](), list[str]()

    def connect(*_args: object, **_options: object) -> object:
        if broken.is_set():
            raise UnavailableError("network")
        return world.connect()

    def answer() -> None:
        ben, case = open_case(world, "ben", sent.state.room)
        ben.acknowledge(case)
        world.tick(12)

    monkeypatch.setattr(desk_command, "connect", connect)
    monkeypatch.setattr(desk_feed, "print_notice", told.append)
    monkeypatch.setattr(desk_history, "print_notice", warned.append)
    program = Program(
        address,
        [
            (lambda: None, lambda states: states == ["CONFIRMED", "CONFIRMED"]),
            (answer, lambda states: states == ["CANCELLED", "CONFIRMED"]),
            (broken.set, lambda states: bool(told) and bool(states)),
        ],
    )
    program.start()
    arguments = ["desk", "feed", world.url, "--words", str(words), "--port", str(port), "--every", "1", "--json"]
    assert run(arguments) == 0
    program.join()
    assert program.seen == [["CONFIRMED", "CONFIRMED"], ["CANCELLED", "CONFIRMED"], ["CANCELLED", "CONFIRMED"]]
    assert program.strangers == [404, 404, 404]
    assert address in capsys.readouterr().out
    assert ["network" in line for line in told] == [True]
    # It looked at least three times, and every look sees the same entries that this device does not know.
    assert ["does not know: 1." in line for line in warned] == [True]
