"""Cases of state, receipt, work and session."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from plaint.crypto.hashes import compute_sha256
from plaint.crypto.signing import SigningKey
from plaint.encoding.base64 import encode_base64
from plaint.protocol.keys import compute_room_keys
from plaint.protocol.leaf import compute_content_leaf, compute_token_leaf
from plaint.protocol.note import ED25519, VerifierKey, encode_vkey
from plaint.protocol.receipt import Receipt, encode_receipt
from plaint.protocol.room import ZERO_HASH, Header, compute_header_hash, encode_header
from plaint.protocol.slots import compute_token_hashes
from plaint.protocol.state import Due, PendingLeaf, State, encode_state, sign_state
from tools.vectors.bodies import RANDOM
from tools.vectors.case import Case, draw, replace_once
from tools.vectors.rooms import OPEN
from tools.vectors.world import MEMBERS, ORG, ROOM, SECRET, find_id

ORIGIN = "plaint.example/7f3a"
KEY = SigningKey(draw("receipt key"))
NAME = f"{ORIGIN}/receipts"
VKEY = VerifierKey(NAME, ED25519, KEY.public)
AT = 1_750_000_200
TOKENS, ROOM_KEYS = compute_token_hashes(SECRET), compute_room_keys(SECRET)
HEADER = replace(
    OPEN, tally=compute_sha256(ROOM_KEYS.tally), acknowledge=TOKENS.acknowledge, feedback=TOKENS.feedback
)  # fmt: skip
DUES = (
    Due("acknowledge", AT + 7 * 86_400, TOKENS.acknowledge),
    Due("feedback", AT + 92 * 86_400, TOKENS.feedback),
)
LEAVES = (
    compute_content_leaf(RANDOM.opening, encode_header(HEADER)),
    compute_token_leaf(ROOM_KEYS.compute_token("open")),
)
STATE = State(
    log=f"{ORIGIN}/log/cases",
    org=ORG,
    room=ROOM,
    at=AT,
    entries=1,
    head=compute_header_hash(encode_header(HEADER)),
    size=4_096,
    leaves=tuple(PendingLeaf(leaf, AT + 86_400) for leaf in LEAVES),
    dues=DUES,
)
NOTE = sign_state(STATE, KEY, name=NAME)
LATER_NOTE = sign_state(replace(STATE, entries=3, leaves=(), dues=()), KEY, name=NAME)
SECOND = Header(
    org=ORG, room=ROOM, seq=1, prev=STATE.head, kind="acknowledge", body=draw("second"), slots=None
)  # fmt: skip
THIRD = Header(
    org=ORG, room=ROOM, seq=2, prev=compute_header_hash(encode_header(SECOND)), kind="entry", body=draw("3rd"),
    slots=None,
)  # fmt: skip


def _make_states() -> list[Case]:
    text = encode_state(STATE).decode()
    closed = encode_state(replace(STATE, leaves=(), dues=DUES[1:], entries=2)).decode()
    leaf, due = f"leaf {encode_base64(LEAVES[0])} {AT + 86_400}\n", f"due feedback {DUES[1].at} {DUES[1].hash.hex()}\n"

    def parse(name: str, about: str, given: str, error: str | None = None) -> Case:
        return Case("state", name, "parse", about, {"text": given}, error=error)

    def change(name: str, about: str, old: str, new: str, error: str) -> Case:
        return parse(name, about, replace_once(text, old, new), error)

    def open_(name: str, about: str, note: bytes, vkey: VerifierKey = VKEY, error: str | None = None) -> Case:
        return Case("state", name, "open", about, {"note": note.decode(), "vkey": encode_vkey(vkey)}, error=error)

    other = SigningKey(draw("another receipt key"))
    foreign = replace(VKEY, public=other.public)
    elsewhere = sign_state(replace(STATE, log="plaint.example/9999/log/cases"), KEY, name=NAME)
    false = NOTE.replace(b"entries 1\n", b"entries 2\n")
    acknowledge = f"due acknowledge {DUES[0].at} {DUES[0].hash.hex()}\n"
    return [
        parse("first", "after the first entry", text),
        parse("later", "one duty met, nothing pending", closed),
        parse("bare", "no duties", encode_state(replace(STATE, leaves=(), dues=())).decode()),
        change("version", "another version", "plaint/v1/state", "plaint/v2/state", "text-first-line"),
        change("checkpoint", "a checkpoint's first line", "plaint/v1/state\n", "", "text-first-line"),
        change("entries-none", "no entries", "entries 1", "entries 0", "text-value"),
        change("leaf-three", "three leaves", leaf, leaf * 2, "text-value"),
        change("leaf-short", "32 bytes", encode_base64(LEAVES[0]), encode_base64(LEAVES[0][1:]), "base64-size"),
        change("leaf-prefix", "0x02", encode_base64(LEAVES[0]), encode_base64(b"\2" + LEAVES[0][1:]), "leaf-form"),
        change("leaf-time", "no time", f" {AT + 86_400}\n", "\n", "text-integer"),
        change("due-twice", "a duty twice", due, due * 2, "text-value"),
        change("due-order", "feedback first", acknowledge + due, due + acknowledge, "text-value"),
        change("due-kind", "no such duty", "due feedback", "due applause", "text-value"),
        change("due-hash", "half a hash", DUES[1].hash.hex(), DUES[1].hash.hex()[:32], "text-hex"),
        change("order", "dues before leaves", leaf, due + leaf, "text-order"),
        parse("long", "more than 4,096 bytes", text + "x" * 4_096 + "\n", "text-size"),
        Case("state", "sign", "sign", "a note", {"text": text, "seed": KEY.seed.hex(), "name": NAME}),
        open_("open", "a note", NOTE),
        open_("open-false", "changed after signing", false, error="note-known-key"),
        open_("open-foreign", "signed by somebody else", NOTE, foreign, error="note-no-known-key"),
        open_("open-elsewhere", "about another log", elsewhere, error="state-log"),
        open_("open-long", "more than 8,192 bytes", NOTE + b"x" * 8_192, error="note-size"),
        *_make_checks(),
    ]


def _make_checks() -> list[Case]:
    head = compute_header_hash(encode_header(THIRD))
    state = replace(STATE, leaves=(), dues=DUES[1:], entries=3, head=head)
    common: dict[str, Any] = {
        "text": encode_state(state).decode(),
        "now": AT + 600,
        "expected": [{"kind": due.kind, "at": due.at, "hash": due.hash.hex()} for due in DUES],
        "met": ["acknowledge"],
        "headers": [encode_header(header).decode() for header in (HEADER, SECOND, THIRD)],
        "start": 0,
        "prev": ZERO_HASH.hex(),
    }
    later = {"headers": common["headers"][2:], "start": 2, "prev": THIRD.prev.hex()}
    fork = encode_header(replace(SECOND, body=draw("fork"))).decode()
    shifted = [{**due, "at": due["at"] + 1} for due in common["expected"]]

    def case(name: str, about: str, error: str | None = None, **changes: Any) -> Case:
        return Case("state", name, "check", about, {**common, **changes}, error=error)

    return [
        case("check", "all entries, one duty met"),
        case("check-later", "only what is new", **later),
        case("check-nothing-new", "nothing new", headers=[], start=3, prev=head.hex()),
        case("check-clock", "601 seconds", "state-clock", now=AT + 601),
        case("check-clock-behind", "601 seconds behind", "state-clock", now=AT - 601),
        case("check-due-shifted", "a second later than the pack says", "state-due", expected=shifted),
        case("check-due-dropped", "a duty vanished that nobody met", "state-due", met=[]),
        case("check-due-kept", "a duty that is met", "state-due", met=["acknowledge", "feedback"]),
        case(
            "check-fork",
            "another second entry",
            "state-fork",
            headers=[common["headers"][0], fork, common["headers"][2]],
        ),
        case("check-cut", "the last entry is missing", "state-fork", headers=common["headers"][:2]),
        case("check-rewound", "fewer entries than were seen", "state-fork", headers=[], start=4, prev=draw("x").hex()),
        case("check-head", "another past than was seen", "state-fork", **{**later, "prev": draw("y").hex()}),
    ]


def _make_receipts() -> list[Case]:
    provisional = Receipt(HEADER, RANDOM.opening, NOTE)
    text = encode_receipt(provisional).decode()
    entry = encode_base64(encode_header(THIRD))

    def case(name: str, about: str, given: str, error: str | None = None) -> Case:
        return Case("receipt", name, "parse", about, {"text": given}, error=error)

    def change(name: str, about: str, old: str, new: str, error: str) -> Case:
        return case(name, about, replace_once(text, old, new), error)

    return [
        case("provisional", "before it is logged", text),
        case("complete", "with a proof, unchecked", encode_receipt(replace(provisional, proof=b"a proof\n")).decode()),
        change("version", "another version", "plaint/v1/receipt", "plaint/v2/receipt", "text-first-line"),
        change("kind", "not of an open", encode_base64(encode_header(HEADER)), entry, "receipt-kind"),
        change("opening", "31 bytes", RANDOM.opening.hex(), RANDOM.opening.hex()[2:], "text-hex"),
        change("base64", "white space", "header ", "header  ", "text-line"),
        change("no-note", "no note", "\nnote ", "\nproof ", "text-order"),
        case("key", "a trust key inside", text + "key abc\n", "text-order"),
        case("long", "more than 64 KiB", text + "x" * 65_536 + "\n", "text-size"),
        case("empty", "nothing", "", "text-line"),
    ]


def _make_work() -> list[Case]:
    given: dict[str, Any] = {"org": ORG.hex(), "tick": 256, "subject": draw("subject").hex(), "bits": 10}
    solve = Case("work", "solve", "solve", "the least nonce", given)
    nonce: int = solve.compute()["expect"]["nonce"]

    def verify(name: str, about: str, error: str | None = "work", **changes: Any) -> Case:
        return Case("work", name, "verify", about, {**given, "nonce": nonce, **changes}, error=error)

    return [
        solve,
        verify("verify", "enough zero bits", None),
        verify("verify-none", "no bits wanted", None, nonce=nonce + 1, bits=0),
        verify("verify-nonce", "another nonce", nonce=nonce - 1),
        verify("verify-tick", "another tick", tick=257),
        verify("verify-subject", "another subject", subject=draw("other").hex()),
        verify("verify-bits", "forty bits", bits=40),
    ]


def _make_sessions() -> list[Case]:
    ada = MEMBERS["ada"]
    given = {"org": ORG.hex(), "member": find_id("ada").hex(), "challenge": draw("challenge").hex()}
    sign = Case("session", "sign", "sign", "a member signs in", {**given, "seed": ada.sign.seed.hex()})
    signature: str = sign.compute()["expect"]["sig"]

    def verify(name: str, about: str, error: str | None = "session-signature", **changes: Any) -> Case:
        value = {**given, "sig": signature, "public": ada.sign.public.hex(), **changes}
        return Case("session", name, "verify", about, value, error=error)

    return [
        sign,
        verify("verify", "as it should be", None),
        verify("verify-org", "another organisation", org=draw("other org", 16).hex()),
        verify("verify-member", "another member", member=find_id("ben").hex()),
        verify("verify-challenge", "an older challenge", challenge=draw("older").hex()),
        verify("verify-key", "another key", public=MEMBERS["ben"].sign.public.hex()),
        verify("verify-short", "63 bytes", sig=signature[2:]),
    ]


CASES = [*_make_states(), *_make_receipts(), *_make_work(), *_make_sessions()]
