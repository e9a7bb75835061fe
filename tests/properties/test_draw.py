"""Which slots enter which streams: nothing twice, nothing to somebody else, nothing lost, and fair coins."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from plaint.server.clock.draw import draw_cells, take_drawn
from plaint.store.rooms import LEFT_OVER, SENT
from plaint.store.ticks import WaitingRow

MEMBERS = [bytes([number]) * 16 for number in range(5)]
OWNERS = st.lists(st.sampled_from(MEMBERS), max_size=8).map(
    lambda members: [(member, position) for position, member in enumerate(members, 1)]
)
ROWS = st.lists(OWNERS, max_size=12).map(
    lambda rows: [WaitingRow(bytes([index]) * 32, index, owners) for index, owners in enumerate(rows)]
)


@given(rows=ROWS, cells=st.integers(1, 4), seed=st.integers())
def test_every_cell_carries_one_waiting_slot_of_its_member(rows: list[WaitingRow], cells: int, seed: int) -> None:
    drawn = draw_cells(rows, MEMBERS, cells=cells, random=Random(seed))
    assert len(set(drawn.values())) == len(drawn)
    for (member, place), (index, position) in drawn.items():
        assert place < cells
        assert (member, position) in rows[index].owners


@given(rows=ROWS, cells=st.integers(1, 4), seed=st.integers(), gone=st.sets(st.sampled_from(MEMBERS)))
def test_what_was_not_drawn_waits_on(rows: list[WaitingRow], cells: int, seed: int, gone: set[bytes]) -> None:
    members = [member for member in MEMBERS if member not in gone]
    drawn = draw_cells(rows, members, cells=cells, random=Random(seed))
    changed = {row.seq: row for row in take_drawn(rows, drawn.values(), lambda member: member not in gone, bool)}
    for index, row in enumerate(rows):
        rest = [(m, p) for m, p in row.owners if m not in gone and (index, p) not in drawn.values()]
        assert changed.get(row.seq, row).owners == rest
        assert (row.seq in changed) == (rest != row.owners)


@given(seed=st.integers())
def test_in_time_everything_is_delivered(seed: int) -> None:
    random = Random(seed)
    rows = [WaitingRow(bytes([n]) * 32, n, [(m, p) for p, m in enumerate(MEMBERS)]) for n in range(6)]
    for _ in range(200):
        drawn = draw_cells(rows, MEMBERS, cells=2, random=random)
        changed = {row.seq: row for row in take_drawn(rows, drawn.values(), lambda _: True, bool)}
        rows = [changed.get(row.seq, row) for row in rows]
    assert not any(row.owners for row in rows)


def test_a_cell_is_filled_half_the_time_whoever_waits() -> None:
    """Any of the waiting slots, with a fair coin: a filled queue does not show whether one foreign slot stood in it."""
    random, filled, first = Random(5), 0, 0
    rows = [WaitingRow(bytes([n]) * 32, n, [(MEMBERS[0], 1)]) for n in range(4)]
    for _ in range(4_000):
        drawn = draw_cells(rows, MEMBERS[:1], cells=1, random=random)
        filled += len(drawn)
        first += (0, 1) in drawn.values()
    assert 1_850 < filled < 2_150
    assert 420 < first < 580


def test_what_a_missed_date_let_go_waits_for_who_is_suspended_and_counts_for_nobody() -> None:
    away, left, there = b"a" * 16, b"b" * 16, b"c" * 16
    rows = [WaitingRow(bytes(32), seq, [(away, 1), (left, 2), (there, 3)], kind) for seq, kind in enumerate((0, 1))]
    changed = take_drawn(rows, [(0, 3), (1, 3)], lambda m: m == there, lambda m: m != left)
    assert [(row.owners, row.kind) for row in changed] == [([], SENT), ([(away, 1)], LEFT_OVER)]
    assert take_drawn(changed[1:], [], lambda m: m != left, lambda m: m != left) == []
