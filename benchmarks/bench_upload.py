"""A gigabyte sealed while it is sent, beside `cp` and a flush of the same bytes on the same disk."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.organisation import MEBIBYTE, Service, found, run_service
from benchmarks.rows import Row, at_least, at_most, compare
from plaint.client.ahead import read_ahead
from plaint.client.attachments import READ_BYTES, discard_blob, upload_file
from plaint.client.connection import Connection, connect
from plaint.crypto.age import AgeSealer
from plaint.crypto.agreement import AgreementKey
from plaint.crypto.hashes import Sha256, compute_sha256, random_bytes
from plaint.store.blobs import PART_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZE = 1_000_000_000
ROUNDS = 3
LIMIT_GROWTH = 64


def rows(rounds: int = ROUNDS, size: int = SIZE) -> list[Row]:
    """Return the rows of both ways to upload."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "source"
        _write(source, size)
        found(folder / "data")
        with run_service(folder / "data") as service:
            connection = connect(service.url)
            peaks = _Peaks(service)
            copy = partial(_copy, source, folder / "copy")
            one, copy_s, one_s = compare(copy, partial(_send_stream, connection, source, peaks), rounds=rounds)
            many, _, many_s = compare(copy, partial(_send_parts, connection, source, peaks), rounds=rounds)
            connection.close()
    mega = size / 1e6
    note = f"median of {rounds}; cp {mega / copy_s:,.0f} MB/s"
    return [
        at_least("upload, one stream / cp+fsync", one, 0.25, note=f"{mega / one_s:,.0f} MB/s; {note}"),
        at_least("upload, 8 MiB parts / cp+fsync", many, 0.15, note=f"{mega / many_s:,.0f} MB/s; {note}"),
        at_most("server memory growth", peaks.growth / MEBIBYTE, LIMIT_GROWTH, "MiB", f"{mega:,.0f} MB at a time"),
    ]


class _Peaks:
    """How much more memory the server held at most, over what it held before."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.growth = 0

    def __enter__(self) -> None:
        self._service.forget_peak()
        self._before = self._service.resident_bytes

    def __exit__(self, *_: object) -> None:
        self.growth = max(self.growth, self._service.peak_bytes - self._before)


def _write(path: Path, size: int) -> None:
    with path.open("wb") as file:
        for at in range(0, size, MEBIBYTE):
            file.write(random_bytes(min(MEBIBYTE, size - at)))
        file.flush()
        os.fsync(file.fileno())


def _copy(source: Path, target: Path) -> float:
    start = time.perf_counter()
    subprocess.run(["cp", "--reflink=never", str(source), str(target)], check=True)
    file = os.open(target, os.O_RDWR)
    os.fsync(file)
    os.close(file)
    took = time.perf_counter() - start
    target.unlink()
    return took


def _send_stream(connection: Connection, source: Path, peaks: _Peaks) -> float:
    """Send as `plaint report --attach` does."""
    with peaks:
        start = time.perf_counter()
        upload_file(connection.api, source, admit=connection.admit_upload)
        return time.perf_counter() - start


def _send_parts(connection: Connection, source: Path, peaks: _Peaks) -> float:
    """Send as the browser does: part after part, the next one sealed while the last one is sent."""
    key, digest, size, parts = random_bytes(32), Sha256(), 0, 0
    blob = compute_sha256(key)
    headers = {"plaint-upload": key.hex(), **connection.admit_upload(blob)}
    with peaks:
        start = time.perf_counter()
        for part in read_ahead(_seal_parts(source, digest)):
            connection.api.send("PUT", f"blobs/{blob.hex()}/parts/{parts}", part, headers=headers)
            size += len(part)
            parts += 1
        value = {"parts": parts, "size": size, "sha256": digest.digest().hex()}
        connection.api.send_json("POST", f"blobs/{blob.hex()}", value, headers=headers)
        took = time.perf_counter() - start
    discard_blob(connection.api, key)
    return took


def _seal_parts(source: Path, digest: Sha256) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    sealer = AgeSealer(AgreementKey(random_bytes(32)).public)
    with source.open("rb") as file:
        for chunk in sealer.seal_parts(iter(partial(file.read, READ_BYTES), b"")):
            digest.update(chunk)
            held.append(chunk)
            size += len(chunk)
            if size >= PART_BYTES:
                data = b"".join(held)
                yield data[:PART_BYTES]
                held = [data[PART_BYTES:]]
                size -= PART_BYTES
    yield b"".join(held)
