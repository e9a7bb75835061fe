"""What is written is read back the same; what was changed on the way is refused, or is a different thing in full."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plaint.errors import MalformedError, VerificationError
from plaint.protocol.content import (
    Attachment,
    CloseContent,
    Content,
    EntryContent,
    FeedbackContent,
    OpenContent,
    Person,
    encode_content,
    parse_content,
)
from plaint.protocol.receipt import encode_receipt, parse_receipt
from plaint.protocol.room import (
    DUTIES,
    KINDS,
    LABELS,
    SLOT_KINDS,
    ZERO_HASH,
    Header,
    Manifest,
    Until,
    encode_header,
    encode_manifest,
    parse_header,
    parse_manifest,
)
from plaint.protocol.slots import parse_slot
from plaint.protocol.state import Due, PendingLeaf, State, encode_state, parse_state
from plaint.protocol.write import encode_write, parse_room_answer, parse_write
from tests.support.attempts import attempt
from tools.vectors.notes import STATE
from tools.vectors.story import make_receipt
from tools.vectors.world import ACCESS
from tools.vectors.writes import ENTRY, OPEN

hashes = st.binary(min_size=32, max_size=32).filter(lambda data: data != ZERO_HASH)
ids = st.binary(min_size=16, max_size=16)
counters = st.integers(1, 2**32 - 1)
times = st.integers(0, 2**53 - 1)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
channels = st.from_regex(r"[a-z0-9-]{1,32}", fullmatch=True)


@st.composite
def manifests(draw: st.DrawFn) -> Manifest:
    holder = draw(st.none() | st.tuples(hashes, hashes))
    return Manifest(
        org=draw(ids),
        channel=draw(channels),
        roster=draw(times),
        pack=draw(hashes),
        recipient=draw(hashes),
        author=holder and holder[0],
        holder=holder and holder[1],
        parent=draw(st.none() | hashes),
        label=draw(st.sampled_from(LABELS)),
    )


@st.composite
def headers(draw: st.DrawFn) -> Header:
    kind = draw(st.sampled_from(KINDS))
    first = kind == "open"
    return Header(
        org=draw(ids),
        room=draw(hashes),
        seq=0 if first else draw(counters),
        prev=ZERO_HASH if first else draw(hashes),
        kind=kind,
        body=draw(hashes),
        slots=draw(hashes) if kind in SLOT_KINDS else None,
        tally=draw(hashes) if first else None,
        acknowledge=draw(hashes) if first else None,
        feedback=draw(hashes) if first else None,
        until=draw(st.builds(Until, st.sampled_from(DUTIES), times)) if kind == "extend" else None,
    )


@st.composite
def states(draw: st.DrawFn) -> State:
    kinds = draw(st.sampled_from([(), ("acknowledge",), ("feedback",), ("acknowledge", "feedback")]))
    leaf = st.builds(PendingLeaf, hashes.map(lambda data: b"\1" + data), times)
    return replace(
        STATE,
        org=draw(ids),
        at=draw(times),
        entries=draw(counters),
        size=draw(times),
        leaves=tuple(draw(st.lists(leaf, max_size=2))),
        dues=tuple(Due(kind, draw(times), draw(hashes)) for kind in kinds),
    )


attachments = st.builds(
    Attachment, hashes, hashes, names, st.just("text/plain"), st.integers(0, 2**40), hashes, st.integers(0, 2**41)
)
common: dict[str, Any] = {"text": st.none() | names, "attachments": st.lists(attachments, max_size=2).map(tuple)}
people = st.lists(st.builds(Person, names, st.none() | names, st.sampled_from(["inside", "outside"])), max_size=3)
contents = st.one_of(
    st.tuples(st.just("acknowledge"), st.builds(Content, **common)),
    st.tuples(st.just("entry"), st.builds(EntryContent, confirms=st.none() | hashes, **common)),
    st.tuples(st.just("feedback"), st.builds(FeedbackContent, action=names, grounds=names, **common)),
    st.tuples(st.just("close"), st.builds(CloseContent, reason=names, extra=st.just({"later": [1, None]}), **common)),
    st.tuples(
        st.just("open"),
        st.builds(OpenContent, room=st.just(b"x"), access=st.just(ACCESS), people=people.map(tuple), **common),
    ),
)


@given(manifests())
def test_manifests_are_read_back(manifest: Manifest) -> None:
    assert parse_manifest(encode_manifest(manifest)) == manifest


@given(headers())
def test_headers_are_read_back(header: Header) -> None:
    assert parse_header(encode_header(header)) == header


@given(states())
def test_states_are_read_back(state: State) -> None:
    assert parse_state(encode_state(state)) == state


@given(contents)
def test_contents_are_read_back(case: tuple[str, Content]) -> None:
    kind, content = case
    assert parse_content(kind, encode_content(content)) == content


FORMATS: dict[str, tuple[bytes, Callable[[bytes], bytes]]] = {
    "header": (encode_header(OPEN.header), lambda data: encode_header(parse_header(data))),
    "state": (encode_state(STATE), lambda data: encode_state(parse_state(data))),
    "receipt": (make_receipt().encode(), lambda data: encode_receipt(parse_receipt(data))),
    "write": (encode_write(ENTRY), lambda data: encode_write(parse_write(data))),
    "write-open": (encode_write(OPEN), lambda data: encode_write(parse_write(data))),
}


@pytest.mark.parametrize("form", FORMATS)
@given(data=st.data())
@settings(max_examples=150)
def test_a_changed_byte_is_refused_or_kept_exactly(form: str, data: st.DataObject) -> None:
    whole, read_back = FORMATS[form]
    position = data.draw(st.integers(0, min(len(whole), 3_000) - 1))
    changed = bytearray(whole)
    changed[position] ^= data.draw(st.integers(1, 255))
    answer = attempt(lambda: read_back(bytes(changed)))
    assert isinstance(answer, MalformedError | VerificationError) or answer == bytes(changed)


# A state note may end early, before an optional line; its signature is what notices.
@pytest.mark.parametrize("form", [form for form in FORMATS if form != "state"])
@given(data=st.data())
@settings(max_examples=60)
def test_a_cut_or_lengthened_object_is_refused(form: str, data: st.DataObject) -> None:
    whole, read_back = FORMATS[form]
    length = data.draw(st.integers(0, len(whole) - 1))
    for changed in (whole[:length], whole + data.draw(st.binary(min_size=1, max_size=8))):
        with pytest.raises((MalformedError, VerificationError)):
            read_back(changed)


@given(st.binary(max_size=400))
def test_noise_is_refused(noise: bytes) -> None:
    parsers: list[Callable[[bytes], Any]] = [
        parse_manifest,
        parse_header,
        parse_state,
        parse_receipt,
        parse_write,
        parse_room_answer,
        parse_slot,
        lambda data: parse_content("entry", data),
    ]
    for parse in parsers:
        with pytest.raises(MalformedError):
            parse(noise)
