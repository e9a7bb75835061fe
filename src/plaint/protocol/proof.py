"""Proofs that travel alone: index, inclusion proof and checkpoint in one file (C2SP tlog-proof, without `extra`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plaint.encoding.base64 import encode_base64, parse_base64
from plaint.encoding.lines import parse_integer
from plaint.errors import MalformedError
from plaint.protocol.checkpoint import Checkpoint, open_checkpoint
from plaint.protocol.merkle import HASH_BYTES, Hash, compute_leaf_hash, verify_inclusion
from plaint.protocol.note import LIMIT_NOTE_BYTES, Note, encode_note, parse_note

if TYPE_CHECKING:
    from plaint.protocol.note import VerifierKey

FIRST_LINE = "c2sp.org/tlog-proof@v1"
LIMIT_PROOF_HASHES = 53


@dataclass(frozen=True, slots=True)
class LogProof:
    """Where an entry stands and why; `note` is the signed checkpoint, verbatim."""

    index: int
    hashes: tuple[Hash, ...]
    note: Note


def encode_proof(proof: LogProof) -> bytes:
    """Return the bytes of a `.tlog-proof` file."""
    lines = [FIRST_LINE, f"index {proof.index}", *(encode_base64(h) for h in proof.hashes), ""]
    return "".join(f"{line}\n" for line in lines).encode() + encode_note(proof.note)


def parse_proof(data: bytes) -> LogProof:
    """Split a proof; `extra` is refused, because nothing vouches for it.

    Raises: MalformedError "proof-size", "proof-first-line", "proof-extra", "proof-form" and those of `parse_note`,
            `parse_integer`, `parse_base64`.
    """
    if len(data) > LIMIT_NOTE_BYTES + 64 * (LIMIT_PROOF_HASHES + 3):
        raise MalformedError("proof-size")
    head, blank, note = data.partition(b"\n\n")
    if not blank or not head.isascii():
        raise MalformedError("proof-form")
    first, *lines = head.decode("ascii").split("\n")
    if first != FIRST_LINE:
        raise MalformedError("proof-first-line")
    if lines and lines[0].startswith("extra "):
        raise MalformedError("proof-extra")
    if not lines or not lines[0].startswith("index ") or len(lines) > LIMIT_PROOF_HASHES + 1:
        raise MalformedError("proof-form")
    hashes = [parse_base64(line, limit_bytes=HASH_BYTES, size_bytes=HASH_BYTES) for line in lines[1:]]
    return LogProof(parse_integer(lines[0].removeprefix("index ")), tuple(map(Hash, hashes)), parse_note(note))


def open_proof(proof: LogProof, *, entry: bytes, log: VerifierKey) -> Checkpoint:
    """Return the checkpoint signed by `log` whose tree holds `entry` at the proof's index; dates are the policy's task.

    Raises: those of `open_checkpoint` and `verify_inclusion`.
    """
    checkpoint = open_checkpoint(proof.note, log)
    leaf = compute_leaf_hash(entry)
    verify_inclusion(leaf, index=proof.index, size=checkpoint.size, proof=proof.hashes, root=checkpoint.root)
    return checkpoint
