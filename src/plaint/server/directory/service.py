"""Takes in directory entries and serves them with the names and the chart beside them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from plaint.crypto.hashes import compute_sha256
from plaint.errors import ConflictError, MalformedError, RefusedError, VerificationError
from plaint.http.errors import NotFoundError
from plaint.protocol.chart import encode_chart
from plaint.protocol.directory import encode_entry
from plaint.protocol.directory_contents import ChartDigest, Clock, Effect, Genesis
from plaint.protocol.directory_keys import ReceiptKey
from plaint.protocol.directory_server import Origin, Succession
from plaint.protocol.draft import LARGE_BYTES, Name, encode_names, parse_draft, split_large_draft
from plaint.protocol.fold import apply_entry
from plaint.store import directory as directory_store
from plaint.store.lead import lock_turn, pass_turn

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from plaint.protocol.draft import Draft
    from plaint.server.organisation import Organisation
    from plaint.server.ports import Store


class DirectoryService:
    """The directory of one organisation."""

    def __init__(self, organisation: Organisation, store: Store) -> None:
        self._organisation = organisation
        self._store = store
        # One copy for everybody who asks at once: a chart may have 64 MiB.
        self._chart: tuple[bytes, bytes] | None = None

    async def submit(self, data: bytes) -> int:
        """Append the entry of a signed draft and return its index; the same entry again has the same answer.

        Raises: ConflictError "directory-index"; RefusedError "directory-clock", "directory-receipts-held" for a receipt
                key that this server does not hold; those of `parse_draft`, `apply_entry`.
        """
        if len(data) > LARGE_BYTES:
            self._check_large(data)
        draft = await asyncio.to_thread(parse_draft, data)
        entry = draft.entry
        if entry is None or draft.org != self._organisation.org:
            raise MalformedError("draft-place")
        encoded = encode_entry(entry)
        state = self._organisation.state
        if entry.index != state.size:
            await self._check_known(entry.index, encoded)
            return entry.index
        if isinstance(entry.content, Genesis | Origin | Effect | Succession):
            raise VerificationError("directory-type")
        self._check_clock(draft)
        if isinstance(entry.content, ReceiptKey) and self._organisation.receipts.find(entry.content.key) is None:
            raise RefusedError("directory-receipts-held")
        after = apply_entry(state, entry)
        try:
            await self._store.write(lambda c: self._append(c, draft, encoded))
        except ConflictError:
            await self._check_known(entry.index, encoded)  # sent through two servers at once it is there all the same
        self._organisation.add_state(after)
        return entry.index

    async def read_entries(self, start: int) -> bytes:
        """Return the entries from `start` on, each on its line."""
        org = self._organisation.org
        entries = await self._store.read(lambda c: directory_store.list_entries(c, org, start))
        return b"".join(entry + b"\n" for entry in entries)

    async def read_names(self) -> dict[str, Any]:
        """Return names and salts by member id."""
        org = self._organisation.org
        rows = await self._store.read(lambda c: directory_store.list_names(c, org))
        return encode_names({member: Name(name, salt) for member, name, salt in rows})

    async def read_chart(self) -> bytes:
        """Return the exact bytes of the chart in effect. Raises: NotFoundError while there is none."""
        org, chart = self._organisation.org, self._organisation.state.chart
        if chart is None:
            raise NotFoundError
        if self._chart is not None and self._chart[0] == chart.digest:
            return self._chart[1]
        found = await self._store.read(lambda c: directory_store.find_chart(c, org, chart.digest))
        if found is None:
            raise NotFoundError
        self._chart = (chart.digest, found)
        return found

    def describe(self) -> dict[str, Any]:
        """Return what a first page needs to know."""
        organisation = self._organisation
        return {
            "demo": organisation.state.demo,
            "name": organisation.state.name,
            "org": organisation.org.hex(),
            "size": organisation.state.size,
            "slug": organisation.slug,
            "tick": organisation.clock.tick,
        }

    def _check_large(self, data: bytes) -> None:
        """Check signatures and digest of a large chart before it is parsed: anybody can send one.

        Raises: MalformedError "draft-form"; VerificationError "draft-chart"; those of `apply_entry`.
        """
        draft, chart = split_large_draft(data)
        if draft.entry is None or draft.org != self._organisation.org:
            raise MalformedError("draft-place")
        if not isinstance(draft.content, ChartDigest) or compute_sha256(chart) != draft.content.digest:
            raise VerificationError("draft-chart")
        states = self._organisation.states
        if not 0 < draft.entry.index <= len(states):
            raise ConflictError("directory-index")
        apply_entry(states[draft.entry.index - 1], draft.entry)

    def _check_clock(self, draft: Draft) -> None:
        """Refuse a clock under which tick numbers or past streams would mean something else."""
        clock = self._organisation.clock
        if isinstance(draft.content, Clock) and (
            draft.content.batch != clock.batch or draft.content.cells < clock.cells
        ):
            raise RefusedError("directory-clock")

    async def _check_known(self, index: int, encoded: bytes) -> None:
        org = self._organisation.org
        known = await self._store.read(lambda c: directory_store.list_entries(c, org, index, index + 1))
        if known != [encoded]:
            raise ConflictError("directory-index")

    def _append(self, connection: Connection, draft: Draft, encoded: bytes) -> None:
        organisation = self._organisation
        lock_turn(connection, organisation.org)
        position = directory_store.count_entries(connection, organisation.org)
        if draft.entry is None or position != draft.entry.index:
            raise ConflictError("directory-index")
        directory_store.insert_entry(connection, organisation.org, position, encoded)
        store_beside(connection, organisation.org, draft)
        pass_turn(connection, organisation.org)


def store_beside(connection: Connection, org: bytes, draft: Draft) -> None:
    """Keep what is served beside an entry: names with their salts, the chart."""
    names = {member: (name.name, name.salt) for member, name in draft.names.items()}
    directory_store.replace_names(connection, org, names)
    if draft.chart is not None and isinstance(draft.content, ChartDigest):
        directory_store.insert_chart(connection, org, draft.content.digest, encode_chart(draft.chart))
