from __future__ import annotations

import re

import pytest

from plaint.crypto.age import try_open_small
from plaint.errors import MalformedError, PlaintError
from plaint.protocol.access import Access, compute_granted
from plaint.protocol.cells import CELL_BYTES, open_cell, split_cells, synthesize_cell
from plaint.protocol.slots import compute_slot_set, open_slot, split_slot_set
from tools.vectors.slots import SET, find_position
from tools.vectors.world import ACCESS, HOLDER, INTERNAL, MANIFEST, MEMBERS, ROSTER, SECRET, find_id

FORM = re.compile(
    rb"age-encryption\.org/v1\n-> X25519 [A-Za-z0-9+/]{43}\n[A-Za-z0-9+/]{43}\n--- [A-Za-z0-9+/]{43}\n.{288}", re.DOTALL
)
NAMES = {keys.id: name for name, keys in MEMBERS.items()}


@pytest.mark.parametrize("granted", [[], ["ada"], ["ada", "ben", "fay"], [*MEMBERS]])
@pytest.mark.parametrize("manifest", [MANIFEST, INTERNAL], ids=["reporter", "internal"])
def test_the_set_has_one_size_whoever_is_granted(granted: list[str], manifest: object) -> None:
    access = Access(tuple(sorted(map(find_id, granted))), ())
    slot_set = compute_slot_set(SECRET, manifest, ROSTER, access, seq=0)  # type: ignore[arg-type]
    assert len(slot_set) == CELL_BYTES * (1 + 6 + 2)
    assert all(FORM.fullmatch(slot) for slot in split_slot_set(slot_set))


def test_each_member_opens_what_the_access_says_and_nothing_else() -> None:
    opened: dict[str, list[str]] = {}
    for name, keys in MEMBERS.items():
        slots = [open_slot(keys.age, slot, member=keys.id) for slot in split_slot_set(SET)]
        opened[name] = [slot.mode for slot in slots if slot]
    assert opened == {"ada": ["F"], "ben": ["F"], "cai": [], "dov": ["W", "F"], "eva": [], "fay": []}


def test_void_slots_say_whom_they_exclude_to_nobody() -> None:
    void = split_slot_set(SET)[find_position("cai")]
    keys = [HOLDER.age, *(member.age for member in MEMBERS.values())]
    assert [try_open_small(key, void) for key in keys] == [None] * len(keys)


def test_a_new_seq_repeats_no_bytes() -> None:
    later = compute_slot_set(SECRET, MANIFEST, ROSTER, ACCESS, seq=1)
    assert not {slot[32:] for slot in split_slot_set(SET)} & {slot[32:] for slot in split_slot_set(later)}


@pytest.mark.parametrize("size", [0, 455, 457])
def test_a_set_of_broken_slots_is_refused(size: int) -> None:
    with pytest.raises(MalformedError) as caught:
        split_slot_set(bytes(size))
    assert caught.value.code == "slots-size"


def test_a_report_never_goes_to_nobody() -> None:
    with pytest.raises(PlaintError) as caught:
        compute_granted(ROSTER, [member.id for member in ROSTER.delivered])
    assert caught.value.code == "access-nobody"


def test_members_who_may_be_added_later_are_not_granted_at_first() -> None:
    assert {NAMES[member] for member in compute_granted(ROSTER, [])} == {"ada", "ben", "cai"}
    assert {NAMES[member] for member in compute_granted(ROSTER, [find_id("ada"), find_id("ben")])} == {
        "cai",
        "dov",
        "eva",
    }


def test_a_cell_for_nobody_looks_like_one_for_somebody() -> None:
    keys = MEMBERS["ada"]
    cells = [synthesize_cell(bytes(32), member=keys.id, tick=tick, index=i) for tick in range(3) for i in range(2)]
    assert len(set(cells)) == 6
    assert all(FORM.fullmatch(cell) for cell in cells)
    assert all(open_cell(keys.age, cell, member=keys.id) is None for cell in cells)
    assert split_cells(b"".join(cells) + b"rest") == cells
    assert synthesize_cell(bytes(32), member=keys.id, tick=0, index=0) == cells[0]
    assert synthesize_cell(b"\1" * 32, member=keys.id, tick=0, index=0) != cells[0]
