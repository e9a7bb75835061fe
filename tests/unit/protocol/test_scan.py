from __future__ import annotations

import pytest

from plaint.crypto.signing import SigningKey
from plaint.errors import VerificationError
from plaint.protocol.checkpoint import Checkpoint, encode_checkpoint
from plaint.protocol.leaf import compute_token_hash
from plaint.protocol.merkle import Hash
from plaint.protocol.note import Note, cosign_note, encode_note, sign_note
from plaint.protocol.scan import LeafScan
from tests.support.naive_merkle import naive_root
from tests.support.operations_verify import ListedLeaves
from tools.vectors.story import CASES, COSIGNERS, LOG_KEY, TRUST

LEAVES = [b"\1" + i.to_bytes(32, "big") for i in range(1_300)]


def sign(size: int, time: int, *, root: bytes | None = None, key: SigningKey = LOG_KEY) -> bytes:
    text = encode_checkpoint(Checkpoint(CASES.name, size, Hash(root or naive_root(LEAVES[:size]))))
    cosigned = [cosign_note(text, name=name, key=each, timestamp=time) for name, each in COSIGNERS.items()]
    return encode_note(Note(text, (sign_note(text, name=CASES.name, key=key), *cosigned)))


def find(leaves: ListedLeaves, *indexes: int, now: int = 10_000) -> tuple[list[int], list[int | None]]:
    scan = LeafScan(leaves, TRUST, now=now)
    found = scan.find([compute_token_hash(LEAVES[i]) for i in indexes], start=0)
    return sorted(found.values()), [scan.compute_date(i) for i in sorted(found.values())]


@pytest.mark.parametrize("size", [1, 255, 256, 257, 511, 512, 1_024, 1_111, 1_280, 1_300])
def test_every_size_is_hashed_to_its_root(size: int) -> None:
    leaves = ListedLeaves(LEAVES, {size: sign(size, 7)})
    assert find(leaves, 0, size - 1) == (sorted({0, size - 1}), [7] * len({0, size - 1}))


def test_roots_inside_and_at_the_edges_of_blocks_are_all_compared() -> None:
    kept = {size: sign(size, size) for size in (100, 256, 300, 768, 1_300)}
    assert find(ListedLeaves(LEAVES, kept), 99, 100, 255, 256, 1_299) == (
        [99, 100, 255, 256, 1_299],
        [100, 256, 256, 300, 1_300],
    )


def test_leaves_beyond_the_last_dated_checkpoint_do_not_count() -> None:
    leaves = ListedLeaves(LEAVES, {500: sign(500, 50), 1_000: sign(1_000, 100)})
    assert find(leaves, 499, 999) == ([499, 999], [50, 100])
    assert find(leaves, 499, 999, now=99) == ([499], [50])


def check_refused(leaves: ListedLeaves, code: str, *indexes: int) -> None:
    with pytest.raises(VerificationError) as caught:
        find(leaves, *indexes)
    assert caught.value.code == code


def test_without_a_dated_checkpoint_there_are_no_leaves() -> None:
    check_refused(ListedLeaves(LEAVES, {}), "leaves-missing")
    check_refused(ListedLeaves(LEAVES, {500: sign(500, 20_000)}), "leaves-missing")
    check_refused(ListedLeaves(LEAVES[:400], {500: sign(500, 5)}), "leaves-missing")
    check_refused(ListedLeaves(LEAVES, {500: sign(500, 5, key=SigningKey(bytes(32)))}), "leaves-missing")
    check_refused(ListedLeaves(LEAVES, {501: sign(500, 5)}), "leaves-missing")


def test_a_checkpoint_that_dates_a_leaf_must_have_its_root() -> None:
    false = sign(300, 3, root=naive_root(LEAVES[1:301]))
    check_refused(ListedLeaves(LEAVES, {300: false, 1_000: sign(1_000, 9)}), "leaves-root", 200)
    assert find(ListedLeaves(LEAVES, {300: false, 1_000: sign(1_000, 9)}), 400) == ([400], [9])
