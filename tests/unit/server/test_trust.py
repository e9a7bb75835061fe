from __future__ import annotations

import pytest

from plaint.errors import UnavailableError
from plaint.protocol.fold import fold_directory
from plaint.protocol.trust import encode_trust, parse_trust
from plaint.server.trust import make_trust
from tests.support.directory_world import CLOCK, DirectoryWorld, make_cosigners, make_origin


def test_without_cosigners_the_dates_are_the_operators_own_word() -> None:
    trust = make_trust(DirectoryWorld().state, make_origin())
    assert [witness.key for witness in trust.policy.witnesses] == [make_origin().clock]
    assert trust.grace_s == CLOCK.grace * CLOCK.tick


def test_outside_cosigners_count_alone() -> None:
    cosigners = make_cosigners("north", "south", "east", quorum=2)
    trust = make_trust(DirectoryWorld().append(cosigners, "ada", "dov").state, make_origin())
    assert [witness.key for witness in trust.policy.witnesses] == [c.key for c in cosigners.cosigners]
    group = trust.policy.groups[0]
    assert (group.threshold, group.members) == (2, ("north", "south", "east"))
    assert trust.policy.quorum == group.name


def test_a_cosigner_may_have_any_name() -> None:
    for name in ("operator", "quorum", "outside", "all"):
        trust = make_trust(DirectoryWorld().append(make_cosigners(name), "ada", "dov").state, make_origin())
        assert parse_trust(encode_trust(trust)) == trust


def test_before_the_servers_keys_are_logged_there_is_nothing_to_trust() -> None:
    state = fold_directory(DirectoryWorld().entries[:1])
    with pytest.raises(UnavailableError) as caught:
        make_trust(state, make_origin())
    assert caught.value.code == "directory-origin"
