"""Floods close the door for a while; they break no promise, delay nobody for days, keep nobody from answering."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from plaint.client.desk import Desk
from plaint.client.writing import seal_slots
from plaint.protocol.authorship import MemberWriter
from plaint.protocol.content import SlotsContent
from plaint.protocol.write import encode_write
from plaint.store import rooms
from plaint.store.ticks import list_waiting
from tests.api.test_races import Stall
from tests.support.directory_world import make_keys
from tests.support.patience import PATIENCE_S
from tests.support.sealed import get_code, post, seal
from tests.support.world import CLOCK, World


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[World]:
    """Few places: 18 to 36 leaves wait at most, and 36 to 72 slot sets."""
    with World(tmp_path, clock=replace(CLOCK, batch=8)) as made:
        yield made


def test_many_at_once_do_not_pass_the_bound_together(narrow: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bound = narrow.services.organisation.threshold
    reports = [seal(narrow, f"Report {number}.") for number in range(bound // 2 + 12)]
    stall = Stall(monkeypatch, rooms, "insert_opening")
    with ThreadPoolExecutor(len(reports)) as pool:
        first = pool.submit(post, narrow, reports[0])
        assert stall.entered.wait(PATIENCE_S)
        others = [pool.submit(post, narrow, report) for report in reports[1:]]
        refused = [answer for answer in (_wait(future) for future in others[-12:]) if answer is not None]
        stall.leave.set()
        answers = [first.result(), *(future.result() for future in others)]
    assert len(refused) <= 12
    assert {answer.status_code for answer in answers} == {201, 503}
    taken = sum(answer.status_code == 201 for answer in answers)
    assert taken == bound // 2
    assert narrow.services.organisation.waiting == 2 * taken


def test_a_write_that_failed_gives_its_place_back(world: World) -> None:
    report = seal(world)
    false = encode_write(replace(report.write, blobs=(bytes(32),)))
    for _ in range(3):
        assert get_code(world.client.post("rooms", content=false), 409) == "blob-unknown"
    assert post(world, report).status_code == 201
    assert post(world, report).status_code == 201
    organisation = world.services.organisation
    assert (organisation.waiting, organisation.sets) == (2, 1)


def test_while_reports_are_refused_members_still_answer(narrow: World) -> None:
    _, sent = narrow.report("Please answer.")
    narrow.tick(12)
    ben = narrow.desk("ben")
    ben.scan()
    case = ben.list_cases()[0]
    while post(narrow, seal(narrow)).status_code == 201:
        pass
    assert get_code(post(narrow, seal(narrow)), 503) == "admission"
    ben.acknowledge(case, "I have read it.")
    assert case.id == sent.state.room


def test_slot_sets_do_not_pile_up_in_the_streams(narrow: World) -> None:
    _, sent = narrow.report("Please answer.")
    narrow.tick(12)
    ben = narrow.desk("ben")
    ben.scan()
    organisation = narrow.services.organisation
    codes = [_send_slots(narrow, ben, sent.state.room) for _ in range(organisation.slots_threshold + 1)]
    assert codes[: organisation.slots_threshold] == [201] * organisation.slots_threshold
    assert codes[-1] == 503
    narrow.tick(2)
    assert organisation.sets <= 72
    assert organisation.sets == len(_read_waiting(narrow))


def _send_slots(world: World, desk: Desk, room: bytes) -> int:
    """Send one more slot set, with a leaf that is waiting already, so that no leaf is added."""
    case = desk.open_case(room.hex())
    keys = make_keys("ben")
    sealed = seal_slots(case.room, SlotsContent(access=case.room.access), MemberWriter(keys.id, keys.sign))
    write = replace(sealed.write, leaves=(b"\x01" + bytes(32),))
    headers = {"plaint-cap": case.room.cap.hex()}
    return world.client.post(f"rooms/{room.hex()}", content=encode_write(write), headers=headers).status_code


def _read_waiting(world: World) -> list[object]:
    database = world.deployment._database
    assert database is not None
    return list(world.loop.run(database.read(lambda c: list_waiting(c, world.services.organisation.org))))


def _wait(future) -> httpx.Response | None:  # type: ignore[no-untyped-def]
    try:
        answer: httpx.Response = future.result(timeout=0.5)
    except TimeoutError:
        return None
    return answer
