"""Cases of room and header."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from plaint.protocol.room import KINDS, LABELS, ZERO_HASH, Header, Until, encode_header, encode_manifest
from tools.vectors.case import Case, draw, replace_once
from tools.vectors.world import INTERNAL, MANIFEST, ORG, ROOM

OPEN = Header(
    org=ORG,
    room=ROOM,
    seq=0,
    prev=ZERO_HASH,
    kind="open",
    body=draw("body"),
    slots=draw("slots digest"),
    tally=draw("tally"),
    acknowledge=draw("due acknowledge"),
    feedback=draw("due feedback"),
)
ENTRY = Header(
    org=ORG, room=ROOM, seq=1, prev=draw("prev"), kind="entry", body=draw("body 1"), slots=None
)  # fmt: skip


def _make_rooms() -> list[Case]:
    text = encode_manifest(MANIFEST).decode()
    largest = replace(MANIFEST, channel="c" * 32, roster=2**53 - 1, parent=ROOM, label="respondent")

    def case(name: str, about: str, given: str, error: str | None = None) -> Case:
        return Case("room", name, "parse", about, {"text": given}, error=error)

    def change(name: str, about: str, old: str, new: str, error: str) -> Case:
        return case(name, about, replace_once(text, old, new), error)

    label = "\nlabel reporter\n"
    return [
        case("reporter", "a reporter's room", text),
        case("internal", "a child room without a holder", encode_manifest(INTERNAL).decode()),
        case("largest", "the longest values", encode_manifest(largest).decode()),
        *(case(f"label-{x}", f"label {x}", text.replace(label, f"\nlabel {x}\n")) for x in LABELS),
        case("empty", "nothing", "", "text-line"),
        case("long", "more than 1,024 bytes", text + "x" * 1_024 + "\n", "text-size"),
        change("version", "another version", "plaint/v1/room", "plaint/v2/room", "text-first-line"),
        change("no-newline", "the last newline is missing", label, "\nlabel reporter", "text-line"),
        change("carriage-return", "a carriage return", label, "\nlabel reporter\r\n", "text-ascii"),
        change("non-ascii", "not ASCII", "channel intake", "channel intäke", "text-ascii"),
        change("two-spaces", "two spaces", "channel intake", "channel  intake", "text-line"),
        change("trailing-space", "a space at the end", "channel intake", "channel intake ", "text-line"),
        change("no-value", "no value", "channel intake", "channel ", "text-line"),
        change("empty-line", "an empty line", "\nchannel", "\n\nchannel", "text-line"),
        change("missing", "a line is missing", "channel intake\n", "", "text-order"),
        change("extra", "a line too many", label, label + "more 1\n", "text-order"),
        change("twice", "a line twice", "\nchannel intake", "\nchannel intake\nchannel intake", "text-order"),
        change("channel", "a capital in the channel", "channel intake", "channel Intake", "text-value"),
        change("channel-long", "33 characters", "channel intake", "channel " + "c" * 33, "text-value"),
        change("integer-zero", "a leading zero", "roster 12", "roster 012", "text-integer"),
        change("integer-sign", "a sign", "roster 12", "roster +12", "text-integer"),
        change("integer-large", "2^53", "roster 12", f"roster {2**53}", "text-integer"),
        change("hex-capital", "capital hex", f"org {ORG.hex()}", f"org {ORG.hex().upper()}", "text-hex"),
        change("hex-short", "15 bytes", f"org {ORG.hex()}", f"org {ORG.hex()[2:]}", "text-hex"),
        change("label", "no such label", label, "\nlabel gossip\n", "text-value"),
        change("holder", "half a holder", f"holder {(MANIFEST.holder or b'').hex()}", "holder -", "text-value"),
    ]


def _make_headers() -> list[Case]:
    text, entry = encode_header(OPEN).decode(), encode_header(ENTRY).decode()
    others = [kind for kind in KINDS if kind not in {"open", "slots", "entry", "extend"}]
    slots = replace(ENTRY, kind="slots", seq=2**32 - 1, slots=draw("new slots"))

    def case(name: str, about: str, given: str, error: str | None = None) -> Case:
        return Case("header", name, "parse", about, {"text": given}, error=error)

    def change(name: str, about: str, old: str, new: str, error: str, given: str = text) -> Case:
        return case(name, about, replace_once(given, old, new), error)

    def lines(**changes: Any) -> str:
        return encode_header(replace(ENTRY, **changes)).decode()

    extend = lines(kind="extend", until=Until("feedback", 1_760_000_000))
    due = f"due acknowledge {(OPEN.acknowledge or b'').hex()}\n"
    return [
        case("open", "the first entry of a room", text),
        case("entry", "a message", entry),
        case("slots", "a new slot set, the largest seq", encode_header(slots).decode()),
        *(case(f"kind-{kind}", kind, lines(kind=kind)) for kind in others),
        case("kind-extend", "a duty moved to a later date", extend),
        change(
            "extend-no-date", "an extension without a date", "until feedback 1760000000\n", "", "text-order", extend
        ),
        change("extend-kind", "no such duty", "until feedback", "until decide", "text-value", extend),
        change("extend-time", "two dates", "until feedback 1", "until feedback 1 ", "text-integer", extend),
        change("entry-until", "a message with a date", "body ", "until feedback 1\nbody ", "text-order", entry),
        case("long", "more than 1,024 bytes", text + "x" * 1_024 + "\n", "text-size"),
        change("version", "another version", "plaint/v1/entry", "plaint/v2/entry", "text-first-line"),
        change("kind", "no such kind", "kind entry", "kind rumour", "text-value", entry),
        change("open-without-tally", "no tally", f"tally {(OPEN.tally or b'').hex()}\n", "", "text-order"),
        change("open-without-due", "a duty is missing", due, "", "text-value"),
        change("open-due-twice", "the same duty twice", "due feedback", "due acknowledge", "text-value"),
        change("open-seq", "an open that is not the first", "seq 0", "seq 1", "text-value"),
        change("open-prev", "an open with a past", "prev 00", "prev 01", "text-value"),
        change("open-slots", "an open without slots", f"slots {(OPEN.slots or b'').hex()}", "slots -", "text-value"),
        change("entry-seq", "a message that is the first", "seq 1", "seq 0", "text-value", entry),
        case("entry-prev", "a message without a past", lines(prev=ZERO_HASH), "text-value"),
        case("entry-slots", "a message with slots", lines(slots=draw("x")), "text-value"),
        change("entry-tally", "a message with a tally", "body ", f"tally {'00' * 32}\nbody ", "text-order", entry),
        change("seq-large", "2^32", "seq 1", f"seq {2**32}", "text-integer", entry),
        change(
            "order",
            "org and room the other way round",
            f"org {ORG.hex()}\nroom {ROOM.hex()}",
            f"room {ROOM.hex()}\norg {ORG.hex()}",
            "text-order",
            entry,
        ),
    ]


CASES = [*_make_rooms(), *_make_headers()]
