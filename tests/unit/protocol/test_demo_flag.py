"""An organisation whose keys were all made on one machine says so in its first entry."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from plaint.encoding.json import encode_json
from plaint.errors import MalformedError
from plaint.protocol.directory import Entry, compute_org, encode_entry, parse_entry
from plaint.protocol.directory_contents import Clock, Genesis

CLOCK = Clock(tick=2, batch=16, cells=2, grace=6, window=86_400, work_bits=10, delay=600)
PLAIN = Genesis("Orvane Group", (), (), (), CLOCK)
DEMO = replace(PLAIN, demo=True)


def test_the_flag_survives_encoding_and_changes_the_organisation() -> None:
    entry = Entry(0, DEMO)
    assert parse_entry(encode_entry(entry)).content == DEMO
    assert compute_org(entry) != compute_org(Entry(0, PLAIN))


def test_an_entry_without_the_flag_does_not_speak_of_it() -> None:
    assert b"demo" not in encode_entry(Entry(0, PLAIN))


@pytest.mark.parametrize("value", [False, 1, "true", None])
def test_any_other_value_is_refused(value: object) -> None:
    entry = json.loads(encode_entry(Entry(0, DEMO))) | {"demo": value}
    with pytest.raises(MalformedError) as caught:
        parse_entry(encode_json(entry))
    assert caught.value.code == "directory-form"
