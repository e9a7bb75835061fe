"""Verdicts against the definition read aloud, over logs in which anything may have happened."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from plaint.protocol.verify import judge_receipt
from tests.support.operations_verify import ListedLeaves
from tools.vectors.notes import AT, LEAVES
from tools.vectors.story import (
    ACKNOWLEDGED,
    ANSWERED,
    BATCH,
    DUES,
    GRACE_S,
    INCLUDE_BY,
    TICK_S,
    TRUST,
    Story,
    make_receipt,
)
from tools.vectors.verdicts import PROOF

PROVISIONAL, COMPLETE = make_receipt(), make_receipt(proof=PROOF)
SECONDS = 5  # what cosigners take


def copy(story: Story) -> ListedLeaves:
    sizes = [BATCH * (tick + 1) for tick in range(story.ticks)]
    return ListedLeaves(story.make_leaves(), {size: story.make_note(size) for size in sizes})


def date_of(tick: int) -> int:
    return AT + (tick - 1) * TICK_S + SECONDS


@given(
    st.none() | st.integers(2, 8),
    st.none() | st.integers(2, 18),
    st.none() | st.integers(2, 18),
    st.integers(3, 19),
    st.integers(0, 20 * TICK_S),
)
@settings(deadline=None, max_examples=60)
def test_the_verdict_is_the_definition(
    logged: int | None, acknowledged: int | None, answered: int | None, ticks: int, later_s: int
) -> None:
    events: dict[int, list[bytes]] = {}
    for tick, leaf in ((logged, LEAVES[0]), (acknowledged, ACKNOWLEDGED), (answered, ANSWERED)):
        if tick is not None:
            events.setdefault(tick, []).append(leaf)
    now = AT + later_s
    verdict = judge_receipt(PROVISIONAL.encode(), TRUST, now=now, leaves=copy(Story(events, ticks=ticks)))
    known = [tick for tick in range(ticks) if date_of(tick) <= now]
    expected = []
    for due, tick in zip(DUES, (acknowledged, answered), strict=True):
        last = due.at + GRACE_S
        if tick in known:
            expected.append("met" if date_of(tick) <= last else "late")
        elif now < last:
            expected.append("open")
        else:
            expected.append("silent" if date_of(known[-1]) >= last else "cannot-judge")
    assert [due.state for due in verdict.dues] == expected
    if logged in known:
        assert verdict.date == date_of(logged)
    elif now < INCLUDE_BY:
        assert verdict.verdict in {"provisional", "silent", "late", "cannot-judge"}
    else:
        assert (verdict.verdict == "breach") == (date_of(known[-1]) >= INCLUDE_BY)


@given(st.integers(0, len(COMPLETE) - 1), st.integers(1, 127))
@settings(deadline=None, max_examples=150)
def test_a_changed_receipt_is_invalid_or_has_lost_a_cosignature(position: int, change: int) -> None:
    changed = bytearray(COMPLETE.encode())
    changed[position] ^= change
    verdict = judge_receipt(bytes(changed), TRUST, now=AT + 60)
    if verdict.verdict != "invalid":  # one of three cosigners is no longer recognised by name: two are a quorum
        assert (verdict.verdict, verdict.date) == ("holds", date_of(3))
        assert changed.startswith(PROVISIONAL.encode())


@given(st.integers(0, len(PROVISIONAL) - 1), st.integers(1, 127))
@settings(deadline=None, max_examples=150)
def test_any_change_makes_a_promise_invalid(position: int, change: int) -> None:
    changed = bytearray(PROVISIONAL.encode())
    changed[position] ^= change
    verdict = judge_receipt(bytes(changed), TRUST, now=AT + 60)
    assert (verdict.verdict, verdict.exit_code) == ("invalid", 1)
    assert verdict.reasons


@given(st.integers(0, 22 * BATCH - 1), st.integers(0, 32), st.integers(1, 255))
@settings(deadline=None, max_examples=30)
def test_changed_leaves_prove_nothing(index: int, position: int, change: int) -> None:
    story = Story({3: LEAVES})
    honest = copy(story)
    leaf = bytearray(honest.leaves[index])
    leaf[position] ^= change
    leaves = [*honest.leaves[:index], bytes(leaf), *honest.leaves[index + 1 :]]
    verdict = judge_receipt(COMPLETE.encode(), TRUST, now=AT + 30 * TICK_S, leaves=replace(honest, leaves=leaves))
    assert verdict.verdict == "cannot-judge"
    assert "leaves-root" in verdict.reasons
