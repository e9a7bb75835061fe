"""Proofs, roots and tiles agree with RFC 9162 read aloud."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plaint.errors import PlaintError
from plaint.protocol.merkle import Frontier, Hash, compute_leaf_hash, verify_consistency, verify_inclusion
from plaint.protocol.tiles import compute_consistency, compute_inclusion, compute_root
from tests.support.hash_levels import HashLevels
from tests.support.naive_merkle import counted_entries, naive_consistency, naive_inclusion, naive_root

LIMIT = 700
ENTRIES = counted_entries(LIMIT)
LEVELS = HashLevels(ENTRIES)
sizes = st.integers(1, LIMIT)


@given(st.integers(0, LIMIT))
@settings(max_examples=60)
def test_roots_are_the_naive_roots(size: int) -> None:
    frontier = Frontier()
    for entry in ENTRIES[:size]:
        frontier.append(compute_leaf_hash(entry))
    assert frontier.compute_root() == compute_root(LEVELS, size) == naive_root(ENTRIES[:size])


@given(sizes, st.data())
@settings(max_examples=60)
def test_inclusion_proofs_are_the_naive_proofs_and_verify(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = compute_inclusion(LEVELS, index, size)
    assert proof == naive_inclusion(index, ENTRIES[:size])
    root = compute_root(LEVELS, size)
    verify_inclusion(compute_leaf_hash(ENTRIES[index]), index=index, size=size, proof=proof, root=root)


@given(sizes, st.data())
@settings(max_examples=60)
def test_consistency_proofs_are_the_naive_proofs_and_verify(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(0, new))
    proof = compute_consistency(LEVELS, old, new)
    assert proof == naive_consistency(old, ENTRIES[:new])
    roots = compute_root(LEVELS, old), compute_root(LEVELS, new)
    verify_consistency(old=old, new=new, proof=proof, old_root=roots[0], new_root=roots[1])


@given(sizes, st.data())
@settings(max_examples=100)
def test_a_proof_with_one_changed_bit_or_place_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = compute_inclusion(LEVELS, index, size)
    root, leaf = compute_root(LEVELS, size), compute_leaf_hash(ENTRIES[index])
    other = data.draw(st.integers(0, size - 1).filter(lambda i: i != index)) if size > 1 else size
    with pytest.raises(PlaintError):
        verify_inclusion(leaf, index=other, size=size, proof=proof, root=root)
    for at in range(len(proof)):
        bad = [*proof[:at], _flip(proof[at]), *proof[at + 1 :]]
        with pytest.raises(PlaintError, match="inclusion-root"):
            verify_inclusion(leaf, index=index, size=size, proof=bad, root=root)
    for bad in (proof[:-1], [*proof, root]):
        if len(bad) != len(proof):
            with pytest.raises(PlaintError):
                verify_inclusion(leaf, index=index, size=size, proof=bad, root=root)


@given(st.integers(2, LIMIT), st.data())
@settings(max_examples=100)
def test_a_consistency_proof_holds_for_nothing_else(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new - 1))
    proof = compute_consistency(LEVELS, old, new)
    before, after = compute_root(LEVELS, old), compute_root(LEVELS, new)
    hostile = [([*proof[:i], _flip(h), *proof[i + 1 :]], before, after) for i, h in enumerate(proof)]
    hostile += [(proof[:-1], before, after), ([*proof, before], before, after)]
    hostile += [(proof, _flip(before), after), (proof, before, _flip(after))]
    for bad, old_root, new_root in hostile:
        with pytest.raises(PlaintError):
            verify_consistency(old=old, new=new, proof=bad, old_root=old_root, new_root=new_root)


def _flip(node: Hash) -> Hash:
    return Hash(bytes([node[0] ^ 1]) + node[1:])
