"""Several servers on one PostgreSQL are one: what one writes the others know with the next request."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from plaint.client.connection import Connection as Client
from plaint.client.connection import connect
from plaint.client.desk import sign_in
from plaint.client.follow import find_report
from plaint.client.reporter import prepare_report, seal_report, send_report
from plaint.errors import ConflictError, UnavailableError
from plaint.protocol.directory_contents import Leave
from plaint.protocol.directory_keys import ReceiptKey
from plaint.protocol.draft import parse_draft
from plaint.protocol.state import open_state
from plaint.protocol.write import encode_write
from plaint.server import restore
from plaint.server.erasures.service import ErasureService
from plaint.server.receipt_draft import draft_receipt_key
from plaint.server.restore import Restore
from plaint.store import ticks
from plaint.store.database import make_engine
from plaint.store.rest import RestKeys
from plaint.store.schema import room
from tests.support.directory_world import find_id, make_keys
from tests.support.erasing import tell_story
from tests.support.sealed import post, seal
from tests.support.servers import add_server
from tests.support.world import CLOCK, World

pytestmark = pytest.mark.postgres


@pytest.fixture
def world(tmp_path: Path, postgres_url: str) -> Iterator[World]:
    with World(tmp_path, database_url=postgres_url) as made:
        yield made


PUBLIC = (
    *("log/cases/checkpoint", "log/directory/checkpoint", "log/cases/at", "log/alarms", "log/keys"),
    *("config", "directory", "names", "log/cases/tile/entries/000.p/48", "log/cases/tile/0/000.p/48"),
)


def test_both_serve_the_same_after_every_tick(world: World) -> None:
    with add_server(world) as (_, other):
        post(world, seal(world))
        world.tick(2)
        for path in PUBLIC:
            mine, theirs = world.client.get(path), other.get(path)
            assert (mine.status_code, mine.content) == (theirs.status_code, theirs.content)
            assert mine.status_code == 200


def test_another_receipt_key_is_taken_by_all_who_have_it(world: World) -> None:
    with add_server(world) as (twin, other):
        content = parse_draft(asyncio.run(draft_receipt_key(world.config, world.slug))).content
        world.submit(content, "ada", "dov")
        world.tick()
        world.now += CLOCK.delay
        world.tick(3)
        key = world.services.organisation.receipts_verifier
        assert content == ReceiptKey(key)
        organisation = world.loop.run(twin.find(world.slug)).organisation
        assert organisation.receipts_verifier == key
        connection = connect(world.url, client=other, now=world.read_clock, sleep=world.sleep)
        assert connection.trust.receipts == key
        with pytest.raises(UnavailableError, match="keys-receipts"):
            send_anew(world, connection)
        shutil.copy(world.config.receipts_path(world.slug), twin.config.receipts_path(world.slug))
        assert open_state(send_anew(world, connection), key).org == world.keys.org


def send_anew(world: World, connection: Client) -> bytes:
    """Send a report through this connection and return the note that answers it."""
    keys, view = world.draw_holder(), connection.view
    sealed = seal_report(view, prepare_report(view), keys, text="Through the second.")
    return send_report(connection, keys, sealed).receipt.note


MOMENTS = [(restore, "replay"), (restore, "_ask"), (Restore, "_reach_heads"), (ErasureService, "start")]


@pytest.mark.parametrize("moment", MOMENTS, ids=[name for _, name in MOMENTS])
def test_a_tick_while_another_server_starts_is_not_missed(
    world: World, monkeypatch: pytest.MonkeyPatch, moment: tuple[object, str]
) -> None:
    begin, ticks_before = getattr(*moment), world.services.organisation.tick

    async def tick_first(*arguments: object, **named: object) -> object:
        world.now += CLOCK.tick
        await world.deployment.run_tick(world.slug)
        return await begin(*arguments, **named)

    monkeypatch.setattr(*moment, tick_first)
    with add_server(world) as (twin, other):
        assert twin.list_blocked() == {}
        assert world.services.organisation.tick > ticks_before
        served = twin._services[world.slug].organisation
        assert served.tick == world.services.organisation.tick
        for path in PUBLIC:
            assert other.get(path).content == world.client.get(path).content


def test_a_client_may_be_sent_to_and_fro(world: World) -> None:
    with add_server(world) as (_, other):
        keys, sent = world.report("Through the first.")
        world.tick(12)
        desk = sign_in(connect(world.url, client=other, now=world.read_clock, sleep=world.sleep), make_keys("ben"))
        desk.scan()
        desk.acknowledge(desk.open_case(sent.receipt.header.room.hex()), "Through the second.")
        world.tick(12)
        report = find_report(world.connect(), keys)
        assert [entry.header.kind for entry in report.room.entries] == ["open", "acknowledge"]
        assert report.list_due_dates()[0].state == "met"
        session = world.session("ben")
        for _ in range(4):
            tick = world.tick()
            for client in (world.client, other):
                answer = client.get(f"stream?from={tick}", headers={"plaint-session": session})
                assert (answer.headers["plaint-tick"], answer.content) == (str(tick), b"")


def test_a_directory_entry_counts_everywhere_at_once(world: World) -> None:
    with add_server(world) as (_, other):
        world.submit(Leave(find_id("ben")), "ben")
        assert other.get("directory").content == world.client.get("directory").content
        report = seal(world)
        assert other.post("rooms", content=report.data).status_code == 201


def test_ticks_of_two_servers_follow_each_other(world: World) -> None:
    with add_server(world) as (deployment, _):
        numbers = []
        for step in range(6):
            world.now += CLOCK.tick
            numbers.append(world.loop.run((deployment if step % 2 else world.deployment).run_tick("demo")))
        assert numbers == list(range(2, 8))


def test_of_two_ticks_at_once_one_happens(world: World) -> None:
    with add_server(world) as (deployment, other):

        async def race() -> list[object]:
            both = (world.deployment.run_tick("demo"), deployment.run_tick("demo"))
            return list(await asyncio.gather(*both, return_exceptions=True))

        before = world.services.organisation.tick
        done = world.loop.run(race())
        ticked = [number for number in done if isinstance(number, int)]
        refused = [error.code for error in done if isinstance(error, ConflictError)]
        assert refused == ["tick"] * (2 - len(ticked))
        assert sorted(ticked) == list(range(before + 1, before + 1 + len(ticked)))
        world.tick()
        assert other.get("log/cases/checkpoint").content == world.client.get("log/cases/checkpoint").content


def test_of_two_entries_at_once_one_is_taken(world: World) -> None:
    with add_server(world) as (_, other):
        keys, sent = world.report("First.")
        report = find_report(world.connect(), keys)
        writes = [report.seal_text(f"Answer {number}.") for number in range(2)]
        path = f"rooms/{sent.state.room.hex()}"
        headers = {"plaint-cap": report.room.cap.hex()}

        async def race() -> list[httpx.Response]:
            transports = [client._transport for client in (world.client, other)]
            requests = [
                httpx.Request("POST", f"{world.url}/{path}", headers=headers, content=encode_write(write))
                for write in writes
            ]
            pairs = zip(transports, requests, strict=True)
            return await asyncio.gather(*(t._inner.handle_async_request(r) for t, r in pairs))  # type: ignore[attr-defined]

        answers = world.loop.run(race())
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        assert len(find_report(world.connect(), keys).room.entries) == 2


def test_no_server_remembers_the_key_of_an_erased_room_nor_tells_members_when(world: World, tmp_path: Path) -> None:
    story = tell_story(world, tmp_path)
    with add_server(world) as (twin, _):
        services = world.loop.run(twin.find(world.slug))
        names = world.loop.run(world.database.read(lambda c: list(c.execute(select(room.c.key)).scalars())))
        assert len(names) == 2
        assert all(services.organisation.rest.find(name) is not None for name in names)
        world.loop.run(services.clock.follow())
        told = list[int]()

        async def listen() -> None:
            told.append(await services.clock.wait())

        async def begin() -> asyncio.Task[None]:
            return asyncio.create_task(listen())

        world.loop.run(begin())
        story.erase()
        world.loop.run(services.clock.follow())
        assert told == []
        assert [services.organisation.rest.find(name) for name in names] == [None, None]
        tick = world.tick()
        world.loop.run(services.clock.follow())
        assert told == [tick]


def test_no_tick_of_another_server_runs_beside_an_erasure(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = tell_story(world, tmp_path)
    beside, states, release = make_engine(world.config.database, writing=True), [], ticks.release_cells

    def look(connection: Connection, org: bytes, key_id: bytes, keys: RestKeys) -> None:
        try:
            with beside.connect() as other:
                other.execute(text("SELECT turn FROM organisation FOR UPDATE NOWAIT"))
                states.append("free")
        except DBAPIError as error:
            states.append(str(getattr(error.orig, "sqlstate", "")))
        release(connection, org, key_id, keys)

    monkeypatch.setattr(ticks, "release_cells", look)
    story.erase()
    beside.dispose()
    assert set(states) == {"55P03"}
