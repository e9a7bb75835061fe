"""What a member does in a case of the story, each act through the client as anybody would. Start at `perform`."""

from __future__ import annotations

from collections.abc import Callable

from plaint.cli.demo.story import Act, Do, compute_moment
from plaint.client.cases import Case
from plaint.client.desk import Desk
from plaint.client.erasing import confirm_erasure, find_wish, propose_erasure, send_erase
from plaint.client.handling import close_handling, list_handling, open_handling
from plaint.client.rooms import OpenedRoom
from plaint.client.steps import assess_risk, extend_duty, hold_case, record_step
from plaint.errors import RefusedError
from plaint.protocol.content import Attachment, EntryContent, EraseContent
from plaint.protocol.records import Hold

Upload = Callable[[OpenedRoom], list[Attachment]]
INTERNAL = "internal"


def perform(desk: Desk, case: Case, act: Act, *, live_at: int, upload: Upload) -> OpenedRoom | None:
    """Do what a member does besides letting in, and return the room of the case that it may have opened.

    Raises: RefusedError "not-found" where what the act needs is not there; those of the client.
    """
    match act.do:
        case Do.NOTE:
            room = desk.open_internal(case)
            desk.note(case, act.text or "", upload(room))
            return room
        case Do.HANDLING:
            return _look_into(desk, case, act.text or "")
        case Do.RISK:
            room = desk.open_internal(case)
            assess_risk(desk, case, act.what or "", act.reason or "")
            return room
        case Do.STEP | Do.EXTEND | Do.HOLD:
            _record(desk, case, act, live_at)
        case Do.CLOSE | Do.CONFIRM | Do.REOPEN | Do.CLOSE_HANDLING:
            _end(desk, case, act)
        case Do.ERASE | Do.AGREE | Do.ERASE_NOTES:
            _erase(desk, case, act)
        case _:
            _tell(desk, case, act, upload)
    return None


def _tell(desk: Desk, case: Case, act: Act, upload: Upload) -> None:
    match act.do:
        case Do.ACKNOWLEDGE:
            desk.acknowledge(case, act.text)
        case Do.REPLY:
            desk.reply(case, act.text or "", upload(case.room))
        case Do.FEEDBACK:
            desk.feedback(case, action=act.action or "", grounds=act.grounds or "")
        case _:
            raise RefusedError("not-found")


def _record(desk: Desk, case: Case, act: Act, live_at: int) -> None:
    what, reason = act.what or "", act.reason or ""
    until = 0 if act.until is None else compute_moment(act.until, live_at=live_at)
    match act.do:
        case Do.STEP:
            record_step(desk, case, what, act.text or "")
        case Do.EXTEND:
            extend_duty(desk, case, what, until, reason)
        case _:
            hold_case(desk, case, Hold(what, until, reason))


def _end(desk: Desk, case: Case, act: Act) -> None:
    match act.do:
        case Do.CLOSE:
            desk.close(case, act.reason or "")
        case Do.CLOSE_HANDLING:
            close_handling(desk, case, act.reason or "")
        case Do.REOPEN:
            desk.reopen(case, act.text)
        case _:
            _confirm(desk, case)


def _erase(desk: Desk, case: Case, act: Act) -> None:
    match act.do:
        case Do.ERASE:
            propose_erasure(desk, case, act.what or "", act.text)
        case Do.AGREE:
            confirm_erasure(desk, case)
        case _:
            _erase_notes(desk, case, act)


def _confirm(desk: Desk, case: Case) -> None:
    """Sign the closing that a colleague signed."""
    closing = desk.fold(case).closing
    if closing is None or closing.second is not None:
        raise RefusedError("not-found")
    desk.confirm(case, closing.hash)


def _look_into(desk: Desk, case: Case, text: str) -> OpenedRoom:
    """Open the room about a missed date, or write in the one that is there."""
    fresh = not list_handling(desk, case)
    room = open_handling(desk, case, text)
    return room if fresh else desk.write(room, "entry", EntryContent(text=text))


def _erase_notes(desk: Desk, case: Case, act: Act) -> None:
    """Sign to erase the internal room alone, which no page offers, or agree to it."""
    room = case.find_room(INTERNAL)
    if room is None:
        raise RefusedError("not-found")
    wish = find_wish(case, room)
    content = EraseContent(ground=act.what, text=act.text) if wish is None else EraseContent(confirms=wish.hash)
    send_erase(desk, room, content)
