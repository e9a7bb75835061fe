"""What goes to a room and what comes back: text object, empty line, bytes (spec/api.md, "Write", "Room answer")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from plaint.crypto.hashes import HASH_BYTES, compute_sha256
from plaint.encoding.base64 import encode_base64, parse_base64
from plaint.encoding.lines import Line, LineReader, encode_lines, parse_hex, parse_integer, parse_lines
from plaint.errors import MalformedError, VerificationError
from plaint.protocol.body import LIMIT_SEALED_BYTES
from plaint.protocol.leaf import LEAF_BYTES, TOKEN_KINDS, check_leaf
from plaint.protocol.room import LIMIT_BYTES as LIMIT_HEADER_BYTES
from plaint.protocol.room import Header, check_channel, encode_header, parse_header
from plaint.protocol.slots import SLOT_BYTES
from plaint.protocol.state import LIMIT_NOTE_BYTES
from plaint.protocol.work import Work, encode_work, parse_work

WRITE_LINE = "plaint/v1/write"
ANSWER_LINE = "plaint/v1/room-answer"
LIMIT_SLOT_SET_BYTES = 4_096 * SLOT_BYTES
LIMIT_HEAD_BYTES = 16_384
LIMIT_WRITE_BYTES = LIMIT_HEAD_BYTES + LIMIT_HEADER_BYTES + LIMIT_SEALED_BYTES + LIMIT_SLOT_SET_BYTES
LIMIT_BLOBS = 64
LIMIT_ANSWER_BYTES = 2**30
LIMIT_ANSWER_HEAD_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Opening:
    """What the server is told of a new room, none of it in the header; H(cap) is the room's for good."""

    channel: str
    pack: bytes
    roster: int
    cap_hash: bytes
    tally: bytes = field(repr=False)
    locator_hash: bytes | None = None
    unique: bytes | None = None
    work: Work | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """One entry on its way to the server; also the file a reporter may carry."""

    header: Header
    body: bytes = field(repr=False)
    leaves: tuple[bytes, ...]
    slots: bytes = field(default=b"", repr=False)
    opening: Opening | None = None
    blobs: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class AnsweredEntry:
    """One entry as the server gives it out."""

    header: Header
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class RoomAnswer:
    """A room from some seq on.

    `slots_seq` is the seq of the entry that carried the current slot set; `opening` the state note that answered the
    first entry, `note` the one of now.
    """

    entries: tuple[AnsweredEntry, ...]
    slots: bytes = field(repr=False)
    slots_seq: int
    opening: bytes
    note: bytes


def encode_write(write: Write) -> bytes:
    """Return the bytes of a write."""
    header = encode_header(write.header)
    pairs: list[Line] = []
    opening = write.opening
    if opening is not None:
        pairs += [("channel", opening.channel), ("pack", opening.pack.hex()), ("roster", str(opening.roster))]
        pairs += _encode_optional("locator", opening.locator_hash)
        pairs += [("cap", opening.cap_hash.hex()), ("tally", opening.tally.hex())]
        pairs += _encode_optional("unique", opening.unique)
    pairs += [("blob", blob.hex()) for blob in write.blobs]
    pairs += [("leaf", encode_base64(leaf)) for leaf in write.leaves]
    if opening is not None and opening.work is not None:
        pairs.append(("work", encode_work(opening.work)))
    pairs += [("header", str(len(header))), ("body", str(len(write.body))), ("slots", str(len(write.slots)))]
    return b"".join([encode_lines(WRITE_LINE, pairs), b"\n", header, write.body, write.slots])


def parse_write(data: bytes) -> Write:
    """Return a write whose parts agree with its header; nobody's right to make it is checked.

    Raises: MalformedError "write-size", "write-form", "write-leaves", "write-blobs" and those of
            `parse_lines`, `parse_header`; VerificationError "write-body", "write-slots", "write-tally".
    """
    if len(data) > LIMIT_WRITE_BYTES:
        raise MalformedError("write-size")
    head, rest = _split_head(data, limit_bytes=LIMIT_HEAD_BYTES)
    reader = LineReader(parse_lines(head, WRITE_LINE, limit_bytes=LIMIT_HEAD_BYTES))
    opens = reader.peek() == "channel"
    channel = check_channel(reader.take("channel")) if opens else ""
    pack = _take_hash(reader, "pack") if opens else b""
    roster = parse_integer(reader.take("roster")) if opens else 0
    locator = _take_optional(reader, "locator") if opens else None
    cap = _take_hash(reader, "cap") if opens else b""
    tally = _take_hash(reader, "tally") if opens else b""
    unique = _take_optional(reader, "unique") if opens else None
    blobs = tuple(parse_hex(value, size_bytes=HASH_BYTES) for value in reader.take_many("blob"))
    leaves = tuple(_parse_leaf(value) for value in reader.take_many("leaf"))
    work = reader.take_optional("work") if opens else None
    sizes = [parse_integer(reader.take(key)) for key in ("header", "body", "slots")]
    reader.finish()
    header, body, slots = _split_parts(
        rest, sizes, limits=(LIMIT_HEADER_BYTES, LIMIT_SEALED_BYTES, LIMIT_SLOT_SET_BYTES)
    )
    opening = Opening(channel, pack, roster, cap, tally, locator, unique, parse_work(work) if work else None)
    write = Write(parse_header(header), body, leaves, slots, opening if opens else None, blobs)
    _check_write(write)
    return write


def encode_room_answer(answer: RoomAnswer) -> bytes:
    """Return the bytes of a room answer."""
    entries = [(encode_header(entry.header), entry.body) for entry in answer.entries]
    return encode_answered_parts(
        entries, slots=answer.slots, slots_seq=answer.slots_seq, notes=(answer.opening, answer.note)
    )


def encode_answered_parts(
    entries: Sequence[tuple[bytes, bytes]], *, slots: bytes, slots_seq: int, notes: tuple[bytes, bytes]
) -> bytes:
    """Return the bytes of a room answer from stored (header, body) pairs and the notes of the opening and of now."""
    opening, note = notes
    pairs: list[Line] = [("entry", f"{len(header)} {len(body)}") for header, body in entries]
    pairs += [("slots", f"{len(slots)} {slots_seq}"), ("opening", str(len(opening))), ("note", str(len(note)))]
    parts = [part for entry in entries for part in entry]
    return b"".join([encode_lines(ANSWER_LINE, pairs), b"\n", *parts, slots, opening, note])


def parse_room_answer(data: bytes) -> RoomAnswer:
    """Return a room answer, without trusting it.

    Raises: MalformedError "answer-size", "write-form" and those of `parse_lines`, `parse_header`.
    """
    if len(data) > LIMIT_ANSWER_BYTES:
        raise MalformedError("answer-size")
    head, rest = _split_head(data, limit_bytes=LIMIT_ANSWER_HEAD_BYTES)
    reader = LineReader(parse_lines(head, ANSWER_LINE, limit_bytes=LIMIT_ANSWER_HEAD_BYTES))
    sizes = [size for value in reader.take_many("entry") for size in _parse_pair(value)]
    slots_size, slots_seq = _parse_pair(reader.take("slots"))
    last = [slots_size, parse_integer(reader.take("opening")), parse_integer(reader.take("note"))]
    reader.finish()
    limits = [LIMIT_HEADER_BYTES, LIMIT_SEALED_BYTES] * (len(sizes) // 2)
    limits += [LIMIT_SLOT_SET_BYTES, LIMIT_NOTE_BYTES, LIMIT_NOTE_BYTES]
    *parts, slots, opening, note = _split_parts(rest, [*sizes, *last], limits=limits)
    pairs = zip(parts[::2], parts[1::2], strict=True)
    entries = tuple(AnsweredEntry(parse_header(header), body) for header, body in pairs)
    return RoomAnswer(entries, slots, slots_seq, opening, note)


def _check_write(write: Write) -> None:
    header = write.header
    if (header.kind == "open") != (write.opening is not None):
        raise MalformedError("write-form", "open")
    if len(write.leaves) != (2 if header.kind in TOKEN_KINDS else 1):
        raise MalformedError("write-leaves")
    if len(write.blobs) > LIMIT_BLOBS or len(set(write.blobs)) != len(write.blobs):
        raise MalformedError("write-blobs")
    if compute_sha256(write.body) != header.body:
        raise VerificationError("write-body")
    if (compute_sha256(write.slots) if write.slots else None) != header.slots or len(write.slots) % SLOT_BYTES:
        raise VerificationError("write-slots")
    if write.opening is not None and compute_sha256(write.opening.tally) != header.tally:
        raise VerificationError("write-tally")


def _split_head(data: bytes, *, limit_bytes: int) -> tuple[bytes, memoryview]:
    end = data.find(b"\n\n", 0, limit_bytes + 2)
    if end < 0:
        raise MalformedError("write-form", "no empty line")
    return data[: end + 1], memoryview(data)[end + 2 :]


def _split_parts(data: memoryview, sizes: Sequence[int], *, limits: Sequence[int]) -> list[bytes]:
    if any(size > limit for size, limit in zip(sizes, limits, strict=True)) or sum(sizes) != len(data):
        raise MalformedError("write-form", "sizes")
    parts, at = [], 0
    for size in sizes:
        parts.append(bytes(data[at : at + size]))
        at += size
    return parts


def _parse_pair(value: str) -> tuple[int, int]:
    left, _, right = value.partition(" ")
    return parse_integer(left), parse_integer(right)


def _parse_leaf(value: str) -> bytes:
    return check_leaf(parse_base64(value, limit_bytes=LEAF_BYTES, size_bytes=LEAF_BYTES))


def _take_hash(reader: LineReader, key: str) -> bytes:
    return parse_hex(reader.take(key), size_bytes=HASH_BYTES)


def _take_optional(reader: LineReader, key: str) -> bytes | None:
    value = reader.take_optional(key)
    return None if value is None else parse_hex(value, size_bytes=HASH_BYTES)


def _encode_optional(key: str, value: bytes | None) -> list[Line]:
    return [] if value is None else [(key, value.hex())]
