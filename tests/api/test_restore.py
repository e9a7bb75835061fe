"""A database from an older backup: the log goes on from where it was, or nothing is signed at all."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from plaint.client.mirror import mirror_log
from plaint.errors import ConflictError, PlaintError, UnavailableError
from plaint.protocol.checkpoint import parse_checkpoint, parse_sizes
from plaint.protocol.directory_contents import Suspend
from plaint.protocol.merkle import verify_consistency
from plaint.protocol.note import parse_note
from plaint.protocol.trust import parse_trust
from plaint.server.clock.forward import ForwardCases, ForwardDirectory, Forwarded
from plaint.server.restore import Restore, Restored
from plaint.store.database import Database
from plaint.store.ticks import list_tick_times
from tests.support.directory_world import find_id
from tests.support.world import START, World

BEHIND = 5


class Accident:
    """A world whose database is put back to what it was, with all else left, lost, or put back as well."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.backup = world.folder / "backup.sqlite"
        self.database = world.config.data_dir / "plaint.sqlite"
        self.logs = world.config.logs_dir(world.slug)

    def back_up(self) -> None:
        """Copy database and files as they are."""
        with closing(sqlite3.connect(self.database)) as here, closing(sqlite3.connect(self.backup)) as there:
            here.backup(there)
        shutil.copytree(self.logs, self.world.folder / "logs-backup")

    def strike(self, *, files: str = "kept") -> None:
        """Stop the server and put the old database in its place; `files` are kept, lost, or put back too."""
        self.world._stop()
        for suffix in ("-wal", "-shm"):
            Path(f"{self.database}{suffix}").unlink(missing_ok=True)
        shutil.copy(self.backup, self.database)
        if files != "kept":
            shutil.rmtree(self.logs)
        if files == "old":
            shutil.copytree(self.world.folder / "logs-backup", self.logs)

    def restore(self, source: Path | str | None = None) -> Restored | None:
        """Run what a start runs, and say what came of it."""
        return self.world.loop.run(self._restore(source))

    async def _restore(self, source: Path | str | None) -> Restored | None:
        database = Database(self.world.config.database)
        try:
            keys, now = self.world.keys, int(self.world.now)
            return await Restore(database, keys, self.logs, now=now, connect=self.world.reach).run(source)
        finally:
            database.close()

    def start(self) -> None:
        """Start the server."""
        self.world._start()


@pytest.fixture
def accident(tmp_path: Path) -> Iterator[Accident]:
    """Two ticks and a waiting report are in the backup; a report, a directory entry and five ticks are not."""
    yield from prepare(World(tmp_path, mirrors=True))


@pytest.fixture
def unmirrored(tmp_path: Path) -> Iterator[Accident]:
    """The same, and the cosigners have no copy."""
    yield from prepare(World(tmp_path))


def prepare(world: World) -> Iterator[Accident]:
    made = Accident(world)
    try:
        world.tick()
        world.report("In the backup, and waiting.")
        made.back_up()
        world.submit(Suspend(find_id("ben")), "ada")
        world.report("After the backup.")
        world.tick(BEHIND)
        yield made
    finally:
        world.close()


def read_size(world: World, log: str = "cases") -> int:
    return parse_checkpoint(parse_note(world.client.get(f"log/{log}/checkpoint").content).text).size


def check_goes_on(accident: Accident, before: bytes) -> None:
    """Start, tick, and check that every cosigner signs what extends the checkpoint published before."""
    accident.start()
    world = accident.world
    old = parse_checkpoint(parse_note(before).text)
    trees = world.services.organisation.trees
    assert trees["cases"].size == old.size
    assert trees["cases"].root() == old.root
    assert world.tick() == 2 + BEHIND + 1
    new = parse_checkpoint(parse_note(world.client.get("log/cases/checkpoint").content).text)
    proof = trees["cases"].compute_consistency(old.size, new.size)
    assert new.size == old.size + 16
    verify_consistency(old=old.size, new=new.size, proof=proof, old_root=old.root, new_root=new.root)
    assert world.client.get("log/alarms").content == b"plaint/v1/alarms\n"
    assert parse_note(world.client.get("log/directory/checkpoint").content).text.split(b"\n")[1] == b"4"
    assert not world.services.organisation.is_active(find_id("ben"))


def test_of_two_servers_that_start_one_brings_the_database_up(
    accident: Accident, monkeypatch: pytest.MonkeyPatch
) -> None:
    accident.strike()
    write, brought = Database.write, list[object]()

    async def let_another_be_first(database: Database, job: Any, **named: Any) -> Any:
        if isinstance(job, ForwardCases | ForwardDirectory):
            brought.append(await write(database, job, **named))
        return await write(database, job, **named)

    monkeypatch.setattr(Database, "write", let_another_be_first)
    assert accident.restore() is None
    assert [type(found) for found in brought] == [Forwarded, Forwarded]


def read_newest(world: World) -> bytes:
    return world.client.get("log/cases/checkpoint").content


def test_the_files_beside_an_old_database_bring_the_log_forward(accident: Accident) -> None:
    before = read_newest(accident.world)
    accident.strike()
    assert accident.restore() == Restored(
        (Forwarded("directory", 3, 4, 1), Forwarded("cases", 32, 112, BEHIND, found=2, lost=2)), names=0, chart=False
    )
    assert accident.restore() is None
    check_goes_on(accident, before)


def test_a_start_does_so_by_itself_and_keeps_every_dated_checkpoint(accident: Accident) -> None:
    before, sizes = read_newest(accident.world), accident.world.client.get("log/cases/at").content
    kept = [accident.world.client.get(f"log/cases/at/{size}").content for size in parse_sizes(sizes)]
    accident.strike()
    check_goes_on(accident, before)
    world = accident.world
    assert world.client.get("log/cases/at").content == sizes + b"128\n"
    assert [world.client.get(f"log/cases/at/{size}").content for size in parse_sizes(sizes)] == kept
    database = world.database
    org = world.services.organisation.org
    times = [at for _, at in world.loop.run(database.read(lambda c: list_tick_times(c, org, 0)))]
    assert times == [START - START % 600 + 600 * number for number in range(1, 9)]


def test_a_cosigners_copy_brings_the_log_forward_where_the_files_are_lost(accident: Accident) -> None:
    world, before = accident.world, read_newest(accident.world)
    world.loop.run(world.cosigners["north"].pull())
    accident.strike(files="lost")
    assert accident.restore() == Restored(
        (Forwarded("directory", 3, 4, 1), Forwarded("cases", 32, 112, 1, found=2, lost=None)), names=0, chart=False
    )
    check_goes_on(accident, before)


def test_files_from_the_same_backup_are_no_reason_to_begin_again(accident: Accident) -> None:
    world, before = accident.world, read_newest(accident.world)
    world.loop.run(world.cosigners["south"].pull())
    accident.strike(files="old")
    check_goes_on(accident, before)


def test_a_mirrors_folder_brings_everything_with_it(accident: Accident, tmp_path: Path) -> None:
    world, before = accident.world, read_newest(accident.world)
    sizes = world.client.get("log/cases/at").content
    trust, asgi = parse_trust(world.client.get("log/keys").content), world.app

    async def mirror() -> None:
        transport: Any = httpx.ASGITransport(asgi)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport) as client:
            await mirror_log(world.url, tmp_path / "mirror", trust=trust, client=client)

    world.loop.run(mirror())
    accident.strike(files="lost")
    found = accident.restore(tmp_path / "mirror")
    assert found is not None
    assert found.logs[1] == Forwarded("cases", 32, 112, BEHIND, found=2, lost=None)
    check_goes_on(accident, before)
    assert world.client.get("log/cases/at").content == sizes + b"128\n"


def test_where_the_log_cannot_be_had_nothing_is_signed(unmirrored: Accident) -> None:
    accident = unmirrored
    accident.strike(files="lost")
    with pytest.raises(UnavailableError) as caught:
        accident.restore()
    assert caught.value.code == "log-behind"
    with pytest.raises(UnavailableError):
        accident.start()
    # Even when no cosigner answers any more: what was heard of stays written down.
    accident.world.deafen()
    with pytest.raises(UnavailableError) as caught:
        accident.restore()
    assert caught.value.code == "log-behind"


def test_a_database_alone_waits_for_a_cosigner_to_say_whether_it_is_the_newest(accident: Accident) -> None:
    world = accident.world
    world.loop.run(world.cosigners["north"].pull())
    world.deafen()
    accident.strike(files="lost")
    with pytest.raises(UnavailableError) as caught:
        accident.restore()
    assert caught.value.code == "log-behind"
    world.hear()
    assert accident.restore() is not None


def test_half_a_log_is_not_taken_for_the_whole(accident: Accident) -> None:
    """A copy that is fetched in part, and then a start at which nobody answers."""
    world = accident.world
    for app in world.cosigners.values():
        world.loop.run(app.pull())
    accident.strike(files="lost")
    for app in world.cosigners.values():
        copy = next(mirror for mirror in app._mirrors.values() if mirror.tree.size > 50)
        copy.tree.reset_to(64)
    for _ in range(2):
        with pytest.raises(UnavailableError) as caught:
            accident.restore()
        assert caught.value.code == "log-behind"
        world.deafen()


def test_a_source_without_our_log_is_refused(accident: Accident, tmp_path: Path) -> None:
    (tmp_path / "empty" / "cases").mkdir(parents=True)
    accident.strike()
    for source in (tmp_path / "nothing", tmp_path / "empty", "http://nobody.test"):
        with pytest.raises(UnavailableError) as caught:
            accident.restore(source)
        assert caught.value.code == "log-unreachable"


@pytest.mark.parametrize("log", ["cases", "directory"])
def test_files_that_are_damaged_are_not_taken_for_the_log(accident: Accident, log: str) -> None:
    accident.strike()
    path = accident.logs / log / ("leaves.bin" if log == "cases" else "entries.bin")
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(data)
    with pytest.raises(PlaintError) as caught:
        accident.restore()
    assert caught.value.code == "log-ahead"


def test_files_of_another_log_stop_the_start(accident: Accident) -> None:
    accident.strike()
    for name in ("leaves.bin", "level0.bin"):
        path = accident.logs / "cases" / name
        data = bytearray(path.read_bytes())
        data[5] ^= 1
        path.write_bytes(data)
    with pytest.raises(ConflictError) as caught:
        accident.restore()
    assert caught.value.code == "log-ahead"


def test_a_cosigner_that_lies_about_the_copy_is_passed_over(accident: Accident) -> None:
    world, before = accident.world, read_newest(accident.world)
    for app in world.cosigners.values():
        world.loop.run(app.pull())
    accident.strike(files="lost")
    for mirror in world.cosigners["north"]._mirrors.values():
        size, leaf = mirror.tree.size, mirror.tree.read_entries(0, 1)[0]
        mirror.tree.reset_to(0)
        mirror.tree.append([bytes([leaf[0]]) + bytes(len(leaf) - 1)] * size)
    check_goes_on(accident, before)


def test_a_healthy_database_is_left_as_it_is(accident: Accident) -> None:
    world = accident.world
    world._stop()
    assert accident.restore() is None
    accident.start()
    assert world.tick() == 2 + BEHIND + 1
