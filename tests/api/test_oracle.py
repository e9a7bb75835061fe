"""What does not exist, what is somebody else's and what is asked for wrongly differ in nothing."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest
from sqlalchemy import Engine, event

from plaint.client.connection import connect
from plaint.client.follow import find_report
from plaint.client.writing import make_holder_writer, seal_entry
from plaint.crypto.hashes import random_bytes
from plaint.errors import RefusedError
from plaint.protocol.cells import CELL_BYTES
from plaint.protocol.content import EntryContent
from plaint.protocol.keys import compute_holder_keys, compute_room_keys
from plaint.protocol.slots import open_slot
from plaint.protocol.write import encode_write
from tests.support.directory_world import draw
from tests.support.sealed import post, seal
from tests.support.world import World

NOT_FOUND = (404, b'{"code":"not-found"}')
VARYING = {"date"}


def describe(answer: httpx.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    headers = [(name, value) for name, value in answer.headers.items() if name not in VARYING]
    return answer.status_code, answer.content, headers


def test_a_room_without_its_capability_is_a_room_that_never_was(world: World) -> None:
    report, other = seal(world), seal(world)
    post(world, report)
    post(world, other)
    never, right = random_bytes(32), report.cap
    asked = [
        (report.room, random_bytes(32)),
        (report.room, other.cap),
        (report.room, bytes(32)),
        (never, right),
        (never, bytes(32)),
        (bytes(32), bytes(32)),
    ]
    answers = [world.client.get(f"rooms/{room.hex()}", headers={"plaint-cap": cap.hex()}) for room, cap in asked]
    assert {answer.status_code for answer in answers} == {404}
    assert len({repr(describe(answer)) for answer in answers}) == 1


def test_writing_without_the_capability_is_as_silent(world: World) -> None:
    report = seal(world)
    post(world, report)
    found = find_report(world.connect(), report.keys)
    view = world.connect().view
    writer = make_holder_writer(view, report.keys, [], roster=view.size)
    write = seal_entry(found.room, "entry", EntryContent(text="More."), writer).write
    never = replace(write, header=replace(write.header, room=random_bytes(32)))
    answers = [
        world.client.post(f"rooms/{w.header.room.hex()}", content=encode_write(w), headers={"plaint-cap": cap.hex()})
        for w, cap in [(write, random_bytes(32)), (never, report.cap), (never, bytes(32))]
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {NOT_FOUND}
    assert len({repr(describe(answer)) for answer in answers}) == 1


def test_unknown_words_get_bytes_that_look_like_known_ones_and_never_change(world: World) -> None:
    keys, sent = world.report("Something happened.")
    other = world.create("other")
    known = world.client.get("locator", headers={"plaint-locator": keys.locator.hex()})
    wrong = [world.client.get("locator", headers={"plaint-locator": random_bytes(32).hex()}) for _ in range(8)]
    elsewhere = world.client.get("http://plaint.test/o/other/locator", headers={"plaint-locator": keys.locator.hex()})
    for answer in [known, *wrong, elsewhere]:
        assert (answer.status_code, len(answer.content)) == (200, 32 + CELL_BYTES)
        assert answer.content[32:54] == known.content[32:54]
    assert known.content[:32] == sent.state.room
    assert len({answer.content for answer in wrong}) == 8
    locator = random_bytes(32).hex()
    first = world.client.get("locator", headers={"plaint-locator": locator}).content
    world.tick(3)
    assert world.client.get("locator", headers={"plaint-locator": locator}).content == first
    assert other.org != world.services.organisation.org


@pytest.mark.parametrize("words", ["sixteen wrong bytes", "words of another report"])
def test_wrong_words_open_nothing(world: World, words: str) -> None:
    world.report("Something happened.")
    keys = compute_holder_keys(draw(words, 16))
    with pytest.raises(RefusedError) as caught:
        find_report(world.connect(), keys)
    assert caught.value.code == "not-found"


def test_words_of_another_organisation_open_nothing(world: World) -> None:
    world.create("other")
    world.loop.run(world.deployment.run_tick("other"))
    keys, _ = world.report("Something happened.")
    world.slug, world.url = "other", "http://plaint.test/o/other"
    connection = connect(world.url, client=world.client, now=world.read_clock, sleep=world.sleep)
    with pytest.raises(RefusedError) as caught:
        find_report(connection, keys)
    assert caught.value.code == "not-found"


def test_the_holders_slot_opens_for_her_alone(world: World) -> None:
    keys, sent = world.report("Something happened.")
    data = world.client.get("locator", headers={"plaint-locator": keys.locator.hex()}).content
    slot = open_slot(keys.age, data[32:])
    assert slot is not None
    assert (slot.room, slot.secret) == (sent.state.room, keys.room)
    assert open_slot(world.draw_holder().age, data[32:]) is None


@pytest.mark.parametrize(
    "path",
    [
        "nothing",
        "rooms",
        "rooms/",
        "blobs",
        "blobs/00",
        "members",
        "admin",
        "log",
        "desk/x",
        "session/x",
        "../other/",
        "stream/x",
    ],
)
def test_every_other_address_has_the_constant_answer(world: World, path: str) -> None:
    answer = world.client.get(path)
    assert (answer.status_code, answer.content) == NOT_FOUND


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST"])
def test_every_other_method_has_the_constant_answer(world: World, method: str) -> None:
    answer = world.client.request(method, "log/keys")
    assert (answer.status_code, answer.content) == NOT_FOUND


def test_an_unknown_organisation_has_the_constant_answer(world: World) -> None:
    for path in (
        "/o/nowhere/",
        "/o/nowhere/config",
        "/o/nowhere/log/keys",
        "/o/NOWHERE/config",
        "/o/../config",
        "/o//config",
    ):
        answer = world.client.get(f"http://plaint.test{path}")
        assert (answer.status_code, answer.content) == NOT_FOUND


def test_wrong_and_unknown_ask_the_database_the_same(world: World) -> None:
    """What is slow is the same, statement by statement; how long it takes is measured nowhere in the tests."""
    report = seal(world)
    post(world, report)
    asked: dict[str, list[str]] = {"wrong": [], "never": []}

    def ask(name: str, room: bytes) -> None:
        def hear(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
            asked[name].append(statement)

        event.listen(Engine, "before_cursor_execute", hear)
        try:
            answer = world.client.get(f"rooms/{room.hex()}", headers={"plaint-cap": bytes(32).hex()})
        finally:
            event.remove(Engine, "before_cursor_execute", hear)
        assert (answer.status_code, answer.content) == NOT_FOUND

    ask("wrong", report.room)
    ask("never", random_bytes(32))
    assert asked["wrong"] == asked["never"] != []
    assert compute_room_keys(report.keys.room).cap == report.cap
