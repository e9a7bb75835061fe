"""What the vectors of outside say that a list of outside routes holds."""

from __future__ import annotations

from plaint.protocol.outside import Outside, Route, parse_additions, parse_outside
from tests.support.operations_keys import Value


def encode_route(route: Route) -> Value:
    hours = None
    if route.hours is not None:
        hours = [{"days": span.days, "from": span.start, "to": span.end} for span in route.hours]
    return {
        "id": route.id,
        "kinds": list(route.kinds),
        "local": route.local,
        "lang": route.lang,
        "english": route.english,
        "page": route.page,
        "phone": route.phone,
        "hours": hours,
        "languages": list(route.languages),
        "interpreters": route.interpreters,
        "cost": route.cost,
        "bill": route.bill,
        "law": route.law,
        "sources": list(route.sources),
        "checkedOn": route.checked_on,
        "checkedHow": route.checked_how,
        "pageDate": route.page_date,
        "note": dict(route.note),
        "countries": list(route.countries),
        "corrects": route.corrects,
    }


def encode_outside(outside: Outside) -> Value:
    routes = [encode_route(route) for route in outside.routes]
    return {"region": outside.region, "countries": list(outside.countries), "routes": routes}


def read_text(value: Value) -> bytes:
    return (str(value["text"]) + " " * int(value.get("spaces", 0))).encode()


def outside_parse(value: Value) -> Value:
    return encode_outside(parse_outside(read_text(value)))


def outside_additions(value: Value) -> Value:
    return encode_outside(parse_additions(read_text(value)))
