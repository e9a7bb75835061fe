"""Cases of outside: what is shipped, what an organisation adds, and what neither may be."""

from __future__ import annotations

import json
from typing import Any

from tools.vectors.case import Case

ROUTE: dict[str, Any] = {
    "id": "xx-line",
    "kinds": ["support", "advice"],
    "name": {"local": "Beratungsstelle Linde", "lang": "de", "en": "Linde advice centre"},
    "page": "https://linde.example/hilfe",
    "phone": "+4930000000",
    "hours": [{"days": "1-5", "from": "09:00", "to": "17:30"}],
    "languages": ["de", "zh-Hans"],
    "interpreters": True,
    "cost": "free",
    "bill": None,
    "law": None,
    "sources": ["https://linde.example/kontakt"],
    "checked_on": "2026-11-27",
    "checked_how": "own-page",
    "page_date": None,
    "note": {"en": "Ask for the quiet room.", "de": "Nach dem ruhigen Zimmer fragen."},
}
ADDED = {**ROUTE, "countries": ["DE", "AT"], "corrects": "de-bfj"}
UNCHECKED = {**ROUTE, "id": "de-linde", "checked_on": None, "checked_how": None, "hours": "always", "note": None}


def _encode(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _ship(*entries: Any, **more: Any) -> str:
    outside = {"v": 1, "type": "outside", "region": "DE", "countries": ["DE", "AT"], "entries": list(entries)}
    return _encode({**outside, **more})


def _add(*entries: Any, **more: Any) -> str:
    return _encode({"v": 1, "type": "outside-additions", "entries": list(entries), **more})


def _without(value: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: item for name, item in value.items() if name != key}


def _refused(case: str, about: str, /, **changes: Any) -> Case:
    return Case("outside", case, "additions", about, {"text": _add({**ADDED, **changes})}, error="outside-form")


CASES = [
    Case("outside", "ship", "parse", "a route as it is shipped, and one that nobody checked", {
        "text": _ship({**ROUTE, "id": "de-line", "countries": ["AT"]}, UNCHECKED)}),
    Case("outside", "add", "additions", "a route that corrects a shipped one", {"text": _add(ADDED)}),
    Case("outside", "add-nothing", "additions", "nothing added", {"text": _add()}),
    Case("outside", "ship-region", "parse", "a country that is not two letters", {
        "text": _ship(UNCHECKED, region="Germany")}, error="outside-form"),
    Case("outside", "ship-twice", "parse", "one id twice", {"text": _ship(UNCHECKED, UNCHECKED)}, error="outside-form"),
    Case("outside", "ship-foreign", "parse", "a route outside the region", {
        "text": _ship({**UNCHECKED, "countries": ["FR"]})}, error="outside-form"),
    Case("outside", "ship-nowhere", "parse", "a route that holds nowhere", {
        "text": _ship({**UNCHECKED, "countries": []})}, error="outside-form"),
    Case("outside", "ship-as-addition", "additions", "a shipped file in the place of additions", {
        "text": _ship(UNCHECKED)}, error="outside-form"),
    Case("outside", "add-missing", "additions", "without the day it was checked", {
        "text": _add(_without(ADDED, "checked_on"))}, error="outside-form"),
    Case("outside", "add-remove", "additions", "an order to leave out what is shipped", {
        "text": _add(ADDED, removes=["de-bfj"])}, error="outside-form"),
    Case("outside", "add-size", "additions", "more than 64 KiB", {
        "text": _add(ADDED), "spaces": 65_536}, error="outside-size"),
    Case("outside", "add-json", "additions", "a key twice", {
        "text": _add(ADDED).replace('"v": 1', '"v": 1, "v": 1')}, error="json-duplicate-key"),
    _refused("add-id", "the id of a shipped route", id="de-bfj"),
    _refused("add-unknown", "a key that nobody knows", hidden=True),
    _refused("add-page", "a page without https", page="http://linde.example/"),
    _refused("add-script", "a page that is a script", page="javascript:alert(1)"),
    _refused("add-phone", "a number with a command behind it", phone="110;ext=1"),
    _refused("add-hours", "an hour that does not exist", hours=[{"days": "1", "from": "24:00", "to": "25:00"}]),
    _refused("add-hours-none", "no hours where some are meant", hours=[]),
    _refused("add-kind", "a kind that nobody knows", kinds=["lawyer"]),
    _refused("add-kinds-none", "of no kind", kinds=[]),
    _refused("add-languages-none", "in no language", languages=[]),
    _refused("add-sources-none", "without a source", sources=[]),
    _refused("add-how", "a date without a how", checked_how=None),
    _refused("add-date", "a day that is none", checked_on="2026-13-01"),
    _refused("add-note", "a note without English", note={"de": "Nur deutsch."}),
    _refused("add-name", "a name with a control character", name={**ROUTE["name"], "local": "Linde\u0007"}),
]  # fmt: skip
