"""What another server does between two steps of this one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from plaint.client.follow import find_report
from plaint.errors import UnavailableError
from plaint.protocol.directory_contents import Leave
from plaint.protocol.note import Note, NoteSignature, parse_note
from plaint.server.clock.batch import TickJob
from plaint.server.clock.cosigning import Cosigning
from plaint.server.clock.files import write_logged
from plaint.server.clock.service import TickService
from plaint.store import rooms, ticks
from plaint.store.database import Database
from plaint.store.erasures import ErasureRow, list_erased_keys
from plaint.store.lead import Lead
from plaint.store.ticks import CheckpointRow
from tests.support.directory_world import find_id
from tests.support.patience import wait_until
from tests.support.sealed import post, seal
from tests.support.servers import act_once, add_server, draft_entry
from tests.support.world import CLOCK, World

pytestmark = pytest.mark.postgres


@pytest.fixture
def world(tmp_path: Path, postgres_url: str) -> Iterator[World]:
    with World(tmp_path, database_url=postgres_url) as made:
        yield made


def test_a_room_is_read_as_it_was_at_one_moment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    keys, _ = world.report("First.")
    report, connection = find_report(world.connect(), keys), world.connect()
    read, written = rooms.read_entries, list[object]()

    def write_first(*given: Any) -> Any:
        if not written:
            written.append(None)
            written.append(report.send(report.seal_text("Second.")))
        return read(*given)

    monkeypatch.setattr(rooms, "read_entries", write_first)
    assert len(find_report(connection, keys).room.entries) == 1
    assert len(find_report(connection, keys).room.entries) == 2


def test_an_entry_of_another_server_during_a_tick_leaves_the_log_whole(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with add_server(world) as (twin, _):
        data = draft_entry(world, Leave(find_id("ben")), "ben")
        theirs = world.loop.run(twin.find(world.slug))

        async def act() -> None:
            await theirs.directory.submit(data)
            await world.deployment.find(world.slug)

        place = (world.database, "write")
        act_once(monkeypatch, place, act, when=lambda job, **_: isinstance(job, TickJob), after=True)
        assert world.tick() == 2
        organisation = world.services.organisation
        assert organisation.trees["cases"].size == 2 * CLOCK.batch == organisation.cosigned
        post(world, seal(world))
        assert world.tick() == 3


def test_an_entry_of_another_server_just_before_a_tick_is_known_after_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with add_server(world) as (twin, _):
        data, organisation = draft_entry(world, Leave(find_id("ben")), "ben"), world.services.organisation
        theirs, size = world.loop.run(twin.find(world.slug)), organisation.state.size
        place = (world.database, "write")
        act_once(
            monkeypatch, place, lambda: theirs.directory.submit(data), when=lambda job, **_: isinstance(job, TickJob)
        )
        collect, publish, done = Cosigning.collect, TickService._publish, asyncio.Event()

        async def collect_late(cosigning: Cosigning, log: str, note: Note) -> tuple[NoteSignature, ...]:
            found = await collect(cosigning, log, note)
            if log == "cases":
                await done.wait()
            return found

        async def publish_first(clock: TickService, log: str, row: CheckpointRow) -> None:
            await publish(clock, log, row)
            if log == "directory":
                done.set()

        monkeypatch.setattr(Cosigning, "collect", collect_late)
        monkeypatch.setattr(TickService, "_publish", publish_first)
        assert world.tick() == 2
        assert organisation.cosigned == 2 * CLOCK.batch
        assert organisation.published["directory"].size == organisation.state.size == size + 1


def test_what_was_published_stays_while_an_entry_of_another_server_is_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with add_server(world) as (twin, _):
        data, theirs = draft_entry(world, Leave(find_id("ben")), "ben"), world.loop.run(twin.find(world.slug))
        mine, organisation, done = world.services.clock, world.services.organisation, asyncio.Event()
        replay, publish = TickService._replay, TickService._publish
        looking, shown = list[Awaitable[None]](), list[int]()

        async def find() -> None:
            await world.deployment.find(world.slug)
            shown.append(organisation.cosigned)

        async def look() -> None:
            await theirs.directory.submit(data)
            read = asyncio.Event()

            async def adopt_late(clock: TickService, *given: Any) -> None:
                read.set()
                if clock is mine:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(done.wait(), 0.5)
                await replay(clock, *given)

            monkeypatch.setattr(TickService, "_replay", adopt_late)
            looking.append(asyncio.create_task(find()))
            await read.wait()

        async def publish_and_say(clock: TickService, log: str, row: CheckpointRow) -> None:
            await publish(clock, log, row)
            if log == "cases":
                shown.append(organisation.cosigned)
                done.set()

        async def finish() -> None:
            await asyncio.gather(*looking)

        monkeypatch.setattr(TickService, "_publish", publish_and_say)
        act_once(monkeypatch, (Cosigning, "collect"), look, after=True)
        world.tick()
        world.loop.run(finish())
        assert shown == sorted(shown)
        assert shown[-1] == organisation.cosigned == 2 * CLOCK.batch


def test_what_another_server_dated_stays_dated(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with add_server(world) as (twin, other):
        theirs, collect = world.loop.run(twin.find(world.slug)), Cosigning.collect

        mine = world.services.clock._cosigning

        async def lose_the_lead(cosigning: Cosigning, log: str, note: Note) -> tuple[NoteSignature, ...]:
            if cosigning is not mine:
                return await collect(cosigning, log, note)
            if log == "cases":
                await theirs.clock.take_over()
            return ()

        monkeypatch.setattr(Cosigning, "collect", lose_the_lead)
        world.tick()
        world.loop.run(theirs.clock.look())
        for client in (world.client, other):
            assert client.get("log/cases/at").content == b"16\n32\n"
            assert len(parse_note(client.get("log/cases/checkpoint").content).signatures) == 4


def test_nobody_is_shown_a_tick_that_the_next_server_does_not_know(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with add_server(world) as (_, other):
        organisation, shown = world.services.organisation, list[tuple[int, int]]()
        headers = {"plaint-session": world.session("ben")}

        def look(folder: Path, **named: int) -> None:
            write_logged(folder, **named)
            if folder == organisation.folder:
                answer = other.get("stream?from=0", headers=headers)
                shown.append((organisation.tick, int(answer.headers["plaint-tick"])))

        monkeypatch.setattr("plaint.server.clock.service.write_logged", look)
        world.tick()
        assert shown == [(2, 2)]


def test_nobody_is_shown_a_checkpoint_that_the_next_server_does_not_know(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with add_server(world) as (twin, _):
        collect, publish, shown = Cosigning.collect, TickService._publish, list[int]()
        looked, done = asyncio.Event(), asyncio.Event()

        async def collect_late(cosigning: Cosigning, log: str, note: Note) -> tuple[NoteSignature, ...]:
            if log == "cases":
                await looked.wait()
            else:
                await twin.find(world.slug)
                looked.set()
                await done.wait()
                shown.append((await twin.find(world.slug)).organisation.cosigned)
            return await collect(cosigning, log, note)

        async def publish_first(clock: TickService, log: str, row: CheckpointRow) -> None:
            await publish(clock, log, row)
            if log == "cases":
                done.set()

        monkeypatch.setattr(Cosigning, "collect", collect_late)
        monkeypatch.setattr(TickService, "_publish", publish_first)
        world.tick()
        assert shown == [2 * CLOCK.batch]


def test_a_tick_while_another_server_reads_the_batches_is_not_read_with_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, ticked = ticks.read_batches, list[int]()

    def tick_first(*given: Any, **named: Any) -> list[bytes]:
        if not ticked:
            ticked.append(world.tick())
        return read(*given, **named)

    monkeypatch.setattr(ticks, "read_batches", tick_first)
    with add_server(world) as (twin, _):
        assert twin.list_blocked() == {}
        organisation = world.loop.run(twin.find(world.slug)).organisation
        assert organisation.tick == ticked[0]
        assert organisation.trees["cases"].size == organisation.cosigned


def test_a_server_that_starts_while_a_tick_is_held_back_shows_what_all_show(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, headers = list[str](), {"plaint-session": world.session("ben")}

    def start_and_look() -> None:
        with add_server(world) as (_, other):
            shown.extend(client.get("stream?from=0", headers=headers).headers["plaint-tick"] for client in both(other))

    def both(other: httpx.Client) -> tuple[httpx.Client, httpx.Client]:
        return other, world.client

    place = (world.database, "write")

    def is_tick(job: object, **_: object) -> bool:
        return isinstance(job, TickJob)

    act_once(monkeypatch, place, lambda: asyncio.to_thread(start_and_look), when=is_tick, after=True)
    assert world.tick() == 2
    assert shown == ["2", "2"]


def test_the_same_entry_through_two_servers_has_one_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with add_server(world) as (twin, _):
        data, mine = draft_entry(world, Leave(find_id("ben")), "ben"), world.services
        theirs = world.loop.run(twin.find(world.slug))
        act_once(monkeypatch, (world.database, "write"), lambda: theirs.directory.submit(data))
        index = world.loop.run(mine.directory.submit(data))
        assert index == world.loop.run(theirs.directory.submit(data)) == world.services.organisation.state.size - 1


def test_a_server_that_could_not_start_leaves_the_lead_to_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    leads, make = list[Lead](), Database.make_lead

    def remember(database: Database, org: bytes) -> Lead:
        leads.append(make(database, org))
        return leads[-1]

    async def fail(_service: TickService) -> int:
        raise UnavailableError("database")

    fresh = world.create("fresh")
    monkeypatch.setattr(Database, "make_lead", remember)
    monkeypatch.setattr(TickService, "run", fail)
    monkeypatch.setattr(world.deployment, "_ticking", True)
    with pytest.raises(UnavailableError, match="org-blocked"):
        world.loop.run(world.deployment.find("fresh"))
    assert [lead.leads for lead in leads] == [False]
    other = make(world.database, fresh.org)
    wait_until(lambda: world.loop.run(other.take()))
    world.loop.run(other.close())


def test_a_room_that_two_servers_erase_again_keeps_the_name_of_its_key(world: World) -> None:
    _, sent = world.report("To be erased.")
    services = world.services
    row = ErasureRow(sent.state.room, cap=bytes(32), locator=None, record=b"left")
    for _ in range(2):
        world.loop.run(world.database.write(partial(services.erasures._erase_again, row=row)))
    names = world.loop.run(world.database.read(lambda c: list_erased_keys(c, services.organisation.org)))
    assert len(names) == 1


def test_a_leader_that_was_away_for_a_tick_takes_no_cosigner_for_a_liar(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with add_server(world) as (twin, _):

        async def tick_beside() -> None:
            world.now += CLOCK.tick
            await twin.run_tick(world.slug)

        act_once(monkeypatch, (Cosigning, "collect"), tick_beside)
        world.tick()
        organisation = world.services.organisation
        assert organisation.alarms == ()
        assert organisation.cosigned == 3 * CLOCK.batch
        assert world.tick() == 4
