"""What a member can read: the stream, rooms by capability, cases across their rooms. Start at `Cases.list_cases`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from plaint.client.alarms import list_alarms
from plaint.client.casework import (
    DueDate,
    date_authors,
    fold_rooms,
    judge_watched_slots,
    list_due_dates,
    list_reviews,
)
from plaint.client.connection import Connection
from plaint.client.erased import ErasedRoom, read_erased
from plaint.client.follow import check_extends
from plaint.client.rooms import (
    MemberEyes,
    OpenedRoom,
    check_lifted,
    check_told,
    compute_full_members,
    open_room,
)
from plaint.client.session import Session
from plaint.client.stream import Place, Stream, save_stream, scan_stream
from plaint.docket.case import CaseView
from plaint.docket.entries import REPORTER
from plaint.errors import PlaintError, RefusedError, UnavailableError
from plaint.log.pull import Progress
from plaint.protocol.content import EntryContent, Notice, OpenContent
from plaint.protocol.keys import MemberKeys, compute_room_keys
from plaint.protocol.slots import Slot

LEAST_PREFIX = 6
GONE = "not-found"


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
class Cases:
    """One member's reading. `folder` keeps what the stream opened between runs, sealed; without it nothing stays."""

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
    erased: dict[bytes, ErasedRoom] = field(default_factory=dict)
    """Rooms that `list_erased` or `list_alarms` found erased since the cases were listed last."""
    orphans: list[OpenedRoom] = field(default_factory=list)
    """Rooms that members opened below a report that did not open when it was listed last."""
    told: dict[bytes, Place] = field(default_factory=dict)
    """What rooms are by notices in cases, or rooms below them; what this device read itself counts before."""

    def scan(self, progress: Callable[[int], None] | None = None, copying: Progress | None = None) -> None:
        """Read the stream and the log up to now and keep what opened."""
        token = self.session.token()
        scan_stream(self.connection, self.stream, self.keys, member=self.member, session=token, progress=progress)
        self._save()
        self.connection.leaves.update(copying)

    def fold(self, case: Case) -> CaseView:
        """Return status, due dates and grants of a case."""
        return fold_rooms(self.connection, case.rooms)

    def list_due_dates(self, case: Case) -> list[DueDate]:
        """Return the promised dates of a case with what became of them by now."""
        return list_due_dates(self.connection, case.room, self.fold(case))

    def list_dates(self, case: Case) -> list[DueDate]:
        """Return the promised dates of a case, and when somebody must look at what it waits for again.

        Unlike a promised date that one concerns members alone: nobody is let in when it is missed.
        """
        view = self.fold(case)
        return [*list_due_dates(self.connection, case.room, view), *list_reviews(self.connection, view)]

    def list_alarms(self, case: Case) -> list[str]:
        """Return codes of what does not hold in any room of a case, each once.

        And of its rooms that are gone though the report is not: two members had each of them erased, or nobody knows.
        """
        known = list(dict.fromkeys(code for room in case.rooms for code in list_alarms(self.connection, room)))
        below = [room for room in self.stream.list_open() if self.is_below(room, case)]
        for room in below:
            if self.unreadable.get(room) == GONE:
                self._look(room)
        erased = [f"room-erased {room.hex()}" for room in below if room in self.erased]
        return [*known, *erased, *(f"room-missing {r.hex()}" for r in below if self.unreadable.get(r) == GONE)]

    def list_erased(self) -> list[ErasedRoom]:
        """Return the rooms this member could read that were erased, which `list_cases` just called unreadable."""
        for room in [room for room, code in self.unreadable.items() if code == GONE]:
            self._look(room)
        return list(self.erased.values())

    def find_place(self, room: bytes) -> Place | None:
        """Return what a room was when this device read it, or is by what others say of it; None when nothing does."""
        return self.stream.places.get(room) or self.told.get(room)

    def is_below(self, room: bytes, case: Case) -> bool:
        """Tell whether a room is one of a case besides the report itself, by what this device knows."""
        place = self.find_place(room)
        return place is not None and place.parent == case.id

    def list_watched(self) -> dict[bytes, list[DueDate]]:
        """Return the due dates of reports that this member watches without reading them, by room id."""
        if self.readable is None:
            self.list_cases()
        readable = self.readable or set()
        watched = {room: slots for room, slots in self.stream.list_watched().items() if room not in readable}
        keys = self.stream.list_open()
        return {
            room: judge_watched_slots(self.connection, slots, keys=keys.get(room, ()))[1]
            for room, slots in watched.items()
        }

    def list_cases(self) -> list[Case]:
        """Return every case that this member can read; call `scan` first.

        A room that is gone, or was sealed wrongly, stands in `unreadable` instead: nobody else's room suffers from it.
        Raises: VerificationError "state-fork"; UnavailableError.
        """
        self.unreadable, self.erased = {}, {}
        rooms = [room for slots in self.stream.list_open().values() if (room := self._try_read(slots)) is not None]
        self.readable = {room.id for room in rooms}
        children: dict[bytes, list[OpenedRoom]] = {}
        for room in rooms:
            if room.manifest.parent is not None and self._check_child(room):
                children.setdefault(room.manifest.parent, []).append(room)
        tops = [room for room in rooms if room.manifest.parent is None and room.manifest.label == REPORTER]
        self.orphans = [room for top in children.keys() - {room.id for room in tops} for room in children[top]]
        self.told = {room: Place(top.id, label) for top in tops for room, label in list_told(top).items()}
        self.told |= {parent: Place(None, REPORTER) for room in self.orphans if (parent := room.manifest.parent)}
        self._save()
        return [self._make_case(room, children.get(room.id, ())) for room in tops]

    def open_case(self, typed: str) -> Case:
        """Return the case whose id begins with `typed`, from six hex digits on.

        Raises: RefusedError "not-found", "case-several".
        """
        found = [case for case in self.list_cases() if is_meant(case.id, typed)]
        if len(found) > 1:
            raise RefusedError("case-several")
        if not found:
            raise RefusedError("not-found")
        return found[0]

    def _reread(self, room: OpenedRoom) -> OpenedRoom:
        fresh = self._read(room.id, room.secret)
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
        """Read a room by the one of these keys that is its own.

        Raises: RefusedError "not-found" when none is; those of `open_room`.
        """
        slot = self._choose(slots)
        if slot is None:
            raise RefusedError("not-found")
        return self._read(slot.room, slot.secret or b"")

    def _choose(self, slots: Sequence[Slot]) -> Slot | None:
        """Return the slot whose key is the room's, by one question for all: false ones may be many."""
        if len(slots) < 2:
            return next(iter(slots), None)
        caps = [(slot.room, compute_room_keys(slot.secret or b"").cap) for slot in slots]
        fits = zip(slots, self.connection.find_right_caps(caps), strict=True)
        return next((slot for slot, right in fits if right), None)

    def _check_child(self, room: OpenedRoom) -> bool:
        """Tell whether members can talk in a room below a case: one that a member opened, and nobody else.

        The reporter knows her own room's id. What she sealed under it would be read by her. And what members write in
        one that calls itself hers would pass for an answer that she never sees.
        """
        right = _is_members(room)
        if not right:
            self.unreadable[room.id] = "room-child"
        return right

    def _make_case(self, room: OpenedRoom, below: Sequence[OpenedRoom]) -> Case:
        """Return the case with the rooms that its readers opened: whoever knows its id can open some."""
        own = [other for other in below if belongs_to(room, other)]
        strange = {other.id for other in below} - {other.id for other in own}
        self.unreadable |= dict.fromkeys(strange, "room-child")
        return make_case(room, own)

    def _read(self, room: bytes, secret: bytes) -> OpenedRoom:
        answer, state = self.connection.read_room(room, compute_room_keys(secret).cap)
        eyes = MemberEyes(self.member, self.keys, self.connection.view)
        opened = open_room(answer, state, secret=secret, eyes=eyes, view=self.connection.view)
        opened = date_authors(self.connection, opened)
        seen = self.stream.heads.get(room)
        if seen is not None:
            check_extends(opened, entries=seen[0], head=seen[1])
        self.stream.heads[room] = (state.entries, state.head)
        if opened.manifest.parent is None or _is_members(opened):
            self.stream.places[room] = Place(opened.manifest.parent, opened.manifest.label)
        return opened

    def _look(self, room: bytes) -> None:
        """Find out whether a room was erased; what does not check leaves it as one that cannot be read."""
        for slot in self.stream.list_open().get(room, ()):
            with suppress(PlaintError):
                self.erased[room] = read_erased(self.connection, room, slot.secret or b"")
                del self.unreadable[room]
                return

    def _save(self) -> None:
        save_stream(self.folder, self.stream, self.keys)


def make_case(room: OpenedRoom, others: Sequence[OpenedRoom]) -> Case:
    """Return the case; whom the report keeps out, every other room keeps out too, and who else reads one is told of."""
    first = room.entries[0].content
    if not isinstance(first, OpenContent):
        return Case(room, tuple(others))
    problems = [
        (*other.problems, *check_lifted(first.access, other.accesses), *check_told(room, other)) for other in others
    ]
    found = zip(others, problems, strict=True)
    return Case(room, tuple(replace(other, problems=tuple(dict.fromkeys(codes))) for other, codes in found))


def belongs_to(room: OpenedRoom, other: OpenedRoom) -> bool:
    """Tell whether a room below a report was opened by a member who was let into the report, and not kept out of it."""
    author = other.entries[0].author
    return (
        _is_members(other)
        and author not in room.kept_out
        and author in compute_full_members(room.roster, room.manifest, room.access)
    )


def list_told(room: OpenedRoom) -> dict[bytes, str]:
    """Return the rooms besides the report of which members told the reporter in it, with their labels."""
    found: dict[bytes, str] = {}
    for entry in room.entries:
        match entry.content:
            case EntryContent(notice=Notice(room=other, label=label)) if entry.signed:
                found[other] = label
            case _:
                pass
    return found


def _is_members(room: OpenedRoom) -> bool:
    return room.entries[0].signed and room.manifest.holder is None and room.manifest.label != REPORTER


def is_meant(id_: bytes, typed: str) -> bool:
    """Tell whether what somebody typed is the beginning of an id, from six hex digits on."""
    wanted = typed.strip().lower()
    return len(wanted) >= LEAST_PREFIX and id_.hex().startswith(wanted)
