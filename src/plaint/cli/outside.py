"""`plaint outside`: whom else one can turn to in a country, from what is shipped and what an organisation adds."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from plaint.cli.output import CommandError, print_json, print_lines, print_notice
from plaint.cli.times import EXIT_USAGE
from plaint.client.http import Api
from plaint.client.outside import fetch_additions, list_countries, list_routes, load_outside
from plaint.protocol.outside import Route

Flag = Annotated[bool, Parameter(negative=())]

BILL = "Calls may show on the phone bill and in the phone's own list."

app = App(name="outside", help="Show whom else one can turn to in a country.")


@app.default
def outside(country: str, url: str | None = None, *, json: Flag = False) -> None:
    """Show authorities, labour and equality bodies, police, lines that help; without URL nothing is asked of anybody.

    Parameters
    ----------
    country
        Two letters, for example DE.
    url
        Address of an organisation: what it adds is shown as well, and marked.
    json
        Print one JSON object.

    """
    shipped, code = load_outside(), country.upper()
    known = list_countries(shipped)
    if code not in known:
        raise CommandError(f"Nothing is known about {code} here; there is {', '.join(known)}.", exit_code=EXIT_USAGE)
    routes = list_routes(shipped, code)
    added: tuple[Route, ...] = ()
    if url is not None:
        api = Api(url)
        try:
            added = fetch_additions(api, code)
        finally:
            api.close()
    if json:
        print_json({"routes": [_encode(route) for route in routes], "added": [_encode(route) for route in added]})
        return
    for route in routes:
        print_lines(*_describe(route))
    for route in added:
        print_lines("Added by the organisation:", *_describe(route))
    print_notice(BILL)


def _encode(route: Route) -> dict[str, object]:
    return {
        "id": route.id,
        "kinds": list(route.kinds),
        "name": route.local,
        "english": route.english,
        "page": route.page,
        "phone": route.phone,
        "law": route.law,
        "sources": list(route.sources),
        "checked_on": route.checked_on,
        "corrects": route.corrects,
    }


def _describe(route: Route) -> list[str]:
    name = route.local if route.local == route.english else f"{route.local} ({route.english})"
    reach = ", ".join(part for part in (route.phone, route.page) if part) or "no number or page known"
    checked = f"looked up {route.checked_on}" if route.checked_on else "not checked by us"
    lines = [name, f"  {', '.join(route.kinds)}: {reach}"]
    lines += [f"  {text}" for lang, text in route.note if lang == "en"]
    return [*lines, f"  {checked}: {route.sources[0]}"]
