"""Rooms of a case whose report was erased by two who could not read them: they stay until two who can erase them."""

from __future__ import annotations

from dataclasses import dataclass

from plaint.client.cases import Case, is_meant
from plaint.client.casework import date_entries
from plaint.client.desk import Desk
from plaint.client.erased import ErasedRoom
from plaint.client.erasing import Wish, find_wish, list_others, send_erase
from plaint.client.rooms import OpenedRoom
from plaint.docket.records import blocks_erasure, fold_holds
from plaint.errors import RefusedError
from plaint.protocol.content import EraseContent


@dataclass(frozen=True, slots=True)
class LeftRoom:
    """A room that this member reads, and what became of the report above it."""

    room: OpenedRoom
    report: ErasedRoom

    @property
    def readers(self) -> tuple[bytes, ...]:
        """Who can read it, and so could sign to erase it."""
        return self.room.access.granted


def list_left(desk: Desk) -> list[LeftRoom]:
    """Return the rooms that are left of erased reports, as the cases were listed last; it looks for the erased ones."""
    desk.list_erased()
    rooms = ((room, desk.erased.get(room.manifest.parent or b"")) for room in desk.orphans)
    return [LeftRoom(room, report) for room, report in rooms if report is not None]


def find_left(desk: Desk, typed: str) -> LeftRoom | None:
    """Return the room whose id begins with `typed`, from six hex digits on; None where none or several do."""
    found = [left for left in list_left(desk) if is_meant(left.room.id, typed)]
    return found[0] if len(found) == 1 else None


def find_left_wish(left: LeftRoom) -> Wish | None:
    """Return the wish that the last entry of the room is; raises as `find_wish`."""
    return find_wish(Case(left.room), left.room)


def propose_left(desk: Desk, left: LeftRoom, ground: str, text: str | None = None) -> None:
    """Sign the first half.

    Raises: RefusedError "erase-waiting" where somebody has; "erase-held"; "erase-alone" where nobody else can sign.
    """
    _check_held(desk, left)
    if not list_others(desk, left.room):
        raise RefusedError("erase-alone")
    if find_left_wish(left) is not None:
        raise RefusedError("erase-waiting")
    send_erase(desk, left.room, EraseContent(ground=ground, text=text))


def confirm_left(desk: Desk, left: LeftRoom) -> None:
    """Sign the second half: the room is gone with that.

    Raises: RefusedError "erase-nothing" where nobody has signed, "erase-same", "erase-held".
    """
    _check_held(desk, left)
    wish = find_left_wish(left)
    if wish is None:
        raise RefusedError("erase-nothing")
    if wish.member == desk.member:
        raise RefusedError("erase-same")
    send_erase(desk, left.room, EraseContent(confirms=wish.hash))


def _check_held(desk: Desk, left: LeftRoom) -> None:
    if blocks_erasure(fold_holds(date_entries(desk.connection, left.room))):
        raise RefusedError("erase-held")
