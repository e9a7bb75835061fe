"""Held slots move by the clock alone: in the order of their dates, never early, and without closing the door."""

from __future__ import annotations

from functools import partial

from sqlalchemy import select

from plaint.protocol.slots import SLOT_BYTES
from plaint.server.clock.batch import MOVING_PER_CELL, list_held
from plaint.store import escalations, ticks
from plaint.store.schema import entry, room
from tests.support.many_rooms import CHANNEL, add_missed, read_escalated
from tests.support.sealed import post, seal
from tests.support.world import CLOCK, World

DAY_S = 86_400
WEEK_S = 7 * DAY_S
MOST = MOVING_PER_CELL * CLOCK.cells


def count_moving(world: World) -> int:
    """Return how many sets of missed rooms wait for streams."""
    org = world.services.organisation.org
    return world.loop.run(world.database.read(lambda c: escalations.count_moving(c, org)))


def test_many_missed_rooms_are_let_go_in_order_and_none_is_forgotten(any_world: World) -> None:
    world = any_world
    missed = add_missed(world, 3 * MOST)
    seen: list[set[bytes]] = []
    for _ in range(200):
        world.tick()
        seen.append(read_escalated(world))
        assert count_moving(world) <= MOST
        assert seen[-1] == set(missed[: len(seen[-1])])
        if len(seen[-1]) == len(missed):
            break
    assert len(seen[0]) == MOST
    assert seen[-1] == set(missed)


def test_what_nobody_answered_does_not_close_the_door(world: World) -> None:
    add_missed(world, 400)
    for _ in range(3):
        world.tick()
        assert post(world, seal(world)).status_code == 201


def test_a_sweep_writes_nothing_but_who_waits(world: World) -> None:
    report = seal(world)
    post(world, report)
    world.tick(12)

    def read() -> tuple[list[object], dict[str, object]]:
        entries = world.loop.run(world.database.read(lambda c: c.execute(select(entry)).all()))
        rows = world.loop.run(world.database.read(lambda c: c.execute(select(room)).mappings().all()))
        return [tuple(row) for row in entries], dict(rows[0])

    entries, before = read()
    world.now += WEEK_S
    world.tick(8)
    after_entries, after = read()
    assert after_entries == entries
    assert {name for name in before if before[name] != after[name]} == {"escalate", "escalated"}


def test_the_held_slots_that_move_are_those_of_the_independents(world: World) -> None:
    report = seal(world)
    post(world, report)
    for _ in range(12):
        world.tick()
    world.now += WEEK_S
    organisation = world.services.organisation
    held = list_held(organisation.find_roster(organisation.state.size, CHANNEL))
    before = {member: list_cells(world, member) for member, _ in held}
    for _ in range(40):
        world.tick()
    for member, position in held:
        slot = report.write.slots[position * SLOT_BYTES : (position + 1) * SLOT_BYTES]
        assert slot not in before[member]
        assert list_cells(world, member).count(slot) == 1
    assert held


def list_cells(world: World, member: bytes) -> list[bytes]:
    """Return the slots that entered a member's stream."""
    organisation = world.services.organisation
    span, keys = (0, organisation.tick), organisation.rest
    query = partial(ticks.read_cells, org=organisation.org, member=member, span=span, keys=keys)
    found, are_all = world.loop.run(world.database.read(query))
    assert are_all
    return list(found.values())


def test_a_clock_that_jumps_ahead_opens_nothing_early(world: World) -> None:
    post(world, seal(world))
    world.tick(3)
    world.skew = 30 * DAY_S
    world.tick(20)
    assert read_escalated(world) == set()
    world.skew = 0
    world.now += WEEK_S
    world.tick(9)
    assert len(read_escalated(world)) == 1


def test_after_a_month_asleep_what_was_due_moves_at_once(world: World) -> None:
    post(world, seal(world))
    world.tick(3)
    world.now += 30 * DAY_S
    world.restart()
    world.tick(2)
    assert len(read_escalated(world)) == 1


def test_silent_cosigners_keep_nothing_back_for_longer_than_a_window(world: World) -> None:
    post(world, seal(world))
    world.tick(3)
    world.now += WEEK_S
    world.deafen()
    world.tick(9)
    assert read_escalated(world) == set()
    world.tick(CLOCK.window // CLOCK.tick)
    assert len(read_escalated(world)) == 1


def test_a_clock_set_back_moves_no_date_and_ticks_on(world: World) -> None:
    post(world, seal(world))
    query = select(room.c.escalate)
    due = world.loop.run(world.database.read(lambda c: c.execute(query).scalar_one()))
    world.skew = -2 * DAY_S
    assert world.tick(3) == 4
    assert world.loop.run(world.database.read(lambda c: c.execute(query).scalar_one())) == due
    world.now, world.skew = due, 0
    assert world.tick(3) == 7
    assert len(read_escalated(world)) == 1
