"""Cases of counter-proofs: their form, what makes one not count, and what one that counts changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from plaint.protocol.calendars import DAY_S
from plaint.protocol.counter import Confirmation, Reveal
from plaint.protocol.directory_contents import Suspend
from plaint.protocol.leaf import compute_token_leaf
from plaint.protocol.room import Until
from tests.support.directory_world import FOUNDERS, DirectoryWorld, find_id
from tools.vectors.case import Case, draw, replace_once
from tools.vectors.counters import (
    BROKEN,
    LONG_BEFORE,
    MOVABLE,
    PROMISED,
    REVEAL,
    ROOM_TEXT,
    STEADY,
    SUSPENDED,
    TRUST_TEXT,
    Said,
    Told,
    copy_directory,
    tell,
)
from tools.vectors.notes import AT, ROOM_KEYS
from tools.vectors.story import BATCH, DUES, GRACE_S, TICK_S, Story

END, EARLY = AT + 30 * TICK_S, AT + 7 * TICK_S
NEW = DUES[1].at + 3 * TICK_S
EXTEND = Said("extend", 6, until=Until("feedback", NEW))
CLOSE, SECOND = Said("close", 5), Said("close", 7, seq=2)
CONFIRM = Said("entry", 6, seq=2, member="ida", confirms=CLOSE.hash)
REOPEN = Said("reopen", 7, seq=3)
ACKNOWLEDGE = Said("acknowledge", 6, told=BROKEN, reveal=REVEAL)
ACKNOWLEDGED, ANSWERED = (compute_token_leaf(ROOM_KEYS.compute_token(kind)) for kind in ("acknowledge", "feedback"))


def _judge(
    name: str,
    about: str,
    verdict: str,
    dues: str,
    counters: Sequence[str | None],
    *said: Said,
    story: Story | None = None,
    shown: Sequence[str] | None = None,
    told: Told | None = None,
    now: int = END,
    leaves: bool = True,
    directory: dict[str, Any] | None = STEADY,
    **more: Any,
) -> Case:
    told = told or Told()
    story = story or tell(*said, told=told)
    given: dict[str, Any] = {"receipt": told.make_receipt(story), "trust": TRUST_TEXT, "now": now}
    given |= story.make_copy() if leaves else {}
    given["counters"] = shown or [entry.make(story) for entry in said]
    given |= {} if directory is None else {"directory": directory}
    found = Case("verify", f"counter-{name}", "judge", about, {**given, **more}, expect={"verdict": verdict})
    answer = found.compute()["expect"]
    states = " ".join(due["state"] for due in answer["dues"])
    reasons = [counter["reason"] for counter in answer["counters"]]
    if (states, reasons) != (dues, counters):
        raise AssertionError(f"{name}: {states} {reasons}")
    return found


def _refuse(name: str, about: str, reason: str, said: Said = EXTEND, **more: Any) -> Case:
    """Return a case in which a counter-proof does not count; nothing is due yet."""
    more = {"now": EARLY, "leaves": False, **more}
    return _judge(name, about, "holds", "open open", [reason], said, **more)


def _make_extensions() -> list[Case]:
    def tells(tick: int, *said: Said) -> Story:
        return tell(*(said or (EXTEND,)), events={4: [ACKNOWLEDGED], tick: [ANSWERED]})

    far = Until("feedback", DUES[1].at + DAY_S + 1)
    farthest, after = replace(EXTEND, until=replace(far, at=far.at - 1)), replace(EXTEND, tick=17)
    again = replace(EXTEND, seq=2, tick=7, until=Until("feedback", NEW + TICK_S))
    back, nothing = replace(EXTEND, until=Until("feedback", DUES[1].at)), "counter-extend"
    early = replace(EXTEND, until=Until("acknowledge", DUES[0].at + TICK_S))
    both = tell(EXTEND, again, events={4: [ACKNOWLEDGED]})
    old = Told().make_note(at=EARLY, entries=1)
    head = Told().make_note(at=EARLY, entries=2, head=draw("another head"))
    same = Told().make_note(at=EARLY, entries=2, head=EXTEND.hash)
    before = Told().make_note(at=EARLY - 2 * TICK_S, entries=1)
    fixed = Told(at=PROMISED - DAY_S)
    later, short = copy_directory((2, LONG_BEFORE), (4, 0), (4, 21)), copy_directory((4, 0), (4, 21))
    return [
        _judge("extend-met", "answered by the new date", "holds", "met met", [None], EXTEND, story=tells(19)),
        _judge("extend-late", "answered after the new date", "late", "met late", [None], EXTEND, story=tells(20)),
        _judge("extend-silent", "the new date passed as well", "silent", "met silent", [None], EXTEND,
               story=tell(EXTEND, events={4: [ACKNOWLEDGED]})),
        _judge("extend-open", "the new date is to come", "holds", "met open", [None], EXTEND,
               story=tell(EXTEND, events={4: [ACKNOWLEDGED]}), now=DUES[1].at + GRACE_S),
        _judge("extend-other", "another duty is not moved", "silent", "silent open", [None], EXTEND,
               now=DUES[1].at + GRACE_S),
        _judge("extend-after", "only once the date had passed", "silent", "silent silent", [nothing], after),
        _judge("extend-twice", "a second one counts for nothing", "silent", "met silent", [None, nothing], EXTEND,
               again, story=both),
        _judge("extend-farthest", "as far as the pack allows", "holds", "open open", [None], farthest, now=EARLY,
               leaves=False),
        _refuse("extend-acknowledge", "an acknowledgement cannot be put off", nothing, early),
        _refuse("extend-far", "a second more than that", nothing, replace(EXTEND, until=far)),
        _refuse("extend-pack", "the dates are those of no pack that can be moved", nothing, told=fixed),
        _refuse("extend-pack-later", "the pack came after the promise", nothing, directory=later),
        _refuse("extend-pack-short", "the copy does not reach back so far", "counter-directory", directory=short),
        _refuse("extend-back", "no later than the date that stood", nothing, back),
        _refuse("fork-entries", "a later note counts fewer entries", "counter-fork", later=[old]),
        _refuse("fork-head", "a later note ends in another entry", "counter-fork", later=[head]),
        _judge("fork-none", "a later note ends in this entry", "holds", "open open", [None], EXTEND, now=EARLY,
               leaves=False, later=[same]),
        _judge("fork-before", "the note is from before the entry", "holds", "open open", [None], EXTEND, now=EARLY,
               leaves=False, later=[before]),
    ]  # fmt: skip


def _make_closings() -> list[Case]:
    close, nothing = "counter-close", [None, None]
    alone, again = replace(CONFIRM, member="ben"), replace(CONFIRM, seq=CONFIRM.seq + 1)
    other = replace(CONFIRM, confirms=draw("another close"))
    late, agreed = replace(CLOSE, tick=17), replace(CONFIRM, tick=18, confirms=replace(CLOSE, tick=17).hash)
    story = tell(CLOSE, CONFIRM)
    salted = CONFIRM.make(story, confirms=Confirmation(CLOSE.hash, draw("another salt")))
    pair = [CLOSE.make(story), salted]
    return [
        _judge("close", "closed by two before anything was due", "silent", "silent silent", nothing, CLOSE, CONFIRM),
        _judge("close-met", "acknowledged, then closed", "silent", "met silent", nothing, CLOSE, CONFIRM,
               story=tell(CLOSE, CONFIRM, events={4: [ACKNOWLEDGED]})),
        _judge("close-open", "closed by two, nothing is due", "holds", "open open", nothing, CLOSE, CONFIRM, now=EARLY,
               leaves=False),
        _judge("close-answered", "closed by two, answered after the date", "late", "met late", nothing, CLOSE, CONFIRM,
               story=tell(CLOSE, CONFIRM, events={4: [ACKNOWLEDGED], 19: [ANSWERED]})),
        _judge("close-one", "one signature closes nothing", "silent", "silent silent", [close], CLOSE),
        _judge("close-same", "confirmed by the same member", "silent", "silent silent", [close, close], CLOSE, alone),
        _judge("close-twice", "the first confirmation counts, in whatever order they are shown", "silent",
               "silent silent", [None, close, None], CLOSE, again, CONFIRM),
        _judge("close-other", "another closing was confirmed", "silent", "silent silent", [close, close], CLOSE, other),
        _judge("close-late", "closed after both dates", "silent", "silent silent", nothing, late, agreed),
        _judge("close-reopened", "the reporter took it back", "silent", "silent silent", [close, close, None], CLOSE,
               CONFIRM, REOPEN),
        _judge("close-salt", "the confirmation says something else", "silent", "silent silent", [close, close], CLOSE,
               CONFIRM, shown=pair),
    ]  # fmt: skip


def _make_answers() -> list[Case]:
    good, tokens = Said("acknowledge", 6, reveal=REVEAL), "counter-tokens"
    late = replace(ACKNOWLEDGE, tick=12)
    lists = BROKEN.make_note(at=END, entries=3, head=draw("head 3"))
    wrong = replace(ACKNOWLEDGE, reveal=Reveal(ROOM_TEXT, draw("another secret")))
    manifest = replace(ACKNOWLEDGE, reveal=replace(REVEAL, manifest=ROOM_TEXT.replace(b"intake", b"intakf")))
    feedback = Said("feedback", 7, seq=2, told=BROKEN, reveal=REVEAL)
    return [
        _judge("answer-met", "the report's token was broken", "silent", "met silent", [None], ACKNOWLEDGE, told=BROKEN),
        _judge("answer-late", "acknowledged after the date", "late", "late open", [None], late, told=BROKEN,
               now=DUES[1].at),
        _judge("answer-withheld", "a later note lists it as open", "withheld", "withheld silent", [None], ACKNOWLEDGE,
               told=BROKEN, later=[lists]),
        _refuse("answer-tokens", "the token is right: the log decides", tokens, good),
        _refuse("answer-feedback", "only the other token was broken", tokens, feedback, told=BROKEN),
        _refuse("answer-secret", "another room's secret", tokens, wrong, told=BROKEN),
        _refuse("answer-manifest", "another room's manifest", "receipt-room", manifest, told=BROKEN),
        _judge("decide", "a decision changes no duty", "holds", "open open", [None], Said("decide", 6), now=EARLY,
               leaves=False),
    ]  # fmt: skip


def _make_refused() -> list[Case]:
    story, key, unclear = tell(EXTEND), "counter-key", "counter-directory"
    text = EXTEND.make(story)
    before, after = copy_directory((4, 0), (5, 3), (5, 21), world=SUSPENDED), ((4, LONG_BEFORE), (4, 6), (5, 8))
    stranger = DirectoryWorld({name: roles for name, roles in FOUNDERS.items() if name != "gus"})
    false = copy_directory((2, 0), (2, 21), world=stranger)
    other = DirectoryWorld().change(MOVABLE).append(Suspend(find_id("cai")), "ada")
    root = {**copy_directory((5, 3), (5, 21), world=other), "entries": [e.decode() for e in SUSPENDED.entries]}
    elsewhere = EXTEND.make(story, header=replace(EXTEND.header, room=draw("another room")))
    forged = EXTEND.make(story, proof=tell(CLOSE).make_proof(CLOSE.leaf, BATCH * (CLOSE.tick + 1)))
    absent = replace(story, absent={6: ["w1.example", "w2.example"]})
    return [
        _refuse("key-suspended", "suspended before", key, directory=before),
        _judge("key-after", "suspended afterwards", "holds", "open open", [None], EXTEND, now=EARLY, leaves=False,
               directory=copy_directory(*after, world=SUSPENDED)),
        _refuse("key-nobody", "not a member", key, replace(EXTEND, member="hal")),
        _refuse("signature", "signed with another key", "author-signature", replace(EXTEND, key="cai")),
        _refuse("room", "an entry of another room", "receipt-room", shown=[elsewhere]),
        _refuse("leaf", "the proof of another leaf", "inclusion-root", shown=[forged]),
        _refuse("opening", "another opening", "inclusion-root", shown=[
            replace_once(text, EXTEND.opening.hex(), draw("x").hex())]),
        _refuse("quorum", "its checkpoint lacks a quorum", "proof-quorum", story=absent),
        _refuse("future", "logged after the time asked about", "proof-quorum", now=AT + 5 * TICK_S),
        _refuse("directory-none", "no copy of the directory", unclear, directory=None),
        _refuse("directory-short", "the copy ends before", unclear, directory=copy_directory((4, 0), (4, 5))),
        _refuse("directory-young", "the copy begins after", unclear, directory=copy_directory((4, 7))),
        _refuse("directory-org", "another organisation's directory", "directory-org", directory=false),
        _refuse("directory-root", "an entry that was not cosigned", "directory-root", directory=root),
        _refuse("form", "not a counter-proof", "text-line", shown=[text[:-1]]),
        _judge("twice", "shown twice, counted once", "holds", "open open", [None], EXTEND, now=EARLY, leaves=False,
               shown=[text, text]),
    ]  # fmt: skip


def _make_parse() -> list[Case]:
    story = tell(EXTEND, CLOSE, CONFIRM, REOPEN, ACKNOWLEDGE, told=BROKEN)
    good = {said.kind: said.make(story) for said in (EXTEND, CLOSE, CONFIRM, REOPEN, ACKNOWLEDGE)}
    lines = good["extend"].splitlines(keepends=True)

    def case(name: str, about: str, text: str, error: str | None = None) -> Case:
        return Case("counter", name, "parse", about, {"text": text}, error=error)

    slots = EXTEND.make(story, header=replace(EXTEND.header, kind="slots", slots=draw("s"), until=None))
    erase = EXTEND.make(story, header=replace(EXTEND.header, kind="erase", until=None))
    return [
        *(case(kind, f"of an entry of kind {kind}", text) for kind, text in good.items()),
        case("kind-slots", "a slot set says nothing that counts", slots, "counter-kind"),
        case("kind-erase", "nor does an erasure", erase, "counter-kind"),
        case("version", "another version", replace_once(good["close"], "/v1/", "/v2/"), "text-first-line"),
        case("unsigned", "no signature", "".join([*lines[:3], lines[-1]]), "text-order"),
        case("reopen-signed", "a signature where none belongs", "".join(
            [*good["reopen"].splitlines(keepends=True)[:3], *lines[3:]]), "text-order"),
        case("entry-said", "a message that confirms nothing", "".join(
            [line for line in good["entry"].splitlines(keepends=True) if not line.startswith(("confirms", "salt"))]),
            "text-order"),
        case("acknowledge-bare", "without the room's secret", "".join(
            [line for line in good["acknowledge"].splitlines(keepends=True) if not line.startswith("secret")]),
            "text-order"),
        case("sig-long", "65 bytes", replace_once(good["close"], "\nsig ", "\nsig 00"), "text-hex"),
        case("long", "more than 64 KiB", good["close"] + "x" * 65_536 + "\n", "text-size"),
        case("more", "a line too many", good["close"] + "more 1\n", "text-order"),
    ]  # fmt: skip


CASES = [*_make_parse(), *_make_extensions(), *_make_closings(), *_make_answers(), *_make_refused()]
