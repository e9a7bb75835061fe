"""Verdicts against the definition read aloud, over logs in which anything may have happened."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from plaint.protocol.room import Until
from plaint.protocol.state import Due, sign_state
from plaint.protocol.verify import WORST_FIRST, judge_receipt
from tests.support.operations_verify import ListedLeaves, read_directory
from tools.vectors.counters import OWN, STEADY, Said, Told, tell
from tools.vectors.notes import AT, KEY, LEAVES, NAME
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
)
from tools.vectors.verdicts import PROOF

PROVISIONAL, COMPLETE = make_receipt(), make_receipt(proof=PROOF)
SECONDS = 5  # what cosigners take
RANKS = {word: place for place, word in enumerate(WORST_FIRST)}
EXTEND = Said("extend", 6, until=Until("feedback", DUES[1].at + TICK_S))
EXTENSION = EXTEND.make(tell(EXTEND))
EXTENDED_RECEIPT = Told().make_receipt(tell(EXTEND)).encode()


def copy(story: Story) -> ListedLeaves:
    sizes = [BATCH * (tick + 1) for tick in range(story.ticks)]
    return ListedLeaves(story.make_leaves(), {size: story.make_note(size) for size in sizes})


def date_of(tick: int) -> int:
    return AT + (tick - 1) * TICK_S + SECONDS


def define_due(
    due: Due, tick: int | None, *, known: list[int], now: int, note_at: int | None, until: int | None
) -> str:
    """Say what became of a duty as one would tell it; `note_at` is a later note that still lists it."""
    last = (until or due.at) + GRACE_S
    if tick in known:
        logged = date_of(tick)
        if note_at is not None and note_at >= last and note_at >= logged:
            return "withheld"
        return "met" if logged <= last else "late"
    if now < last:
        return "open"
    if date_of(known[-1]) >= last:
        return "silent"
    return "silent-admitted" if note_at is not None and note_at >= last else "cannot-judge"


@given(
    st.none() | st.integers(2, 8),
    st.none() | st.integers(2, 18),
    st.none() | st.integers(2, 18),
    st.integers(3, 19),
    st.integers(0, 20 * TICK_S),
    st.none() | st.integers(0, 20 * TICK_S),
)
@settings(max_examples=80)
def test_the_verdict_is_the_definition(
    logged: int | None, acknowledged: int | None, answered: int | None, ticks: int, later_s: int, note_s: int | None
) -> None:
    events: dict[int, list[bytes]] = {}
    for tick, leaf in ((logged, LEAVES[0]), (acknowledged, ACKNOWLEDGED), (answered, ANSWERED)):
        if tick is not None:
            events.setdefault(tick, []).append(leaf)
    now, note_at = AT + later_s, None if note_s is None else AT + note_s
    later = [] if note_at is None else [sign_state(replace(PROMISE, at=note_at, leaves=()), KEY, name=NAME)]
    story = Story(events, ticks=ticks)
    verdict = judge_receipt(PROVISIONAL.encode(), TRUST, now=now, leaves=copy(story), later=later)
    known = [tick for tick in range(ticks) if date_of(tick) <= now]
    expected = [
        define_due(due, tick, known=known, now=now, note_at=note_at, until=None)
        for due, tick in zip(DUES, (acknowledged, answered), strict=True)
    ]
    assert [due.state for due in verdict.dues] == expected
    if logged in known:
        report = "late" if date_of(logged) > INCLUDE_BY else "holds"
        assert verdict.date == date_of(logged)
    elif now < INCLUDE_BY:
        report = "provisional"
    else:
        report = "breach" if date_of(known[-1]) >= INCLUDE_BY else "cannot-judge"
    assert verdict.verdict == min(report, *expected, key=lambda word: RANKS.get(word, len(RANKS)))
    if logged in known:  # the proof says no more than the log, wherever the answers stand
        proof = story.make_proof(LEAVES[0], BATCH * (logged + 1))
        complete = judge_receipt(make_receipt(proof=proof).encode(), TRUST, now=now, leaves=copy(story), later=later)
        assert replace(complete, reasons=()) == replace(verdict, reasons=())


@given(st.integers(3, 20), st.integers(-2, 30), st.none() | st.integers(3, 18), st.integers(8, 20))
@settings(max_examples=40)
def test_an_extension_counts_by_the_definition(shown: int, more: int, answered: int | None, now_tick: int) -> None:
    extend = Said("extend", shown, until=Until("feedback", DUES[1].at + more * TICK_S))
    story = tell(extend, events={} if answered is None else {answered: [ANSWERED]})
    now = date_of(now_tick)
    verdict = judge_receipt(
        Told().make_receipt(story).encode(),
        OWN,
        now=now,
        leaves=copy(story),
        counters=[extend.make(story).encode()],
        directory=read_directory(STEADY),
    )
    known = range(now_tick + 1)
    counts = shown in known and date_of(shown) <= DUES[1].at + GRACE_S and more > 0
    until = DUES[1].at + more * TICK_S if counts else None
    feedback = define_due(DUES[1], answered, known=list(known), now=now, note_at=None, until=until)
    assert (verdict.dues[1].state, verdict.dues[1].until) == (feedback, until)
    assert verdict.dues[0].until is None
    expected = None if counts else "proof-quorum" if shown not in known else "counter-extend"
    assert verdict.counters[0].reason == expected


@given(st.data())
@settings(max_examples=100)
def test_a_changed_counter_proof_counts_for_nothing(data: st.DataObject) -> None:
    text = EXTENSION.encode()
    changed = bytearray(text)
    changed[data.draw(st.integers(0, text.index(b"\nproof")))] ^= data.draw(st.integers(1, 127))
    verdict = judge_receipt(
        EXTENDED_RECEIPT, OWN, now=date_of(8), counters=[bytes(changed)], directory=read_directory(STEADY)
    )
    assert verdict.verdict == "holds"
    assert verdict.counters[0].reason is not None
    assert verdict.dues[1].until is None


@given(st.integers(0, len(COMPLETE) - 1), st.integers(1, 127))
@settings(max_examples=150)
def test_a_changed_receipt_is_invalid_or_has_lost_a_cosignature(position: int, change: int) -> None:
    changed = bytearray(COMPLETE.encode())
    changed[position] ^= change
    verdict = judge_receipt(bytes(changed), TRUST, now=AT + 60)
    if verdict.verdict != "invalid":  # one of three cosigners is no longer recognised by name: two are a quorum
        assert (verdict.verdict, verdict.date) == ("holds", date_of(3))
        assert changed.startswith(PROVISIONAL.encode())


@given(st.integers(0, len(PROVISIONAL) - 1), st.integers(1, 127))
@settings(max_examples=150)
def test_any_change_makes_a_promise_invalid(position: int, change: int) -> None:
    changed = bytearray(PROVISIONAL.encode())
    changed[position] ^= change
    verdict = judge_receipt(bytes(changed), TRUST, now=AT + 60)
    assert (verdict.verdict, verdict.exit_code) == ("invalid", 1)
    assert verdict.reasons


@given(st.integers(0, 22 * BATCH - 1), st.integers(0, 32), st.integers(1, 255))
@settings(max_examples=30)
def test_changed_leaves_prove_nothing(index: int, position: int, change: int) -> None:
    story = Story({3: LEAVES})
    honest = copy(story)
    leaf = bytearray(honest.leaves[index])
    leaf[position] ^= change
    leaves = [*honest.leaves[:index], bytes(leaf), *honest.leaves[index + 1 :]]
    verdict = judge_receipt(COMPLETE.encode(), TRUST, now=AT + 30 * TICK_S, leaves=replace(honest, leaves=leaves))
    assert verdict.verdict == "cannot-judge"
    assert "leaves-root" in verdict.reasons
