"""Cases of charts, deadlines, conflicts and member requests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from plaint.encoding.json import encode_json
from plaint.protocol.chart import Chart, Person, compute_chart_digest, encode_chart, make_chart
from plaint.protocol.request import encode_request
from tests.support.directory_world import draw, find_id, make_named_request
from tools.vectors.case import Case
from tools.vectors.world import ROSTER, encode_roster
from tools.vectors.world import find_id as find_roster_id

MEMBER = {name: find_roster_id(name) for name in ("ada", "ben", "cai", "dov", "eva", "fay")}


def _people() -> list[Person]:
    """Ada leads; ben and the independent dov report to her; cai to ben; two of one name to cai."""
    return [
        Person("p1", "Ada Invented", "Chief executive", None, MEMBER["ada"]),
        Person("p2", "Ben Invented", "Head of sales", "p1", MEMBER["ben"]),
        Person("p3", "Cai Invented", "Key accounts", "p2", MEMBER["cai"]),
        Person("p4", "Dov Invented", "Ombudsperson", "p1", MEMBER["dov"]),
        Person("p5", "Same Name", "Sales", "p3"),
        Person("p6", "Same Name", "Sales", "p3"),
        Person("p7", "Zoë Ünvented “张伟”", "", "p1"),
        Person("p8", "Fay Invented", "Owner's office", None, MEMBER["fay"]),
    ]


CHART = make_chart(_people())
TEXT = encode_chart(CHART).decode()


def _raw(people: Sequence[Any], **more: Any) -> str:
    return encode_json({"people": list(people), "v": 1, **more}).decode()


def _make_charts() -> list[Case]:
    def case(name: str, operation: str, about: str, given: dict[str, Any], **more: Any) -> Case:
        return Case("chart", name, operation, about, given, **more)

    def raw(name: str, about: str, people: Sequence[Any], error: str, **more: Any) -> Case:
        return case(name, "parse", about, {"text": _raw(people, **more)}, error=error)

    value = json.loads(TEXT)["people"]
    first, second = value[0], value[1]
    digest = compute_chart_digest(CHART).hex()
    return [
        case("parse", "parse", "eight people", {"text": TEXT}),
        case("parse-empty", "parse", "nobody", {"text": _raw([])}),
        case("parse-spaces", "parse", "white space", {"text": TEXT.replace(",", ", ", 1)}, error="json-canonical"),
        raw("parse-order", "not sorted by id", value[::-1], "json-canonical"),
        raw("parse-twice", "an id twice", [first, first], "chart-id"),
        raw("parse-nobody", "reports to nobody known", [second], "chart-reports-to"),
        raw("parse-self", "reports to herself", [{**first, "reports_to": "p1"}], "chart-cycle"),
        raw("parse-cycle", "two report to each other", [{**first, "reports_to": "p2"}, second], "chart-cycle"),
        raw("parse-member", "a member twice", [first, {**second, "member": first["member"]}], "chart-member"),
        raw("parse-id", "a space in an id", [{**first, "id": "p 1"}], "chart-form"),
        raw("parse-name", "no name", [{**first, "name": ""}], "chart-form"),
        raw("parse-control", "a control character", [{**first, "title": "a\u0085b"}], "chart-form"),
        raw("parse-key", "an unknown key", [{**first, "salary": 1}], "chart-form"),
        raw("parse-missing", "a missing key", [{k: v for k, v in first.items() if k != "title"}], "chart-form"),
        raw("parse-version", "version 2", [first], "chart-form", v=2),
        case("verify", "verify", "as logged", {"text": TEXT, "digest": digest, "people": 8}),
        case(
            "verify-digest", "verify", "another chart", {"text": _raw([]), "digest": digest, "people": 8},
            error="chart-digest",
        ),
        case(
            "verify-people", "verify", "another count", {"text": TEXT, "digest": digest, "people": 9},
            error="chart-digest",
        ),
        *_make_csv(),
        *(
            case(f"line-{p}", "line", "who stands above and below", {"text": TEXT, "person": p})
            for p in ("p1", "p3", "p6", "p8")
        ),
        *_make_links(),
    ]  # fmt: skip


def _make_csv() -> list[Case]:
    head = "id,name,title,reports_to\n"

    def case(name: str, about: str, csv: str, **more: Any) -> Case:
        return Case("chart", f"csv-{name}", "csv", about, {"csv": csv}, **more)

    return [
        case("plain", "two people", head + "b,Ben Invented,Sales,a\na,Ada Invented,Chief,\n"),
        case("quotes", "quotes, a comma, white space, CRLF", head.strip() + '\r\na,"Invented, Ada ",  "Chief" ,\r\n'),
        case("mark", "a byte order mark", "\ufeff" + head + "a,Ada Invented,Chief,\n"),
        case("compose", "decomposed letters come out composed", head + "a,Zoe\u0308,Chief,\n"),
        case("member", "with the fifth column", f"{head.strip()},member\na,Ada,Chief,,{MEMBER['ada'].hex()}\n"),
        case("header", "other columns", "id,name,reports_to,title\na,Ada,,x\n", error="chart-csv"),
        case("short", "a missing cell", head + "a,Ada Invented,Chief\n", error="chart-csv"),
        case("long", "a cell too many", head + "a,Ada Invented,Chief,,x\n", error="chart-csv"),
        case("empty", "no line", "", error="chart-csv"),
        case("id", "an id twice", head + "a,Ada,Chief,\na,Ben,Sales,\n", error="chart-id"),
        case("form", "no name", head + "a,,Chief,\n", error="chart-form"),
        case("cycle", "in a circle", head + "a,Ada,Chief,b\nb,Ben,Sales,a\n", error="chart-cycle"),
    ]


def _make_links() -> list[Case]:
    plain = make_chart(Person(p.id, p.name, p.title, p.reports_to) for p in _people())
    composed = make_chart([Person("a", "Zoe\u0308 Invented", "", None)])

    def case(name: str, about: str, chart: Chart, names: dict[str, str]) -> Case:
        given = {"text": encode_chart(chart).decode(), "names": {MEMBER[k].hex(): v for k, v in names.items()}}
        return Case("chart", f"link-{name}", "link", about, given)

    return [
        case("names", "by their names", plain, {"ada": "Ada Invented", "ben": "Ben Invented", "cai": "Nobody Here"}),
        case("two-people", "two people of one name link nobody", plain, {"ada": "Same Name"}),
        case(
            "two-members", "two members of one name link nobody", plain, {"ada": "Ada Invented", "ben": "Ada Invented"}
        ),
        case("case", "letters as they are", plain, {"ada": "ada invented"}),
        case("nfc", "composed and decomposed are one name", composed, {"ada": "Zoë Invented"}),
        case("kept", "a link that stands is kept", CHART, {"eva": "Ada Invented", "ada": "Same Name"}),
    ]


def _make_conflicts() -> list[Case]:
    apart = [MEMBER["dov"].hex(), MEMBER["eva"].hex()]

    def person(name: str) -> dict[str, Any]:
        return {"name": CHART.people[name].name, "person": name, "member": None}

    def member(name: str) -> dict[str, Any]:
        return {"name": f"{name.capitalize()} Invented", "person": None, "member": MEMBER[name].hex()}

    def free(name: str) -> dict[str, Any]:
        return {"name": name, "person": None, "member": None}

    def case(name: str, about: str, named: list[Any], chosen: list[Any], chart: str | None = TEXT, **more: Any) -> Case:
        given = {"chart": chart, "named": named, "chosen": chosen, "independents": apart}
        if "roster" in more:
            given["roster"] = more.pop("roster")
        return Case("conflicts", name, "compute", about, given, **more)

    held = [m.id.hex() for m in ROSTER.held]
    roster = {"delivered": encode_roster(ROSTER)["delivered"], "held": held}
    return [
        case("nobody", "nobody is named", [], []),
        case("middle", "above and below", [person("p3")], []),
        case("leaf", "no member, but her line", [person("p5")], []),
        case("two-named", "`of` is the first in whose line they are", [person("p6"), person("p2")], []),
        case("two-named-turned", "the other way round", [person("p2"), person("p6")], []),
        case("by-member", "a member whom the chart knows brings their line", [member("cai")], []),
        case("member-apart", "a member whom the chart does not know", [member("eva")], []),
        case("independent-named", "an independent member who is named", [person("p4")], []),
        case("independent-line", "independents stand outside the tree", [person("p1")], []),
        case("chosen", "chosen: without a line", [], [person("p2")]),
        case("chosen-independent", "an independent member who is chosen", [], [member("dov")]),
        case("chosen-line", "in line already", [person("p3")], [person("p2"), member("fay")]),
        case("named-chosen", "named and chosen", [person("p2")], [person("p2")]),
        case("free", "free text excludes nobody", [free("Ada Invented")], [free("the man from room 4")]),
        case("no-chart", "without a chart", [member("cai"), free("Ben Invented")], [member("dov")], None),
        case("twice", "person and member are two", [{**person("p3"), "member": MEMBER["ada"].hex()}], []),
        case("stranger", "nobody of the chart", [{**person("p3"), "person": "p99"}], [], error="conflicts-person"),
        case("stranger-no-chart", "a person without chart", [person("p3")], [], None, error="conflicts-person"),
        case("access", "two of the channel remain", [], [member("cai")], roster=roster),
        case("access-one", "one remains: the independents too", [person("p3")], [], roster=roster),
        case("access-independent", "and without one of them", [person("p3"), person("p4")], [], roster=roster),
        case(
            "access-nobody", "nobody remains", [person("p1"), member("dov"), member("eva")], [], roster=roster,
            error="access-nobody",
        ),
    ]  # fmt: skip


def _make_requests() -> list[Case]:
    request = make_named_request("hal")
    text = encode_request(request).decode()

    def parse(name: str, about: str, error: str | None = None, /, **change: Any) -> Case:
        value = {**json.loads(text), **change}
        return Case("request", name, "parse", about, {"text": encode_json(value).decode()}, error=error)

    def make(name: str, about: str, called: str, error: str | None = None) -> Case:
        given = {"entropy": draw("member hal", 16).hex(), "name": called, "salt": draw("salt hal", 16).hex()}
        return Case("request", name, "make", about, given, error=error)

    false = "directory-request"
    return [
        make("make", "a request", "Hal Invented"),
        make("make-nfc", "the name is composed and trimmed", "  Hale\u0301 Invented "),
        make("make-empty", "no name", " ", "request-form"),
        make("make-control", "a line break", "Hal\nInvented", "request-form"),
        make("make-long", "201 characters", "é" * 201, "request-form"),
        parse("parse", "a request"),
        parse("name", "another name than was proved", false, name="Hal Other"),
        parse("salt", "another salt", false, salt="00" * 16),
        parse("id", "another id", false, id=find_id("ada").hex()),
        parse("age", "another key", false, age="11" * 32),
        parse("pop", "a false proof", false, pop="00" * 64),
        parse("key", "an unknown key", "request-form", note="x"),
        parse("type", "something else", "request-form", type="member"),
        parse("version", "version 2", "request-form", v=2),
        Case("request", "newline", "parse", "one line feed at the end", {"text": text + "\n"}),
        Case("request", "spaces", "parse", "white space", {"text": text + "\n\n"}, error="json-canonical"),
        Case("request", "size", "parse", "more than 4096 bytes", {"text": text + " " * 4096}, error="json-size"),
    ]


CASES = [*_make_charts(), *_make_conflicts(), *_make_requests()]
