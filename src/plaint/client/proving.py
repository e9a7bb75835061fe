"""Making a counter-proof on the device of somebody who can read the room (spec/receipt.md, "Counter-proof")."""

from __future__ import annotations

from plaint.client.connection import Connection
from plaint.client.rooms import OpenedRoom
from plaint.crypto.hashes import compute_sha256
from plaint.encoding.json import encode_json
from plaint.errors import MalformedError, RefusedError, UnavailableError
from plaint.protocol.body import Body, open_body
from plaint.protocol.content import EntryContent, parse_content
from plaint.protocol.counter import (
    CONFIRMATION,
    REOPENING,
    SIGNED_KINDS,
    TOKEN_DUTIES,
    Confirmation,
    CounterProof,
    Reveal,
    Signed,
)
from plaint.protocol.keys import compute_room_keys
from plaint.protocol.leaf import compute_content_leaf
from plaint.protocol.proof import encode_proof
from plaint.protocol.room import Header, encode_header, encode_manifest
from plaint.protocol.slots import compute_token_hashes


def prove_entry(connection: Connection, room: OpenedRoom, seq: int, *, with_secret: bool = False) -> CounterProof:
    """Return the counter-proof of entry `seq`; `with_secret` lets it hold the room's secret where only that shows it.

    The copy of the log must be updated.
    Raises: RefusedError "not-found", "counter-tokens", "counter-secret"; MalformedError "counter-kind";
            UnavailableError "leaves-missing" while no quorum has dated the entry; those of `open_body`.
    """
    answer, _ = connection.read_room(room.id, room.cap)
    if not 0 <= seq < len(answer.entries):
        raise RefusedError("not-found")
    header, sealed = answer.entries[seq].header, answer.entries[seq].body
    if header.kind not in (*SIGNED_KINDS, REOPENING):
        raise MalformedError("counter-kind")
    body = open_body(compute_room_keys(room.secret).identity, header, sealed)
    return CounterProof(
        header=header,
        opening=body.proof.opening,
        proof=_prove_logged(connection, header, body),
        signed=None if header.kind == REOPENING else _show_signature(body),
        confirms=_show_confirmation(body) if header.kind == CONFIRMATION else None,
        reveal=_reveal(room, header, allowed=with_secret) if header.kind in TOKEN_DUTIES else None,
    )


def _prove_logged(connection: Connection, header: Header, body: Body) -> bytes:
    index = connection.leaves.find(compute_content_leaf(body.proof.opening, encode_header(header)))
    proof = None if index is None else connection.leaves.prove(index)
    if proof is None:
        raise UnavailableError("leaves-missing")
    return encode_proof(proof)


def _show_signature(body: Body) -> Signed:
    author = body.proof.author
    if author.id is None or author.signature is None:
        raise MalformedError("counter-kind", "not signed by a member")
    return Signed(compute_sha256(body.proof.salt, body.content), author.id, author.signature)


def _show_confirmation(body: Body) -> Confirmation:
    content = parse_content(CONFIRMATION, body.content)
    close = content.confirms if isinstance(content, EntryContent) else None
    if close is None or body.content != encode_json({"confirms": close.hex(), "v": 1}):
        raise MalformedError("counter-kind", "not a confirmation only")
    return Confirmation(close, body.proof.salt)


def _reveal(room: OpenedRoom, header: Header, *, allowed: bool) -> Reveal:
    if getattr(compute_token_hashes(room.secret), header.kind) == getattr(room.entries[0].header, header.kind):
        raise RefusedError("counter-tokens")
    if not allowed:
        raise RefusedError("counter-secret")
    return Reveal(encode_manifest(room.manifest), room.secret)
