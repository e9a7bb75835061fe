"""Two writers at once: one is stalled between its check and its write, the other runs."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from plaint.client.follow import find_report
from plaint.client.writing import make_holder_writer, seal_entry
from plaint.protocol.content import EntryContent
from plaint.protocol.directory_contents import Suspend
from plaint.protocol.write import encode_write
from plaint.store import directory as directory_store
from plaint.store import rooms, ticks
from tests.support.directory_world import find_id
from tests.support.patience import PATIENCE_S
from tests.support.sealed import SealedReport, post, seal
from tests.support.world import World


class Stall:
    """Holds the first caller of a function until `leave` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
        self.entered, self.leave = threading.Event(), threading.Event()
        self._first = threading.Lock()
        original = getattr(owner, name)

        def stalled(*given: Any, **named: Any) -> Any:
            result = original(*given, **named)
            if self._first.acquire(blocking=False):
                self.entered.set()
                self.leave.wait(PATIENCE_S)
            return result

        monkeypatch.setattr(owner, name, stalled)


def seal_message(world: World, report: SealedReport, text: str) -> bytes:
    room = find_report(world.connect(), report.keys).room
    view = world.connect().view
    writer = make_holder_writer(view, report.keys, [], roster=view.size)
    return encode_write(seal_entry(room, "entry", EntryContent(text=text), writer).write)


def test_of_two_writers_behind_one_entry_exactly_one_is_first(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = any_world
    report = seal(world)
    post(world, report)
    messages = [seal_message(world, report, text) for text in ("first", "second")]
    stall = Stall(monkeypatch, rooms, "lock_room")

    def send(data: bytes) -> httpx.Response:
        return world.client.post(f"rooms/{report.room.hex()}", content=data, headers=report.headers)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(send, messages[0])
        assert stall.entered.wait(PATIENCE_S)
        second = pool.submit(send, messages[1])
        stall.leave.set()
        answers = [first.result(), second.result()]
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    loser = next(answer for answer in answers if answer.status_code == 409)
    assert loser.json() == {"code": "entry-conflict"}
    assert len(find_report(world.connect(), report.keys).room.entries) == 2


def test_of_two_reports_under_one_id_exactly_one_is_first(any_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = any_world
    report = seal(world, "One.")
    other = seal(world, "Two.", keys=report.keys)
    stall = Stall(monkeypatch, rooms, "insert_opening")
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(post, world, report)
        assert stall.entered.wait(PATIENCE_S)
        second = pool.submit(post, world, other)
        stall.leave.set()
        answers = [first.result(), second.result()]
    assert sorted(answer.status_code for answer in answers) == [201, 409]


def test_the_same_report_twice_at_once_is_one_report(any_world: World) -> None:
    world = any_world
    report = seal(world)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(world, report), range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert world.services.organisation.waiting == 2


def test_a_write_during_a_tick_waits_for_the_next(any_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = any_world

    stall = Stall(monkeypatch, ticks, "list_pending")
    report = seal(world)
    with ThreadPoolExecutor(2) as pool:
        ticking = pool.submit(world.loop.run, world.deployment.run_tick(world.slug))
        assert stall.entered.wait(PATIENCE_S)
        sending = pool.submit(post, world, report)
        stall.leave.set()
        assert sending.result().status_code == 201
        ticking.result()
    tree = world.services.organisation.trees["cases"]
    assert set(report.write.leaves).isdisjoint(tree.read_entries(0, tree.size))
    assert world.services.organisation.waiting == 2


def test_an_entry_of_the_directory_during_a_tick_keeps_its_place(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = any_world

    world.tick()
    stall = Stall(monkeypatch, directory_store, "insert_entry")
    with ThreadPoolExecutor(2) as pool:
        submitting = pool.submit(world.submit, Suspend(find_id("ben")), "ada")
        assert stall.entered.wait(PATIENCE_S)
        ticking = pool.submit(world.loop.run, world.deployment.run_tick(world.slug))
        stall.leave.set()
        submitting.result()
        ticking.result()
    world.tick(2)
    assert world.services.organisation.state.size == 4
    assert world.services.organisation.trees["directory"].size == 4


def test_many_at_once_are_all_kept(any_world: World) -> None:
    world = any_world
    reports = [seal(world, f"Report {number}.") for number in range(12)]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda report: post(world, report), reports))
    assert {answer.status_code for answer in answers} == {201}
    heads = world.client.post("heads", content=b"".join(report.room + report.cap for report in reports)).content
    assert all(heads[at : at + 8] == (1).to_bytes(8, "big") for at in range(0, len(heads), 40))
    assert world.services.organisation.waiting == 24


def test_a_tick_that_failed_is_missed_and_the_next_one_comes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:

    before = world.services.organisation.tick
    original = ticks.insert_checkpoint

    def fail(*_given: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(ticks, "insert_checkpoint", fail)
    with pytest.raises(ZeroDivisionError):
        world.tick()
    monkeypatch.setattr(ticks, "insert_checkpoint", original)
    assert world.tick() == before + 1
