"""Sealed files in a directory: written beside, flushed, renamed; never whole in memory, never half there."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from plaint.crypto.hashes import Sha256, random_bytes
from plaint.errors import ConflictError, MalformedError, VerificationError
from plaint.log.column import sync_directory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path
    from typing import Self

LIMIT_BLOB_BYTES = 2 * 1024**3
PART_BYTES = 8 * 1024**2
LIMIT_PARTS = LIMIT_BLOB_BYTES // PART_BYTES
BUFFER_BYTES = 1024**2
ABANDONED_S = 86_400


@dataclass(slots=True)
class _Progress:
    """How far the parts of one upload came in order, and the hash up to there."""

    parts: int
    digest: Sha256


class Keeper(Protocol):
    """Knows which blobs are complete, in all processes that share the files."""

    async def keep(self, blob: bytes, size: int, settle: Callable[[], None]) -> None:
        """Note that `blob` is complete while `settle` gives the file its place, or raise when it is so already.

        Nobody else notes the same meanwhile. Where the note has to be made again `settle` is run again.
        """


class BlobFiles:
    """The files of one organisation: `xx/<id>` where complete, `new/` while they arrive."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._new = directory / "new"
        self._new.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._busy: dict[tuple[bytes, int | None], _Attempt] = {}
        self._progress: dict[bytes, _Progress] = {}

    async def write_stream(
        self,
        blob: bytes,
        chunks: AsyncIterator[bytes],
        *,
        limit_bytes: int = LIMIT_BLOB_BYTES,
        keeper: Keeper | None = None,
    ) -> int:
        """Store all of `chunks` under `blob` and return the size; on any failure nothing is left.

        A sender whose line broke begins anew at once: the attempt that came last is the one that counts.
        Raises: ConflictError "blob-busy"; MalformedError "blob-size"; what `chunks` and `keeper` raise.
        """
        with _Attempt(self._busy, (blob, None)) as attempt:
            path = self._new / f"{blob.hex()}.{random_bytes(8).hex()}"
            try:
                with _Sink(path, offset=0) as sink:
                    size = await sink.drain(attempt.follow(chunks), limit_bytes=limit_bytes)
                await self._keep(path, blob, size, keeper)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        return size

    def has_parts(self, blob: bytes) -> bool:
        """Tell whether an upload in parts has begun."""
        return self._parts_path(blob).exists()

    async def write_part(self, blob: bytes, part: int, chunks: AsyncIterator[bytes]) -> None:
        """Store part `part` (from 0) of an upload; the same part may be sent again.

        Raises: ConflictError "blob-busy"; MalformedError "blob-size"; what `chunks` raises.
        """
        if (blob, None) in self._busy:
            raise ConflictError("blob-busy")
        path = self._parts_path(blob)
        first = not path.exists()
        with _Attempt(self._busy, (blob, part)) as attempt:
            known = None if first else self._progress.get(blob)
            state = known if part else _Progress(0, Sha256())
            in_order = state is not None and state.parts == part
            self._progress.pop(blob, None)
            try:
                with _Sink(path, offset=part * PART_BYTES, digest=state.digest if state and in_order else None) as sink:
                    await sink.drain(attempt.follow(chunks), limit_bytes=PART_BYTES)
            except BaseException:
                if first and attempt.is_last:
                    path.unlink(missing_ok=True)
                raise
            if state is not None and in_order:
                state.parts += 1
                self._progress[blob] = state

    async def finish_parts(
        self, blob: bytes, *, parts: int, size: int, sha256: bytes, keeper: Keeper | None = None
    ) -> None:
        """Make one file of the parts after comparing its size and hash.

        Raises: ConflictError "blob-busy"; MalformedError "blob-size"; VerificationError "blob-digest"; what `keeper`
                raises.
        """
        path = self._parts_path(blob)
        if self.is_busy(blob):
            raise ConflictError("blob-busy")
        with _Attempt(self._busy, (blob, None)):
            if not 0 <= parts * PART_BYTES - size < PART_BYTES or path.stat().st_size != size:
                raise MalformedError("blob-size")
            state = self._progress.get(blob)
            known = state.digest.digest() if state is not None and state.parts == parts else None
            if (known or await asyncio.to_thread(_hash_file, path)) != sha256:
                raise VerificationError("blob-digest")
            await self._keep(path, blob, size, keeper)
            self._progress.pop(blob, None)

    def is_busy(self, blob: bytes) -> bool:
        """Tell whether some part of this blob is arriving now."""
        return any(busy == blob for busy, _ in self._busy)

    def remove(self, blob: bytes) -> None:
        """Delete everything that is stored of `blob`."""
        self._progress.pop(blob, None)
        self._parts_path(blob).unlink(missing_ok=True)
        self._path(blob).unlink(missing_ok=True)

    async def read(self, blob: bytes, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes [start, end) of a complete blob.

        Raises: FileNotFoundError.
        """
        file = os.open(self._path(blob), os.O_RDONLY | os.O_CLOEXEC)
        try:
            while start < end:
                data = await asyncio.to_thread(os.pread, file, min(BUFFER_BYTES, end - start), start)
                if not data:
                    return
                start += len(data)
                yield data
        finally:
            os.close(file)

    def sweep(self, is_known: Callable[[bytes], bool] | None = None) -> None:
        """Delete what stopped arriving a day ago and, given `is_known`, old files that no row knows of."""
        before = time.time() - ABANDONED_S
        for path in list(self._new.iterdir()):
            written, changed = _read_times(path)
            # Without a time of its own it is about to get its place, unless that was cut short a day ago.
            if (written or changed) < before:
                path.unlink(missing_ok=True)
        for blob in [blob for blob in list(self._progress) if not self.has_parts(blob)]:
            self._progress.pop(blob, None)
        if is_known is None:
            return
        for path in self._directory.glob("??/*"):
            # Files carry no time of their own; the system's time of change is only read here.
            if _read_times(path)[1] < before and not is_known(bytes.fromhex(path.name)):
                path.unlink(missing_ok=True)

    async def _keep(self, path: Path, blob: bytes, size: int, keeper: Keeper | None) -> None:
        """Give a file its place: what has a row already is never replaced."""
        await asyncio.to_thread(_flush, path)
        if keeper is None:
            await asyncio.to_thread(self._settle, path, blob)
        else:
            await keeper.keep(blob, size, partial(self._settle, path, blob))

    def _settle(self, path: Path, blob: bytes) -> None:
        target = self._path(blob)
        if not target.parent.exists():
            target.parent.mkdir(mode=0o700, exist_ok=True)
            sync_directory(self._directory)
        if path.exists() or not target.exists():  # else it is there already: this is run again
            path.replace(target)
        for folder in (target.parent, self._new, self._directory):
            os.utime(folder, (0, 0))
        sync_directory(target.parent)

    def _path(self, blob: bytes) -> Path:
        return self._directory / blob.hex()[:2] / blob.hex()

    def _parts_path(self, blob: bytes) -> Path:
        return self._new / f"{blob.hex()}.parts"


class _Attempt:
    """One try to send a blob or a part of it; a later one for the same takes its place."""

    def __init__(self, busy: dict[tuple[bytes, int | None], _Attempt], key: tuple[bytes, int | None]) -> None:
        self._busy = busy
        self._key = key

    @property
    def is_last(self) -> bool:
        """Whether no later attempt has begun."""
        return self._busy.get(self._key) is self

    async def follow(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Yield what arrives, until a later attempt begins. Raises: ConflictError "blob-busy"."""
        async for chunk in chunks:
            self._check()
            yield chunk
        self._check()

    def _check(self) -> None:
        if not self.is_last:
            raise ConflictError("blob-busy")

    def __enter__(self) -> Self:
        self._busy[self._key] = self
        return self

    def __exit__(self, *_: object) -> None:
        if self.is_last:
            del self._busy[self._key]


class _Sink:
    """A file being written in a thread while the next bytes arrive; at most two buffers are in memory."""

    def __init__(self, path: Path, *, offset: int, digest: Sha256 | None = None) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._at = offset
        self._digest = digest

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    async def drain(self, chunks: AsyncIterator[bytes], *, limit_bytes: int) -> int:
        size, held, writing = 0, 0, None
        buffer: list[bytes] = []
        try:
            async for chunk in chunks:
                size += len(chunk)
                if size > limit_bytes:
                    raise MalformedError("blob-size")
                buffer.append(chunk)
                held += len(chunk)
                if held >= BUFFER_BYTES:
                    if writing is not None:
                        await writing
                    writing = asyncio.ensure_future(asyncio.to_thread(self._write, b"".join(buffer)))
                    buffer, held = [], 0
        finally:
            if writing is not None:
                await asyncio.shield(writing)
        await asyncio.to_thread(self._write, b"".join(buffer))
        return size

    def _write(self, data: bytes) -> None:
        if self._digest is not None:
            self._digest.update(data)
        view = memoryview(data)
        while view:
            written = os.pwrite(self._file, view, self._at)
            self._at, view = self._at + written, view[written:]
        if hasattr(os, "posix_fadvise"):
            # Begins to write back without waiting for it, so that the end does not wait for everything at once.
            os.posix_fadvise(self._file, self._at - len(data), len(data), os.POSIX_FADV_DONTNEED)


def _flush(path: Path) -> None:
    """Take the file's time away, and wait until all of it is on the disk."""
    os.utime(path, (0, 0))
    file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _read_times(path: Path) -> tuple[float, float]:
    """Return when a file was last written and changed; one that is gone just now is not old."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return time.time(), time.time()
    return found.st_mtime, found.st_ctime


def _hash_file(path: Path) -> bytes:
    digest = Sha256()
    for part in _read_parts(path):
        digest.update(part)
    return digest.digest()


def _read_parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(BUFFER_BYTES):
            yield part
