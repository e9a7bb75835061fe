"""Large bodies by anybody: what costs memory and seconds is done only for those who may."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plaint.protocol.chart import Chart, Person, compute_chart_digest, encode_chart, make_chart
from plaint.protocol.directory import Entry, sign_entry
from plaint.protocol.directory_contents import ChartDigest
from plaint.protocol.draft import LARGE_BYTES, Draft, encode_draft
from plaint.server.directory import service
from tests.support.directory_world import find_id, make_keys
from tests.support.sealed import get_code
from tests.support.world import World

PEOPLE = 15_000


@pytest.fixture(scope="module")
def chart() -> Chart:
    people = [Person(f"p{n}", f"Person {n} Invented", "Clerk", "p0" if n else None) for n in range(PEOPLE)]
    return make_chart(people)


def encode(world: World, chart: Chart, *signers: str, digest: bytes | None = None) -> bytes:
    state = world.services.organisation.state
    content = ChartDigest(digest or compute_chart_digest(chart), PEOPLE)
    entry = Entry(state.size, content)
    for name in signers:
        entry = sign_entry(state.org, entry, find_id(name), make_keys(name).sign)
    return encode_draft(Draft(content, {}, chart, state.org, entry))


def test_a_large_chart_that_two_signed_is_taken(world: World, chart: Chart) -> None:
    data = encode(world, chart, "ada", "dov")
    assert len(data) > LARGE_BYTES
    assert world.client.post("directory", content=data).status_code == 201
    assert world.client.get("chart").content == encode_chart(chart)
    assert world.client.post("directory", content=data).status_code == 201


def test_a_large_body_is_parsed_only_behind_signatures(
    world: World, chart: Chart, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[int] = []
    monkeypatch.setattr(service, "parse_draft", lambda data: parsed.append(len(data)))
    right = encode(world, chart, "ada", "dov")
    cases = {
        encode(world, chart): (422, "directory-signers"),
        encode(world, chart, "ada"): (422, "directory-signers"),
        encode(world, chart, "ada", "dov", digest=bytes(32)): (422, "draft-chart"),
        right.replace(b"Clerk", b"Chief", 1): (422, "draft-chart"),
        b'{"a":[' + b"{}," * (LARGE_BYTES // 2) + b"{}]}": (400, "draft-form"),
        b'{"chart":' + b"[" * LARGE_BYTES + b',"entry":{}}': (400, "draft-form"),
        b" " + right: (400, "draft-form"),
    }
    for data, (status, code) in cases.items():
        assert get_code(world.client.post("directory", content=data), status) == code
    assert parsed == []


def test_a_large_chart_for_another_place_conflicts(world: World, chart: Chart) -> None:
    state = world.services.organisation.state
    content = ChartDigest(compute_chart_digest(chart), PEOPLE)
    entry = Entry(state.size + 7, content)
    data = encode_draft(replace(Draft(content, {}, chart), org=state.org, entry=entry))
    assert get_code(world.client.post("directory", content=data), 409) == "directory-index"
