"""A member's name that is erased: nothing serves it, clients go on, and the operator is told what still carries it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plaint.client.follow import find_report
from plaint.protocol.chart import compute_chart_digest, parse_chart_csv
from plaint.protocol.directory_contents import ChartDigest
from plaint.protocol.draft import Draft
from plaint.server.forget import forget_name
from tests.support.directory_world import find_id
from tests.support.world import World

CHART = parse_chart_csv("id,name,title,reports_to\np1,Ada Invented,Director,\np2,Ben Invented,Sales,p1\n")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as made:
        yield made


def erase(world: World, name: str) -> tuple[bool, tuple[str, ...]]:
    found = world.loop.run(forget_name(world.config, world.slug, find_id(name)))
    return found.found, found.chart


def test_an_erased_name_is_served_no_more_and_clients_go_on(world: World) -> None:
    keys, sent = world.report("First.")
    world.tick(12)
    assert erase(world, "ben") == (True, ())
    assert b"Ben Invented" not in world.client.get("names").content
    assert world.connect().view.name(find_id("ben")) == f"member {find_id('ben').hex()[:8]}"
    ben = world.desk("ben")
    ben.scan()
    ben.acknowledge(ben.open_case(sent.state.room.hex()))
    world.tick(12)
    report = find_report(world.connect(), keys)
    assert report.room.entries[1].authorship == "proved"
    assert any(access.name.startswith("member ") for access in report.list_access())
    assert world.report("Second.")[1].state.entries == 1


def test_the_log_keeps_a_hash_that_no_longer_says_whose_name_it_is(world: World) -> None:
    erase(world, "ben")
    assert b"Ben Invented" not in world.client.get("directory", params={"from": "0"}).content
    assert find_id("ben").hex() not in world.client.get("names").json()


def test_the_operator_is_told_that_the_chart_still_names_somebody(world: World) -> None:
    content = ChartDigest(compute_chart_digest(CHART), len(CHART.people))
    world.submit(content, "ada", "dov", draft=Draft(content, {}, CHART))
    world.tick()
    assert erase(world, "ben") == (True, ("p2",))
    assert world.connect().view.name(find_id("ben")).startswith("member ")


def test_a_name_is_erased_once(world: World) -> None:
    assert erase(world, "ben")[0]
    assert not erase(world, "ben")[0]
