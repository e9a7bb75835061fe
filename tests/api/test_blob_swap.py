"""What an entry has claimed stays as it was, whatever else its sender had under way."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from plaint.crypto.hashes import compute_sha256, random_bytes
from plaint.errors import ConflictError, PlaintError
from plaint.server.uploads.schema import Completion
from plaint.server.uploads.service import UploadHeaders
from plaint.store.blobs import PART_BYTES, BlobFiles, Keeper
from tests.support.world import World

FALSE = Completion(1, 7, hashlib.sha256(b"falsely").digest())


class Slow:
    """A sender who is in the middle of it once `waits` is set, and goes on after `go`."""

    def __init__(self) -> None:
        self.waits, self.go = asyncio.Event(), asyncio.Event()


async def send(data: bytes, *, slow: Slow | None = None) -> AsyncIterator[bytes]:
    yield data[:1]
    if slow is not None:
        slow.waits.set()
        await slow.go.wait()
    yield data[1:]


def test_a_slow_upload_does_not_replace_a_finished_one(world: World) -> None:
    key = random_bytes(32)
    blob = compute_sha256(key)
    headers = UploadHeaders(key.hex(), None, world.session("ben"), None, None)
    uploads = world.services.uploads

    async def attack() -> list[bytes]:
        slow = Slow()
        falsely = asyncio.create_task(uploads.put(blob, headers, send(b"falsely", slow=slow)))
        await slow.waits.wait()
        with pytest.raises(ConflictError) as caught:
            await uploads.put_part(blob, 0, headers, send(b"right"))
        assert caught.value.code == "blob-busy"
        other = asyncio.create_task(uploads.put(blob, headers, send(b"right")))
        await other
        slow.go.set()
        with pytest.raises(PlaintError):
            await falsely
        with pytest.raises(PlaintError):
            await uploads.finish(blob, headers, FALSE)
        return [part async for part in uploads.read(blob, 0, 5)]

    assert world.loop.run(attack()) == [b"right"]


def test_a_row_that_is_there_keeps_its_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two finished at the same moment: the second finds the row of the first, before it touches the file."""
    key = random_bytes(32)
    blob = compute_sha256(key)
    headers = UploadHeaders(key.hex(), None, world.session("ben"), None, None)
    uploads = world.services.uploads

    async def attack() -> bytes:
        await uploads.put_part(blob, 0, headers, send(b"falsely"))
        original = uploads._files._keep

        async def late(path: Path, name: bytes, size: int, keeper: Keeper | None) -> None:
            monkeypatch.setattr(uploads._files, "_keep", original)
            uploads._files._busy.clear()
            await uploads.put(blob, headers, send(b"right"))
            await original(path, name, size, keeper)

        monkeypatch.setattr(uploads._files, "_keep", late)
        with pytest.raises(ConflictError) as caught:
            await uploads.finish(blob, headers, FALSE)
        assert caught.value.code == "blob-exists"
        return b"".join([part async for part in uploads.read(blob, 0, 5)])

    assert world.loop.run(attack()) == b"right"


def test_no_part_arrives_while_the_parts_are_joined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, blob = BlobFiles(tmp_path), random_bytes(32)

    async def attack() -> None:
        await files.write_part(blob, 1, send(b"tail"))
        await files.write_part(blob, 0, send(bytes(PART_BYTES)))
        data = bytes(PART_BYTES) + b"tail"
        joining = asyncio.create_task(
            files.finish_parts(blob, parts=2, size=len(data), sha256=hashlib.sha256(data).digest())
        )
        await asyncio.sleep(0)
        with pytest.raises(ConflictError) as caught:
            await files.write_part(blob, 1, send(b"evil"))
        assert caught.value.code == "blob-busy"
        await joining
        assert b"".join([part async for part in files.read(blob, PART_BYTES, len(data))]) == b"tail"

    asyncio.run(attack())


def test_a_part_after_a_sweep_does_not_vouch_for_what_was_swept(tmp_path: Path) -> None:
    files, blob = BlobFiles(tmp_path), random_bytes(32)
    data = random_bytes(PART_BYTES) + b"tail"

    async def attack() -> None:
        await files.write_part(blob, 0, send(data[:PART_BYTES]))
        (tmp_path / "new" / f"{blob.hex()}.parts").unlink()
        await files.write_part(blob, 1, send(b"tail"))
        with pytest.raises(PlaintError) as caught:
            await files.finish_parts(blob, parts=2, size=len(data), sha256=hashlib.sha256(data).digest())
        assert caught.value.code == "blob-digest"

    asyncio.run(attack())


def test_folders_say_nothing_of_when_either(tmp_path: Path) -> None:
    files, blob = BlobFiles(tmp_path), random_bytes(32)
    asyncio.run(files.write_stream(blob, send(b"sealed")))
    assert (tmp_path / blob.hex()[:2]).stat().st_mtime == 0
    assert (tmp_path / "new").stat().st_mtime == 0
