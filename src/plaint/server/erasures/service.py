"""Finishes erasures: keys and files go, and an older database that comes back erases again what was erased."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from plaint.crypto.hashes import compute_sha256, same_bytes
from plaint.errors import UnavailableError
from plaint.http.errors import NotFoundError
from plaint.http.log import get_log
from plaint.server.erasures.schema import read_holder_slot
from plaint.store import erasures, reseal, rooms, ticks
from plaint.store.lead import lock_turn, pass_turn

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from plaint.server.organisation import Organisation
    from plaint.server.ports import Store
    from plaint.server.rooms.write import Erased
    from plaint.store.blobs import BlobFiles
    from plaint.store.erasures import ErasureRow

NOTHING = bytes(32)
RESEALED = 64


class ErasureService:
    """The erased rooms of one organisation."""

    def __init__(self, organisation: Organisation, store: Store, files: BlobFiles) -> None:
        self._organisation = organisation
        self._store = store
        self._files = files

    async def start(self) -> None:
        """Seal what an older version left in clear, and settle.

        Raises: UnavailableError "keystore", "keystore-other" when the database goes with another store of keys.
        """
        org, rest = self._organisation.org, self._organisation.rest
        name = (await asyncio.to_thread(rest.find_cells_key, org)).id
        if await self._store.write(partial(erasures.bind_keystore, org=org, name=name)) != name:
            raise UnavailableError("keystore-other")
        await self._seal_older()
        await self.settle()

    async def settle(self) -> bool:
        """Erase what only the other store knows to be erased, and finish there what was cut short.

        Return whether there was anything: files of it may be left that no row knows of.
        Raises: UnavailableError "keystore", "database".
        """
        org, rest = self._organisation.org, self._organisation.rest
        known = {row.room: row for row in await asyncio.to_thread(rest.list_erased, org)}
        here = {row.room: row for row in await self._store.read(lambda c: erasures.list_erasures(c, org))}
        unfinished = [row for room, row in here.items() if room not in known]
        for row in unfinished:
            await asyncio.to_thread(rest.erase, org, row)
        again = [row for room, row in known.items() if room not in here]
        for row in again:
            blobs, sets = await self._store.write(partial(self._erase_again, row=row))
            self._organisation.sets -= sets
            await self._remove(blobs)
        if again:
            get_log().error("erased-again", rooms=len(again))
            await self._store.tidy()
        return bool(again or unfinished)

    async def finish(self, erased: Erased) -> None:
        """Delete the key and the files of a room that was just erased, each even when the other cannot be.

        Raises: UnavailableError "keystore".
        """
        try:
            await asyncio.to_thread(self._organisation.rest.erase, self._organisation.org, erased.row)
        finally:
            await self._remove(erased.blobs)
        await self._store.tidy()

    async def read(self, room: bytes, cap: bytes) -> bytes:
        """Return the two entries that erased a room. Raises: NotFoundError."""
        org = self._organisation.org
        left = await self._store.read(lambda c: erasures.find_erasure(c, org, room))
        right = same_bytes(NOTHING if left is None else left.cap, compute_sha256(cap))
        if left is None or not right:
            raise NotFoundError
        return left.record

    async def locate(self, digest: bytes) -> tuple[bytes, bytes] | None:
        """Return room id and holder's slot of the erased room behind a hashed locator."""
        org = self._organisation.org
        left = await self._store.read(lambda c: erasures.find_erased_locator(c, org, digest))
        return None if left is None else (left.room, read_holder_slot(left.record))

    def _erase_again(self, connection: Connection, row: ErasureRow) -> tuple[list[bytes], int]:
        org, rest = self._organisation.org, self._organisation.rest
        lock_turn(connection, org)
        if erasures.find_erasure(connection, org, row.room) is not None:
            return [], 0  # another server was first: the name of the key is known to its row alone
        key = rooms.find_key_id(connection, org, row.room)
        if key is not None:
            ticks.release_cells(connection, org, key, rest)
        # With the key's name, so that an older store of keys is told to forget it as well.
        found = erasures.erase_room(connection, org, replace(row, key=key))
        pass_turn(connection, org)
        return found

    async def _remove(self, blobs: list[bytes]) -> None:
        for blob in blobs:
            await asyncio.to_thread(self._files.remove, blob)

    async def _seal_older(self) -> None:
        """Seal the rows of rooms from before rows were sealed, some rooms at a time."""
        org, rest = self._organisation.org, self._organisation.rest
        waiting = await self._store.read(lambda c: reseal.list_unsealed(c, org))
        if not waiting:
            return
        cells = await self._store.read(lambda c: reseal.index_cells(c, org))
        for start in range(0, len(waiting), RESEALED):
            part = waiting[start : start + RESEALED]
            keys = await asyncio.to_thread(rest.draw_now, len(part))
            job = reseal.SealRooms(org, list(zip(part, keys, strict=True)), cells, rest)
            await self._store.write(job)
        await self._store.tidy()
        get_log().info("sealed", rooms=len(waiting))
