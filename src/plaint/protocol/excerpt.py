"""Excerpts: the part of the case log that a proof needs, in one file for judging without a server (spec/excerpt.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from plaint.encoding.base64 import encode_base64, parse_base64
from plaint.encoding.lines import Line, LineReader, encode_lines, parse_hex, parse_integer, parse_lines
from plaint.errors import MalformedError, VerificationError
from plaint.protocol.checkpoint import parse_checkpoint
from plaint.protocol.leaf import LEAF_BYTES, compute_content_leaf, compute_token_hash
from plaint.protocol.merkle import HASH_BYTES, Frontier, Hash, compute_leaf_hash
from plaint.protocol.note import LIMIT_NOTE_BYTES, Note, encode_note, parse_note
from plaint.protocol.proof import parse_proof
from plaint.protocol.receipt import Receipt
from plaint.protocol.receipt_keys import open_trusted_state
from plaint.protocol.room import encode_header
from plaint.protocol.scan import LeafScan, Leaves
from plaint.protocol.trust import Trust

FIRST_LINE = "plaint/v1/excerpt"
STEP = 256
LIMIT_HEAD_BYTES = 1_048_576
LIMIT_LEAVES = 2_000_000
LIMIT_KEPT = 64
LIMIT_EXCERPT_BYTES = LIMIT_HEAD_BYTES + 1 + LIMIT_LEAVES * LEAF_BYTES


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Leaves from `first` on, the subtrees before them, and the kept checkpoints that date what is found among them."""

    first: int
    before: tuple[Hash, ...]
    kept: tuple[Note, ...]
    data: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """How many leaves the log had."""
        return self.first + len(self.data) // LEAF_BYTES

    def read_leaves(self, start: int, count: int) -> Sequence[bytes]:
        """Return `count` leaves from `start`, which is not before `first`."""
        begin = (start - self.first) * LEAF_BYTES
        return [self.data[at : at + LEAF_BYTES] for at in range(begin, begin + count * LEAF_BYTES, LEAF_BYTES)]

    def list_kept(self) -> Sequence[int]:
        """Return the sizes of the kept checkpoints, ascending."""
        return [parse_checkpoint(note.text).size for note in self.kept]

    def read_kept(self, size: int) -> Note:
        """Return the checkpoint kept at `size`."""
        return self.kept[self.list_kept().index(size)]


def encode_excerpt(excerpt: Excerpt) -> bytes:
    """Return the bytes of an excerpt."""
    pairs: list[Line] = [
        ("first", str(excerpt.first)),
        *(("before", node.hex()) for node in excerpt.before),
        ("leaves", str(excerpt.size - excerpt.first)),
        *(("kept", encode_base64(encode_note(note))) for note in excerpt.kept),
    ]
    return encode_lines(FIRST_LINE, pairs) + b"\n" + excerpt.data


def parse_excerpt(data: bytes) -> Excerpt:
    """Return an excerpt, without trusting it.

    Raises: MalformedError "excerpt-size", "excerpt-form", "excerpt-first", "excerpt-kept", "excerpt-leaves" and
            those of `parse_lines`, `parse_hex`, `parse_base64`, `parse_note`, `parse_checkpoint`.
    """
    if len(data) > LIMIT_EXCERPT_BYTES:
        raise MalformedError("excerpt-size")
    end = data.find(b"\n\n", 0, LIMIT_HEAD_BYTES + 1)
    if end < 0:
        raise MalformedError("excerpt-form")
    reader = LineReader(parse_lines(data[: end + 1], FIRST_LINE, limit_bytes=LIMIT_HEAD_BYTES))
    first = parse_integer(reader.take("first"))
    before = tuple(Hash(parse_hex(node, size_bytes=HASH_BYTES)) for node in reader.take_many("before"))
    count = parse_integer(reader.take("leaves"), limit=LIMIT_LEAVES + 1)
    kept = reader.take_many("kept")
    reader.finish()
    if first % STEP or len(before) != first.bit_count():
        raise MalformedError("excerpt-first")
    if not count or len(data) - end - 2 != count * LEAF_BYTES:
        raise MalformedError("excerpt-leaves")
    if len(kept) > LIMIT_KEPT:
        raise MalformedError("excerpt-kept")
    notes = tuple(parse_note(parse_base64(note, limit_bytes=LIMIT_NOTE_BYTES)) for note in kept)
    excerpt = Excerpt(first, before, notes, data[end + 2 :])
    sizes = list(excerpt.list_kept())
    if sizes != sorted(set(sizes)) or sizes[:1] <= [first] or sizes[-1] != excerpt.size:
        raise MalformedError("excerpt-kept")
    return excerpt


def cut_excerpt(leaves: Leaves, receipt: Receipt, trust: Trust, *, now: int) -> Excerpt:
    """Return what of a copy of the log a proof about `receipt` needs, up to its last dated checkpoint at `now`.

    Of the checkpoints: those that date the report and what answered it, and the last.
    Raises: VerificationError "leaves-missing" when the copy begins after the report, "leaves-root"; those of
            `open_trusted_state`, `parse_proof`.
    """
    state, _ = open_trusted_state(receipt.note, trust)
    start = state.size if receipt.proof is None else min(state.size, parse_proof(receipt.proof).index)
    leaf = compute_content_leaf(receipt.opening, encode_header(receipt.header))
    scan = LeafScan(leaves, trust, now=now)
    found = scan.find([compute_token_hash(leaf), *(due.hash for due in state.dues)], start=start)
    first = min(start, scan.size - 1) // STEP * STEP
    if first < leaves.first:
        raise VerificationError("leaves-missing")
    sizes = {scan.size, *(size for index in found.values() for size in scan.list_dating(index))}
    kept = tuple(leaves.read_kept(size) for size in sorted(sizes))
    data = b"".join(leaves.read_leaves(first, scan.size - first))
    return Excerpt(first, _compute_before(leaves, first), kept, data)


def _compute_before(leaves: Leaves, first: int) -> tuple[Hash, ...]:
    frontier = Frontier(leaves.first, leaves.before)
    for start in range(leaves.first, first, STEP):
        for leaf in leaves.read_leaves(start, STEP):
            frontier.append(compute_leaf_hash(leaf))
    return tuple(frontier.nodes)
