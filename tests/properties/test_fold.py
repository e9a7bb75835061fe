"""Whatever members sign, in whatever order, the rules of spec/directory.md hold after every entry."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plaint.errors import VerificationError
from plaint.protocol.directory import encode_entry
from plaint.protocol.directory_contents import (
    ADMINISTRATOR,
    INDEPENDENT,
    ROLES,
    Channel,
    ChartDigest,
    Content,
    Effect,
    Leave,
    Suspend,
)
from plaint.protocol.directory_state import DirectoryState
from plaint.protocol.fold import apply_entry, fold_directory
from plaint.protocol.packs import compute_pack_digest
from plaint.protocol.roster import compute_roster
from tests.support.directory_world import (
    CLOCK,
    EU_INTERNAL,
    FOUNDERS,
    DirectoryWorld,
    find_id,
    make_cosigners,
    make_record,
)

NAMES = [*FOUNDERS, "hal", "kim"]
PAIR = ("ada", "dov")
names = st.sampled_from(NAMES)
roles = st.lists(st.sampled_from(sorted(ROLES)), min_size=1, max_size=3, unique=True)
contents: st.SearchStrategy[Content] = st.one_of(
    st.builds(make_record, names, roles),
    st.builds(lambda name: Suspend(find_id(name)), names),
    st.builds(lambda name: Leave(find_id(name)), names),
    st.builds(lambda number: ChartDigest(bytes([number]) * 32, number), st.integers(0, 9)),
    st.builds(
        lambda id_, given: Channel(id_, "Channel", tuple(sorted(given)), compute_pack_digest(EU_INTERNAL)),
        st.sampled_from(["reports", "legal"]),
        roles,
    ),
    st.builds(lambda tick, grace: replace(CLOCK, tick=tick, grace=grace), st.integers(1, 3), st.integers(1, 6)),
    st.just(make_cosigners("north")),
    st.builds(Effect, st.integers(1, 12)),
)
signers = st.one_of(
    st.just(PAIR),
    st.builds(lambda name: (name,), names),
    st.lists(names, max_size=3, unique=True).map(tuple),
)
# An effect of whatever waits longest is likelier than hitting its index by chance.
steps = st.lists(st.one_of(st.tuples(contents, signers), st.none()), max_size=10)


def play(script: list[tuple[Content, tuple[str, ...]] | None]) -> list[tuple[DirectoryState, Any, DirectoryState]]:
    world = DirectoryWorld()
    played = []
    for step in script:
        before = world.state
        entry = world.sign(Effect(before.pending[0].index if before.pending else 1)) if step is None else None
        if step is not None:
            entry = world.sign(step[0], *step[1])
        assert entry is not None
        with suppress(VerificationError):
            world.append_entry(entry)
            played.append((before, entry, world.state))
    return played


def readers(state: DirectoryState) -> set[tuple[str, bytes]]:
    return {(channel, m.id) for channel in state.channels for m in compute_roster(state, channel).delivered}


@given(steps)
@settings(max_examples=50)
def test_no_single_signer_widens_access(script: list[Any]) -> None:
    for before, entry, after in play(script):
        if len(entry.by) == 1:
            assert readers(after) <= readers(before)
            assert {e.index for e in after.pending} <= {e.index for e in before.pending}
            assert after.channels == before.channels
            assert after.void == before.void


@given(steps)
@settings(max_examples=50)
def test_a_channel_is_never_emptied_and_two_people_can_always_change_the_directory(script: list[Any]) -> None:
    for _, _, state in play(script):
        assert all(state.find_active(channel.roles) for channel in state.channels.values())
        administrators = {m.id for m in state.find_active([ADMINISTRATOR])}
        independents = {m.id for m in state.find_active([INDEPENDENT])}
        assert any(a != i for a in administrators for i in independents)


@given(steps)
@settings(max_examples=50)
def test_one_signer_takes_at_most_one_member_out_of_a_channel(script: list[Any]) -> None:
    for before, entry, after in play(script):
        lost = readers(before) - readers(after)
        if isinstance(entry.content, Suspend):
            assert {member for _, member in lost} <= {entry.content.id}
            for channel in before.channels.values():
                if {m.id for m in before.find_active(channel.roles)} != {
                    m.id for m in after.find_active(channel.roles)
                }:
                    assert len(after.find_active(channel.roles)) >= 2


@given(steps)
@settings(max_examples=50)
def test_no_grace_ever_grows(script: list[Any]) -> None:
    for before, _, after in play(script):
        assert after.clock.grace * after.clock.tick <= before.clock.grace * before.clock.tick


@given(steps)
@settings(max_examples=40)
def test_the_state_depends_on_the_first_entries_alone(script: list[Any]) -> None:
    world = DirectoryWorld()
    states = {world.state.size: world.state}
    for _, entry, _ in play(script):
        world.append_entry(entry)
        states[world.state.size] = world.state
    for size, state in states.items():
        assert fold_directory(world.entries[:size]) == state


@given(contents)
@settings(max_examples=30)
def test_an_entry_cannot_be_used_twice_or_elsewhere(content: Content) -> None:
    world = DirectoryWorld()
    entry = world.sign(content, *PAIR)
    other = DirectoryWorld({**FOUNDERS, "kim": ("auditor",)})
    with suppress(VerificationError):
        world.append_entry(entry)
        with pytest.raises(VerificationError, match="directory-index"):
            apply_entry(world.state, entry)
    with pytest.raises(VerificationError, match=r"directory-signature|directory-signer"):
        fold_directory([*other.entries, encode_entry(entry)])
