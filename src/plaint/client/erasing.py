"""Erasing a case: two members sign, one after the other; what is left is read by whoever held a key.

Start at `propose_erasure` and `confirm_erasure` for members, at `find_erased_report` for a reporter.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from plaint.client.cases import Case
from plaint.client.connection import Connection
from plaint.client.desk import Desk
from plaint.client.follow import locate_report
from plaint.client.handling import list_looked_into
from plaint.client.rooms import OpenedRoom
from plaint.client.view import View
from plaint.client.writing import seal_entry
from plaint.docket.obligations import OPEN
from plaint.docket.records import blocks_erasure
from plaint.errors import PlaintError, RefusedError, VerificationError
from plaint.protocol.body import open_body
from plaint.protocol.content import EraseContent
from plaint.protocol.erasure import Certificate, SignedErase, check_chain, verify_signed_erase
from plaint.protocol.keys import HolderKeys, compute_room_keys
from plaint.protocol.proof import encode_proof
from plaint.protocol.write import LIMIT_ANSWER_BYTES, AnsweredEntry, parse_room_answer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wish:
    """A member's signature to erase a room, while nothing was written after it."""

    hash: bytes
    member: bytes
    ground: str
    text: str | None


@dataclass(frozen=True, slots=True)
class ErasedRoom:
    """A room that is gone: who asked for it and why, who confirmed, and when the log first held each signature."""

    room: bytes
    members: tuple[bytes, bytes]
    dates: tuple[int | None, int | None]
    ground: str
    text: str | None
    certificate: Certificate


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

    Raises: RefusedError "erase-waiting" when a colleague has signed already; those of `check_erasable`, `find_wish`.
    """
    check_erasable(desk, case)
    wishes = [(room, find_wish(case, room)) for room in reversed(case.rooms)]
    if any(wish is not None and wish.member != desk.member for _, wish in wishes):
        raise RefusedError("erase-waiting")
    for room, wish in wishes:
        if wish is None:
            _send(desk, room, EraseContent(ground=ground, text=text))


def confirm_erasure(desk: Desk, case: Case) -> None:
    """Sign the second half in every room of a case: each is gone with that.

    Raises: RefusedError "erase-nothing" when a room has no wish, or one for another reason, "erase-same"; those of
            `check_erasable`, `find_wish`.
    """
    check_erasable(desk, case)
    wishes = [(room, find_wish(case, room)) for room in reversed(case.rooms)]
    first = wishes[-1][1]
    for _, wish in wishes:
        # Nobody agrees in one room to a reason that is read in another.
        if wish is None or first is None or (wish.ground, wish.text) != (first.ground, first.text):
            raise RefusedError("erase-nothing")
        if wish.member == desk.member:
            raise RefusedError("erase-same")
    for room, wish in wishes:
        if wish is not None:
            _send(desk, room, EraseContent(confirms=wish.hash))


def check_erasable(desk: Desk, case: Case) -> None:
    """Check that a member acknowledged the report, that nothing keeps it, and that no answer is owed.

    What keeps it is a legal hold, or a handling failure that the independents told of and that is not closed as far as
    this member can read: whoever answers for the case would bury what is found out about it.

    Once the date of an answer is over, whether the independents have the key by now is the server's to say.
    Raises: RefusedError "erase-unread": what nobody has read is never erased; "erase-held", "erase-handling",
            "erase-due".
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


def list_erased(desk: Desk) -> list[ErasedRoom]:
    """Return the rooms this member could read that were erased, which `Desk.list_cases` just called unreadable."""
    found: list[ErasedRoom] = []
    for room, slots in desk.stream.list_open().items():
        if desk.unreadable.get(room) == "not-found":
            erased = (_try_read(desk.connection, room, slot.epoch, slot.secret or b"") for slot in slots)
            first = next((item for item in erased if item is not None), None)
            if first is not None:
                found.append(first)
                del desk.unreadable[room]
    return found


def find_erased_report(connection: Connection, keys: HolderKeys) -> ErasedRoom | None:
    """Return what is left of the report of these words, None when it was not erased.

    Raises: RefusedError "not-found" for words without a report; VerificationError of `read_erased`.
    """
    slot = locate_report(connection, keys)
    try:
        return read_erased(connection, slot.room, epoch=slot.epoch, secret=slot.secret or b"")
    except RefusedError:
        return None


def read_erased(connection: Connection, room: bytes, *, epoch: int, secret: bytes) -> ErasedRoom:
    """Return what is left of an erased room after checking both signatures; the log is brought up to date.

    Raises: RefusedError "not-found"; VerificationError "erasure-chain", "erasure-confirms", "erasure-same",
            "erasure-member": the server shows something else than two members signed.
    """
    keys = compute_room_keys(secret)
    data, _ = connection.api.get(
        f"erasures/{room.hex()}", headers={"plaint-cap": keys.cap.hex()}, limit_bytes=LIMIT_ANSWER_BYTES
    )
    entries = parse_room_answer(data).entries
    if len(entries) != 2 or any(entry.header.room != room or entry.header.epoch != epoch for entry in entries):
        raise VerificationError("erasure-chain")
    connection.leaves.update()
    parts, dates = zip(*(_open_part(connection, entry, secret) for entry in entries), strict=True)
    certificate = Certificate(*parts)
    wish, _ = check_chain(certificate, connection.view.org)
    for part, date in zip(parts, dates, strict=True):
        _check_member(connection.view, part, date)
    return ErasedRoom(
        room, _pair(part.member for part in parts), _pair(dates), wish.ground or "", wish.text, certificate
    )


def _check_member(view: View, part: SignedErase, date: int | None) -> None:
    """Check that a member signed, with a key that counted when it was logged: members may have changed theirs since.

    Raises: VerificationError "erasure-member".
    """
    for signer in view.ever_signers.get(part.member, ()):
        with suppress(VerificationError):
            verify_signed_erase(part, signer)
            if view.counted(part.member, signer, date):
                return
    raise VerificationError("erasure-member")


def _open_part(connection: Connection, entry: AnsweredEntry, secret: bytes) -> tuple[SignedErase, int | None]:
    """Return one of the two entries with its place in the log, and its date."""
    body = open_body(compute_room_keys(secret).identity, entry.header, entry.body)
    author = body.proof.author
    if author.id is None or author.signature is None:
        raise VerificationError("erasure-member")
    part = SignedErase(entry.header, body.proof.opening, body.proof.salt, body.content, author.id, author.signature)
    index = connection.leaves.find(part.leaf)
    proof = None if index is None else connection.leaves.prove(index)
    if index is None or proof is None:
        return part, None
    return replace(part, proof=encode_proof(proof)), connection.leaves.compute_date(index)


def _try_read(connection: Connection, room: bytes, epoch: int, secret: bytes) -> ErasedRoom | None:
    try:
        return read_erased(connection, room, epoch=epoch, secret=secret)
    except PlaintError:
        return None


def _send(desk: Desk, room: OpenedRoom, content: EraseContent) -> None:
    """Send one signature, exactly behind what was read: were anything written since, the server refuses it."""
    write = seal_entry(room, "erase", content, desk.writer).write
    desk.connection.send(write, cap=room.cap, session=desk.session.token())


def _pair(items: Iterable[T]) -> tuple[T, T]:
    first, second = items
    return first, second
