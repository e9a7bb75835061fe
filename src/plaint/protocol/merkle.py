"""Merkle trees of RFC 9162: hashes, proofs and the frontier that grows a root leaf by leaf."""

from __future__ import annotations

from typing import TYPE_CHECKING, NewType

from plaint.crypto.hashes import compute_sha256
from plaint.crypto.merkle_hash import hash_leaf, hash_node
from plaint.errors import MalformedError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Hash = NewType("Hash", bytes)
"""32 bytes: a leaf hash, a node hash or a root; never an entry."""

HASH_BYTES = 32
LIMIT_SIZE = 2**53
EMPTY_ROOT = Hash(compute_sha256())


def compute_leaf_hash(entry: bytes) -> Hash:
    """Return the hash of a log entry. Source: RFC 9162, section 2.1.1."""
    return Hash(hash_leaf(entry))


def compute_node_hash(left: Hash, right: Hash) -> Hash:
    """Return the hash above two subtrees. Source: RFC 9162, section 2.1.1."""
    return Hash(hash_node(left, right))


def compute_fold(nodes: Sequence[Hash]) -> Hash:
    """Return the root above perfect subtrees of falling size; no subtrees give the empty root."""
    if not nodes:
        return EMPTY_ROOT
    root = nodes[-1]
    for node in reversed(nodes[:-1]):
        root = compute_node_hash(node, root)
    return root


class Frontier:
    """The perfect subtrees of a growing tree: at most 53 hashes, whatever the size."""

    __slots__ = ("nodes", "size")

    def __init__(self, size: int = 0, nodes: Iterable[Hash] = ()) -> None:
        self.size = size
        self.nodes = list(nodes)
        if len(self.nodes) != size.bit_count():
            raise MalformedError("frontier-shape")

    def append(self, node: Hash, *, height: int = 0) -> None:
        """Add a perfect subtree of 2**height leaves at an index that is a multiple of its size.

        Raises: MalformedError "frontier-shape".
        """
        if self.size & ((1 << height) - 1):
            raise MalformedError("frontier-shape")
        position = self.size >> height
        while position & 1:
            node = compute_node_hash(self.nodes.pop(), node)
            position >>= 1
        self.nodes.append(node)
        self.size += 1 << height

    def compute_root(self) -> Hash:
        """Return the root of the tree so far."""
        return compute_fold(self.nodes)


def verify_inclusion(leaf: Hash, *, index: int, size: int, proof: Sequence[Hash], root: Hash) -> None:
    """Check that `leaf` is entry `index` of the `size`-entry tree under `root`.

    Shapes: hashes are 32 bytes, the proof runs from the leaf upwards; 0 <= index < size < 2**53.
    Raises: MalformedError "inclusion-range", "inclusion-length"; VerificationError "inclusion-root".
    Source: RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size < LIMIT_SIZE:
        raise MalformedError("inclusion-range")
    first, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise MalformedError("inclusion-length")
        if first & 1 or first == last:
            node = compute_node_hash(sibling, node)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            node = compute_node_hash(node, sibling)
        first, last = first >> 1, last >> 1
    if last:
        raise MalformedError("inclusion-length")
    if node != root:
        raise VerificationError("inclusion-root")


def verify_consistency(*, old: int, new: int, proof: Sequence[Hash], old_root: Hash, new_root: Hash) -> None:
    """Check that the `new`-entry tree begins with all entries of the `old`-entry tree.

    Shapes: 0 <= old <= new < 2**53; the proof is empty when old is 0 or equals new.
    Raises: MalformedError "consistency-range", "consistency-length";
            VerificationError "consistency-old-root", "consistency-new-root".
    Source: RFC 9162, section 2.1.4.2.
    """
    if not 0 <= old <= new < LIMIT_SIZE:
        raise MalformedError("consistency-range")
    if old in {0, new}:
        _verify_trivial(old=old, new=new, proof=proof, old_root=old_root, new_root=new_root)
        return
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise MalformedError("consistency-length")
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    left = right = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise MalformedError("consistency-length")
        if first & 1 or first == last:
            left, right = compute_node_hash(sibling, left), compute_node_hash(sibling, right)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            right = compute_node_hash(right, sibling)
        first, last = first >> 1, last >> 1
    if last:
        raise MalformedError("consistency-length")
    if left != old_root:
        raise VerificationError("consistency-old-root")
    if right != new_root:
        raise VerificationError("consistency-new-root")


def _verify_trivial(*, old: int, new: int, proof: Sequence[Hash], old_root: Hash, new_root: Hash) -> None:
    if proof:
        raise MalformedError("consistency-length")
    if old == 0 and old_root != EMPTY_ROOT:
        raise VerificationError("consistency-old-root")
    if old == new and old_root != new_root:
        raise VerificationError("consistency-new-root")


def compute_inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """Return the entry ranges [start, end) whose hashes are the inclusion proof, from the leaf upwards.

    Raises: MalformedError "inclusion-range".
    Source: RFC 9162, section 2.1.3.1.
    """
    if not 0 <= index < size < LIMIT_SIZE:
        raise MalformedError("inclusion-range")
    ranges: list[tuple[int, int]] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _compute_split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def compute_consistency_ranges(old: int, new: int) -> list[tuple[int, int]]:
    """Return the entry ranges [start, end) whose hashes are the consistency proof.

    Raises: MalformedError "consistency-range".
    Source: RFC 9162, section 2.1.4.1.
    """
    if not 0 <= old <= new < LIMIT_SIZE:
        raise MalformedError("consistency-range")
    ranges: list[tuple[int, int]] = []
    start, end = 0, new
    while old not in {0, end}:
        middle = start + _compute_split(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:
        ranges.append((start, end))
    return ranges[::-1]


def _compute_split(count: int) -> int:
    """Return the largest power of two below `count` (count > 1)."""
    return 1 << ((count - 1).bit_length() - 1)
