"""Parsers of what strangers send: refuse with a code, or read back the same bytes; never anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plaint.errors import PlaintError
from plaint.log.witness import encode_add_checkpoint, parse_add_checkpoint
from plaint.protocol.checkpoint import encode_checkpoint, encode_sizes, parse_checkpoint, parse_sizes
from plaint.protocol.note import encode_note, encode_vkey, parse_note, parse_vkey
from plaint.protocol.policy import encode_policy, parse_policy
from plaint.protocol.proof import encode_proof, parse_proof
from plaint.protocol.trust import encode_trust, parse_trust
from tests.support.vectors import load_vectors

if TYPE_CHECKING:
    from collections.abc import Callable

ROUND_TRIPS: dict[str, Callable[[bytes], bytes]] = {
    "note": lambda data: encode_note(parse_note(data)),
    "checkpoint": lambda data: encode_checkpoint(parse_checkpoint(data)),
    "sizes": lambda data: encode_sizes(parse_sizes(data)),
    "proof": lambda data: encode_proof(parse_proof(data)),
    "vkey": lambda data: encode_vkey(parse_vkey(data.decode("latin-1"))).encode("latin-1"),
    "add-checkpoint": lambda data: encode_add_checkpoint(parse_add_checkpoint(data)),
}
CANONICAL: dict[str, Callable[[bytes], bytes]] = {
    "policy": lambda data: encode_policy(parse_policy(data)),
    "trust": lambda data: encode_trust(parse_trust(data)),
}
NOTE = dict(load_vectors("policy"))["two-of-three"]["note"].encode()
SEEDS = {
    "note": NOTE,
    "checkpoint": NOTE.rpartition(b"\n\n")[0] + b"\n",
    "sizes": b"0\n16\n32\n",
    "proof": dict(load_vectors("proof"))["holds"]["proof"].encode(),
    "vkey": dict(load_vectors("note"))["vkey-cosigner"]["vkey"].encode(),
    "add-checkpoint": b"old 1\n" + b"A" * 43 + b"=\n\n" + NOTE,
    "policy": dict(load_vectors("policy"))["nested"]["policy"].encode(),
    "trust": dict(load_vectors("trust"))["holds"]["trust"].encode(),
}


@st.composite
def spoiled(draw: st.DrawFn, seed: bytes) -> bytes:
    """A good object with a few bytes cut out and others put in."""
    data = seed
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 4)))
        data = (
            data[:start]
            + draw(st.binary(max_size=4) | st.sampled_from([b"\n", b" ", b"+", b"=", b"\xc2\xa0"]))
            + data[end:]
        )
    return data


@pytest.mark.parametrize("name", sorted(ROUND_TRIPS | CANONICAL))
@given(data=st.data())
@settings(max_examples=120)
def test_a_spoiled_object_is_refused_or_reads_back(name: str, data: st.DataObject) -> None:
    raw = data.draw(spoiled(SEEDS[name]) | st.binary(max_size=80))
    try:
        read = (ROUND_TRIPS | CANONICAL)[name](raw)
    except PlaintError:
        return
    if name in ROUND_TRIPS:
        assert read == raw
    else:
        assert CANONICAL[name](read) == read
