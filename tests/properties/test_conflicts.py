"""Naming somebody never gives them, or their line, a key; checked against the naive definition of a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from plaint.errors import RefusedError
from plaint.protocol.access import Access, Roster, RosterMember
from plaint.protocol.chart import Chart, Person, find_ancestors, find_descendants, make_chart
from plaint.protocol.conflicts import Conflicts, Target, compute_access, compute_conflicts


@dataclass(frozen=True)
class World:
    chart: Chart
    roster: Roster
    independents: frozenset[bytes]
    named: list[Target]
    chosen: list[Target]

    def compute(self) -> Conflicts:
        return compute_conflicts(self.chart, self.named, self.chosen, self.independents)


def member_id(number: int) -> bytes:
    return bytes([number]) * 16


@st.composite
def worlds(draw: st.DrawFn) -> World:
    count = draw(st.integers(1, 14))
    parents = [draw(st.one_of(st.none(), st.integers(0, i - 1))) if i else None for i in range(count)]
    linked = draw(st.lists(st.one_of(st.none(), st.just(True)), min_size=count, max_size=count))
    people = [
        Person(
            f"p{i:02}", f"Person {i}", "", None if p is None else f"p{p:02}", member_id(i + 1) if linked[i] else None
        )
        for i, p in enumerate(parents)
    ]
    ids = [member_id(i + 1) for i in range(count + 4)]
    flags = st.tuples(st.booleans(), st.booleans())
    members = [
        RosterMember(id_, bytes(32), bytes(32), bytes(32), independent=i, channel=c)
        for id_ in ids
        for i, c in [draw(flags)]
    ]
    roster = Roster(tuple(members), tuple(m for m in members if m.independent))
    independents = frozenset(m.id for m in members if m.independent)
    person = st.integers(0, count - 1).map(lambda i: Target(f"Person {i}", f"p{i:02}"))
    member = st.sampled_from(ids).map(lambda id_: Target("Member", None, id_))
    target = st.one_of(person, member, st.just(Target("free text")))
    lists = st.lists(target, max_size=4)
    return World(make_chart(people), roster, independents, draw(lists), draw(lists))


def is_above(chart: Chart, upper: str, lower: str) -> bool:
    boss = chart.people[lower].reports_to
    return boss is not None and (boss == upper or is_above(chart, upper, boss))


def person_of(chart: Chart, target: Target) -> str | None:
    return target.person or next((p.id for p in chart.people.values() if p.member and p.member == target.member), None)


def members_of(chart: Chart, targets: Sequence[Target]) -> set[bytes]:
    people = [person_of(chart, t) for t in targets]
    linked = {chart.people[p].member for p in people if p is not None}
    return {m for m in linked | {t.member for t in targets} if m is not None}


def grant(world: World) -> Access | None:
    try:
        return compute_access(world.roster, world.compute())
    except RefusedError as error:
        if error.code != "access-nobody":
            raise
        return None


@given(worlds())
@settings(max_examples=300)
def test_nobody_named_or_chosen_gets_a_key(world: World) -> None:
    access = grant(world)
    barred = members_of(world.chart, [*world.named, *world.chosen])
    assert access is None or not barred & set(access.granted)


@given(worlds())
@settings(max_examples=300)
def test_nobody_in_line_gets_a_key_unless_independent(world: World) -> None:
    access = grant(world)
    named = [p for t in world.named if (p := person_of(world.chart, t)) is not None]
    for person in world.chart.people.values():
        in_line = any(is_above(world.chart, n, person.id) or is_above(world.chart, person.id, n) for n in named)
        if in_line and person.member is not None and person.member not in world.independents:
            assert person.member in world.compute().conflicted
            assert access is None or person.member not in access.granted


@given(worlds())
@settings(max_examples=200)
def test_the_conflicted_are_exactly_the_named_their_line_and_the_chosen(world: World) -> None:
    named = [p for t in world.named if (p := person_of(world.chart, t)) is not None]
    line = {
        person.member
        for person in world.chart.people.values()
        if any(is_above(world.chart, n, person.id) or is_above(world.chart, person.id, n) for n in named)
    }
    expected = members_of(world.chart, [*world.named, *world.chosen]) | ({m for m in line if m} - world.independents)
    found = world.compute()
    assert set(found.conflicted) == expected
    assert {e.member for e in found.excluded if e.member} == expected


@given(worlds(), st.integers(0, 13))
@settings(max_examples=200)
def test_naming_one_more_never_gives_them_or_their_line_a_key(world: World, index: int) -> None:
    keys = list(world.chart.people)
    person = world.chart.people[keys[index % len(keys)]]
    more = World(
        world.chart, world.roster, world.independents, [*world.named, Target(person.name, person.id)], world.chosen
    )
    after = grant(more)
    line = {person.id, *find_ancestors(world.chart, person.id), *find_descendants(world.chart, person.id)}
    members = {m for p in line if (m := world.chart.people[p].member)} - (world.independents - {person.member})
    assert after is None or not members & set(after.granted)
    assert set(world.compute().conflicted) <= set(more.compute().conflicted)


@given(worlds())
@settings(max_examples=200)
def test_somebody_reads_or_nothing_is_sent(world: World) -> None:
    access = grant(world)
    if access is None:
        free = {m.id for m in world.roster.delivered if m.channel or m.independent} - set(world.compute().conflicted)
        assert not free
    else:
        assert access.granted
