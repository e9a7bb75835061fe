"""Cases of write: what goes to a room and what comes back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from plaint.crypto.hashes import compute_sha256
from plaint.protocol.body import with_body
from plaint.protocol.room import encode_header
from plaint.protocol.work import Work
from plaint.protocol.write import AnsweredEntry, Opening, RoomAnswer, Write, encode_room_answer, encode_write
from tools.vectors.case import Case, check, draw
from tools.vectors.notes import HEADER, LATER_NOTE, LEAVES, NOTE, ROOM_KEYS, SECOND, THIRD
from tools.vectors.slots import SET
from tools.vectors.world import HOLDER, PACK

BODY, SMALL = draw("sealed body", 600), draw("small body", 500)
BLOBS = (draw("blob 1"), draw("blob 2"))
OPENING = Opening(
    channel="intake",
    pack=PACK,
    roster=12,
    cap_hash=compute_sha256(ROOM_KEYS.cap),
    tally=ROOM_KEYS.tally,
    locator_hash=compute_sha256(HOLDER.locator),
    work=Work(256, 77),
)
OPEN = Write(with_body(HEADER, BODY, SET), BODY, LEAVES, SET, OPENING, BLOBS)
ENTRY = Write(with_body(THIRD, SMALL), SMALL, LEAVES[:1])
ACKNOWLEDGE = Write(with_body(SECOND, SMALL), SMALL, LEAVES)
SLOTS_HEADER = with_body(replace(THIRD, kind="slots"), SMALL, SET)
SLOTS = Write(SLOTS_HEADER, SMALL, LEAVES[:1], SET)
CHILD = replace(OPENING, unique=ROOM_KEYS.compute_child("internal"), locator_hash=None, work=None)


def _make_writes() -> list[Case]:
    data, entry, slots = encode_write(OPEN), encode_write(ENTRY), encode_write(SLOTS)
    cap = f"cap {OPENING.cap_hash.hex()}\n"

    def case(name: str, about: str, given: bytes, error: str | None = None) -> Case:
        return Case("write", name, "parse", about, {"write": given.hex()}, error=error)

    def change(name: str, about: str, old: str, new: str, error: str, given: bytes = data) -> Case:
        check(condition=old.encode() in given, message=old)
        return case(name, about, given.replace(old.encode(), new.encode(), 1), error)

    def write(name: str, about: str, base: Write, error: str, **changes: Any) -> Case:
        return case(name, about, encode_write(replace(base, **changes)), error)

    size = f"header {len(encode_header(OPEN.header))}\n"
    twice = (BLOBS[0], BLOBS[0])
    many = tuple(draw(f"blob {i}") for i in range(65))
    return [
        case("open", "a report", data),
        case("open-child", "an internal room", encode_write(replace(OPEN, opening=CHILD, blobs=()))),
        case("entry", "a message", entry),
        case("acknowledge", "two leaves", encode_write(ACKNOWLEDGE)),
        case("slots", "a new slot set", slots),
        case("empty", "nothing", b"", "write-form"),
        case("head-only", "no bytes", data[: data.index(b"\n\n") + 2], "write-form"),
        case("short", "the last byte is missing", data[:-1], "write-form"),
        case("long", "one byte too many", data + b"\0", "write-form"),
        change("version", "another version", "plaint/v1/write", "plaint/v2/write", "text-first-line"),
        change("header-size", "a length that does not fit", size, "header 9999\n", "write-form"),
        change("no-channel", "an open without channel", "channel intake\n", "", "text-order"),
        change("no-tally", "an open without tally", f"tally {OPENING.tally.hex()}\n", "", "text-order"),
        change("channel", "not a channel", "channel intake", "channel ../x", "text-value"),
        change("work", "half a work", "work 256 77", "work 256", "text-value"),
        change("entry-work", "work on a message", "header ", "work 256 77\nheader ", "text-order", entry),
        write("leaf-one", "an open with one leaf", OPEN, "write-leaves", leaves=LEAVES[:1]),
        write("leaf-two", "a message with two leaves", ENTRY, "write-leaves", leaves=LEAVES),
        write("leaf-none", "no leaf", ENTRY, "write-leaves", leaves=()),
        write("leaf-prefix", "0x02", ENTRY, "leaf-form", leaves=(b"\2" + LEAVES[0][1:],)),
        write("blob-twice", "a blob twice", ENTRY, "write-blobs", blobs=twice),
        write("blob-many", "65 blobs", ENTRY, "write-blobs", blobs=many),
        change("no-cap", "an open without a capability", cap, "", "text-order"),
        change("open-cap-twice", "two capabilities", cap, cap + cap, "text-order"),
        change("entry-cap", "a message with a capability", "leaf ", f"{cap}leaf ", "text-order", entry),
        change("slots-cap", "a new slot set with a capability", "leaf ", f"{cap}leaf ", "text-order", slots),
        write("entry-opening", "a message that opens", ENTRY, "write-form", opening=OPENING),
        write("open-no-opening", "an open that does not say so", OPEN, "write-form", opening=None),
        write("body", "another body", ENTRY, "write-body", body=BODY),
        write("slots-other", "another slot set", OPEN, "write-slots", slots=SET[456:]),
        write("slots-none", "no slot set", OPEN, "write-slots", slots=b""),
        write("entry-slots", "a message with slots", ENTRY, "write-slots", slots=SET),
        write("tally", "another tally", OPEN, "write-tally", opening=replace(OPENING, tally=draw("z"))),
    ]


def _make_answers() -> list[Case]:
    entries = (
        AnsweredEntry(OPEN.header, BODY),
        AnsweredEntry(ACKNOWLEDGE.header, SMALL),
        AnsweredEntry(ENTRY.header, SMALL),
    )
    answer = RoomAnswer(entries, SET, 0, NOTE, LATER_NOTE)
    data = encode_room_answer(answer)

    def case(name: str, about: str, given: bytes, error: str | None = None) -> Case:
        return Case("write", f"answer-{name}", "answer", about, {"answer": given.hex()}, error=error)

    return [
        case("whole", "a room from the start", data),
        case("later", "only what is new", encode_room_answer(replace(answer, entries=entries[2:]))),
        case("nothing", "nothing new", encode_room_answer(replace(answer, entries=()))),
        case("short", "cut off", data[:-1], "write-form"),
        case("version", "another version", data.replace(b"v1/room-answer", b"v2/room-answer", 1), "text-first-line"),
        case("no-note", "no note", data.replace(b"\nnote ", b"\nnope ", 1), "text-order"),
        case("not-found", "the constant 404", b'{"code":"not-found"}', "write-form"),
    ]


CASES = [*_make_writes(), *_make_answers()]
