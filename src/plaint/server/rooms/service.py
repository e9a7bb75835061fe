"""Reads and writes rooms; what exists and what does not differ in nothing without the capability."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from plaint.crypto.hashes import compute_hmac, compute_sha256, same_bytes
from plaint.errors import MalformedError, PlaintError, RefusedError, UnavailableError, VerificationError
from plaint.protocol.cells import synthesize_cell
from plaint.protocol.slots import SLOT_BYTES
from plaint.protocol.work import verify_work
from plaint.protocol.write import encode_answered_parts, parse_write
from plaint.server.rooms.erase import EraseJob
from plaint.server.rooms.schema import HASH_BYTES, HEAD_BYTES
from plaint.server.rooms.write import (
    AppendJob,
    OpenJob,
    check_slots,
    compute_tick_start,
    open_room,
    sign_room_state,
)
from plaint.store import rooms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from plaint.protocol.work import Work
    from plaint.protocol.write import Opening, Write
    from plaint.server.erasures.service import ErasureService
    from plaint.server.organisation import Organisation
    from plaint.server.ports import Clock, Store
    from plaint.server.rooms.write import Sender, Written


class RoomService:
    """The rooms of one organisation."""

    def __init__(self, organisation: Organisation, store: Store, *, clock: Clock, erasures: ErasureService) -> None:
        self._organisation = organisation
        self._store = store
        self._erasures = erasures
        self._clock = clock

    async def open(self, data: bytes, *, member: bytes | None) -> bytes:
        """Open a room and return its first state note; `member` when a session came with it.

        Raises: UnavailableError "admission"; RefusedError "work", "session"; VerificationError "room-pack",
                "room-slots"; MalformedError "write-room", "roster-size"; those of `parse_write` and `OpenJob`.
        """
        write = parse_write(data)
        opening = write.opening
        if opening is None or write.header.org != self._organisation.org:
            raise MalformedError("write-room")
        if opening.unique is not None and member is None:
            # The holder of the parent knows the mark as well: hers would keep the members' own room from being made.
            raise RefusedError("session")
        self._check_opening(write, opening)
        subject = None
        if member is None:
            subject = write.header.body
            self.check_work(opening.work, subject)
        rest = self._organisation.rest
        self._check_place(write, reserved=False)
        key = await rest.take()
        job = OpenJob(self._organisation, write, opening, now=self._now, subject=subject, key=key)
        try:
            written = await self._run(job, reserved=False)
        except PlaintError as error:
            # Where the database did not answer, or nobody waited for it, the room may be there: its key is its own.
            if not isinstance(error, UnavailableError) or error.code == "admission":
                rest.give_back(key)
            raise
        if not written.fresh:
            rest.give_back(key)
        return written.note

    async def append(self, room: bytes, data: bytes, sender: Sender) -> bytes:
        """Add an entry to a room and return the state note.

        Raises: UnavailableError "admission"; MalformedError "write-room"; those of `parse_write`, `AppendJob` and
                `EraseJob`.
        """
        write = parse_write(data)
        header = write.header
        if write.opening is not None or header.room != room or header.org != self._organisation.org:
            raise MalformedError("write-room")
        kind = EraseJob if header.kind == "erase" else AppendJob
        job = kind(self._organisation, write, sender, now=self._now)
        return (await self._run(job, reserved=sender.member is not None)).note

    async def read(self, room: bytes, cap: bytes, start: int) -> bytes:
        """Return the room answer from entry `start` on. Raises: NotFoundError."""
        org, cap_hash = self._organisation.org, compute_sha256(cap)

        def query(connection: Connection) -> tuple[rooms.RoomRow, list[tuple[bytes, bytes]], bytes, bytes]:
            row = open_room(rooms.find_room(connection, org, room, self._organisation.rest), cap_hash)
            entries = rooms.read_entries(connection, org, room, start, row.key)
            first = rooms.find_entry(connection, org, room, 0, row.key)
            opening = (first[1] if first else None) or b""
            return row, entries, rooms.read_slots(connection, org, room, row.slots, row.key), opening

        row, parts, slots, opening = await self._store.read(query)
        at = compute_tick_start(self._organisation, self._now)
        note = sign_room_state(self._organisation, row, at=at, leaves=())
        return encode_answered_parts(parts, slots=slots, slots_seq=row.slots, notes=(opening, note))

    async def check_cap(self, room: bytes, cap: bytes) -> None:
        """Check a capability. Raises: NotFoundError."""
        org, rest = self._organisation.org, self._organisation.rest
        open_room(await self._store.read(lambda c: rooms.find_room(c, org, room, rest)), compute_sha256(cap))

    async def locate(self, locator: bytes) -> bytes:
        """Return room id and the holder's slot; for an unknown locator, always the same bytes that look like them."""
        org, key, rest = self._organisation.org, self._organisation.keys.prf, self._organisation.rest
        digest = compute_sha256(locator)
        nothing = compute_hmac(key, b"plaint/v1/locator\n" + digest) + synthesize_cell(
            key, member=digest[:16], tick=int.from_bytes(digest[16:24], "big"), index=0
        )
        found = await self._store.read(lambda c: rooms.find_located(c, org, digest, rest))
        found = found or await self._erasures.locate(digest)
        return nothing if found is None else found[0] + found[1][:SLOT_BYTES]

    async def read_heads(self, questions: Sequence[tuple[bytes, bytes]]) -> bytes:
        """Return 40 bytes for each (room, capability): number of entries and head, or zeros."""
        org = self._organisation.org
        found = await self._store.read(lambda c: rooms.find_rooms(c, org, sorted({room for room, _ in questions})))
        answers = bytearray()
        for room, cap in questions:
            known, entries, head = found.get(room, (bytes(HASH_BYTES), 0, bytes(HASH_BYTES)))
            right = same_bytes(known, compute_sha256(cap))
            answers += entries.to_bytes(8, "big") + head if right else bytes(HEAD_BYTES)
        return bytes(answers)

    def check_work(self, work: Work | None, subject: bytes) -> None:
        """Check proof of work for `subject`. Raises: RefusedError "work"."""
        organisation = self._organisation
        if work is None or not organisation.is_recent(work.tick, self._now):
            raise RefusedError("work")
        try:
            verify_work(work, org=organisation.org, subject=subject, bits=organisation.clock.work_bits)
        except VerificationError as error:
            raise RefusedError("work") from error

    @property
    def _now(self) -> int:
        return int(self._clock())

    def _check_opening(self, write: Write, opening: Opening) -> None:
        roster = self._organisation.find_roster(opening.roster, opening.channel)
        if self._organisation.states[opening.roster - 1].channels[opening.channel].pack != opening.pack:
            raise VerificationError("room-pack")
        check_slots(write.slots, roster)

    def _check_place(self, write: Write, *, reserved: bool) -> None:
        leaves, sets = len(write.leaves), int(bool(write.slots))
        if not self._organisation.has_place(leaves=leaves, sets=sets, reserved=reserved):
            raise UnavailableError("admission")

    async def _run(self, job: OpenJob | AppendJob, *, reserved: bool) -> Written:
        """Run a job whose leaves and slots are counted before anybody else is let in.

        It is stored and counted to the end, even when whoever sent it does not wait for the answer.
        Raises: UnavailableError "admission" and those of the job.
        """
        self._check_place(job.write, reserved=reserved)
        organisation, leaves, sets = self._organisation, len(job.write.leaves), int(bool(job.write.slots))
        organisation.waiting += leaves
        organisation.sets += sets
        return await asyncio.shield(asyncio.ensure_future(self._store_counted(job, leaves, sets)))

    async def _store_counted(self, job: OpenJob | AppendJob, leaves: int, sets: int) -> Written:
        kept_leaves = kept_sets = 0
        try:
            written = await self._store.write(job, quick=not isinstance(job, EraseJob))
            kept_leaves, kept_sets = written.leaves, sets if written.fresh else 0
            if written.erased is not None:
                kept_sets -= written.erased.sets
                await self._erasures.finish(written.erased)
        finally:
            self._organisation.waiting -= leaves - kept_leaves
            self._organisation.sets -= sets - kept_sets
        return written
