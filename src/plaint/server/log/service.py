"""Serves what is published of the logs, and nothing that is not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from plaint.encoding.lines import parse_integer
from plaint.errors import MalformedError
from plaint.http.errors import NotFoundError
from plaint.protocol.alarms import encode_alarms
from plaint.protocol.checkpoint import RUN, encode_run
from plaint.protocol.note import Note, encode_note, parse_note, parse_signatures
from plaint.protocol.policy import compute_date
from plaint.protocol.receipt_keys import date_former
from plaint.protocol.tiles import parse_tile_path
from plaint.protocol.trust import add_former, encode_trust
from plaint.server.organisation import LOGS
from plaint.store import ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from plaint.protocol.directory_state import FormerReceipts
    from plaint.protocol.trust import FormerKey, Trust
    from plaint.server.organisation import Organisation, Published
    from plaint.server.ports import Store

AT = "at/"


class LogService:
    """The logs of one organisation."""

    def __init__(self, organisation: Organisation, store: Store) -> None:
        self._organisation = organisation
        self._store = store

    async def read_keys(self) -> bytes:
        """Return the trust file this server offers, with the receipt keys of before; nobody has vouched for it."""
        trust, former = self._organisation.trust, self._organisation.former_receipts
        if former:
            dated = await self._store.read(lambda c: self._date_former(c, trust, former))
            trust = add_former(trust, dated)
        return encode_trust(trust)

    def _date_former(self, connection: Connection, trust: Trust, former: Sequence[FormerReceipts]) -> list[FormerKey]:
        """Return the keys with the dates that every client finds: that of the first dated checkpoint above their end.

        `trust` has no former keys and the policy of now; what nobody has dated yet has not ended.
        """
        found = []
        for known in former:
            above = (known.end + 1, self._find_published("directory").size)
            rows = ticks.list_dated_checkpoints(connection, self._organisation.org, "directory", above, RUN)
            dates = (compute_date(trust.policy, parse_note(_encode(row.note, row.early))) for row in rows)
            until = next((date for date in dates if date is not None), None)
            if until is not None:
                found.append(date_former(known, until, tick_s=self._organisation.clock.tick))
        return found

    def read_alarms(self) -> bytes:
        """Return the fork alarms that stand."""
        return encode_alarms(self._organisation.alarms)

    def read_checkpoint(self, log: str) -> bytes:
        """Return the newest published checkpoint. Raises: NotFoundError."""
        row = self._find_published(log).row
        return _encode(row.note, row.late)

    async def read_sizes(self, log: str) -> bytes:
        """Return the sizes of the kept checkpoints, one in each line. Raises: NotFoundError."""
        published = self._find_published(log)
        sizes = await self._store.read(lambda c: ticks.list_dated_sizes(c, self._organisation.org, log))
        return b"".join(b"%d\n" % size for size in sizes if size <= published.size)

    async def read_kept(self, log: str, size_text: str) -> bytes:
        """Return the checkpoint kept at a size. Raises: NotFoundError."""
        published = self._find_published(log)
        try:
            size = parse_integer(size_text)
        except MalformedError as error:
            raise NotFoundError from error
        row = await self._store.read(lambda c: ticks.find_checkpoint(c, self._organisation.org, log, size))
        if row is None or row.dated is None or size > published.size:
            raise NotFoundError
        return _encode(row.note, row.early)

    async def read_run(self, log: str, first_text: str, last_text: str) -> bytes:
        """Return all checkpoints kept at sizes from first to last, unless they are too many. Raises: NotFoundError."""
        published = self._find_published(log)
        try:
            first, last = parse_integer(first_text), parse_integer(last_text)
        except MalformedError as error:
            raise NotFoundError from error
        org, last = self._organisation.org, min(last, published.size)
        rows = await self._store.read(lambda c: ticks.list_dated_checkpoints(c, org, log, (first, last), RUN + 1))
        if not 0 < len(rows) <= RUN:
            raise NotFoundError
        return encode_run(parse_note(_encode(row.note, row.early)) for row in rows)

    async def read_tile(self, log: str, path: str) -> bytes:
        """Return a tile or bundle of what is published. Raises: NotFoundError."""
        size = self._find_published(log).size
        try:
            tile = parse_tile_path(path)
            return await asyncio.to_thread(self._organisation.trees[log].read_tile, tile, size=size)
        except MalformedError as error:
            raise NotFoundError from error

    def _find_published(self, log: str) -> Published:
        published = self._organisation.published.get(log) if log in LOGS else None
        if published is None:
            raise NotFoundError
        return published


def _encode(note: bytes, signatures: bytes) -> bytes:
    signed = parse_note(note)
    return encode_note(Note(signed.text, (*signed.signatures, *parse_signatures(signatures))))
