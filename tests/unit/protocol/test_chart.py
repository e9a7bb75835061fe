from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from plaint.encoding.fields import has_controls
from plaint.encoding.json import encode_json
from plaint.protocol.chart import (
    Person,
    encode_chart,
    find_ancestors,
    find_descendants,
    find_people,
    make_chart,
    parse_chart,
    parse_chart_csv,
)

names = st.text(min_size=1, max_size=20).filter(lambda text: not has_controls(text))


@given(names, names)
def test_the_fast_writer_writes_rfc_8785(name: str, title: str) -> None:
    data = encode_chart(make_chart([Person("a", name, title, None, bytes(16)), Person("B.2", title, "", "a")]))
    assert data == encode_json(json.loads(data))
    assert encode_chart(parse_chart(data)) == data


def test_a_line_of_thousands_does_not_recurse() -> None:
    count = 20_000
    chart = make_chart(Person(f"p{i:05}", "Name", "", f"p{i - 1:05}" if i else None) for i in range(count))
    assert len(find_ancestors(chart, f"p{count - 1:05}")) == count - 1
    assert len(find_descendants(chart, "p00000")) == count - 1
    assert find_ancestors(chart, "p00002") == ["p00001", "p00000"]


def test_people_are_found_by_id_or_by_whole_name() -> None:
    chart = make_chart([Person("a", "Ada Zoë", "", None), Person("b", "Ben", "", "a"), Person("c", "ben", "", "a")])
    assert [p.id for p in find_people(chart, "b")] == ["b"]
    assert [p.id for p in find_people(chart, "BEN ")] == ["b", "c"]
    assert [p.id for p in find_people(chart, "ada Zoe\u0308")] == ["a"]
    assert find_people(chart, "Ada") == []


def test_a_csv_from_a_spreadsheet_is_read() -> None:
    chart = parse_chart_csv(
        '\ufeffid,name,title,reports_to\r\na,"Invented, Ada",Chief,\r\nb,Ben,"Sales ""North""",a\r\n'
    )
    assert [(p.name, p.title, p.reports_to) for p in chart.people.values()] == [
        ("Invented, Ada", "Chief", None),
        ("Ben", 'Sales "North"', "a"),
    ]
