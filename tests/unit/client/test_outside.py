"""The shipped outside routes: whole, sourced, and honest about what nobody checked."""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files

import pytest

from plaint.client.outside import list_countries, list_routes, load_outside
from plaint.protocol.outside import Outside, Route

MEMBERS = set("AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE".split(" "))  # noqa: SIM905
FORBIDDEN = re.compile(
    r"\b(victim|perpetrator|abuser|culprit|alleged|guaranteed|totally confidential)\b", re.IGNORECASE
)


@pytest.fixture(scope="module")
def shipped() -> tuple[Outside, ...]:
    return load_outside()


@pytest.fixture(scope="module")
def routes(shipped: tuple[Outside, ...]) -> list[Route]:
    return [route for outside in shipped for route in outside.routes]


def test_every_member_state_and_every_country_with_a_pack_is_there(shipped: tuple[Outside, ...]) -> None:
    assert set(list_countries(shipped)) >= MEMBERS | {"GB", "US", "CN", "IN", "JP"}


def test_every_country_names_an_authority_and_an_emergency_number(shipped: tuple[Outside, ...]) -> None:
    for country in list_countries(shipped):
        kinds = {kind for route in list_routes(shipped, country) for kind in route.kinds}
        assert {"authority", "emergency"} <= kinds, country


def test_a_files_name_is_its_region(shipped: tuple[Outside, ...]) -> None:
    names = {file.name for file in (files("plaint") / "outside").iterdir()}
    assert names == {f"{outside.region.lower()}.json" for outside in shipped if outside.region}


def test_no_id_is_used_twice_or_taken_from_organisations(routes: list[Route]) -> None:
    ids = [route.id for route in routes]
    assert len(set(ids)) == len(ids)
    assert not [one for one in ids if one.startswith("xx-")]


def test_everything_has_a_source_a_language_and_a_day_or_says_that_nobody_checked(routes: list[Route]) -> None:
    for route in routes:
        assert route.sources
        assert route.languages
        if route.checked_on is not None:
            assert date(2026, 11, 1) <= date.fromisoformat(route.checked_on) <= date(2027, 12, 31)


def test_the_route_of_a_country_comes_before_that_of_its_region(shipped: tuple[Outside, ...]) -> None:
    found = [route.id for route in list_routes(shipped, "DE")]
    assert found[0].startswith("de-")
    assert found[-1].startswith("eu-")
    assert "eu-116006" not in [route.id for route in list_routes(shipped, "BE")]


def test_notes_use_none_of_the_words_that_judge(routes: list[Route]) -> None:
    assert [(route.id, text) for route in routes for _, text in route.note if FORBIDDEN.search(text)] == []
