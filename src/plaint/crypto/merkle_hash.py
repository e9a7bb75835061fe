"""Leaf and node hashes of RFC 9162 trees, in loops tight enough to audit a million leaves."""

from __future__ import annotations

from hashlib import sha256


def hash_leaf(entry: bytes) -> bytes:
    """Return SHA-256(0x00 ‖ entry). Source: RFC 9162, section 2.1.1."""
    return sha256(b"\x00" + entry).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 ‖ left ‖ right). Source: RFC 9162, section 2.1.1."""
    return sha256(b"\x01" + left + right).digest()


def hash_fixed_leaves(entries: bytes, leaf_bytes: int) -> list[bytes]:
    """Return the leaf hashes of concatenated entries of `leaf_bytes` each."""
    return [sha256(b"\x00" + entries[i : i + leaf_bytes]).digest() for i in range(0, len(entries), leaf_bytes)]


def hash_pairs(hashes: list[bytes]) -> list[bytes]:
    """Return the next level above an even number of node hashes."""
    pairs = iter(hashes)
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
