"""Takes in, gives out and sweeps sealed files."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plaint.crypto.hashes import compute_sha256, same_bytes
from plaint.errors import ConflictError, RefusedError
from plaint.http.errors import NotFoundError
from plaint.protocol.work import parse_work
from plaint.server.clock.batch import compute_passed
from plaint.server.rooms.schema import parse_secret
from plaint.server.rooms.write import compute_tick_start
from plaint.store import uploads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy import Connection

    from plaint.server.members.service import MemberService
    from plaint.server.organisation import Organisation
    from plaint.server.ports import Clock, Store
    from plaint.server.rooms.service import RoomService
    from plaint.server.uploads.schema import Completion
    from plaint.store.blobs import BlobFiles

UNCLAIMED_S = 86_400


@dataclass(frozen=True, slots=True)
class UploadHeaders:
    """The headers that let a blob be written."""

    key: str | None
    work: str | None
    session: str | None
    room: str | None
    cap: str | None


class UploadService:
    """The blobs of one organisation."""

    def __init__(
        self,
        organisation: Organisation,
        store: Store,
        files: BlobFiles,
        *,
        clock: Clock,
        members: MemberService,
        rooms: RoomService,
    ) -> None:
        self._organisation = organisation
        self._store = store
        self._files = files
        self._clock = clock
        self._members = members
        self._rooms = rooms

    async def put(self, blob: bytes, headers: UploadHeaders, chunks: AsyncIterator[bytes]) -> None:
        """Store a blob that comes as one stream.

        Raises: NotFoundError; RefusedError "upload-admit", "work", "session"; ConflictError "blob-exists", "blob-busy";
                MalformedError "blob-size".
        """
        _check_key(blob, headers)
        await self._admit(blob, headers)
        await self._check(blob)
        await self._files.write_stream(blob, chunks, keeper=self)

    async def put_part(self, blob: bytes, part: int, headers: UploadHeaders, chunks: AsyncIterator[bytes]) -> None:
        """Store part `part` of a blob. Raises: as `put`."""
        _check_key(blob, headers)
        if not self._files.has_parts(blob):
            await self._admit(blob, headers)
        await self._check(blob)
        await self._files.write_part(blob, part, chunks)

    async def finish(self, blob: bytes, headers: UploadHeaders, completion: Completion) -> None:
        """Make a blob of its parts; the same again has the same answer.

        Raises: NotFoundError; ConflictError "blob-busy"; MalformedError "blob-size"; VerificationError "blob-digest".
        """
        _check_key(blob, headers)
        known = await self._find(blob)
        if known is not None and known[0] == completion.size:
            return
        if known is not None or not self._files.has_parts(blob):
            raise NotFoundError
        try:
            await self._files.finish_parts(
                blob, parts=completion.parts, size=completion.size, sha256=completion.sha256, keeper=self
            )
        except (ConflictError, FileNotFoundError):
            # Another server may have made it of the same parts meanwhile.
            known = await self._find(blob)
            if known is None or known[0] != completion.size:
                raise

    async def discard(self, blob: bytes, headers: UploadHeaders) -> None:
        """Delete a blob that no entry claimed; nothing is said of whether there was one."""
        try:
            _check_key(blob, headers)
        except NotFoundError:
            return
        org = self._organisation.org
        if not self._files.is_busy(blob) and await self._store.write(lambda c: uploads.delete_unclaimed(c, org, blob)):
            await asyncio.to_thread(self._files.remove, blob)

    async def find_size(self, blob: bytes) -> int:
        """Return the size of a complete blob. Raises: NotFoundError."""
        found = await self._find(blob)
        if found is None:
            raise NotFoundError
        return found[0]

    def read(self, blob: bytes, start: int, end: int) -> AsyncIterator[bytes]:
        """Return the bytes [start, end) of a complete blob, in parts."""
        return self._files.read(blob, start, end)

    async def sweep(self, *, all_files: bool = False) -> None:
        """Delete what nobody claimed for a day; with `all_files`, also files that no row knows of."""
        org, before = self._organisation.org, compute_passed(self._organisation, int(self._clock())) - UNCLAIMED_S
        for blob in await self._store.write(lambda c: uploads.delete_older(c, org, before)):
            await asyncio.to_thread(self._files.remove, blob)
        known = await self._store.read(lambda c: uploads.list_blobs(c, org)) if all_files else None
        await asyncio.to_thread(self._files.sweep, known.__contains__ if known is not None else None)

    async def _admit(self, blob: bytes, headers: UploadHeaders) -> None:
        if headers.work is not None:
            self._rooms.check_work(parse_work(headers.work), blob)
        elif headers.session is not None:
            self._members.check(headers.session)
        elif headers.room is not None:
            await self._rooms.check_cap(parse_secret(headers.room), parse_secret(headers.cap))
        else:
            raise RefusedError("upload-admit")

    async def _check(self, blob: bytes) -> None:
        """Check that a blob is not complete yet. Raises: ConflictError "blob-exists"."""
        if await self._find(blob) is not None:
            raise ConflictError("blob-exists")

    async def _find(self, blob: bytes) -> tuple[int, bytes | None] | None:
        org = self._organisation.org
        return await self._store.read(lambda c: uploads.find_blob(c, org, blob))

    async def keep(self, blob: bytes, size: int, settle: Callable[[], None]) -> None:
        """Note that a blob is complete while its file gets its place. Raises: ConflictError "blob-exists"."""
        org, since = self._organisation.org, compute_tick_start(self._organisation, int(self._clock()))

        def job(connection: Connection) -> None:
            if uploads.find_blob(connection, org, blob) is not None:
                raise ConflictError("blob-exists")
            uploads.insert_blob(connection, org, blob, size=size, since=since)
            settle()  # before the COMMIT: another server that has the same in hand waits here

        await self._store.write(job)


def _check_key(blob: bytes, headers: UploadHeaders) -> None:
    """Check that the sender holds the key whose hash the blob's id is. Raises: NotFoundError."""
    if not same_bytes(compute_sha256(parse_secret(headers.key)), blob):
        raise NotFoundError
