"""A member's side: reads cases (`cases`) and writes everything a member writes. Start at `sign_in`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from plaint.client.cases import Case, Cases, belongs_to
from plaint.client.connection import Connection
from plaint.client.kept import KeptWrites
from plaint.client.rooms import UNTOLD, OpenedRoom, check_grant, check_told
from plaint.client.session import Session, find_member
from plaint.client.stream import load_stream
from plaint.client.writing import NewRoom, make_manifest, seal_entry, seal_open, seal_slots
from plaint.crypto.hashes import random_bytes
from plaint.docket.handling import HANDLING
from plaint.errors import ConflictError, PlaintError, RefusedError, UnavailableError, VerificationError
from plaint.protocol.access import Access
from plaint.protocol.authorship import UNPROVED, MemberWriter
from plaint.protocol.body import open_body
from plaint.protocol.content import (
    Attachment,
    CloseContent,
    Content,
    EntryContent,
    FeedbackContent,
    Granted,
    Notice,
    OpenContent,
    ReopenContent,
    SlotsContent,
    is_blank,
    parse_content,
)
from plaint.protocol.keys import MemberKeys, compute_room_keys
from plaint.protocol.room import SESSION_KINDS, Until
from plaint.protocol.slots import open_slot, split_slot_set
from plaint.protocol.write import Write

WAIT_TICKS = 20
WAIT_LIMIT_S = 60
TRIES = 3


@dataclass(slots=True)
class Desk(Cases):
    """One member at work: reads cases and writes into them."""

    kept: KeptWrites | None = None
    """Where entries stay that were signed and not taken; without it nothing stays."""

    @property
    def writer(self) -> MemberWriter:
        """The member's signature."""
        return MemberWriter(self.member, self.keys.sign)

    def acknowledge(self, case: Case, text: str | None = None) -> OpenedRoom:
        """Tell the reporter that the report arrived; this is what the first due date is about."""
        return self.write(case.room, "acknowledge", Content(text=text))

    def feedback(self, case: Case, *, action: str, grounds: str) -> OpenedRoom:
        """Tell the reporter what was done and why; this is what the second due date is about.

        Raises: RefusedError "feedback-blank".
        """
        if is_blank(action) or is_blank(grounds):
            raise RefusedError("feedback-blank")
        return self.write(case.room, "feedback", FeedbackContent(action=action, grounds=grounds))

    def reply(self, case: Case, text: str, attachments: Sequence[Attachment] = ()) -> OpenedRoom:
        """Write to the reporter."""
        return self.write(case.room, "entry", EntryContent(text=text, attachments=tuple(attachments)))

    def note(self, case: Case, text: str, attachments: Sequence[Attachment] = ()) -> OpenedRoom:
        """Write in the internal room, which the reporter does not see; the first note makes it.

        Raises: UnavailableError "room-pending" when a colleague made it and this member's slot is still on its way.
        """
        room = self.open_internal(case)
        return self.write(room, "entry", EntryContent(text=text, attachments=tuple(attachments)))

    def reopen(self, case: Case, reason: str | None = None) -> OpenedRoom:
        """Take a closing back."""
        return self.write(case.room, "reopen", ReopenContent(reason=reason))

    def close(self, case: Case, reason: str) -> OpenedRoom:
        """Sign the closing of a case; it counts once another member confirms it."""
        return self.write(case.room, "close", CloseContent(reason=reason))

    def confirm(self, case: Case, close: bytes) -> OpenedRoom:
        """Sign the closing that another member signed first; `close` is the hash of that entry's header."""
        return self.write(case.room, "entry", EntryContent(confirms=close))

    def grant(self, case: Case, member: bytes, *, labels: Sequence[str] | None = None) -> None:
        """Let a member into the rooms of a case and tell the reporter.

        Raises: RefusedError "grant-conflict" for somebody excluded, "grant-roster" for somebody without a place in the
                slot set, "grant-left", "grant-already".
        """
        # The room about how the case is handled is nobody's to be let into along with the others.
        usual = [room.manifest.label for room in case.rooms if room.manifest.label != HANDLING]
        rooms = [room for room in case.rooms if room.manifest.label in (usual if labels is None else labels)]
        wanting = {room.id for room in rooms if check_grant(room, member, self.connection.view)}
        silent = {grant.room for grant in self.fold(case).grants if grant.member == member and not grant.told}
        # A grant whose notice was cut off is told now; who was there from the start and reads the report needs none.
        code = f"{UNTOLD} {member.hex()}"
        untold = {
            room.id
            for room in rooms
            if (room.id in silent and was_let_in(room, member)) or code in check_told(case.room, room)
        }
        if not wanting | untold:
            raise RefusedError("grant-already")
        name = self.connection.view.name(member)
        for room in rooms:
            if room.id in wanting:
                self._grant(room, member, name)
            if room.id != case.id and room.id in wanting | untold:
                notice = Notice("access", room.id, room.manifest.label, member, name)
                self.write(case.room, "entry", EntryContent(notice=notice))

    def send_kept(self) -> int:
        """Send what was signed before and not taken, and return how many entries still wait; call `scan` first.

        Raises: those of `KeptWrites.list_writes`; VerificationError "state-fork".
        """
        held = self.kept
        return 0 if held is None else sum(not self._send_again(held, write) for write in held.list_writes())

    def open_internal(self, case: Case) -> OpenedRoom:
        """Return the internal room of a case, made if need be; two members can never make two.

        Raises: UnavailableError "room-pending"; VerificationError "room-child" when somebody opened it who may not.
        """
        known = case.find_room("internal")
        if known is not None:
            return known
        room = self.open_only(self._prepare_internal(case))
        if not belongs_to(case.room, room):
            raise VerificationError("room-child")
        return room

    def open_only(self, new: NewRoom) -> OpenedRoom:
        """Open a room of which a case has one, or return the one that somebody else opened first.

        Raises: UnavailableError "room-pending" when this member's slot of that is still on its way; VerificationError
                "room-child" when it is no room that a member opened.
        """
        sealed = seal_open(new, self.writer)
        try:
            self.connection.send(sealed.write, session=self.session.token())
        except ConflictError as error:
            if error.code != "room-unique":
                raise
            return self._await_room(bytes.fromhex(error.detail))
        if self.folder is None and self._may_wait():
            # Nothing is kept on this device: the next command knows the room only from the stream.
            return self._await_room(sealed.write.header.room)
        slots = split_slot_set(sealed.write.slots)
        own = [open_slot(each.age, slot, member=self.member) for each in self.keys.ring for slot in slots]
        self.stream.add(slot for slot in own if slot is not None)
        self._save()
        return self._read_any(self.stream.list_open()[sealed.write.header.room])

    def admit_upload(self, room: OpenedRoom) -> Callable[[bytes], Mapping[str, str]]:
        """Return the headers under which files for a room are uploaded: its capability, not the member's session."""
        return lambda _blob: {"plaint-room": room.id.hex(), "plaint-cap": room.cap.hex()}

    def _prepare_internal(self, case: Case) -> NewRoom:
        view, secret, parent = self.connection.view, random_bytes(32), case.room
        channel = parent.manifest.channel
        manifest = make_manifest(view, channel=channel, secret=secret, label="internal", parent=parent.id)
        roster = view.roster(channel, manifest.roster)
        # An independent who was let in by a missed date stands in no list of the parent.
        granted = tuple(sorted({*parent.access.granted, self.member} & roster.places - set(parent.kept_out)))
        unique = compute_room_keys(parent.secret).compute_child("internal")
        access = Access(granted, parent.kept_out)
        return NewRoom(secret=secret, manifest=manifest, roster=roster, access=access, unique=unique)

    def _await_room(self, room: bytes) -> OpenedRoom:
        """Wait for the slot of a room somebody else just made, where ticks are short; elsewhere come back later."""
        for attempt in range(WAIT_TICKS):
            self.scan()
            slot = self._choose(self.stream.list_open().get(room, []))
            if slot is not None:
                found = self._read_any([slot])
                if not self._check_child(found):
                    raise VerificationError("room-child")
                return found
            if not self._may_wait() or attempt == WAIT_TICKS - 1:
                break
            self.connection.sleep(self.connection.tick_s)
        raise UnavailableError("room-pending")

    def _may_wait(self) -> bool:
        return self.connection.tick_s * WAIT_TICKS <= WAIT_LIMIT_S

    def _grant(self, room: OpenedRoom, member: bytes, name: str) -> None:
        def seal(fresh: OpenedRoom) -> tuple[str, Content]:
            granted = tuple(sorted({*fresh.access.granted, member}))
            return "slots", SlotsContent(access=replace(fresh.access, granted=granted), granted=Granted(member, name))

        self._send(room, seal)

    def write(self, room: OpenedRoom, kind: str, content: Content, *, until: Until | None = None) -> OpenedRoom:
        """Write an entry of any kind; an `extend` says `until` when."""
        return self._send(room, lambda _fresh: (kind, content), until=until)

    def _send(
        self, room: OpenedRoom, make: Callable[[OpenedRoom], tuple[str, Content]], *, until: Until | None = None
    ) -> OpenedRoom:
        """Seal behind the newest entry and send; when somebody else was first, read and seal again."""
        for _ in range(TRIES):
            kind, content = make(room)
            if isinstance(content, SlotsContent):
                write = seal_slots(room, content, self.writer).write
            else:
                write = seal_entry(room, kind, content, self.writer, until=until).write
            try:
                self._post(room, write)
            except ConflictError as error:
                if error.code != "entry-conflict":
                    raise
                room = self._reread(room)
                continue
            return self._reread(room)
        raise ConflictError("entry-conflict")

    def _post(self, room: OpenedRoom, write: Write) -> None:
        """Send one entry; one that the server does not take or sign for is kept, but for slots, which grow old."""
        try:
            signed = write.header.kind in SESSION_KINDS or room.erasing
            session = self.session.token() if signed else None
            self.connection.send(write, cap=room.cap, session=session)
        except (UnavailableError, VerificationError):
            if self.kept and not write.slots:
                self.kept.keep(write)
            raise

    def _send_again(self, held: KeptWrites, write: Write) -> bool:
        """Send a kept entry, sealed anew where others wrote since; tell whether the room has it now."""
        try:
            room = self._read_any(self.stream.list_open().get(write.header.room, ()))
            content = self._open_own(room, write)
        except PlaintError as error:
            if error.code == "state-fork":
                raise
            return False
        moved = room.head != write.header.prev
        own = [entry for entry in room.entries if entry.author == self.member and entry.authorship != UNPROVED]
        if all((entry.header.kind, entry.content) != (write.header.kind, content) for entry in own):
            try:
                if moved:
                    self.write(room, write.header.kind, content, until=write.header.until)
                else:
                    self._post(room, write)
            except (UnavailableError, VerificationError):
                if moved:
                    held.drop(write)  # what was sealed anew is kept in its place
                return False
            except (ConflictError, RefusedError):
                return False
        held.drop(write)
        return True

    def _open_own(self, room: OpenedRoom, write: Write) -> Content:
        identity = compute_room_keys(room.secret).identity
        return parse_content(write.header.kind, open_body(identity, write.header, write.body).content)


def sign_in(connection: Connection, keys: MemberKeys, *, folder: Path | None = None, kept: Path | None = None) -> Desk:
    """Return the desk of the member with these keys; `kept` is the folder for what the server will not take.

    Raises: those of `find_member` and `load_stream`.
    """
    keys = find_member(connection, keys)
    member = keys.id
    stream = load_stream(folder, keys)
    held = None if kept is None else KeptWrites(kept)
    return Desk(connection, keys, member, Session(connection, keys, member), folder, stream, kept=held)


def was_let_in(room: OpenedRoom, member: bytes) -> bool:
    """Tell whether a member reads a room who did not when it was opened."""
    first = room.entries[0].content
    return isinstance(first, OpenContent) and member not in first.access.granted
