"""What a report's words open: the conversation, who reads it since when, what became of each date, the receipt.

Start at `find_report`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from plaint.client.alarms import list_alarms
from plaint.client.casework import (
    DueDate,
    compute_logged_at,
    date_authors,
    find_let_in,
    fold_rooms,
    list_due_dates,
    list_held,
)
from plaint.client.connection import Connection
from plaint.client.receipts import check_same_report, complete_receipt, make_receipt
from plaint.client.rooms import HolderEyes, OpenedRoom, check_grant, open_room
from plaint.client.writing import list_readers, make_holder_writer, seal_entry, seal_slots
from plaint.docket.case import CaseView
from plaint.errors import ConflictError, RefusedError, VerificationError
from plaint.protocol.body import open_body
from plaint.protocol.content import (
    Attachment,
    Content,
    EntryContent,
    Granted,
    ReopenContent,
    SlotsContent,
    parse_content,
)
from plaint.protocol.erasure import Certificate
from plaint.protocol.keys import HolderKeys, compute_room_keys
from plaint.protocol.receipt import Receipt
from plaint.protocol.slots import SLOT_BYTES, Slot, open_slot
from plaint.protocol.state import State
from plaint.protocol.write import RoomAnswer, Write

LOCATOR_ANSWER_BYTES = 32 + SLOT_BYTES


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody who can read; `since` is the logged date, None while it is not dated."""

    name: str
    since: int | None


@dataclass(slots=True)
class Report:
    """An open report in the hands of whoever has its words; call `refresh` to read on."""

    connection: Connection
    keys: HolderKeys
    room: OpenedRoom = field(repr=False)
    answer: RoomAnswer = field(repr=False)

    def refresh(self) -> None:
        """Read the room again and the log up to now.

        Raises: VerificationError "state-fork" when something seen before is gone: an alarm.
        """
        seen = self.room.state
        found = find_report(self.connection, self.keys)
        check_extends(found.room, entries=seen.entries, head=seen.head)
        self.room, self.answer = found.room, found.answer

    def seal_text(self, text: str, attachments: Sequence[Attachment] = ()) -> Write:
        """Return a sealed message."""
        return self._seal("entry", EntryContent(text=text, attachments=tuple(attachments)))

    def seal_reopen(self, reason: str | None = None) -> Write:
        """Return the sealed entry that takes a closing back."""
        return self._seal("reopen", ReopenContent(reason=reason))

    def seal_let_in(self, member: bytes) -> Write:
        """Return the sealed slot set that lets a member of the roster read: the reporter needs nobody's leave for it.

        Raises: RefusedError "grant-conflict" for somebody kept out, "grant-roster", "grant-left", "grant-already".
        """
        if not check_grant(self.room, member, self.connection.view):
            raise RefusedError("grant-already")
        return self._seal("slots", self._let_in(Granted(member, self.connection.view.name(member))))

    def list_watchers(self, receipt: Receipt | None = None) -> list[tuple[bytes, str]]:
        """Return id and name of everybody who may read if a date is missed, and cannot yet: nobody who left."""
        if find_let_in(self.connection, self.room, self.fold(receipt)) is not None:
            return []
        view = self.connection.view
        held = [(member, view.name(member)) for member in list_held(self.room) if view.is_active(member)]
        return sorted(held, key=lambda item: item[1])

    def send(self, write: Write) -> State:
        """Send a sealed entry. One that somebody else's entry overtook is sealed again behind it.

        Raises: UnavailableError "admission", "network": keep `write` and send it later.
        """
        try:
            state = self._post(write)
        except ConflictError as error:
            if error.code != "entry-conflict":
                raise
            state = self._post(self._seal_again(write))
        self.refresh()
        return state

    def _post(self, write: Write) -> State:
        """Send one entry; the locator says that it is the holder's, and only where the server must know."""
        locator = self.keys.locator if self.room.erasing else None
        return self.connection.send(write, cap=self.room.cap, locator=locator)[0]

    def list_access(self, receipt: Receipt | None = None) -> list[Access]:
        """Return everybody who can read now and since when, then those of whom members told as let into other rooms.

        Independents whom a missed date let in read since that was over.
        """
        view, name = self.fold(receipt), self.connection.view.name
        since = {grant.member: grant.since for grant in view.grants}
        notices = [
            Access(f"{notice.name} ({notice.label})", compute_logged_at(self.connection, entry))
            for entry in self.room.entries
            if entry.signed and isinstance(entry.content, EntryContent) and (notice := entry.content.notice) is not None
        ]
        missed = find_let_in(self.connection, self.room, view)
        if missed is not None:
            since |= dict.fromkeys(list_held(self.room), missed)
        return [Access(name(member), since[member]) for member in sorted(since, key=name)] + notices

    def fold(self, receipt: Receipt | None = None) -> CaseView:
        """Return the state of the case; dates count from the state note in the receipt, where there is one."""
        return fold_rooms(self.connection, [self.room], begin=self._read_begin(receipt))

    def list_due_dates(self, receipt: Receipt | None = None) -> list[DueDate]:
        """Return both promised dates with what became of them by now."""
        return list_due_dates(self.connection, self.room, self.fold(receipt))

    def list_warnings(self, receipt: Receipt | None = None, *, erased: Certificate | None = None) -> list[str]:
        """Return codes of what does not hold: clocks apart, a log that stands still, dates that moved, lying slots.

        And "room-returned" where `erased` shows that the report was erased: an older copy of all came back.
        """
        found = list_alarms(self.connection, self.room, begin=self._read_begin(receipt))
        returned = erased is not None and erased.first.header.room == self.room.id
        return [*found, "room-returned"] if returned else found

    def update_receipt(self, receipt: Receipt | None) -> Receipt:
        """Return the receipt, complete as soon as the log holds the report; made again when it was lost.

        Raises: VerificationError "receipt-other" for the receipt of another report.
        """
        first = self.room.entries[0].header
        if receipt is None:
            receipt = self._recover_receipt()
        check_same_report(receipt, first)
        return complete_receipt(receipt, self.connection.leaves)

    def _seal(self, kind: str, content: Content) -> Write:
        access = content.access if isinstance(content, SlotsContent) else None
        readers, roster = list_readers(self.room, access), self.room.manifest.roster
        writer = make_holder_writer(self.connection.view, self.keys, readers, roster=roster)
        if isinstance(content, SlotsContent):
            return seal_slots(self.room, content, writer).write
        return seal_entry(self.room, kind, content, writer).write

    def _let_in(self, who: Granted) -> SlotsContent:
        granted = tuple(sorted({*self.room.access.granted, who.member}))
        return SlotsContent(access=replace(self.room.access, granted=granted), granted=who)

    def _seal_again(self, write: Write) -> Write:
        self.refresh()
        if any(entry.header == write.header for entry in self.room.entries):
            return write
        body = open_body(compute_room_keys(self.room.secret).identity, write.header, write.body)
        content = parse_content(write.header.kind, body.content)
        if isinstance(content, SlotsContent) and content.granted is not None:
            content = self._let_in(content.granted)  # into the set as it is by now
        return self._seal(write.header.kind, content)

    def _recover_receipt(self) -> Receipt:
        """Make a lost receipt again: the room still says how its first entry was answered."""
        entry = self.room.entries[0]
        if entry.opening is None:
            raise VerificationError("room-manifest")
        return make_receipt(entry.header, entry.opening, self.answer.opening)

    def _read_begin(self, receipt: Receipt | None) -> int | None:
        return self.connection.open_note(receipt.note, self.room.id, past=True).at if receipt else None


def find_report(connection: Connection, keys: HolderKeys) -> Report:
    """Return the report of these words, with the log up to now.

    Raises: RefusedError "not-found" for words without a report: wrong, of another organisation, or never sent.
    """
    slot = locate_report(connection, keys)
    secret = slot.secret or b""
    answer, state = connection.read_room(slot.room, compute_room_keys(secret).cap)
    eyes = HolderEyes(keys, connection.view)
    room = open_room(answer, state, secret=secret, eyes=eyes, view=connection.view)
    connection.leaves.update()
    return Report(connection, keys, date_authors(connection, room), answer)


def locate_report(connection: Connection, keys: HolderKeys) -> Slot:
    """Return the slot that leads to the report of these words. Raises: RefusedError "not-found"."""
    headers = {"plaint-locator": keys.locator.hex()}
    data, _ = connection.api.get("locator", headers=headers, limit_bytes=LOCATOR_ANSWER_BYTES)
    slot = open_slot(keys.age, data[32:])
    if slot is None or slot.secret is None or slot.room != data[:32] or slot.org != connection.view.org:
        raise RefusedError("not-found")
    return slot


def check_extends(room: OpenedRoom, *, entries: int, head: bytes) -> None:
    """Check that a room still begins with what was seen of it.

    Raises: VerificationError "state-fork".
    """
    if entries > len(room.entries) or room.entries[entries - 1].hash != head:
        raise VerificationError("state-fork")
