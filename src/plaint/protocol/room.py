"""What a room is (manifest, never in clear) and what the server sees of each entry (header) (spec/room.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plaint.crypto.hashes import HASH_BYTES, compute_sha256
from plaint.encoding.lines import Line, LineReader, encode_lines, parse_hex, parse_integer, parse_lines
from plaint.errors import MalformedError

MANIFEST_LINE = "plaint/v1/room"
HEADER_LINE = "plaint/v1/entry"
LIMIT_BYTES = 1_024
LIMIT_COUNTER = 2**32
ORG_BYTES = 16
NOTHING = "-"
ZERO_HASH = bytes(HASH_BYTES)
LABELS = ("reporter", "internal", "respondent", "witness", "legal", "handling")
KINDS = ("open", "slots", "acknowledge", "feedback", "extend", "decide", "close", "reopen", "erase", "entry")
SLOT_KINDS = ("open", "slots")
SESSION_KINDS = ("acknowledge", "feedback", "extend", "decide", "close", "erase")
DUTIES = ("acknowledge", "feedback")
_CHANNEL = re.compile(r"[a-z0-9-]{1,32}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """The fixed facts of a room; its hash is the room's id."""

    org: bytes
    channel: str
    roster: int
    pack: bytes
    recipient: bytes
    author: bytes | None
    holder: bytes | None
    parent: bytes | None
    label: str


@dataclass(frozen=True, slots=True)
class Until:
    """The duty that an `extend` moves, and the date it moves it to."""

    kind: str
    at: int


@dataclass(frozen=True, slots=True)
class Header:
    """An entry in clear: no author, time, size or label.

    `tally` and the duties stand in `open` only, `until` in `extend` only.
    """

    org: bytes
    room: bytes
    seq: int
    prev: bytes
    kind: str
    body: bytes
    slots: bytes | None
    tally: bytes | None = None
    acknowledge: bytes | None = None
    feedback: bytes | None = None
    until: Until | None = None


def encode_manifest(manifest: Manifest) -> bytes:
    """Return the bytes whose hash is the room id."""
    pairs: list[Line] = [
        ("org", manifest.org.hex()),
        ("channel", manifest.channel),
        ("roster", str(manifest.roster)),
        ("pack", manifest.pack.hex()),
        ("recipient", manifest.recipient.hex()),
        ("author", _encode_optional(manifest.author)),
        ("holder", _encode_optional(manifest.holder)),
        ("parent", _encode_optional(manifest.parent)),
        ("label", manifest.label),
    ]
    return encode_lines(MANIFEST_LINE, pairs)


def parse_manifest(data: bytes) -> Manifest:
    """Return a manifest; a room has both keys of a holder or neither.

    Raises: MalformedError of `parse_lines`, `parse_hex`, `parse_integer`, "text-value".
    """
    reader = LineReader(parse_lines(data, MANIFEST_LINE, limit_bytes=LIMIT_BYTES))
    manifest = Manifest(
        org=parse_hex(reader.take("org"), size_bytes=ORG_BYTES),
        channel=check_channel(reader.take("channel")),
        roster=parse_integer(reader.take("roster")),
        pack=_take_hash(reader, "pack"),
        recipient=_take_hash(reader, "recipient"),
        author=_take_optional(reader, "author"),
        holder=_take_optional(reader, "holder"),
        parent=_take_optional(reader, "parent"),
        label=_check_one_of(reader.take("label"), LABELS),
    )
    reader.finish()
    if (manifest.author is None) != (manifest.holder is None):
        raise MalformedError("text-value", "holder")
    return manifest


def compute_room_id(manifest: bytes) -> bytes:
    """Return H(manifest), 32 bytes."""
    return compute_sha256(manifest)


def encode_bind(header: Header) -> bytes:
    """Return the header's bytes before its line `body`: what the body commits to."""
    pairs: list[Line] = [
        ("org", header.org.hex()),
        ("room", header.room.hex()),
        ("seq", str(header.seq)),
        ("prev", header.prev.hex()),
        ("kind", header.kind),
    ]
    if header.tally is not None and header.acknowledge is not None and header.feedback is not None:
        pairs += [
            ("tally", header.tally.hex()),
            ("due", f"acknowledge {header.acknowledge.hex()}"),
            ("due", f"feedback {header.feedback.hex()}"),
        ]
    if header.until is not None:
        pairs.append(("until", f"{header.until.kind} {header.until.at}"))
    return encode_lines(HEADER_LINE, pairs)


def encode_header(header: Header) -> bytes:
    """Return the bytes of a header."""
    body = f"body {header.body.hex()}\nslots {_encode_optional(header.slots)}\n"
    return encode_bind(header) + body.encode("ascii")


def parse_header(data: bytes) -> Header:
    """Return a header whose lines agree with its kind.

    Raises: MalformedError of `parse_lines`, `parse_hex`, `parse_integer`, "text-value".
    """
    reader = LineReader(parse_lines(data, HEADER_LINE, limit_bytes=LIMIT_BYTES))
    org = parse_hex(reader.take("org"), size_bytes=ORG_BYTES)
    room = _take_hash(reader, "room")
    seq = parse_integer(reader.take("seq"), limit=LIMIT_COUNTER)
    prev = _take_hash(reader, "prev")
    kind = _check_one_of(reader.take("kind"), KINDS)
    is_open = kind == "open"
    tally = _take_hash(reader, "tally") if is_open else None
    acknowledge = _take_duty(reader, "acknowledge") if is_open else None
    feedback = _take_duty(reader, "feedback") if is_open else None
    until = _take_until(reader) if kind == "extend" else None
    body, slots = _take_hash(reader, "body"), _take_optional(reader, "slots")
    reader.finish()
    header = Header(org, room, seq, prev, kind, body, slots, tally, acknowledge, feedback, until)
    _check_header(header)
    return header


def compute_header_hash(header: bytes) -> bytes:
    """Return H(header), 32 bytes: the `prev` of the next entry."""
    return compute_sha256(header)


def check_channel(text: str) -> str:
    """Return `text` when it can be a channel's id.

    Raises: MalformedError "text-value".
    """
    if not _CHANNEL.fullmatch(text):
        raise MalformedError("text-value", "channel")
    return text


def _check_header(header: Header) -> None:
    first = header.seq == 0
    if first != (header.kind == "open") or first != (header.prev == ZERO_HASH):
        raise MalformedError("text-value", "kind, seq, prev")
    if (header.slots is not None) != (header.kind in SLOT_KINDS):
        raise MalformedError("text-value", "slots")


def _take_hash(reader: LineReader, key: str) -> bytes:
    return parse_hex(reader.take(key), size_bytes=HASH_BYTES)


def _take_optional(reader: LineReader, key: str) -> bytes | None:
    text = reader.take(key)
    return None if text == NOTHING else parse_hex(text, size_bytes=HASH_BYTES)


def _take_duty(reader: LineReader, kind: str) -> bytes:
    name, _, digest = reader.take("due").partition(" ")
    if name != kind:
        raise MalformedError("text-value", "due")
    return parse_hex(digest, size_bytes=HASH_BYTES)


def _take_until(reader: LineReader) -> Until:
    kind, _, at = reader.take("until").partition(" ")
    return Until(_check_one_of(kind, DUTIES), parse_integer(at))


def _encode_optional(value: bytes | None) -> str:
    return NOTHING if value is None else value.hex()


def _check_one_of(text: str, allowed: tuple[str, ...]) -> str:
    if text not in allowed:
        raise MalformedError("text-value")
    return text
