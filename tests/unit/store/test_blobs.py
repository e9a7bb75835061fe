from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator, Coroutine, Iterable
from pathlib import Path
from typing import Any

import pytest

from plaint.errors import ConflictError, MalformedError, UnavailableError, VerificationError
from plaint.store.blobs import PART_BYTES, BlobFiles

BLOB = bytes(range(32))


async def send(parts: Iterable[bytes], *, then: Exception | None = None) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
    if then is not None:
        raise then


async def read(files: BlobFiles, start: int, end: int) -> bytes:
    return b"".join([part async for part in files.read(BLOB, start, end)])


def list_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_stream_is_stored_and_read_in_ranges(tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    files = BlobFiles(tmp_path)
    pieces = [data[at : at + 70_000] for at in range(0, len(data), 70_000)]
    assert asyncio.run(files.write_stream(BLOB, send(pieces))) == len(data)
    assert asyncio.run(read(files, 0, len(data))) == data
    assert asyncio.run(read(files, 1_000_000, 2_500_001)) == data[1_000_000:2_500_001]
    assert list_files(tmp_path) == [BLOB.hex()]


def test_a_stored_file_says_nothing_of_when(tmp_path: Path) -> None:
    files = BlobFiles(tmp_path)
    asyncio.run(files.write_stream(BLOB, send([b"sealed"])))
    path = next(path for path in tmp_path.rglob(BLOB.hex()))
    assert (path.stat().st_mtime, path.stat().st_atime) == (0, 0)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("error", [UnavailableError("hung-up"), asyncio.CancelledError()])
def test_a_stream_that_breaks_leaves_nothing(tmp_path: Path, error: Exception) -> None:
    files = BlobFiles(tmp_path)
    with pytest.raises(type(error)):
        asyncio.run(files.write_stream(BLOB, send([b"x" * 2_000_000], then=error)))
    assert list_files(tmp_path) == []
    assert not files.is_busy(BLOB)


def test_a_stream_that_is_too_long_leaves_nothing(tmp_path: Path) -> None:
    files = BlobFiles(tmp_path)
    with pytest.raises(MalformedError) as caught:
        asyncio.run(files.write_stream(BLOB, send([b"x" * 60, b"x" * 60]), limit_bytes=100))
    assert caught.value.code == "blob-size"
    assert list_files(tmp_path) == []


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1], [0, 0, 1, 2], [0, 1, 2, 1]])
def test_parts_make_one_file_in_any_order(tmp_path: Path, order: list[int]) -> None:
    data = os.urandom(2 * PART_BYTES + 12_345)
    parts = [data[at : at + PART_BYTES] for at in range(0, len(data), PART_BYTES)]
    files = BlobFiles(tmp_path)

    async def run() -> None:
        for number in order:
            await files.write_part(BLOB, number, send([parts[number]]))
        await files.finish_parts(BLOB, parts=3, size=len(data), sha256=hashlib.sha256(data).digest())

    asyncio.run(run())
    assert asyncio.run(read(files, 0, len(data))) == data
    assert list_files(tmp_path) == [BLOB.hex()]


def test_a_part_that_breaks_can_be_sent_again(tmp_path: Path) -> None:
    data = os.urandom(PART_BYTES + 1)
    files = BlobFiles(tmp_path)

    async def run() -> None:
        await files.write_part(BLOB, 0, send([data[:PART_BYTES]]))
        with pytest.raises(UnavailableError):
            await files.write_part(BLOB, 1, send([b"!"], then=UnavailableError("hung-up")))
        await files.write_part(BLOB, 1, send([data[PART_BYTES:]]))
        await files.finish_parts(BLOB, parts=2, size=len(data), sha256=hashlib.sha256(data).digest())

    asyncio.run(run())
    assert asyncio.run(read(files, 0, len(data))) == data


def test_a_first_part_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    files = BlobFiles(tmp_path)
    with pytest.raises(UnavailableError):
        asyncio.run(files.write_part(BLOB, 0, send([b"!"], then=UnavailableError("hung-up"))))
    assert list_files(tmp_path) == []


def test_other_bytes_than_announced_are_refused_and_can_be_mended(tmp_path: Path) -> None:
    files = BlobFiles(tmp_path)

    async def run() -> tuple[str, str]:
        await files.write_part(BLOB, 0, send([b"sealed"]))
        with pytest.raises(VerificationError) as digest:
            await files.finish_parts(BLOB, parts=1, size=6, sha256=bytes(32))
        with pytest.raises(MalformedError) as size:
            await files.finish_parts(BLOB, parts=1, size=7, sha256=bytes(32))
        await files.finish_parts(BLOB, parts=1, size=6, sha256=hashlib.sha256(b"sealed").digest())
        return digest.value.code, size.value.code

    assert asyncio.run(run()) == ("blob-digest", "blob-size")


def test_a_sender_who_begins_anew_takes_the_place_of_the_broken_attempt(tmp_path: Path) -> None:
    files = BlobFiles(tmp_path)

    async def slow(begun: asyncio.Event, go: asyncio.Event) -> AsyncIterator[bytes]:
        yield b"first"
        begun.set()
        await go.wait()
        yield b"more"

    async def run(number: int | None) -> str:
        def write(chunks: AsyncIterator[bytes]) -> Coroutine[Any, Any, Any]:
            return files.write_stream(BLOB, chunks) if number is None else files.write_part(BLOB, number, chunks)

        begun, go = asyncio.Event(), asyncio.Event()
        first = asyncio.create_task(write(slow(begun, go)))
        await begun.wait()
        await write(send([b"second"]))
        go.set()
        with pytest.raises(ConflictError) as caught:
            await first
        return caught.value.code

    assert asyncio.run(run(0)) == "blob-busy"
    assert (tmp_path / "new" / f"{BLOB.hex()}.parts").read_bytes() == b"second"
    assert asyncio.run(run(None)) == "blob-busy"
    assert asyncio.run(read(files, 0, 6)) == b"second"
    assert not files.is_busy(BLOB)


def test_sweeping_takes_what_stopped_arriving_a_day_ago_and_nothing_else(tmp_path: Path) -> None:
    files = BlobFiles(tmp_path)
    asyncio.run(files.write_part(BLOB, 0, send([b"old"])))
    fresh = bytes(32)
    asyncio.run(files.write_part(fresh, 0, send([b"fresh"])))
    day_ago = time.time() - 86_500
    os.utime(tmp_path / "new" / f"{BLOB.hex()}.parts", (day_ago, day_ago))
    files.sweep()
    assert list_files(tmp_path) == [f"{fresh.hex()}.parts"]


def test_sweeping_leaves_what_is_given_its_place_right_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, flush = BlobFiles(tmp_path), os.fsync

    def sweep_first(file: int) -> None:
        files.sweep()
        flush(file)

    monkeypatch.setattr(os, "fsync", sweep_first)
    asyncio.run(files.write_stream(BLOB, send([b"sealed"])))
    assert asyncio.run(read(files, 0, 6)) == b"sealed"
