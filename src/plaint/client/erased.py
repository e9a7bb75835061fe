"""What is left of an erased room, for whoever held a key to it: who signed, why, and the certificate.

Start at `find_erased_report` for a reporter, at `Cases.list_erased` for members.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from plaint.client.connection import Connection
from plaint.client.follow import locate_report
from plaint.client.view import View
from plaint.errors import RefusedError, VerificationError
from plaint.protocol.body import open_body
from plaint.protocol.erasure import Certificate, SignedErase, check_chain, verify_signed_erase
from plaint.protocol.keys import HolderKeys, compute_room_keys
from plaint.protocol.proof import encode_proof
from plaint.protocol.write import LIMIT_ANSWER_BYTES, AnsweredEntry, parse_room_answer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ErasedRoom:
    """A room that is gone: who asked for it and why, who confirmed, and when the log first held each signature."""

    room: bytes
    members: tuple[bytes, bytes]
    dates: tuple[int | None, int | None]
    ground: str
    text: str | None
    certificate: Certificate


def find_erased_report(connection: Connection, keys: HolderKeys) -> ErasedRoom | None:
    """Return what is left of the report of these words, None when it was not erased.

    Raises: RefusedError "not-found" for words without a report; VerificationError of `read_erased`.
    """
    slot = locate_report(connection, keys)
    try:
        return read_erased(connection, slot.room, slot.secret or b"")
    except RefusedError:
        return None


def read_erased(connection: Connection, room: bytes, secret: bytes) -> ErasedRoom:
    """Return what is left of an erased room after checking both signatures; the log is brought up to date.

    Raises: RefusedError "not-found"; VerificationError "erasure-chain", "erasure-confirms", "erasure-same",
            "erasure-member": the server shows something else than two members signed.
    """
    keys = compute_room_keys(secret)
    data, _ = connection.api.get(
        f"erasures/{room.hex()}", headers={"plaint-cap": keys.cap.hex()}, limit_bytes=LIMIT_ANSWER_BYTES
    )
    entries = parse_room_answer(data).entries
    if len(entries) != 2 or any(entry.header.room != room for entry in entries):
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


def _pair(items: Iterable[T]) -> tuple[T, T]:
    first, second = items
    return first, second
