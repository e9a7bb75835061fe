"""The shipped outside routes of a country, and those that an organisation adds."""

from __future__ import annotations

from importlib.resources import files

from plaint.client.http import Api
from plaint.protocol.outside import LIMIT_OUTSIDE_BYTES, Outside, Route, parse_additions, parse_outside


def load_outside() -> tuple[Outside, ...]:
    """Return what is shipped, region by region."""
    folder = files("plaint") / "outside"
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".json"))
    return tuple(parse_outside((folder / name).read_bytes()) for name in names)


def list_countries(shipped: tuple[Outside, ...]) -> tuple[str, ...]:
    """Return the countries that something is known about."""
    return tuple(sorted({country for outside in shipped for country in outside.countries}))


def list_routes(shipped: tuple[Outside, ...], country: str) -> tuple[Route, ...]:
    """Return a country's own routes, then those of its region."""
    ordered = sorted(shipped, key=lambda outside: outside.region != country)
    return tuple(route for outside in ordered for route in outside.routes if country in route.countries)


def fetch_additions(api: Api, country: str) -> tuple[Route, ...]:
    """Return what the organisation adds for a country; asked for as a whole, so that the country is not told.

    Raises: those of `parse_additions`; UnavailableError "network".
    """
    data, _ = api.get("outside", limit_bytes=LIMIT_OUTSIDE_BYTES)
    return tuple(route for route in parse_additions(data).routes if country in route.countries)
