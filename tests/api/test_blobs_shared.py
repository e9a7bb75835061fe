"""Sealed files of several servers: what one claims, discards, sweeps or finishes while another is at the same file."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from plaint.crypto.hashes import compute_sha256, random_bytes
from plaint.errors import ConflictError
from plaint.server.uploads.schema import Completion
from plaint.server.uploads.service import UploadHeaders
from plaint.store import blobs, uploads
from plaint.store.database import Database, make_engine, parse_database_url
from tests.support.servers import add_server
from tests.support.world import World

pytestmark = pytest.mark.postgres
ORG, BLOB, ROOM, OTHER = bytes(16), bytes(32), b"r" * 32, b"o" * 32


@pytest.fixture
def engine(postgres_url: str, tmp_path: Path) -> Iterator[Engine]:
    """Tables with one file that nobody claimed since time 7."""
    url = parse_database_url(postgres_url, default=tmp_path / "none")
    Database(url).close()
    made = make_engine(url, writing=True)
    with made.begin() as connection:
        uploads.insert_blob(connection, ORG, BLOB, size=1, since=7)
    yield made
    made.dispose()


@contextmanager
def beside(engine: Engine, start: str, act: Callable[[Connection], Any]) -> Iterator[Connection]:
    """Begin a transaction; `act` is committed by another just before the first statement that begins with `start`."""
    other, done = make_engine(engine.url, writing=True), list[None]()

    def look(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(start) and not done:
            done.append(None)
            with other.begin() as connection:
                act(connection)

    event.listen(engine, "before_cursor_execute", look)
    with engine.begin() as connection:
        yield connection
    other.dispose()


def claim(connection: Connection, room: bytes = ROOM) -> bool:
    return uploads.claim_blobs(connection, ORG, [BLOB], room)


def find(engine: Engine) -> tuple[int, bytes | None] | None:
    with engine.begin() as connection:
        return uploads.find_blob(connection, ORG, BLOB)


def test_what_is_claimed_beside_a_sweep_is_not_swept(engine: Engine) -> None:
    with beside(engine, "DELETE", claim) as connection:
        assert uploads.delete_older(connection, ORG, 8) == []
    assert find(engine) == (1, ROOM)


def test_what_is_swept_beside_a_claim_is_not_claimed(engine: Engine) -> None:
    with beside(engine, "UPDATE", lambda c: uploads.delete_older(c, ORG, 8)) as connection:
        assert not claim(connection)
    assert find(engine) is None


def test_of_two_rooms_one_claims(engine: Engine) -> None:
    with beside(engine, "UPDATE", lambda c: claim(c, OTHER)) as connection:
        assert not claim(connection)
    assert find(engine) == (1, OTHER)


def test_what_is_claimed_beside_a_discarding_stays(engine: Engine) -> None:
    with beside(engine, "DELETE", claim) as connection:
        assert not uploads.delete_unclaimed(connection, ORG, BLOB)
    assert find(engine) == (1, ROOM)


@pytest.fixture
def world(tmp_path: Path, postgres_url: str) -> Iterator[World]:
    with World(tmp_path, database_url=postgres_url) as made:
        yield made


def admit(world: World) -> tuple[bytes, UploadHeaders]:
    key = random_bytes(32)
    return compute_sha256(key), UploadHeaders(key.hex(), None, world.session("ben"), None, None)


async def send(data: bytes) -> AsyncIterator[bytes]:
    yield data


def read(world: World, blob: bytes, size: int) -> bytes:
    files = world.services.uploads

    async def run() -> bytes:
        return b"".join([part async for part in files.read(blob, 0, size)])

    return world.loop.run(run())


def test_a_file_with_a_row_is_not_replaced_through_another_server(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with add_server(world) as (twin, _):
        blob, headers = admit(world)
        mine, theirs = world.services.uploads, world.loop.run(twin.find(world.slug)).uploads
        utime, done = os.utime, list[None]()

        def finish_first(path: Path, times: tuple[int, int]) -> None:
            if path.parent.name == "new" and not done:
                done.append(None)
                world.loop.run(mine.put(blob, headers, send(b"right")))
            utime(path, times)

        monkeypatch.setattr(os, "utime", finish_first)
        with pytest.raises(ConflictError, match="blob-exists"):
            world.loop.run(theirs.put(blob, headers, send(b"falsely")))
        assert read(world, blob, 7) == b"right"


def test_two_servers_that_finish_one_upload_give_the_same_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with add_server(world) as (twin, _):
        blob, headers = admit(world)
        mine, theirs = world.services.uploads, world.loop.run(twin.find(world.slug)).uploads
        completion, digest = Completion(1, 5, hashlib.sha256(b"right").digest()), blobs._hash_file
        world.loop.run(mine.put_part(blob, 0, headers, send(b"right")))

        def finish_first(path: Path) -> bytes:
            found = digest(path)
            world.loop.run(mine.finish(blob, headers, completion))
            return found

        monkeypatch.setattr(blobs, "_hash_file", finish_first)
        world.loop.run(theirs.finish(blob, headers, completion))
        assert read(world, blob, 5) == b"right"
