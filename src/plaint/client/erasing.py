"""Erasing a case: two members sign, one after the other, in every room that both read.

Start at `propose_erasure` and `confirm_erasure`; what is left of a room that is gone is in `erased`.
"""

from __future__ import annotations

from dataclasses import dataclass

from plaint.client.cases import Case, list_told
from plaint.client.desk import Desk
from plaint.client.handling import BROKEN, list_independents, list_looked_into
from plaint.client.rooms import OpenedRoom
from plaint.client.writing import seal_entry
from plaint.docket.obligations import OPEN
from plaint.docket.records import blocks_erasure
from plaint.errors import RefusedError
from plaint.protocol.content import RETENTION, EraseContent


@dataclass(frozen=True, slots=True)
class Wish:
    """A member's signature to erase a room, while nothing was written after it."""

    hash: bytes
    member: bytes
    ground: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Staying:
    """A room of a case that may stay when the report goes: only one of `able` can sign the other half there.

    `able` is None where this member cannot read the room, and knows it by a notice.
    """

    room: bytes
    label: str
    able: tuple[bytes, ...] | None


def find_wish(case: Case, room: OpenedRoom) -> Wish | None:
    """Return the wish that the last entry of a room is.

    Raises: RefusedError "erase-doubtful" when it is one of somebody who has no say: anything written after it voids it.
    """
    last = room.entries[-1]
    if last.header.kind != "erase":
        return None
    content, author = last.content, last.author if last.signed else None
    if not isinstance(content, EraseContent) or content.ground is None or author is None:
        raise RefusedError("erase-doubtful")
    if author in case.room.kept_out:
        raise RefusedError("erase-doubtful")
    return Wish(last.hash, author, content.ground, content.text)


def propose_erasure(desk: Desk, case: Case, ground: str, text: str | None = None) -> None:
    """Sign the first half in every room of a case that this member reads, the reporter's last.

    A signature that was cut off between rooms goes on where it stopped.
    Raises: RefusedError "erase-waiting" when a colleague has signed already, "erase-other" when this member has, for
            another reason: nobody could confirm two; those of `check_erasable`, `find_wish`.
    """
    check_erasable(desk, case, ground)
    wishes = [(room, find_wish(case, room)) for room in reversed(case.rooms)]
    if any(wish is not None and wish.member != desk.member for _, wish in wishes):
        raise RefusedError("erase-waiting")
    if any(wish is not None and (wish.ground, wish.text) != (ground, text) for _, wish in wishes):
        raise RefusedError("erase-other")
    for room, wish in wishes:
        if wish is None:
            send_erase(desk, room, EraseContent(ground=ground, text=text))


def confirm_erasure(desk: Desk, case: Case) -> None:
    """Sign the second half in every room of a case that both read: each is gone with that, and any other stays.

    Raises: RefusedError "erase-nothing" when a room has no wish, or one for another reason, "erase-same"; those of
            `check_erasable`, `find_wish`.
    """
    first = find_wish(case, case.room)
    check_erasable(desk, case, first.ground if first else None)
    for _, wish in (wishes := [(room, find_wish(case, room)) for room in _list_common(case, first)]):
        # Nobody agrees in one room to a reason that is read in another.
        if wish is None or first is None or (wish.ground, wish.text) != (first.ground, first.text):
            raise RefusedError("erase-nothing")
        if wish.member == desk.member:
            raise RefusedError("erase-same")
    for room, wish in wishes:
        if wish is not None:
            send_erase(desk, room, EraseContent(confirms=wish.hash))


def list_staying(desk: Desk, case: Case) -> list[Staying]:
    """Return the rooms of a case that stay, or may stay, when its report is erased, as far as this member knows them.

    Before the first signature: those that not everybody can read who could sign the other half of the report. After
    it: those that its author cannot read.
    """
    first = find_wish(case, case.room)
    asked = first is not None and first.member != desk.member
    readers, common = _list_readers(desk, case), _list_common(case, first)
    found = [
        Staying(room.id, room.manifest.label, list_others(desk, room))
        for room in case.others
        if room not in common or (not asked and readers - set(room.access.granted))
    ]
    known = {room.id for room in case.rooms} | desk.erased.keys()
    return found + [Staying(room, label, None) for room, label in list_told(case.room).items() if room not in known]


def list_others(desk: Desk, room: OpenedRoom) -> tuple[bytes, ...]:
    """Return who besides this member can sign to erase a room: readers who have left have no session."""
    return tuple(m for m in room.access.granted if m != desk.member and desk.connection.view.is_active(m))


def check_erasable(desk: Desk, case: Case, ground: str | None) -> None:
    """Check that a member acknowledged the report, that nothing keeps it, that no answer is owed, and the ground.

    What keeps it is a legal hold, or a handling failure that the independents told of and that is not closed as far as
    this member can read: whoever answers for the case would bury what is found out about it.

    Once the date of an answer is over, whether the independents have the key by now is the server's to say.
    Raises: RefusedError "erase-unread": what nobody has read is never erased; "erase-held", "erase-handling",
            "erase-due"; "erase-open": of a case that two have not closed no time is over.
    """
    view = desk.fold(case)
    if blocks_erasure(view.holds):
        raise RefusedError("erase-held")
    if list_looked_into(desk, case):
        raise RefusedError("erase-handling")
    entries = case.room.entries
    if not any(entry.header.kind == "acknowledge" and entry.signed for entry in entries):
        raise RefusedError("erase-unread")
    owed = {due.kind for due in case.room.state.dues}
    if owed and all(duty.state == OPEN for duty in view.obligations if duty.kind in owed):
        raise RefusedError("erase-due")
    if ground == RETENTION and (view.closing is None or view.closing.second is None):
        raise RefusedError("erase-open")


def send_erase(desk: Desk, room: OpenedRoom, content: EraseContent) -> None:
    """Send one signature, exactly behind what was read: were anything written since, the server refuses it."""
    write = seal_entry(room, "erase", content, desk.writer).write
    desk.connection.send(write, cap=room.cap, session=desk.session.token())


def _list_readers(desk: Desk, case: Case) -> set[bytes]:
    """Return who can read the report: those granted, and the independents once a date was missed."""
    missed = any(due.state in BROKEN for due in desk.list_due_dates(case))
    return {*case.room.access.granted, *(list_independents(case) if missed else ())}


def _list_common(case: Case, first: Wish | None) -> list[OpenedRoom]:
    """Return the rooms of a case in which the first half can stand, the reporter's last: others stay."""
    return [
        room
        for room in reversed(case.rooms)
        if room.id == case.id or first is None or first.member in room.access.granted
    ]
