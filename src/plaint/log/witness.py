"""What a cosigner answers to add-checkpoint; it never signs two trees that contradict each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from plaint.encoding.base64 import encode_base64, parse_base64
from plaint.encoding.lines import parse_integer
from plaint.errors import MalformedError, PlaintError, VerificationError
from plaint.protocol.checkpoint import Checkpoint, parse_checkpoint
from plaint.protocol.merkle import EMPTY_ROOT, HASH_BYTES, Hash, verify_consistency
from plaint.protocol.note import (
    COSIGNATURE,
    LIMIT_NOTE_BYTES,
    Note,
    VerifierKey,
    cosign_note,
    encode_note,
    encode_signatures,
    parse_note,
    verify_note,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from plaint.crypto.signing import SigningKey

LIMIT_PROOF_LINES = 63
LIMIT_REQUEST_BYTES = LIMIT_NOTE_BYTES + 64 * 64
SIZE_TYPE = "text/x.tlog.size"
TEXT_TYPE = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Head:
    """The latest tree a cosigner vouched for, and the note it answered with."""

    size: int
    root: Hash
    note: bytes


class WitnessStore(Protocol):
    """Keeps one head per origin, durably."""

    def read_head(self, origin: str) -> Head | None:
        """Return the latest head of `origin`."""

    def replace_head(self, origin: str, *, old: Head | None, new: Head) -> bool:
        """Put `new` in the place of `old` in one durable step; False, and nothing done, if another head is there."""


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """The request: a signed checkpoint and the proof that it extends the tree of size `old`."""

    old: int
    proof: tuple[Hash, ...]
    note: Note


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes = b""
    content_type: str = TEXT_TYPE


def encode_add_checkpoint(request: AddCheckpoint) -> bytes:
    """Return the body of an add-checkpoint request."""
    proof = "".join(f"{encode_base64(node)}\n" for node in request.proof)
    return f"old {request.old}\n{proof}\n".encode() + encode_note(request.note)


def parse_add_checkpoint(body: bytes) -> AddCheckpoint:
    """Return the request in `body`.

    Raises: MalformedError "add-checkpoint-size", "add-checkpoint-form" and those of `parse_note`, `parse_integer`,
            `parse_base64`.
    """
    if len(body) > LIMIT_REQUEST_BYTES:
        raise MalformedError("add-checkpoint-size")
    head, blank, note = body.partition(b"\n\n")
    if not blank or not head.isascii() or not head.startswith(b"old "):
        raise MalformedError("add-checkpoint-form")
    old, *lines = head.decode("ascii").removeprefix("old ").split("\n")
    if len(lines) > LIMIT_PROOF_LINES:
        raise MalformedError("add-checkpoint-form")
    proof = tuple(Hash(parse_base64(line, limit_bytes=HASH_BYTES, size_bytes=HASH_BYTES)) for line in lines)
    return AddCheckpoint(parse_integer(old), proof, parse_note(note))


class Witness:
    """Decides on checkpoints of known logs; the store makes check and update one step."""

    def __init__(
        self,
        *,
        name: str,
        key: SigningKey,
        logs: Mapping[str, Sequence[VerifierKey]],
        store: WitnessStore,
        now: Callable[[], int],
    ) -> None:
        self._name = name
        self._key = key
        self._logs = logs
        self._store = store
        self._now = now

    @property
    def verifier_key(self) -> VerifierKey:
        """The key that readers check this cosigner with."""
        return VerifierKey(self._name, COSIGNATURE, self._key.public)

    def add_checkpoint(self, body: bytes) -> Answer:
        """Check one request and cosign it, or say with the status which check spoke.

        Source: C2SP tlog-witness after v1.0.0 (422 where old equals new and the roots differ).
        """
        try:
            request = parse_add_checkpoint(body)
            origin = request.note.text.partition(b"\n")[0].decode("utf-8")
        except MalformedError:
            return Answer(400)
        if origin not in self._logs:
            return Answer(404)
        try:
            verify_note(request.note, self._logs[origin])
        except VerificationError:
            return Answer(403)
        try:
            checkpoint = parse_checkpoint(request.note.text)
        except MalformedError as error:
            return Answer(422 if error.code == "checkpoint-empty-root" else 400)
        if request.old > checkpoint.size:
            return Answer(400)
        return self._update(request, checkpoint)

    def _update(self, request: AddCheckpoint, checkpoint: Checkpoint) -> Answer:
        head = self._store.read_head(checkpoint.origin)
        if request.old != (head.size if head else 0):
            return _conflict(head)
        try:
            verify_consistency(
                old=request.old,
                new=checkpoint.size,
                proof=request.proof,
                old_root=head.root if head else EMPTY_ROOT,
                new_root=checkpoint.root,
            )
        except PlaintError:
            return Answer(422)
        text = request.note.text
        cosignature = cosign_note(text, name=self._name, key=self._key, timestamp=self._now())
        known = {(key.name, key.key_id) for key in self._logs[checkpoint.origin]}
        own = tuple(s for s in request.note.signatures if (s.name, s.key_id) in known)
        new = Head(checkpoint.size, checkpoint.root, encode_note(Note(text, (*own, cosignature))))
        if not self._store.replace_head(checkpoint.origin, old=head, new=new):
            return _conflict(self._store.read_head(checkpoint.origin))
        return Answer(200, encode_signatures([cosignature]))


def _conflict(head: Head | None) -> Answer:
    return Answer(409, b"%d\n" % (head.size if head else 0), SIZE_TYPE)
