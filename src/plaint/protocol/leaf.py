"""The 33-byte leaves of the case log: content, token and dummy, alike to everybody else (spec/leaf.md)."""

from __future__ import annotations

from collections.abc import Sequence

from plaint.crypto.hashes import HASH_BYTES, compute_hmac, compute_sha256, random_bytes
from plaint.crypto.search import hash_tails
from plaint.errors import MalformedError

LEAF_BYTES = 33
PREFIX = b"\x01"
TOKEN_KINDS = ("open", "acknowledge", "feedback", "extend", "decide", "close", "reopen")


def compute_content_leaf(opening: bytes, header: bytes) -> bytes:
    """Return 0x01 ‖ HMAC(r, header); `opening` is r, 32 bytes, known to the body's readers only."""
    if len(opening) != HASH_BYTES:
        raise MalformedError("key-length")
    return PREFIX + compute_hmac(opening, header)


def compute_token_leaf(token: bytes) -> bytes:
    """Return 0x01 ‖ tok(kind, n)."""
    if len(token) != HASH_BYTES:
        raise MalformedError("key-length")
    return PREFIX + token


def compute_token_hash(leaf: bytes) -> bytes:
    """Return H(leaf without its first byte): equal to a `due` hash when the leaf is that event's token."""
    return compute_sha256(leaf[1:])


def compute_token_hashes(leaves: Sequence[bytes]) -> list[bytes]:
    """Return `compute_token_hash` of each."""
    return hash_tails(leaves)


def draw_dummy_leaf() -> bytes:
    """Return a leaf about nothing."""
    return PREFIX + random_bytes(HASH_BYTES)


def check_leaf(leaf: bytes) -> bytes:
    """Return `leaf` when it has the form of one.

    Raises: MalformedError "leaf-form".
    """
    if len(leaf) != LEAF_BYTES or leaf[:1] != PREFIX:
        raise MalformedError("leaf-form")
    return leaf
