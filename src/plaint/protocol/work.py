"""Proof of work for anonymous writes that create something (spec/work.md)."""

from __future__ import annotations

from dataclasses import dataclass

from plaint.crypto.hashes import compute_sha256
from plaint.crypto.search import find_nonce
from plaint.encoding.lines import parse_integer
from plaint.errors import MalformedError, VerificationError

LIMIT_AGE_S = 7_200


@dataclass(frozen=True, slots=True)
class Work:
    """The tick it was done for, and the nonce found."""

    tick: int
    nonce: int


def solve_work(*, org: bytes, tick: int, subject: bytes, bits: int) -> Work:
    """Return work for `subject`: H(sealed body) of a room, or a blob id."""
    return Work(tick, find_nonce(_encode_prefix(org, tick, subject), b"\n", bits=bits))


def verify_work(work: Work, *, org: bytes, subject: bytes, bits: int) -> None:
    """Check the zero bits; whether the tick is recent (`LIMIT_AGE_S`) is for who knows the time.

    Raises: VerificationError "work".
    """
    digest = compute_sha256(_encode_prefix(org, work.tick, subject), b"%d\n" % work.nonce)
    if int.from_bytes(digest, "big") >> 256 - bits:
        raise VerificationError("work")


def encode_work(work: Work) -> str:
    """Return `<tick> <nonce>`."""
    return f"{work.tick} {work.nonce}"


def parse_work(text: str) -> Work:
    """Return the work in `<tick> <nonce>`, as it stands in a write or in the header `plaint-work`.

    Raises: MalformedError "text-value", "text-integer".
    """
    tick, space, nonce = text.partition(" ")
    if not space:
        raise MalformedError("text-value", "work")
    return Work(parse_integer(tick), parse_integer(nonce))


def _encode_prefix(org: bytes, tick: int, subject: bytes) -> bytes:
    return b"plaint/v1/work\n%b\n%d\n%b\n" % (org.hex().encode(), tick, subject.hex().encode())
