"""State notes: promise, head and open duties of a room, signed at every write and read of it (spec/state.md)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from plaint.crypto.hashes import HASH_BYTES
from plaint.crypto.signing import SigningKey
from plaint.encoding.base64 import encode_base64, parse_base64
from plaint.encoding.lines import Line, LineReader, encode_lines, parse_hex, parse_integer, parse_lines
from plaint.errors import MalformedError, VerificationError
from plaint.protocol.leaf import LEAF_BYTES, check_leaf
from plaint.protocol.note import Note, VerifierKey, encode_note, parse_note, sign_note, verify_note
from plaint.protocol.room import DUTIES, ORG_BYTES, ZERO_HASH, Header, compute_header_hash, encode_header

FIRST_LINE = "plaint/v1/state"
LIMIT_STATE_BYTES = 4_096
LIMIT_NOTE_BYTES = 8_192
LIMIT_LEAVES = 2
LIMIT_SKEW_S = 600
RECEIPTS_SUFFIX = "/receipts"
CASES_SUFFIX = "/log/cases"


@dataclass(frozen=True, slots=True)
class PendingLeaf:
    """A leaf of this write and the time by which the log must hold it."""

    leaf: bytes
    include_by: int


@dataclass(frozen=True, slots=True)
class Due:
    """A duty that is still open; `hash` is that of the token that meets it."""

    kind: str
    at: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class State:
    """What the server says of a room; `at` is the start of the tick, `size` the case log's latest cosigned size."""

    log: str
    org: bytes
    room: bytes
    at: int
    entries: int
    head: bytes
    size: int
    leaves: tuple[PendingLeaf, ...] = ()
    dues: tuple[Due, ...] = ()


def encode_state(state: State) -> bytes:
    """Return the text that is signed."""
    pairs: list[Line] = [
        ("log", state.log),
        ("org", state.org.hex()),
        ("room", state.room.hex()),
        ("at", str(state.at)),
        ("entries", str(state.entries)),
        ("head", state.head.hex()),
        ("size", str(state.size)),
        *(("leaf", f"{encode_base64(item.leaf)} {item.include_by}") for item in state.leaves),
        *(("due", f"{due.kind} {due.at} {due.hash.hex()}") for due in state.dues),
    ]
    return encode_lines(FIRST_LINE, pairs)


def parse_state(text: bytes) -> State:
    """Return the state in a note's text, without trusting it.

    Raises: MalformedError of `parse_lines`, `parse_hex`, `parse_integer`, `parse_base64`, "leaf-form", "text-value".
    """
    reader = LineReader(parse_lines(text, FIRST_LINE, limit_bytes=LIMIT_STATE_BYTES))
    state = State(
        log=reader.take("log"),
        org=parse_hex(reader.take("org"), size_bytes=ORG_BYTES),
        room=parse_hex(reader.take("room"), size_bytes=HASH_BYTES),
        at=parse_integer(reader.take("at")),
        entries=parse_integer(reader.take("entries")),
        head=parse_hex(reader.take("head"), size_bytes=HASH_BYTES),
        size=parse_integer(reader.take("size")),
        leaves=tuple(_parse_leaf(value) for value in reader.take_many("leaf")),
        dues=tuple(_parse_due(value) for value in reader.take_many("due")),
    )
    reader.finish()
    kinds = [due.kind for due in state.dues]
    if len(state.leaves) > LIMIT_LEAVES or not state.entries or kinds != [kind for kind in DUTIES if kind in kinds]:
        raise MalformedError("text-value")
    return state


def sign_state(state: State, key: SigningKey, *, name: str) -> bytes:
    """Return the bytes of the note; `name` is `<origin>/receipts`."""
    text = encode_state(state)
    return encode_note(Note(text, (sign_note(text, name=name, key=key),)))


def open_state(data: bytes, key: VerifierKey) -> State:
    """Return the state in a note that the receipt key `key` signed for its own case log.

    Raises: MalformedError "note-size" and those of `parse_note`, `parse_state`; VerificationError "state-log" and those
            of `verify_note`.
    """
    if len(data) > LIMIT_NOTE_BYTES:
        raise MalformedError("note-size")
    note = parse_note(data)
    verify_note(note, [key])
    state = parse_state(note.text)
    if state.log != key.name.removesuffix(RECEIPTS_SUFFIX) + CASES_SUFFIX:
        raise VerificationError("state-log")
    return state


def check_clock(state: State, *, now: int, tick_s: int = 0) -> None:
    """Check that the server's time is ours, give or take ten minutes; `at` is the start of a tick of `tick_s`.

    Raises: VerificationError "state-clock": worth a warning.
    """
    if abs(state.at - now) > LIMIT_SKEW_S + tick_s:
        raise VerificationError("state-clock")


def check_dues(state: State, *, expected: Sequence[Due], met: Collection[str]) -> None:
    """Check that exactly the duties no entry of their kind has `met` are listed, with the times the pack gives.

    Raises: VerificationError "state-due".
    """
    if state.dues != tuple(due for due in expected if due.kind not in met):
        raise VerificationError("state-due")


def verify_headers(state: State, headers: Sequence[Header], *, start: int = 0, prev: bytes = ZERO_HASH) -> None:
    """Check that `headers`, from seq `start` on, extend the entry with hash `prev` up to the state's head.

    `start` and `prev` are what the reader saw before: the number of entries and the head.
    Raises: VerificationError "state-fork": an alarm.
    """
    for seq, header in enumerate(headers, start):
        if (header.org, header.room, header.seq, header.prev) != (state.org, state.room, seq, prev):
            raise VerificationError("state-fork")
        prev = compute_header_hash(encode_header(header))
    if start + len(headers) != state.entries or prev != state.head:
        raise VerificationError("state-fork")


def _parse_leaf(value: str) -> PendingLeaf:
    encoded, _, include_by = value.partition(" ")
    leaf = parse_base64(encoded, limit_bytes=LEAF_BYTES, size_bytes=LEAF_BYTES)
    return PendingLeaf(check_leaf(leaf), parse_integer(include_by))


def _parse_due(value: str) -> Due:
    kind, _, rest = value.partition(" ")
    at, _, digest = rest.partition(" ")
    if kind not in DUTIES:
        raise MalformedError("text-value", "due")
    return Due(kind, parse_integer(at), parse_hex(digest, size_bytes=HASH_BYTES))
