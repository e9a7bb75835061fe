"""The room outside the line that the first independent who acts opens about a missed date. Start at `open_handling`."""

from __future__ import annotations

from collections.abc import Sequence

from plaint.client.cases import Case
from plaint.client.casework import WITHHELD, date_entries
from plaint.client.desk import Desk
from plaint.client.rooms import OpenedRoom
from plaint.client.writing import NewRoom, make_manifest
from plaint.crypto.hashes import random_bytes
from plaint.docket.case import CLOSED
from plaint.docket.handling import HANDLING, Handling, fold_handling
from plaint.docket.obligations import LATE, MISSED
from plaint.errors import RefusedError, VerificationError
from plaint.protocol.access import Access
from plaint.protocol.content import CloseContent, EntryContent, Notice
from plaint.protocol.keys import compute_room_keys

MARKS = (HANDLING, f"{HANDLING}/2")
BROKEN = frozenset({MISSED, LATE, WITHHELD})


def list_independents(case: Case) -> list[bytes]:
    """Return the independents whom the report does not keep out, sorted."""
    room = case.room
    return sorted(member.id for member in room.roster.held if member.id not in room.kept_out)


def list_handling(desk: Desk, case: Case) -> tuple[Handling, ...]:
    """Return the handling-failure rooms of a case that this member can read."""
    entries = [entry for room in case.others for entry in date_entries(desk.connection, room)]
    return fold_handling(entries, independents=list_independents(case))


def list_looked_into(desk: Desk, case: Case) -> set[bytes]:
    """Return the handling-failure rooms that independents told of and that are not closed for all a member can read."""
    independents, told = list_independents(case), set[bytes]()
    for entry in case.room.entries:
        match entry.content:
            case EntryContent(notice=Notice(label=label, room=room)) if label == HANDLING:
                if entry.signed and entry.author in independents:
                    told.add(room)
            case _:
                pass
    return told - {known.room for known in list_handling(desk, case) if known.status == CLOSED}


def open_handling(desk: Desk, case: Case, text: str, *, besides: bool = False) -> OpenedRoom:
    """Return the room about a missed date of `case`, made if need be, and tell the reporter who is in it.

    It begins with `text`. Two independents can never make two, and a handler who took the mark first gained nothing:
    where the room behind it is no independent's, or its key never came (`besides`), a second mark is used.
    Raises: RefusedError "handling-member" for anybody else, "handling-date" where no date was missed; those of
            `Desk.open_only`.
    """
    known = list_handling(desk, case)
    if known:
        room = next(room for room in case.others if room.id == known[0].room)
    else:
        room = _open_first(desk, case, text, MARKS[1:] if besides else MARKS)
        case = Case(case.room, (*case.others, room))
    _tell(desk, case, room)
    return room


def close_handling(desk: Desk, case: Case, reason: str) -> Handling:
    """Sign the closing of the room, or confirm the one that another independent signed, and return what it is now.

    Raises: RefusedError "handling-none" where there is none, "handling-member", "handling-closing" for who signed it.
    """
    _check_member(desk, case)
    known = next(iter(list_handling(desk, case)), None)
    if known is None:
        raise RefusedError("handling-none")
    room = next(room for room in case.others if room.id == known.room)
    closing = known.closing
    if closing is None:
        room = desk.write(room, "close", CloseContent(reason=reason))
    elif closing.second is not None or closing.first == desk.member:
        raise RefusedError("handling-closing")
    else:
        room = desk.write(room, "entry", EntryContent(confirms=closing.hash))
    fresh = Case(case.room, tuple(room if other.id == room.id else other for other in case.others))
    return list_handling(desk, fresh)[0]


def _open_first(desk: Desk, case: Case, text: str, marks: Sequence[str]) -> OpenedRoom:
    for mark in marks:
        try:
            room = desk.open_only(_prepare(desk, case, text, mark))
        except VerificationError:
            continue  # what stands there was opened by nobody whom it could be from
        if list_handling(desk, Case(case.room, (room,))):
            return room
    raise RefusedError("handling-none")


def _prepare(desk: Desk, case: Case, text: str, mark: str) -> NewRoom:
    _check_member(desk, case)
    if not any(due.state in BROKEN for due in desk.list_due_dates(case)):
        raise RefusedError("handling-date")
    view, secret, parent = desk.connection.view, random_bytes(32), case.room
    channel = parent.manifest.channel
    manifest = make_manifest(view, channel=channel, secret=secret, label=HANDLING, parent=parent.id)
    roster = view.roster(channel, manifest.roster)
    granted = {member.id for member in roster.held} - set(parent.kept_out)
    unique = compute_room_keys(parent.secret).compute_child(mark)
    access = Access(tuple(sorted(granted)), parent.kept_out)
    return NewRoom(secret=secret, manifest=manifest, roster=roster, access=access, text=text, unique=unique)


def _tell(desk: Desk, case: Case, room: OpenedRoom) -> None:
    """Tell the reporter of everybody who reads the room and of whom she was not told yet."""
    for grant in desk.fold(case).grants:
        if grant.room == room.id and not grant.told:
            notice = Notice("access", room.id, HANDLING, grant.member, desk.connection.view.name(grant.member))
            desk.write(case.room, "entry", EntryContent(notice=notice))


def _check_member(desk: Desk, case: Case) -> None:
    if desk.member not in list_independents(case):
        raise RefusedError("handling-member")
