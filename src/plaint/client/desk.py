"""A member's side: what the stream opened, cases across their rooms, everything a member writes. Start at `sign_in`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from plaint.client.alarms import list_alarms
from plaint.client.casework import DueDate, fold_rooms, list_due_dates, rank_dates, watch_room
from plaint.client.connection import Connection
from plaint.client.follow import check_extends
from plaint.client.rooms import MemberEyes, OpenedRoom, check_lifted, open_room
from plaint.client.session import Session, find_member
from plaint.client.stream import Stream, load_stream, save_stream, scan_stream
from plaint.client.writing import NewRoom, make_manifest, seal_entry, seal_open, seal_slots
from plaint.crypto.hashes import random_bytes
from plaint.docket.case import CaseView
from plaint.docket.entries import REPORTER
from plaint.errors import ConflictError, PlaintError, RefusedError, UnavailableError, VerificationError
from plaint.protocol.access import Access
from plaint.protocol.authorship import OWN, PROVED, MemberWriter
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
)
from plaint.protocol.keys import MemberKeys, compute_first_room_keys, compute_room_keys
from plaint.protocol.room import SESSION_KINDS
from plaint.protocol.slots import Slot, open_slot, split_slot_set

LEAST_PREFIX = 6
WAIT_TICKS = 20
WAIT_LIMIT_S = 60
TRIES = 3


@dataclass(frozen=True, slots=True)
class Case:
    """A reporter's room and the rooms below it that this member can read."""

    room: OpenedRoom
    others: tuple[OpenedRoom, ...] = ()

    @property
    def id(self) -> bytes:
        """The id of the reporter's room."""
        return self.room.id

    @property
    def rooms(self) -> tuple[OpenedRoom, ...]:
        """All rooms, the reporter's first."""
        return (self.room, *self.others)

    def find_room(self, label: str) -> OpenedRoom | None:
        """Return the first room with a label."""
        return next((room for room in self.rooms if room.manifest.label == label), None)


@dataclass(slots=True)
class Desk:
    """One member at work. `folder` keeps what the stream opened between runs, sealed; without it nothing stays."""

    connection: Connection
    keys: MemberKeys
    member: bytes
    session: Session
    folder: Path | None = None
    stream: Stream = field(default_factory=Stream)
    unreadable: dict[bytes, str] = field(default_factory=dict)
    """Rooms whose key this member has and which do not open, with the code of the check that failed."""
    readable: set[bytes] | None = None
    """Rooms that opened when they were listed last."""

    @property
    def writer(self) -> MemberWriter:
        """The member's signature."""
        return MemberWriter(self.member, self.keys.sign)

    def scan(self, progress: Callable[[int], None] | None = None) -> None:
        """Read the stream and the log up to now and keep what opened."""
        token = self.session.token()
        scan_stream(self.connection, self.stream, self.keys, member=self.member, session=token, progress=progress)
        self._save()
        self.connection.leaves.update()

    def fold(self, case: Case) -> CaseView:
        """Return status, due dates and grants of a case."""
        return fold_rooms(self.connection, case.rooms)

    def list_due_dates(self, case: Case) -> list[DueDate]:
        """Return the promised dates of a case with what became of them by now."""
        return list_due_dates(self.connection, case.room, self.fold(case))

    def list_alarms(self, case: Case) -> list[str]:
        """Return codes of what does not hold in any room of a case, each once."""
        return list(dict.fromkeys(code for room in case.rooms for code in list_alarms(self.connection, room)))

    def list_watched(self) -> dict[bytes, list[DueDate]]:
        """Return the due dates of reports that this member watches without reading them, by room id."""
        if self.readable is None:
            self.list_cases()
        readable = self.readable or set()
        watched = {room: slots for room, slots in self.stream.list_watched().items() if room not in readable}
        return {room: self._watch(slots) for room, slots in watched.items()}

    def list_cases(self) -> list[Case]:
        """Return every case that this member can read; call `scan` first.

        A room that is gone, or was sealed wrongly, stands in `unreadable` instead: nobody else's room suffers from it.
        Raises: VerificationError "state-fork"; UnavailableError.
        """
        self.unreadable = {}
        rooms = [room for slots in self.stream.list_open().values() if (room := self._try_read(slots)) is not None]
        self.readable = {room.id for room in rooms}
        children: dict[bytes, list[OpenedRoom]] = {}
        for room in rooms:
            if room.manifest.parent is not None and self._check_child(room):
                children.setdefault(room.manifest.parent, []).append(room)
        tops = [room for room in rooms if room.manifest.parent is None and room.manifest.label == REPORTER]
        self._save()
        return [make_case(room, children.get(room.id, ())) for room in tops]

    def open_case(self, typed: str) -> Case:
        """Return the case whose id begins with `typed`, from six hex digits on.

        Raises: RefusedError "not-found", "case-several".
        """
        wanted = typed.strip().lower()
        found = [case for case in self.list_cases() if len(wanted) >= LEAST_PREFIX and case.id.hex().startswith(wanted)]
        if len(found) > 1:
            raise RefusedError("case-several")
        if not found:
            raise RefusedError("not-found")
        return found[0]

    def acknowledge(self, case: Case, text: str | None = None) -> OpenedRoom:
        """Tell the reporter that the report arrived; this is what the first due date is about."""
        return self._write(case.room, "acknowledge", Content(text=text))

    def feedback(self, case: Case, *, action: str, grounds: str) -> OpenedRoom:
        """Tell the reporter what was done and why; this is what the second due date is about."""
        return self._write(case.room, "feedback", FeedbackContent(action=action, grounds=grounds))

    def reply(self, case: Case, text: str, attachments: Sequence[Attachment] = ()) -> OpenedRoom:
        """Write to the reporter."""
        return self._write(case.room, "entry", EntryContent(text=text, attachments=tuple(attachments)))

    def note(self, case: Case, text: str, attachments: Sequence[Attachment] = ()) -> OpenedRoom:
        """Write in the internal room, which the reporter does not see; the first note makes it.

        Raises: UnavailableError "room-pending" when a colleague made it and this member's slot is still on its way.
        """
        room = self.open_internal(case)
        return self._write(room, "entry", EntryContent(text=text, attachments=tuple(attachments)))

    def reopen(self, case: Case, reason: str | None = None) -> OpenedRoom:
        """Take a closing back."""
        return self._write(case.room, "reopen", ReopenContent(reason=reason))

    def close(self, case: Case, reason: str) -> OpenedRoom:
        """Sign the closing of a case; it counts once another member confirms it."""
        return self._write(case.room, "close", CloseContent(reason=reason))

    def confirm(self, case: Case, close: bytes) -> OpenedRoom:
        """Sign the closing that another member signed first; `close` is the hash of that entry's header."""
        return self._write(case.room, "entry", EntryContent(confirms=close))

    def grant(self, case: Case, member: bytes, *, labels: Sequence[str] | None = None) -> None:
        """Let a member into the rooms of a case and tell the reporter.

        Raises: RefusedError "grant-conflict" for somebody excluded, "grant-roster" for somebody without a place in the
                slot set, "grant-already".
        """
        rooms = [room for room in case.rooms if labels is None or room.manifest.label in labels]
        wanting = {room.id for room in rooms if check_grant(room, member)}
        silent = {grant.room for grant in self.fold(case).grants if grant.member == member and not grant.told}
        # A grant whose notice was cut off is told now; who was there from the start needs none.
        untold = {room.id for room in rooms if room.id in silent and was_let_in(room, member)}
        if not wanting | untold:
            raise RefusedError("grant-already")
        name = self.connection.view.name(member)
        for room in rooms:
            if room.id in wanting:
                self._grant(room, member, name)
            if room.id != case.id and room.id in wanting | untold:
                notice = Notice("access", room.id, room.manifest.label, member, name)
                self._write(case.room, "entry", EntryContent(notice=notice))

    def open_internal(self, case: Case) -> OpenedRoom:
        """Return the internal room of a case, made if need be; two members can never make two.

        Raises: UnavailableError "room-pending"; RefusedError "room-epoch" without the room's first secret.
        """
        known = case.find_room("internal")
        if known is not None:
            return known
        new = self._prepare_internal(case)
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
        own = [open_slot(self.keys.age, slot, member=self.member) for slot in split_slot_set(sealed.write.slots)]
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
        places = {member.id for member in roster.delivered}
        # An independent who was let in by a missed date stands in no list of the parent.
        granted = tuple(sorted({*parent.access.granted, self.member} & places))
        unique = compute_first_room_keys(parent.secrets[0]).compute_child("internal")
        access = Access(granted, parent.access.conflicted)
        return NewRoom(secret=secret, manifest=manifest, roster=roster, access=access, unique=unique)

    def _await_room(self, room: bytes) -> OpenedRoom:
        """Wait for the slot of a room somebody else just made, where ticks are short; elsewhere come back later."""
        for attempt in range(WAIT_TICKS):
            self.scan()
            slots = self._choose(self.stream.list_open().get(room, []))
            if slots:
                found = self._read_any(slots)
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

    def _write(self, room: OpenedRoom, kind: str, content: Content) -> OpenedRoom:
        return self._send(room, lambda _fresh: (kind, content))

    def _send(self, room: OpenedRoom, make: Callable[[OpenedRoom], tuple[str, Content]]) -> OpenedRoom:
        """Seal behind the newest entry and send; when somebody else was first, read and seal again."""
        for _ in range(TRIES):
            kind, content = make(room)
            if isinstance(content, SlotsContent):
                write = seal_slots(room, content, self.writer).write
            else:
                write = seal_entry(room, kind, content, self.writer).write
            session = self.session.token() if kind in SESSION_KINDS else None
            try:
                self.connection.send(write, cap=room.cap, session=session)
            except ConflictError as error:
                if error.code != "entry-conflict":
                    raise
                room = self._reread(room)
                continue
            return self._reread(room)
        raise ConflictError("entry-conflict")

    def _reread(self, room: OpenedRoom) -> OpenedRoom:
        fresh = self._read_with(room.id, epoch=room.epoch, secret=room.secrets[room.epoch])
        self._save()
        return fresh

    def _try_read(self, slots: Sequence[Slot]) -> OpenedRoom | None:
        try:
            return self._read_any(slots)
        except PlaintError as error:
            if error.code == "state-fork" or isinstance(error, UnavailableError):
                raise
            self.unreadable[slots[0].room] = error.code
            return None

    def _read_any(self, slots: Sequence[Slot]) -> OpenedRoom:
        """Read a room by the newest key that fits.

        Raises: RefusedError "not-found" when none does; those of `open_room` for the newest that did not hold.
        """
        problem: PlaintError | None = None
        for slot in self._choose(slots):
            try:
                return self._read(slot)
            except PlaintError as error:
                if error.code == "state-fork" or isinstance(error, UnavailableError):
                    raise
                problem = problem or error
        raise problem or RefusedError("not-found")

    def _choose(self, slots: Sequence[Slot]) -> list[Slot]:
        """Return the slots whose key fits, by one question for all: false ones may be many."""
        if len(slots) < 2:
            return list(slots)
        caps = [(slot.room, compute_room_keys(slot.secret or b"").cap) for slot in slots]
        return [slot for slot, right in zip(slots, self.connection.find_right_caps(caps), strict=True) if right]

    def _watch(self, slots: Sequence[Slot]) -> list[DueDate]:
        """Return the dates of a room that is only watched; where slots contradict each other, the worst they say."""
        distinct = {(slot.tokens, slot.pack): slot for slot in slots}
        return max((watch_room(self.connection, slot) for slot in distinct.values()), key=rank_dates)

    def _check_child(self, room: OpenedRoom) -> bool:
        """Tell whether members can talk in a room below a case: one that a member opened, and nobody else.

        The reporter knows her own room's id. What she sealed under it would be read by her.
        """
        first = room.entries[0]
        right = first.author is not None and first.authorship in {PROVED, OWN} and room.manifest.holder is None
        if not right:
            self.unreadable[room.id] = "room-child"
        return right

    def _read(self, slot: Slot) -> OpenedRoom:
        return self._read_with(slot.room, epoch=slot.epoch, secret=slot.secret or b"")

    def _read_with(self, room: bytes, *, epoch: int, secret: bytes) -> OpenedRoom:
        answer, state = self.connection.read_room(room, compute_room_keys(secret).cap)
        eyes = MemberEyes(self.member, self.keys, self.connection.view)
        opened = open_room(answer, state, epoch=epoch, secret=secret, eyes=eyes, view=self.connection.view)
        seen = self.stream.heads.get(room)
        if seen is not None:
            check_extends(opened, entries=seen[0], head=seen[1])
        self.stream.heads[room] = (state.entries, state.head)
        return opened

    def _save(self) -> None:
        save_stream(self.folder, self.stream, self.keys)


def sign_in(connection: Connection, keys: MemberKeys, *, folder: Path | None = None) -> Desk:
    """Return the desk of the member with these keys.

    Raises: those of `find_member` and `load_stream`.
    """
    member = find_member(connection, keys)
    stream = load_stream(folder, keys)
    return Desk(connection, keys, member, Session(connection, keys, member), folder, stream)


def make_case(room: OpenedRoom, others: Sequence[OpenedRoom]) -> Case:
    """Return the case; whom the report keeps out, every other room of the case must keep out as well."""
    first = room.entries[0].content
    if not isinstance(first, OpenContent):
        return Case(room, tuple(others))
    lifted = [check_lifted(first.access, [other.access]) for other in others]
    problems = [(*other.problems, *more) for other, more in zip(others, lifted, strict=True)]
    found = zip(others, problems, strict=True)
    return Case(room, tuple(replace(other, problems=tuple(dict.fromkeys(codes))) for other, codes in found))


def was_let_in(room: OpenedRoom, member: bytes) -> bool:
    """Tell whether a member reads a room who did not when it was opened."""
    first = room.entries[0].content
    return isinstance(first, OpenContent) and member not in first.access.granted


def check_grant(room: OpenedRoom, member: bytes) -> bool:
    """Tell whether a member may be let into a room and is not in it yet.

    Raises: RefusedError "grant-conflict", "grant-roster".
    """
    if member in room.access.conflicted:
        raise RefusedError("grant-conflict")
    if member not in {place.id for place in room.roster.delivered}:
        raise RefusedError("grant-roster")
    return member not in room.access.granted
