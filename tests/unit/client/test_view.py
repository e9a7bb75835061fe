"""What a client believes of a directory, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from plaint.client.connection import connect
from plaint.crypto.signing import SigningKey
from plaint.errors import VerificationError
from plaint.protocol.chart import compute_chart_digest, parse_chart_csv
from plaint.protocol.directory_contents import ChartDigest
from plaint.protocol.draft import Draft, Name
from plaint.protocol.note import ED25519, VerifierKey
from tests.support.directory_world import find_id, make_named_request, make_record
from tests.support.world import CLOCK, World

DAY = 86_400
CHART = parse_chart_csv("id,name,title,reports_to\np1,Ada Invented,Director,\np2,Ben Invented,Sales,p1\n")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as made:
        yield made


def change_fay(world: World) -> None:
    """Give a member another role: two signatures, and a delay."""
    record, request = make_record("fay", ("investigator",)), make_named_request("fay")
    world.submit(record, "ada", "dov", draft=Draft(record, {record.id: Name(request.name, request.salt)}))


def test_names_stand_beside_their_hashes(world: World) -> None:
    view = world.connect().view
    assert view.name(find_id("ben")) == "Ben Invented"
    assert view.countersigned
    assert view.size == 3


def test_a_view_that_nobody_cosigned_for_a_day_is_refused(world: World) -> None:
    world.now += DAY + 3600
    with pytest.raises(VerificationError) as caught:
        world.connect()
    assert caught.value.code == "view-old"


def test_a_trust_file_with_another_receipt_key_is_not_met(world: World) -> None:
    trust = world.connect().trust
    other = VerifierKey(trust.receipts.name, ED25519, SigningKey(bytes(32)).public)
    with pytest.raises(VerificationError) as caught:
        connect(world.url, client=world.client, now=world.read_clock, trust=replace(trust, receipts=other))
    assert caught.value.code == "view-keys"


def test_a_trust_file_of_another_organisation_is_not_met(world: World) -> None:
    trust = world.connect().trust
    with pytest.raises(VerificationError) as caught:
        connect(world.url, client=world.client, now=world.read_clock, trust=replace(trust, org=bytes(16)))
    assert caught.value.code == "directory-org"


def test_the_chart_links_people_to_members_by_name(world: World) -> None:
    content = ChartDigest(compute_chart_digest(CHART), len(CHART.people))
    world.submit(content, "ada", "dov", draft=Draft(content, {}, CHART))
    world.tick()
    chart = world.connect().view.chart
    assert chart is not None
    assert chart.people["p2"].member == find_id("ben")


def test_an_entry_beyond_the_checkpoint_does_not_count_yet(world: World) -> None:
    change_fay(world)
    assert world.connect().view.size == 3
    world.tick()
    assert world.connect().view.size == 4


def test_a_change_counts_after_its_delay_and_the_client_checks_that_it_waited(world: World) -> None:
    change_fay(world)
    world.tick(2)
    assert world.connect().view.state.members[find_id("fay")].member.roles == ("case-manager",)
    world.now += CLOCK.delay
    world.tick(3)
    view = world.connect().view
    assert view.state.members[find_id("fay")].member.roles == ("investigator",)


def test_a_server_that_does_not_wait_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plaint.store.directory.find_date", lambda *_: 0)
    change_fay(world)
    world.tick(3)
    with pytest.raises(VerificationError) as caught:
        world.connect()
    assert caught.value.code == "view-delay"
