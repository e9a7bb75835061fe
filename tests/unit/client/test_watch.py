"""Somebody with nothing but an address catches a server that shows two logs, stands still, or grows unevenly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from plaint.client.pages import parse_manifest
from plaint.client.watch import Finding, Watch, parse_memory
from plaint.errors import MalformedError
from plaint.log.sequence import choose_batch
from plaint.protocol.checkpoint import parse_checkpoint
from plaint.protocol.draft import Draft, Name
from plaint.protocol.note import parse_note
from plaint.protocol.trust import Trust, parse_trust
from tests.support.directory_world import make_named_request, make_record
from tests.support.hostile_worlds import SplitViewLog
from tests.support.static_site import STATIC
from tests.support.wire import Wire, replace_body
from tests.support.world import CLOCK, World

MANIFEST = parse_manifest((STATIC / "manifest.json").read_bytes())


class Outsider:
    """Somebody who watches a world from their own folder, through a wire that may lie."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        self.wire = Wire(world)
        self.trust: Trust | None = None
        folder.mkdir()

    def make(self, **options: Any) -> Watch:
        return Watch(
            self.world.url,
            self.folder,
            trust=self.trust,
            now=self.world.read_clock,
            client=httpx.Client(transport=self.wire),
            connect=lambda: httpx.AsyncClient(transport=self.wire),
            **options,
        )

    def look(self, **options: Any) -> list[Finding]:
        """Look as a process would that has just been started."""
        return self.make(**options).look()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "world") as made:
        made.tick(3)
        yield made


@pytest.fixture
def outsider(world: World, tmp_path: Path) -> Outsider:
    return Outsider(world, tmp_path / "watch")


def trust_of(world: World) -> Trust:
    return parse_trust(world.client.get("log/keys").content)


def test_an_honest_organisation_is_found_well_again_and_again(world: World, outsider: Outsider) -> None:
    outsider.trust = trust_of(world)
    for _ in range(3):
        assert outsider.look(manifest=MANIFEST) == []
        world.report("One more.")
        world.tick(2)
    assert parse_memory((outsider.folder / "watch.json").read_bytes()).checked > 16
    assert "/o/demo/rooms" not in outsider.wire.seen


def test_outages_of_cosigners_and_server_are_no_irregular_growth(world: World, outsider: Outsider) -> None:
    assert outsider.look() == []
    world.deafen()
    world.tick(2)
    world.hear()
    world.tick()
    world.restart()
    world.now += 7_200
    world.tick()
    assert outsider.look() == []


def test_another_log_is_an_alarm_that_stands_with_its_evidence(tmp_path: Path) -> None:
    with SplitViewLog(tmp_path / "world", cosigners=()) as world:
        outsider = Outsider(world, tmp_path / "watch")

        def show_one() -> None:
            world.tick(2)
            assert outsider.look() == []

        world.split(show_one)
        world.tick(3)
        assert Finding("log-fork") in outsider.look()
        proofs = sorted((outsider.folder / "evidence").glob("cases-*"))
        shown = parse_checkpoint(parse_note(proofs[0].read_bytes()).text)
        own = parse_checkpoint(parse_note((outsider.folder / "cases" / "checkpoint").read_bytes()).text)
        assert len(proofs) == 1
        assert shown.origin == own.origin
        assert shown.root != own.root
        outsider.wire.change = lambda _, answer: httpx.Response(503)
        assert Finding("log-fork") in outsider.look()


def test_a_log_that_stands_still_is_late(world: World, outsider: Outsider) -> None:
    outsider.trust = trust_of(world)
    assert outsider.look() == []
    world.now += 3 * 600
    assert outsider.look() == []
    world.now += 600
    assert outsider.look() == [Finding("watch-late", "cases"), Finding("watch-late", "directory")]
    assert outsider.look(late_ticks=10) == []
    world.tick()
    assert outsider.look() == []


def test_a_log_that_no_quorum_signs_any_more_is_late(world: World, outsider: Outsider) -> None:
    assert outsider.look() == []
    world.deafen("north")
    world.tick(5)
    assert Finding("watch-late", "cases") in outsider.look()


@pytest.mark.parametrize("more", [1, 16])
def test_a_batch_that_followed_the_reports_is_an_alarm_that_stands(
    world: World, outsider: Outsider, monkeypatch: pytest.MonkeyPatch, more: int
) -> None:
    def choose(waiting: Any, *, batch: int, random: Random) -> list[bytes]:
        return choose_batch(waiting, batch=batch + more, random=random)

    outsider.look()
    size = world.services.organisation.trees["cases"].size
    monkeypatch.setattr("plaint.server.clock.batch.choose_batch", choose)
    world.tick()
    monkeypatch.undo()
    world.tick(2)
    expected = [Finding("watch-batch", str(size + 16 + more))]
    assert outsider.look() == expected
    world.tick(5)
    assert outsider.look() == expected


def change_fay(world: World, *signers: str) -> None:
    record, request = make_record("fay", ("investigator",)), make_named_request("fay")
    world.submit(record, *signers, draft=Draft(record, {record.id: Name(request.name, request.salt)}))


def test_a_change_of_the_directory_that_did_not_wait_is_an_alarm_that_stands(
    world: World, outsider: Outsider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outsider.look() == []
    monkeypatch.setattr("plaint.store.directory.find_date", lambda *_: 0)
    change_fay(world, "ada", "dov")
    world.tick(3)
    found = outsider.look()
    assert [one.code for one in found] == ["view-delay"]
    monkeypatch.undo()
    world.now += CLOCK.delay
    world.tick(3)
    assert outsider.look() == found


def test_an_entry_that_too_few_signed_is_an_alarm(
    world: World, outsider: Outsider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outsider.look() == []
    monkeypatch.setattr("plaint.protocol.fold._check_signers", lambda *_: None)
    change_fay(world, "ada")
    world.tick()
    monkeypatch.undo()
    assert outsider.look() == [Finding("directory-signers")]


def test_the_trust_file_of_another_organisation_is_not_met(world: World, outsider: Outsider) -> None:
    outsider.trust = replace(trust_of(world), org=bytes(16))
    assert outsider.look() == [Finding("view-keys")]


def test_a_changed_script_is_named_beside_the_log(world: World, outsider: Outsider) -> None:
    script = next(path for path in MANIFEST.files if path.startswith("assets/desk-") and path.endswith(".js"))

    def change(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return replace_body(answer, b"0") if request.url.path == f"/static/{script}" else answer

    outsider.wire.change = change
    assert Finding("watch-client", f"{script} changed") in outsider.look(manifest=MANIFEST)
    assert outsider.look() == []


def test_an_organisation_out_of_reach_is_said_to_be_so(world: World, outsider: Outsider) -> None:
    assert outsider.look() == []
    world._stop()
    found = outsider.look(manifest=MANIFEST)
    assert found == [Finding("log-unreachable"), Finding("network")]
    assert not any(one.reached for one in found)
    world._start()
    assert outsider.look(manifest=MANIFEST) == []


def test_what_was_told_is_remembered_over_a_restart(world: World, outsider: Outsider) -> None:
    outsider.look()
    world.now += 9_000
    watcher = outsider.make()
    found = watcher.look()
    assert watcher.list_fresh(found) == found
    watcher.remember_told(found)
    again = outsider.make()
    assert again.list_fresh(again.look()) == []
    world.tick()
    again = outsider.make()
    again.remember_told(again.look())
    world.now += 9_000
    again = outsider.make()
    assert again.list_fresh(again.look()) == found


def test_a_damaged_memory_is_refused(outsider: Outsider) -> None:
    (outsider.folder / "watch.json").write_bytes(b'{"v":1}')
    with pytest.raises(MalformedError, match="kept-form"):
        outsider.make()


def test_a_tick_that_comes_late_is_not_followed_early(world: World, outsider: Outsider) -> None:
    clock = world.services.clock
    world.now += CLOCK.tick + 300
    world.loop.run(clock.take_over())
    late = world.services.organisation.tick
    for number in (late, late + 1, late + 2):
        world.now += CLOCK.tick - world.now % CLOCK.tick
        world.loop.run(clock.run_due())
        assert world.services.organisation.tick == number
    assert outsider.look() == []


@pytest.mark.parametrize("skew", [-5, -300, 300, 590])
def test_a_clock_that_is_set_makes_no_two_ticks_of_one(world: World, outsider: Outsider, skew: int) -> None:
    clock, wait_s, before = world.services.clock, CLOCK.tick - world.now % CLOCK.tick, world.services.organisation.tick
    world.skew = skew
    for _ in range(6):
        world.now += wait_s
        world.loop.run(clock.run_due())
        wait_s = CLOCK.tick - (world.now + skew) % CLOCK.tick
    assert outsider.look() == []
    assert world.services.organisation.tick >= before + 4


def test_the_first_tick_of_an_organisation_is_not_followed_early(tmp_path: Path) -> None:
    with World(tmp_path / "world", cosigners=()) as world:
        world.now += 250
        world.create("fresh")
        clock = world.loop.run(world.deployment.find("fresh")).clock
        world.loop.run(clock.run())
        world.now += CLOCK.tick - world.now % CLOCK.tick
        world.loop.run(clock.run_due())
        assert world.loop.run(world.deployment.find("fresh")).organisation.tick == 1


def test_a_tick_that_was_dated_late_is_not_followed_early(world: World, outsider: Outsider) -> None:
    world.deafen()
    world.tick()
    world.hear()
    clock, late = world.services.clock, world.services.organisation.tick
    world.now += CLOCK.tick - 10
    world.loop.run(clock.take_over())
    for number in (late, late + 1):
        world.now += CLOCK.tick - world.now % CLOCK.tick
        world.loop.run(clock.run_due())
        assert outsider.look() == []
        assert world.services.organisation.tick == number
