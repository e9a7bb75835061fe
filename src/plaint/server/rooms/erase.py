"""The transaction that erases a room: two members in a row, and nothing written between them (spec/erasure.md)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from plaint.crypto.hashes import compute_hmac, same_bytes
from plaint.errors import RefusedError
from plaint.protocol.slots import SLOT_BYTES
from plaint.protocol.state import State, sign_state
from plaint.protocol.write import encode_answered_parts
from plaint.server.rooms.write import AppendJob, Erased, Written, sign_room_state
from plaint.store import erasures, rooms, ticks
from plaint.store.lead import lock_turn, pass_turn

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from plaint.store.erasures import ErasureRow

MARK = b"plaint/v1/eraser\n"


class EraseJob(AppendJob):
    """The first of two members to sign adds an entry as any other; the second ends the room."""

    def __call__(self, connection: Connection) -> Written:
        """Run. Raises: those of `AppendJob`; RefusedError "erase-unread", "erase-due", "erase-same"."""
        # A tick beside this would put slots of the room into streams that nobody here sees yet.
        lock_turn(connection, self.org)
        left = erasures.find_erasure(connection, self.org, self.write.header.room)
        if left is not None and self._is_last(left):
            return Written(left.note or self._sign_again(left), 0, fresh=False)
        return super().__call__(connection)

    def append(self, connection: Connection, row: rooms.RoomRow) -> Written:
        """Add the entry, or erase. What came from outside is erased only once a member has acknowledged it.

        And while an answer to it is owed, only once the independents have the key: else two who erase in time would end
        the escalation, and the independents see a date missed for ever.
        """
        if row.subject is not None and row.acknowledge is not None:
            raise RefusedError("erase-unread")
        if row.subject is not None and row.feedback is not None and not self._is_released(connection, row):
            raise RefusedError("erase-due")
        if row.eraser is None:
            return super().append(connection, row)
        if same_bytes(row.eraser, self._compute_mark(row)):
            raise RefusedError("erase-same")
        return self._erase(connection, row)

    def change(self, row: rooms.RoomRow) -> rooms.RoomRow:
        """Return what the room is with this entry: whoever signed is known by a keyed hash that goes with the key."""
        return replace(super().change(row), eraser=self._compute_mark(row))

    def _erase(self, connection: Connection, row: rooms.RoomRow) -> Written:
        org, last = self.org, self.change(row)
        first = rooms.read_entries(connection, org, row.room, row.entries - 1, row.key)
        # Of the slots the holder's own is kept, of the first set: it leads her to these two entries.
        slots = rooms.read_slots(connection, org, row.room, 0, row.key)
        record = encode_answered_parts(
            [*first, (self.header, self.write.body)], slots=slots[:SLOT_BYTES], slots_seq=0, notes=(b"", b"")
        )
        note = sign_room_state(self.organisation, last, at=self.at, leaves=self.write.leaves)
        left = erasures.ErasureRow(row.room, row.cap, row.locator, record, row.key.id, note)
        ticks.release_cells(connection, org, row.key.id, self.organisation.rest)
        blobs, sets = erasures.erase_room(connection, org, left)
        pass_turn(connection, org)
        leaves = rooms.insert_leaves(connection, org, self.write.leaves)
        return Written(note, leaves, erased=Erased(left, blobs, sets))

    def _is_released(self, connection: Connection, row: rooms.RoomRow) -> bool:
        """Tell whether the held slots are in the streams of the independents, of all of them."""
        return row.escalated and not ticks.is_waiting(connection, self.org, row.room)

    def _compute_mark(self, row: rooms.RoomRow) -> bytes:
        return compute_hmac(row.key.secret, MARK, self.member or b"")

    def _is_last(self, left: ErasureRow) -> bool:
        return same_bytes(left.cap, self.cap_hash) and self.header + self.write.body in left.record

    def _sign_again(self, left: ErasureRow) -> bytes:
        """Return a state note without leaves: which they were nobody here knows any more."""
        header = self.write.header
        state = State(
            log=self.organisation.keys.verifiers.cases.name,
            org=self.org,
            room=left.room,
            at=self.at,
            entries=header.seq + 1,
            head=self.head,
            size=self.organisation.cosigned,
        )
        return sign_state(state, self.organisation.receipts_key, name=self.organisation.keys.verifiers.receipts.name)
