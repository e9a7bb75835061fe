"""Somebody uses a member's key: who sees it at sign-in, and what the key can do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from plaint.client.desk import Desk, sign_in
from plaint.client.history import list_history, list_unknown, void_own_key
from plaint.client.places import Places
from plaint.errors import RefusedError
from plaint.protocol.directory_contents import Suspend, get_entry_type
from tests.support.directory_world import find_id, make_keys
from tests.support.world import CLOCK, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, clock=replace(CLOCK, delay=60)) as made:
        yield made


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "device")


def find_new(world: World, name: str, places: Places) -> list[tuple[int, str, bool]]:
    """Return what the device of `name` does not know at sign-in."""
    desk = world.desk(name)
    events = list_unknown(list_history(desk.connection, desk.keys), places, desk.member)
    return [(event.entry.index, get_entry_type(event.entry.content), event.signed) for event in events]


def know_all(desk: Desk, places: Places) -> None:
    places.remember_entries(desk.member, [event.digest for event in list_history(desk.connection, desk.keys)])


def test_a_new_device_shows_the_whole_history_and_then_remembers_it(world: World, places: Places) -> None:
    assert find_new(world, "ada", places) == [(0, "genesis", True), (2, "cosigners", True)]
    know_all(world.desk("ada"), places)
    assert find_new(world, "ada", places) == []


def test_what_a_stolen_key_signed_is_seen_by_its_owner_at_the_next_sign_in(world: World, places: Places) -> None:
    know_all(world.desk("dov"), places)
    index = world.submit(Suspend(find_id("cai")), "dov")  # an administrator who has Dov's words
    world.tick(2)
    assert find_new(world, "dov", places) == [(index, "suspend", True)]


def test_what_others_do_about_a_member_is_seen_by_the_member(world: World, places: Places) -> None:
    know_all(world.desk("ben"), places)
    index = world.submit_member("ben", ["intake-handler", "reviewer"], "ada", "dov")
    world.tick(2)
    assert find_new(world, "ben", places) == [(index, "member", False)]


def test_what_others_sign_for_themselves_is_nobody_else_s_history(world: World, places: Places) -> None:
    know_all(world.desk("ben"), places)
    world.submit(Suspend(find_id("cai")), "dov")
    world.tick(2)
    assert find_new(world, "ben", places) == []


def test_the_key_declares_itself_void_and_every_independent_is_shown_so(world: World, places: Places) -> None:
    for name in ("dov", "eva", "ben", "fay"):
        know_all(world.desk(name), places)
    world.submit(Suspend(find_id("cai")), "dov")
    world.tick(2)
    desk = world.desk("dov")
    index = void_own_key(desk.connection, desk.keys)
    world.tick(2)
    with pytest.raises(RefusedError) as refused:
        sign_in(world.connect(), make_keys("dov"))
    assert refused.value.code == "member-inactive"
    assert find_new(world, "eva", places) == [(index, "key-compromised", False)]
    assert find_new(world, "fay", places) == []


def test_a_void_key_signs_nothing_more(world: World) -> None:
    desk = world.desk("dov")
    void_own_key(desk.connection, desk.keys)
    world.tick()
    with pytest.raises(AssertionError, match="directory-signer"):
        world.submit(Suspend(find_id("cai")), "dov")
