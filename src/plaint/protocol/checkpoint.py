"""Checkpoints: the origin, size and root that a log signs (C2SP tlog-checkpoint v1.0.0)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from plaint.encoding.base64 import encode_base64, parse_base64
from plaint.encoding.lines import parse_integer
from plaint.errors import MalformedError, VerificationError
from plaint.protocol.merkle import EMPTY_ROOT, HASH_BYTES, Hash
from plaint.protocol.note import LIMIT_NOTE_BYTES, Note, VerifierKey, encode_note, parse_note, verify_note

if TYPE_CHECKING:
    from collections.abc import Iterable

LIMIT_CHECKPOINT_BYTES = 16_384
LIMIT_SIZES_BYTES = 16_777_216
RUN = 32
"""How many kept checkpoints are asked for at once, so that nobody learns which one of them was wanted."""
_LENGTH_BYTES = 4
LIMIT_RUN_BYTES = RUN * (_LENGTH_BYTES + LIMIT_NOTE_BYTES)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log claims: under `root` stand the first `size` entries of `origin`."""

    origin: str
    size: int
    root: Hash
    extensions: tuple[str, ...] = ()


def encode_checkpoint(checkpoint: Checkpoint) -> bytes:
    """Return the note text of a checkpoint."""
    lines = [checkpoint.origin, str(checkpoint.size), encode_base64(checkpoint.root), *checkpoint.extensions]
    return "".join(f"{line}\n" for line in lines).encode()


def parse_checkpoint(text: bytes) -> Checkpoint:
    """Return the checkpoint in a note text, without trusting it.

    Raises: MalformedError "checkpoint-size", "checkpoint-form", "checkpoint-empty-root" and those of `parse_integer`,
            `parse_base64`.
    """
    if len(text) > LIMIT_CHECKPOINT_BYTES:
        raise MalformedError("checkpoint-size")
    try:
        lines = text.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise MalformedError("checkpoint-form") from error
    if lines.pop() or len(lines) < 3 or not all(lines):
        raise MalformedError("checkpoint-form")
    origin, size, root, *extensions = lines
    encoded = parse_base64(root, limit_bytes=HASH_BYTES, size_bytes=HASH_BYTES)
    checkpoint = Checkpoint(origin, parse_integer(size), Hash(encoded), tuple(extensions))
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise MalformedError("checkpoint-empty-root")
    return checkpoint


def open_checkpoint(note: Note, log: VerifierKey) -> Checkpoint:
    """Return the checkpoint of a note that `log` signed and whose origin is the name of `log`.

    Raises: VerificationError "checkpoint-origin", those of `verify_note`; MalformedError of `parse_checkpoint`.
    """
    verify_note(note, [log])
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != log.name:
        raise VerificationError("checkpoint-origin")
    return checkpoint


def encode_sizes(sizes: Iterable[int]) -> bytes:
    """Return the list of sizes at which checkpoints are kept, one in each line."""
    return "".join(f"{size}\n" for size in sorted(set(sizes))).encode()


def parse_sizes(data: bytes) -> list[int]:
    """Return the sizes of such a list, strictly ascending.

    Raises: MalformedError "sizes-form" and those of `parse_integer`.
    """
    if len(data) > LIMIT_SIZES_BYTES or not data.isascii() or (data and not data.endswith(b"\n")):
        raise MalformedError("sizes-form")
    sizes = [parse_integer(line) for line in data.decode("ascii").split("\n")[:-1]]
    if any(after <= before for before, after in pairwise(sizes)):
        raise MalformedError("sizes-form")
    return sizes


def encode_run(notes: Iterable[Note]) -> bytes:
    """Return kept checkpoints one after the other, each after its length in 32 bits, big-endian."""
    encoded = [encode_note(note) for note in notes]
    return b"".join(len(note).to_bytes(_LENGTH_BYTES, "big") + note for note in encoded)


def parse_run(data: bytes) -> list[Note]:
    """Return the notes of such a run, at most `RUN` of them, without trusting anything in them.

    Raises: MalformedError "run-form" and those of `parse_note`.
    """
    if len(data) > LIMIT_RUN_BYTES:
        raise MalformedError("run-form")
    notes: list[Note] = []
    at = 0
    while at < len(data):
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(data[at:start], "big")
        if at > len(data) or len(notes) == RUN:
            raise MalformedError("run-form")
        notes.append(parse_note(data[start:at]))
    return notes
