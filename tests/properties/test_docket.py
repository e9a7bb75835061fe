"""The state of a case does not depend on the order in which its entries arrive, and cannot be forged into."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from plaint.client.law.shipped import load_pack
from plaint.docket.case import CLOSED, CLOSING, fold_case
from plaint.docket.entries import HOLDER, REPORTER, OpenedEntry
from plaint.docket.obligations import MET
from plaint.protocol.content import CloseContent, Content, EntryContent, FeedbackContent, ReopenContent

ROOM = b"r" * 32
NOW = 8 * 86_400
PACK = load_pack("eu-internal")
AUTHORS: list[bytes | str] = [b"a" * 16, b"b" * 16, b"c" * 16, HOLDER]
KINDS: dict[str, Content] = {
    "acknowledge": Content(),
    "feedback": FeedbackContent(action="a", grounds="g"),
    "close": CloseContent(reason="r"),
    "reopen": ReopenContent(),
    "entry": EntryContent(text="t"),
}


@st.composite
def histories(draw: st.DrawFn) -> list[OpenedEntry]:
    entries: list[OpenedEntry] = []
    for seq in range(draw(st.integers(0, 8))):
        kind = draw(st.sampled_from([*KINDS, "confirm"]))
        content = KINDS.get(kind)
        if content is None:
            content = EntryContent(confirms=bytes([draw(st.integers(0, 8))]) * 32)
        entries.append(
            OpenedEntry(
                room=ROOM,
                label=REPORTER,
                seq=seq,
                kind="entry" if kind == "confirm" else kind,
                hash=bytes([seq]) * 32,
                author=draw(st.sampled_from(AUTHORS)),
                proved=draw(st.sampled_from(["proved", "own", "unproved", "earlier"])),
                logged_at=draw(st.one_of(st.none(), st.integers(0, 2 * NOW))),
                content=content,
            )
        )
    return entries


@given(histories(), st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_the_order_of_arrival_does_not_matter(entries: list[OpenedEntry], random: Any) -> None:
    shuffled = [*entries]
    random.shuffle(shuffled)
    assert fold_case(shuffled, pack=PACK, begin=0, now=NOW, grace_s=10) == fold_case(
        entries, pack=PACK, begin=0, now=NOW, grace_s=10
    )


@given(histories())
@settings(max_examples=200)
def test_what_is_not_proved_changes_neither_status_nor_dates(entries: list[OpenedEntry]) -> None:
    view = fold_case(entries, pack=PACK, begin=0, now=NOW, grace_s=10)
    certain = fold_case([e for e in entries if e.counts], pack=PACK, begin=0, now=NOW, grace_s=10)
    assert replace(view, unproved=()) == certain


@given(histories())
@settings(max_examples=300)
def test_closing_takes_two_different_members(entries: list[OpenedEntry]) -> None:
    view = fold_case(entries, pack=PACK, begin=0, now=NOW, grace_s=10)
    if view.status == CLOSED:
        assert view.closing is not None
        assert view.closing.second is not None
        assert view.closing.first != view.closing.second
        assert {view.closing.first, view.closing.second} <= set(AUTHORS[:3])
    assert (view.closing is not None) == (view.status in {CLOSING, CLOSED})


@given(histories())
@settings(max_examples=200)
def test_a_duty_is_met_only_by_a_logged_entry_of_a_member(entries: list[OpenedEntry]) -> None:
    for duty in fold_case(entries, pack=PACK, begin=0, now=NOW, grace_s=10).obligations:
        if duty.state == MET:
            assert any(e.kind == duty.kind and e.member and e.logged_at == duty.met_at for e in entries)
