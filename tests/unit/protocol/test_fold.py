from __future__ import annotations

from dataclasses import replace

import pytest

from plaint.errors import VerificationError
from plaint.protocol.directory_contents import Channel, Effect, Leave, Suspend
from plaint.protocol.directory_state import LEFT, SUSPENDED
from plaint.protocol.fold import fold_directory
from plaint.protocol.packs import compute_pack_digest
from plaint.protocol.roster import compute_roster
from tests.support.directory_world import CLOCK, EU_INTERNAL, DirectoryWorld, find_id, make_record

PAIR = ("ada", "dov")


def refuse(world: DirectoryWorld, code: str, content: object, *names: str) -> None:
    before = world.state
    with pytest.raises(VerificationError) as caught:
        world.append(content, *names)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert world.state is before


def test_a_delayed_entry_changes_nothing_before_its_effect() -> None:
    world = DirectoryWorld().append(make_record("hal", ["intake-handler"]), *PAIR)
    assert find_id("hal") not in world.state.members
    world.append(Effect(2))
    assert world.state.members[find_id("hal")].active
    assert world.state.pending == ()


def test_an_old_widening_cannot_be_kept_back_and_applied_over_a_newer_narrowing() -> None:
    world = DirectoryWorld()
    world.append(make_record("fay", ["case-manager", "intake-handler"]), *PAIR)
    world.append(make_record("fay", ["auditor"]), *PAIR)
    refuse(world, "directory-effect", Effect(3))
    world.append(Effect(2)).append(Effect(3))
    assert world.state.members[find_id("fay")].member.roles == ("auditor",)


def test_a_waiting_entry_cannot_undo_a_suspension() -> None:
    world = DirectoryWorld().append(make_record("cai", ["intake-handler", "reviewer"]), *PAIR)
    world.append(Suspend(find_id("cai")), "eva")
    refuse(world, "directory-effect", Effect(2))
    assert world.state.members[find_id("cai")].status == SUSPENDED


def test_two_signers_bring_a_suspended_member_back() -> None:
    world = DirectoryWorld().append(Suspend(find_id("cai")), "eva").change(make_record("cai", ["intake-handler"]))
    assert world.state.members[find_id("cai")].active


def test_after_a_return_another_member_can_be_suspended() -> None:
    world = DirectoryWorld().append(Suspend(find_id("cai")), "eva")
    refuse(world, "directory-suspend", Suspend(find_id("ben")), "ada")
    world.change(make_record("cai", ["intake-handler"])).append(Suspend(find_id("ben")), "ada")
    assert not world.state.members[find_id("ben")].active


def test_an_effect_that_would_empty_a_channel_is_spent() -> None:
    world = DirectoryWorld()
    empty = Channel("reports", "Reports", ("reviewer",), compute_pack_digest(EU_INTERNAL))
    world.change(empty).change(replace(CLOCK, cells=9))
    assert world.state.void == (2,)
    assert world.state.channels["reports"].roles == ("intake-handler",)
    assert world.state.clock.cells == 9


def test_a_clock_does_not_make_old_late_answers_punctual() -> None:
    world = DirectoryWorld()
    refuse(world, "directory-grace", replace(CLOCK, grace=CLOCK.grace + 1), *PAIR)
    refuse(world, "directory-grace", replace(CLOCK, tick=CLOCK.tick + 1), *PAIR)
    assert world.change(replace(CLOCK, tick=CLOCK.grace, grace=1)).state.clock.tick == CLOCK.grace


def test_a_grace_is_not_shortened_in_order_to_grow_again() -> None:
    world = DirectoryWorld().append(replace(CLOCK, grace=1), *PAIR).append(CLOCK, *PAIR)
    world.append(Effect(2)).append(Effect(3))
    assert (world.state.clock.grace, world.state.void) == (1, (3,))


def test_two_waiting_members_cannot_share_a_key() -> None:
    world = DirectoryWorld()
    world.append(make_record("hal", ["reviewer"]), *PAIR).append(make_record("hal", ["investigator"]), *PAIR)
    world.append(Effect(2)).append(Effect(3))
    assert world.state.members[find_id("hal")].member.roles == ("investigator",)
    stolen = replace(make_record("kim", ["reviewer"]), age=make_record("ada", ["auditor"]).age)
    refuse(world, "directory-request", stolen, *PAIR)


def test_who_left_keeps_their_keys_in_the_state_and_no_place_in_the_roster() -> None:
    world = DirectoryWorld().append(Leave(find_id("fay")), "fay")
    assert world.state.members[find_id("fay")].status == LEFT
    assert find_id("fay") not in {m.id for m in compute_roster(world.state, "reports").delivered}


def test_the_roster_has_a_place_for_everybody_who_may_be_granted_access() -> None:
    world = DirectoryWorld().change(make_record("hal", ["investigator"])).change(make_record("kim", ["auditor"]))
    roster = compute_roster(world.state, "reports")
    assert {m.id for m in roster.delivered} == {find_id(n) for n in ("dov", "eva", "ben", "cai", "ida", "fay", "hal")}
    assert {m.id for m in roster.delivered if m.channel} == {find_id(n) for n in ("ben", "cai", "ida")}
    assert [m.id for m in roster.held] == sorted(find_id(n) for n in ("dov", "eva"))


def test_one_bad_entry_spoils_the_whole() -> None:
    world = DirectoryWorld()
    with pytest.raises(VerificationError) as caught:
        fold_directory([*world.forge(make_record("hal", ["reviewer"]), "ada"), world.entries[1]])
    assert caught.value.code == "directory-signers"
