"""The transaction of a write: compare, insert and sign in one step; nothing is answered before its COMMIT."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from plaint.crypto.hashes import HASH_BYTES, compute_sha256, same_bytes
from plaint.errors import ConflictError, PlaintError, RefusedError, VerificationError
from plaint.http.errors import NotFoundError
from plaint.protocol.note import ED25519, compute_key_id, parse_note
from plaint.protocol.packs import compute_due
from plaint.protocol.room import SESSION_KINDS, compute_header_hash, encode_header
from plaint.protocol.slots import SLOT_BYTES
from plaint.protocol.state import Due, PendingLeaf, State, parse_state, sign_state
from plaint.server.clock.batch import compute_passed, list_delivered
from plaint.store import rooms, uploads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from plaint.protocol.access import Roster
    from plaint.protocol.packs import Pack
    from plaint.protocol.write import Opening, Write
    from plaint.server.organisation import Organisation
    from plaint.store.erasures import ErasureRow
    from plaint.store.rest import RestKey

NO_HASH = bytes(HASH_BYTES)


@dataclass(frozen=True, slots=True)
class Written:
    """The signed state note, how many leaves wait that did not before, and whether anything was added at all."""

    note: bytes
    leaves: int
    fresh: bool = True
    erased: Erased | None = None


@dataclass(frozen=True, slots=True)
class Erased:
    """A room that was just erased, the blobs it had, and how many slot sets of it waited."""

    row: ErasureRow
    blobs: list[bytes]
    sets: int


class WriteJob:
    """One entry on its way into a room; may run twice, so it changes nothing but the database."""

    def __init__(self, organisation: Organisation, write: Write, *, now: int) -> None:
        self.organisation = organisation
        self.org = organisation.org
        self.write = write
        self.header = encode_header(write.header)
        self.head = compute_header_hash(self.header)
        self.at = compute_tick_start(organisation, now)
        self.passed = compute_passed(organisation, now)

    def store(self, connection: Connection, row: rooms.RoomRow) -> Written:
        """Insert the entry whose effect on the room is `row`."""
        write, room = self.write, row.room
        self.claim_blobs(connection)
        entry = self.make_entry(row)
        rooms.insert_entry(connection, self.org, room, entry, row.key)
        if write.slots:
            roster = self.organisation.find_roster(row.roster, row.channel)
            check_slots(write.slots, roster)
            rooms.insert_waiting(connection, self.org, room, write.header.seq, list_delivered(roster))
        return Written(entry.note, rooms.insert_leaves(connection, self.org, write.leaves))

    def claim_blobs(self, connection: Connection) -> None:
        """Give the room the blobs that the entry names. Raises: ConflictError "blob-unknown"."""
        if not uploads.claim_blobs(connection, self.org, self.write.blobs, self.write.header.room):
            raise ConflictError("blob-unknown")

    def make_entry(self, row: rooms.RoomRow) -> rooms.EntryRow:
        """Return the entry, with the signed state note of the room as it is then."""
        write = self.write
        note = sign_room_state(self.organisation, row, at=self.at, leaves=write.leaves)
        return rooms.EntryRow(write.header.seq, self.header, write.body, write.slots or None, note)

    def find_same(self, connection: Connection, row: rooms.RoomRow) -> bytes | None:
        """Return the note this very header was answered with before; once its leaves are logged, one without any."""
        found = rooms.find_entry(connection, self.org, row.room, self.write.header.seq, row.key)
        if found is None or found[0] != self.header:
            return None
        if found[1] is None:
            # Which leaves they were nobody here knows any more: what is sent now must not be promised.
            return sign_room_state(self.organisation, row, at=self.at, leaves=())
        return sign_again(self.organisation, found[1])


class OpenJob(WriteJob):
    """Makes a room of its first entry."""

    def __init__(
        self,
        organisation: Organisation,
        write: Write,
        opening: Opening,
        *,
        now: int,
        subject: bytes | None,
        key: RestKey,
    ) -> None:
        super().__init__(organisation, write, now=now)
        self._opening = opening
        self._subject = subject
        self._key = key
        row = self._make_row()
        entry = self.make_entry(row)
        owners = list_delivered(organisation.find_roster(row.roster, row.channel))
        self._note = entry.note
        self._rows = rooms.seal_opening(self.org, row, entry, owners, write.leaves)

    def __call__(self, connection: Connection) -> Written:
        """Open the room.

        Raises: ConflictError "room-taken", "room-unique", "blob-unknown"; RefusedError "work".
        """
        leaves = rooms.insert_opening(connection, self._rows)
        if leaves is not None:
            self.claim_blobs(connection)
            return Written(self._note, leaves)
        known = rooms.find_room(connection, self.org, self.write.header.room, self.organisation.rest)
        same = None if known is None else self.find_same(connection, known)
        if same is not None:
            return Written(same, 0, fresh=False)
        raise self._find_clash(connection, known)

    def _find_clash(self, connection: Connection, known: rooms.RoomRow | None) -> PlaintError:
        """Return what was there first."""
        opening = self._opening
        if known is not None:
            return ConflictError("room-taken")
        first = rooms.find_only(connection, self.org, opening.unique) if opening.unique else None
        if first is not None:
            return ConflictError("room-unique", first.hex())
        if opening.locator_hash and rooms.has_locator(connection, self.org, opening.locator_hash):
            return ConflictError("room-taken")
        return RefusedError("work")

    def _make_row(self) -> rooms.RoomRow:
        opening, header, clock = self._opening, self.write.header, self.organisation.clock
        state = self.organisation.states[opening.roster - 1]
        dues = _compute_dues(state.packs[opening.pack], self.at)
        return rooms.RoomRow(
            room=header.room,
            channel=opening.channel,
            pack=opening.pack,
            roster=opening.roster,
            cap=opening.cap_hash,
            entries=1,
            head=self.head,
            slots=0,
            at=self.at,
            tally=opening.tally,
            subject=self._subject,
            locator=opening.locator_hash,
            only=opening.unique,
            acknowledge=dues["acknowledge"],
            feedback=dues["feedback"],
            acknowledge_hash=header.acknowledge or NO_HASH,
            feedback_hash=header.feedback or NO_HASH,
            escalate=min(dues.values()) + clock.grace * clock.tick,
            escalated=False,
            key=self._key,
        )


@dataclass(frozen=True, slots=True)
class Sender:
    """What a write to a room came with: its capability, a member's session, the locator of its holder's words."""

    cap: bytes
    member: bytes | None = None
    locator: bytes | None = None


class AppendJob(WriteJob):
    """Adds an entry to a room."""

    def __init__(self, organisation: Organisation, write: Write, sender: Sender, *, now: int) -> None:
        super().__init__(organisation, write, now=now)
        self.cap_hash = compute_sha256(sender.cap)
        self.member = sender.member
        self._locator = sender.locator

    def __call__(self, connection: Connection) -> Written:
        """Append the entry.

        Raises: NotFoundError; RefusedError "session", "erase-writer"; ConflictError "entry-conflict", "blob-unknown".
        """
        header = self.write.header
        row = open_room(rooms.lock_room(connection, self.org, header.room, self.organisation.rest), self.cap_hash)
        if header.kind in SESSION_KINDS and self.member is None:
            raise RefusedError("session")
        same = self.find_same(connection, row)
        if same is not None:
            return Written(same, 0, fresh=False)
        if header.seq != row.entries or header.prev != row.head:
            raise ConflictError("entry-conflict")
        if row.eraser is not None and self.member is None and not self._is_holder(row):
            # Else whoever left with the capability would take back what members sign, again and again.
            raise RefusedError("erase-writer")
        return self.append(connection, row)

    def _is_holder(self, row: rooms.RoomRow) -> bool:
        if self._locator is None or row.locator is None:
            return False
        return same_bytes(row.locator, compute_sha256(self._locator))

    def append(self, connection: Connection, row: rooms.RoomRow) -> Written:
        """Add the entry to the room it fits."""
        changed = self.change(row)
        names = ("entries", "head", "slots", "acknowledge", "feedback", "escalate", "eraser")
        rooms.update_room(connection, self.org, row.room, {name: getattr(changed, name) for name in names})
        return self.store(connection, changed)

    def change(self, row: rooms.RoomRow) -> rooms.RoomRow:
        """Return what the room is with this entry; its capability stays."""
        header = self.write.header
        row = replace(row, entries=row.entries + 1, head=self.head, eraser=None)
        if self.write.slots:
            row = replace(row, slots=header.seq)
        if header.kind == "acknowledge":
            row = replace(row, acknowledge=None)
        elif header.kind == "feedback":
            row = replace(row, feedback=None)
        else:
            return row
        if row.escalate is not None and row.escalate <= self.passed:
            return row  # a date that is over lets the independents in, also where the sweep has not come so far
        clock = self.organisation.clock
        dues = [due for due in (row.acknowledge, row.feedback) if due is not None]
        later = min(dues) + clock.grace * clock.tick if dues and not row.escalated else None
        return replace(row, escalate=later)


def open_room(row: rooms.RoomRow | None, cap_hash: bytes) -> rooms.RoomRow:
    """Return the room when the capability is its own; one comparison, whether the room exists or not.

    Raises: NotFoundError.
    """
    right = same_bytes(NO_HASH if row is None else row.cap, cap_hash)
    if row is None or not right:
        raise NotFoundError
    return row


def check_slots(slots: bytes, roster: Roster) -> None:
    """Check that a slot set has a place for everybody and none else.

    Raises: VerificationError "room-slots".
    """
    if len(slots) != SLOT_BYTES * (1 + len(roster.delivered) + len(roster.held)):
        raise VerificationError("room-slots")


@lru_cache(maxsize=64)
def _compute_dues(pack: Pack, at: int) -> Mapping[str, int]:
    """Return when each duty is due: the same for every report of a tick."""
    return dict(compute_due(pack, at))


def compute_tick_start(organisation: Organisation, now: int) -> int:
    """Return the start of the present tick on the constant schedule."""
    return now - now % organisation.clock.tick


def sign_again(organisation: Organisation, note: bytes) -> bytes:
    """Return the same state under the key of now: nobody takes a new answer under a key of before."""
    name, key = organisation.keys.verifiers.receipts.name, organisation.receipts_key
    parsed = parse_note(note)
    now = compute_key_id(name, ED25519, key.public)
    if any(line.key_id == now for line in parsed.signatures):
        return note
    return sign_state(parse_state(parsed.text), key, name=name)


def sign_room_state(organisation: Organisation, row: rooms.RoomRow, *, at: int, leaves: tuple[bytes, ...]) -> bytes:
    """Return the signed state note of a room; `leaves` are those of the write it answers."""
    names, clock = organisation.keys.verifiers, organisation.clock
    open_dues = (
        ("acknowledge", row.acknowledge, row.acknowledge_hash),
        ("feedback", row.feedback, row.feedback_hash),
    )
    state = State(
        log=names.cases.name,
        org=organisation.org,
        room=row.room,
        at=at,
        entries=row.entries,
        head=row.head,
        size=organisation.cosigned,
        leaves=tuple(PendingLeaf(leaf, at + clock.window) for leaf in leaves),
        dues=tuple(Due(kind, due, digest) for kind, due, digest in open_dues if due is not None),
    )
    return sign_state(state, organisation.receipts_key, name=names.receipts.name)
