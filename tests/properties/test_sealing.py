"""Nothing sealed opens after a change, and every lying slot is named."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plaint.crypto.age import AgeOpener, AgeSealer, compute_sealed_bytes, open_age, seal_age, try_open_small
from plaint.crypto.agreement import AgreementKey
from plaint.encoding.padme import compute_padme
from plaint.errors import MalformedError, VerificationError
from plaint.protocol.authorship import PROVED, UNPROVED, Author, HolderWriter, MemberReader
from plaint.protocol.body import Body, Proof, encode_body, open_body, parse_body, seal_body, with_body
from plaint.protocol.slots import SLOT_BYTES, verify_slot_set
from tests.support.attempts import attempt
from tools.vectors.bodies import ADA, BY_REPORTER, CONTENT, FULL, MESSAGE
from tools.vectors.rooms import ENTRY
from tools.vectors.slots import SET
from tools.vectors.world import ACCESS, HOLDER, MANIFEST, MEMBERS, ROOM_KEYS, ROSTER, SECRET, find_id

OWNER = AgreementKey(b"\x11" * 32)


@given(st.binary(max_size=2_000), st.lists(st.integers(1, 70_000), min_size=1, max_size=4))
@settings(max_examples=40)
def test_streams_open_to_what_was_sealed(seed: bytes, lengths: list[int]) -> None:
    parts = [(seed * (length // max(1, len(seed)) + 1))[:length] for length in lengths]
    sealed = b"".join(AgeSealer(OWNER.public).seal_parts(parts))
    plaintext = b"".join(parts)
    assert len(sealed) == compute_sealed_bytes(len(plaintext))
    step = max(500, lengths[0])
    cuts = [sealed[i : i + step] for i in range(0, len(sealed), step)]
    assert b"".join(AgeOpener(OWNER).open_parts(cuts)) == plaintext
    assert open_age(OWNER, sealed) == plaintext


@given(st.binary(max_size=300), st.data())
@settings(max_examples=200)
def test_a_changed_bit_never_opens(plaintext: bytes, data: st.DataObject) -> None:
    sealed = bytearray(seal_age(OWNER.public, plaintext))
    position = data.draw(st.integers(0, len(sealed) - 1))
    sealed[position] ^= 1 << data.draw(st.integers(0, 7))
    assert try_open_small(OWNER, bytes(sealed)) is None
    with pytest.raises((MalformedError, VerificationError)) as caught:
        open_age(OWNER, bytes(sealed))
    assert caught.value.code in {"age-form", "age-no-identity", "age-payload"}


@given(st.integers(0, len(SET) - 1), st.integers(1, 255))
@settings(max_examples=30)
def test_the_first_lying_position_is_named(position: int, change: int) -> None:
    lying = bytearray(SET)
    lying[position] ^= change
    with pytest.raises(VerificationError) as caught:
        verify_slot_set(bytes(lying), SECRET, MANIFEST, ROSTER, ACCESS, seq=0)
    assert (caught.value.code, caught.value.detail) == ("slots-position", str(position // SLOT_BYTES))


@given(st.binary(max_size=20_000))
def test_bodies_have_padded_sizes_and_open(content: bytes) -> None:
    sealed = seal_body(MANIFEST.recipient, ENTRY, content, ADA)
    plain_bytes = len(sealed) - 168 - 16 - 16 * -(-(len(sealed) - 184) // 65_552)
    assert plain_bytes >= 4_096
    assert compute_padme(plain_bytes) == plain_bytes
    opened = open_body(ROOM_KEYS.identity, with_body(ENTRY, sealed), sealed)
    assert opened.content == content


@given(st.integers(0, len(BY_REPORTER) - 1), st.integers(1, 255))
@settings(max_examples=50)
def test_a_changed_body_is_never_taken_for_the_one_in_the_header(position: int, change: int) -> None:
    changed = bytearray(BY_REPORTER)
    changed[position] ^= change
    with pytest.raises(VerificationError) as caught:
        open_body(ROOM_KEYS.identity, with_body(ENTRY, BY_REPORTER), bytes(changed))
    assert caught.value.code == "body-hash"


@given(st.data())
@settings(max_examples=100)
def test_a_changed_plaintext_is_another_body_or_refused(data: st.DataObject) -> None:
    whole = encode_body(Body(CONTENT, Proof(ADA.prove(MESSAGE), b"plaint/v1/entry\n", bytes(32), bytes(32))))
    changed = bytearray(whole)
    changed[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    answer = attempt(lambda: encode_body(parse_body(bytes(changed))))
    refused = isinstance(answer, MalformedError) and answer.code.startswith(("body-", "json-"))
    assert refused or answer == bytes(changed)


@given(st.binary(max_size=200), st.integers(0, 31))
def test_a_tag_convinces_its_member_of_this_message_only(message: bytes, position: int) -> None:
    tags = HolderWriter(HOLDER.author, FULL).prove(message).tags
    ben = MemberReader(find_id("ben"), MEMBERS["ben"].author, HOLDER.author.public, {})
    assert ben.judge(Author(tags=tags), message, seq=1) == PROVED
    assert ben.judge(Author(tags=tags), message + b"!", seq=1) == UNPROVED
    changed = bytearray(tags[ben.id])
    changed[position] ^= 1
    assert ben.judge(Author(tags={**tags, ben.id: bytes(changed)}), message, seq=1) == UNPROVED
