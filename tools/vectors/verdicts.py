"""Cases of verify: one for each verdict, and the edges between them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from plaint.crypto.signing import SigningKey
from plaint.protocol.note import NoteSignature, VerifierKey, encode_note, encode_signatures, parse_note
from plaint.protocol.receipt import Receipt, encode_receipt
from plaint.protocol.state import sign_state
from plaint.protocol.trust import FormerKey
from tools.vectors.bodies import RANDOM
from tools.vectors.case import Case, draw
from tools.vectors.notes import AT, HEADER, KEY, LEAVES, NAME
from tools.vectors.story import (
    ACKNOWLEDGED,
    ANSWERED,
    BATCH,
    DUES,
    GRACE_S,
    INCLUDE_BY,
    PROMISE,
    TICK_S,
    TRUST,
    Story,
    make_receipt,
    make_trust,
)

LOGGED = 3  # the tick in which the report is logged
GOOD = Story({LOGGED: LEAVES, 6: [ACKNOWLEDGED], 14: [ANSWERED]})
SILENT = Story({LOGGED: LEAVES})
PROOF_SIZE = BATCH * (LOGGED + 1)
PROOF = GOOD.make_proof(LEAVES[0], PROOF_SIZE)
END = AT + 30 * TICK_S
NEXT = SigningKey(draw("next receipts"))


def _judge(
    name: str,
    about: str,
    verdict: str,
    dues: str = "",
    *,
    receipt: str | None = None,
    now: int = END,
    story: Story | None = None,
    reasons: list[str] | None = None,
    **more: Any,
) -> Case:
    given: dict[str, Any] = {"receipt": receipt or make_receipt(proof=PROOF), "trust": make_trust(), "now": now}
    given |= {} if story is None else story.make_copy()
    found = Case(
        "verify", name, "judge", about, {**given, **more}, expect={"verdict": verdict, "reasons": reasons or []}
    )
    states = " ".join(due["state"] for due in found.compute()["expect"]["dues"])
    if states != dues:
        raise AssertionError(f"{name}: {states}")
    return found


def _note(**changes: Any) -> str:
    """Return a later state note of the room."""
    state = replace(PROMISE, entries=2, head=draw("head 2"), leaves=())
    return sign_state(replace(state, **changes), KEY, name=NAME).decode()


def _add_line(key: VerifierKey) -> str:
    """Return a receipt whose note also carries a line in the name of `key`, which did not sign."""
    note = sign_state(PROMISE, KEY, name=NAME)
    line = NoteSignature(key.name, key.key_id, bytes(64))
    data = encode_signatures([line])
    text = note.partition(b"\n\n")[0] + b"\n\n" + data + note.partition(b"\n\n")[2]
    return encode_receipt(Receipt(HEADER, RANDOM.opening, text, PROOF)).decode()


def _make_holding() -> list[Case]:
    provisional = make_receipt()
    batch = replace(GOOD, events={LOGGED: [ACKNOWLEDGED, *LEAVES], 14: [ANSWERED]})
    twice = replace(GOOD, events={**GOOD.events, 2: LEAVES[:1]})
    return [
        _judge("holds-met", "both duties met in time", "holds", "met met", story=GOOD),
        _judge("holds-open", "nothing is due yet", "holds", "open open", now=DUES[0].at),
        _judge("holds-grace", "due, but grace is not over", "holds", "open open", now=DUES[0].at + GRACE_S - 1),
        _judge("holds-early", "acknowledged before it was due", "holds", "met open", story=GOOD, now=DUES[0].at - 1),
        _judge("provisional", "no proof yet", "provisional", "open open", receipt=provisional, now=AT + 60),
        _judge("holds-dated", "no proof, but the leaves", "holds", "met met", receipt=provisional, story=GOOD),
        _judge("holds-last", "answered in the last tick of grace", "holds", "met met", story=replace(
            GOOD, events={**GOOD.events, 14: [], 16: [ANSWERED]})),
        _judge("holds-noted", "a later note knows that both were met", "holds", "met met", story=GOOD,
               later=[_note(at=END, dues=())]),
        _judge("provisional-last", "a second before the promise is due", "provisional", "open open",
               receipt=provisional, now=INCLUDE_BY - 1),
        _judge("holds-ahead", "acknowledged after the promise, logged a tick before the report", "holds", "met met",
               story=replace(GOOD, events={2: [ACKNOWLEDGED], LOGGED: LEAVES, 14: [ANSWERED]})),
        _judge("holds-batch", "acknowledged in the report's batch, which has no order", "holds", "met met",
               receipt=make_receipt(proof=batch.make_proof(LEAVES[0], PROOF_SIZE)), story=batch),
        _judge("holds-size", "the promise names a size beyond the report's place", "holds", "met met", story=GOOD,
               receipt=make_receipt(replace(PROMISE, size=1000), PROOF)),
        _judge("holds-twice", "the report's leaf stands twice: no second history", "holds", "met met", story=twice,
               receipt=make_receipt(proof=twice.make_proof(LEAVES[0], PROOF_SIZE, since=BATCH * LOGGED))),
        _judge("holds-skew", "one cosigner's clock is hours ahead", "holds", "met met", story=replace(
            GOOD, offsets={"w2.example": 36_000})),
    ]  # fmt: skip


def _make_failures() -> list[Case]:
    provisional = make_receipt()
    second = _note(at=END)
    slow = replace(GOOD, events={LOGGED + 3: LEAVES, 7: [ACKNOWLEDGED], 14: [ANSWERED]})
    dated = AT + 18 * TICK_S + 5
    late = replace(GOOD, events={LOGGED: LEAVES, 6: [ACKNOWLEDGED], 19: [ANSWERED]})
    other = Story({LOGGED + 1: LEAVES}, ticks=22)
    return [
        _judge("late", "answered three ticks too late", "late", "met late", story=late),
        _judge("late-noted", "a note from before the late answer lists the duty", "late", "met late", story=late,
               later=[_note(at=dated - 1, dues=DUES[1:])]),
        _judge("late-leaf", "logged after the promised time", "late", "met met", receipt=provisional, story=slow,
               reasons=["leaf-late"]),
        _judge("late-proof", "the proof is from after the promised time", "late", "open open", now=DUES[0].at,
               receipt=make_receipt(proof=slow.make_proof(LEAVES[0], BATCH * (LOGGED + 4))), reasons=["leaf-late"]),
        _judge("silent-before", "the token stands before the promise: not an answer to it", "silent", "silent met",
               story=replace(GOOD, events={1: [ACKNOWLEDGED], LOGGED: LEAVES, 14: [ANSWERED]})),
        _judge("silent-denied", "a later note says that both were met, the log does not", "silent", "silent silent",
               story=SILENT, later=[_note(at=END, dues=())]),
        _judge("withheld-late", "logged late, and still listed as open after that", "withheld", "met withheld",
               story=late, later=[_note(at=dated, dues=DUES[1:])]),
        _judge("admitted-first", "a note from after the first date only", "silent-admitted", "silent-admitted open",
               later=[_note(at=DUES[0].at + GRACE_S)], now=DUES[0].at + GRACE_S),
        _judge("silent", "no answer at all", "silent", "silent silent", story=SILENT),
        _judge("silent-feedback", "acknowledged, never answered", "silent", "met silent", story=replace(
            SILENT, events={LOGGED: LEAVES, 6: [ACKNOWLEDGED]})),
        _judge("silent-first", "only the first is due", "silent", "silent open", story=SILENT,
               now=DUES[0].at + 2 * GRACE_S),
        _judge("admitted", "no leaves, but a later note", "silent-admitted", "silent-admitted silent-admitted",
               later=[second], reasons=[]),
        _judge("withheld", "logged in time, yet listed as open", "withheld", "withheld withheld", story=GOOD,
               later=[second]),
        _judge("breach", "promised and never logged", "breach", "silent silent", receipt=provisional, story=Story(),
               reasons=["leaf-missing"]),
        _judge("breach-fork", "the log shows two histories", "breach", "silent silent", story=other,
               reasons=["log-fork"]),
    ]  # fmt: skip


def _make_unclear() -> list[Case]:
    provisional, missing = make_receipt(), ["leaves-missing"]
    cut = replace(SILENT, ticks=LOGGED + 2)
    dark = replace(SILENT, absent={tick: ["w1.example", "w2.example"] for tick in range(22)})
    swapped = GOOD.make_copy()
    swapped["leaves"][1], swapped["leaves"][2] = swapped["leaves"][2], swapped["leaves"][1]
    short = GOOD.make_copy()
    short["leaves"] = [leaf[:-2] for leaf in short["leaves"]]
    alone = replace(GOOD, absent={LOGGED: ["w1.example", "w3.example"]})
    unsigned = make_receipt(proof=alone.make_proof(LEAVES[0], PROOF_SIZE))
    unclear, both = "cannot-judge", "cannot-judge cannot-judge"
    return [
        _judge("unclear", "due, and no leaves", unclear, both, reasons=missing),
        _judge("unclear-provisional", "no proof, no leaves", unclear, "open open", receipt=provisional,
               now=INCLUDE_BY, reasons=missing),
        _judge("unclear-noted", "the later note is from before the dates", unclear, both, reasons=missing,
               later=[_note(at=DUES[0].at + GRACE_S - 1)]),
        _judge("unclear-cut", "leaves that end too early", unclear, both, story=cut, reasons=missing),
        _judge("unclear-dark", "checkpoints without a quorum", unclear, both, story=dark, reasons=missing),
        _judge("unclear-swapped", "two leaves swapped", unclear, both, reasons=["leaves-root", *missing], **swapped),
        _judge("unclear-short", "leaves cut short", unclear, both, reasons=["leaves-root", *missing], **short),
        _judge("quorum-provisional", "the proof lacks a quorum", "provisional", "open open", receipt=unsigned,
               now=AT + 60, reasons=["proof-quorum"]),
        _judge("quorum-dated", "the proof lacks a quorum, the leaves have one", "holds", "met met", receipt=unsigned,
               story=alone),
    ]  # fmt: skip


def _make_invalid() -> list[Case]:
    def invalid(name: str, about: str, receipt: str, reason: str, **more: Any) -> Case:
        return _judge(f"invalid-{name}", about, "invalid", receipt=receipt, reasons=[reason], **more)

    good = make_receipt(proof=PROOF)
    foreign = sign_state(PROMISE, SigningKey(draw("thief")), name=NAME)
    moved = sign_state(replace(PROMISE, room=draw("room")), KEY, name=NAME)
    forged = GOOD.make_proof(LEAVES[1], PROOF_SIZE)
    note = parse_note(PROOF.partition(b"\n\n")[2])
    false = PROOF.partition(b"\n\n")[0] + b"\n\n" + encode_note(replace(note, text=note.text + b"more\n"))
    later = sign_state(replace(PROMISE, room=draw("room"), at=END), KEY, name=NAME).decode()

    def with_note(data: bytes) -> str:
        return encode_receipt(Receipt(HEADER, RANDOM.opening, data)).decode()

    return [
        invalid("form", "not a receipt", good[:-1], "text-line"),
        invalid("opening", "another opening", good.replace(RANDOM.opening.hex(), draw("x").hex()), "receipt-leaf"),
        invalid("header", "another tally", encode_receipt(
            Receipt(replace(HEADER, tally=draw("x")), RANDOM.opening, sign_state(PROMISE, KEY, name=NAME))).decode(),
            "receipt-head"),
        invalid("key", "a note signed by a stranger", with_note(foreign), "note-no-known-key"),
        invalid("room", "a note about another room", with_note(moved), "receipt-room"),
        invalid("due", "a duty the header does not name", make_receipt(
            replace(PROMISE, dues=(replace(DUES[0], hash=draw("d")), DUES[1]))), "receipt-due"),
        invalid("leaf", "a note that promises nothing", make_receipt(replace(PROMISE, leaves=())), "receipt-leaf"),
        invalid("proof-leaf", "a proof of another leaf", make_receipt(proof=forged), "inclusion-root"),
        invalid("proof-false", "a checkpoint changed after signing", make_receipt(proof=false), "note-known-key"),
        invalid("trust", "another organisation's trust file", good, "receipt-room",
                trust=make_trust(replace(TRUST, org=draw("o", 16)))),
        invalid("later", "a later note about another room", good, "receipt-room", later=[later]),
    ]  # fmt: skip


def _make_former() -> list[Case]:
    """The organisation signs with another key now; this receipt's is former."""
    now = VerifierKey(TRUST.receipts.name, TRUST.receipts.type, NEXT.public)
    logged = AT + (LOGGED - 1) * TICK_S + 5
    provisional, void, retired = make_receipt(), ["receipt-void"], ["receipt-retired"]

    def trust(until: int, *, is_void: bool, receipts: VerifierKey = now) -> str:
        return make_trust(replace(TRUST, receipts=receipts, former=(FormerKey(TRUST.receipts, until, is_void),)))

    early, late = trust(logged, is_void=True), trust(logged + 1, is_void=True)
    here = trust(logged + 1, is_void=True, receipts=TRUST.receipts)
    other = VerifierKey(TRUST.receipts.name, TRUST.receipts.type, SigningKey(draw("other receipts")).public)
    both = make_trust(replace(TRUST, former=(FormerKey(other, logged + 1, void=True),)))
    slow = replace(GOOD, events={LOGGED + 3: LEAVES, 7: [ACKNOWLEDGED], 14: [ANSWERED]})
    slow_proof = make_receipt(proof=slow.make_proof(LEAVES[0], BATCH * (LOGGED + 4)))
    after = make_trust(
        replace(TRUST, receipts=now, former=(FormerKey(TRUST.receipts, INCLUDE_BY + 86_400, void=True),))
    )
    tardy = replace(GOOD, events={LOGGED: LEAVES, 6: [ACKNOWLEDGED], 19: [ANSWERED]})
    later = sign_state(replace(PROMISE, at=END, entries=2, head=draw("head 2"), leaves=()), NEXT, name=NAME).decode()
    return [
        _judge("void-before", "logged before the key was void", "holds", "met met", story=GOOD, trust=late),
        _judge("void-now", "void, and not replaced yet", "holds", "met met", story=GOOD, trust=here),
        _judge("void-silent", "logged before, but a thief may have written when it was due", "cannot-judge",
               "cannot-judge cannot-judge", story=SILENT, trust=late, reasons=void),
        _judge("void-late", "answered late, by a date that a thief may have written", "cannot-judge",
               "met cannot-judge", story=tardy, trust=late, reasons=void),
        _judge("void-leaf-late", "logged late, by a time that a thief may have written", "cannot-judge", "met met",
               receipt=slow_proof, story=slow, trust=after, reasons=void),
        _judge("void-admitted", "a later note lists duties by dates that a thief may have written", "cannot-judge",
               "cannot-judge cannot-judge", trust=late, later=[later], reasons=void),
        _judge("void-withheld", "the same, and the log holds the answers", "cannot-judge", "cannot-judge cannot-judge",
               story=GOOD, trust=late, later=[later], reasons=void),
        _judge("void-fork", "two histories are the log's own doing", "breach", "cannot-judge cannot-judge",
               story=Story({LOGGED + 1: LEAVES}), trust=late, reasons=["log-fork"]),
        _judge("void-after", "logged at the moment the key was void", "invalid", story=GOOD, trust=early, reasons=void),
        _judge("void-undated", "nothing says when it was logged", "cannot-judge", receipt=provisional, trust=late,
               reasons=void),
        _judge("void-breach", "a thief's promise accuses nobody", "cannot-judge", receipt=provisional, story=Story(),
               trust=late, reasons=void),
        _judge("void-later", "a later note under the void key is left aside", "cannot-judge",
               "cannot-judge cannot-judge", trust=late, later=[_note(at=END)], reasons=["leaves-missing"]),
        _judge("void-line", "signed with the key of now; a line in the void key's name is not its", "holds", "met met",
               receipt=_add_line(other), story=GOOD, trust=both),
        _judge("retired-line", "signed with the retired key; a line in the name of the key of now is not its", "holds",
               "met met", receipt=_add_line(now), story=GOOD, trust=trust(AT + 1, is_void=False)),
        _judge("retired-before", "signed before the key was retired", "holds", "met met", story=GOOD,
               trust=trust(AT + 1, is_void=False)),
        _judge("retired-after", "signed with a retired key", "invalid", story=GOOD, trust=trust(AT, is_void=False),
               reasons=retired),
        _judge("retired-unknown", "a key that the trust file does not know", "invalid", story=GOOD,
               trust=make_trust(replace(TRUST, receipts=now)), reasons=["note-no-known-key"]),
    ]  # fmt: skip


CASES = [*_make_holding(), *_make_failures(), *_make_unclear(), *_make_invalid(), *_make_former()]
