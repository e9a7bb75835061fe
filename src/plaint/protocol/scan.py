"""Looks for leaves in a copy of the case log, after hashing all of them to a cosigned root (spec/receipt.md)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from plaint.crypto.merkle_hash import hash_fixed_leaves, hash_pairs
from plaint.errors import PlaintError, VerificationError
from plaint.protocol.checkpoint import open_checkpoint
from plaint.protocol.leaf import LEAF_BYTES, compute_token_hashes
from plaint.protocol.merkle import Frontier, Hash
from plaint.protocol.note import Note
from plaint.protocol.policy import compute_date
from plaint.protocol.trust import Trust

BLOCK = 256
READ_LEAVES = 64 * BLOCK
LOOKAHEAD = 8


class Leaves(Protocol):
    """A copy of the case log, whole or from leaf `first` on, and kept checkpoints; nothing in it need be true."""

    @property
    def first(self) -> int:
        """Index of the first leaf that is here, a multiple of 256."""

    @property
    def before(self) -> Sequence[Hash]:
        """Roots of the perfect subtrees before `first`, largest first."""

    @property
    def size(self) -> int:
        """How many leaves the log has here, with those before `first`."""

    def read_leaves(self, start: int, count: int) -> Sequence[bytes]:
        """Return `count` leaves from `start`, not before `first`."""

    def list_kept(self) -> Sequence[int]:
        """Return the sizes of the kept checkpoints, ascending."""

    def read_kept(self, size: int) -> Note:
        """Return the checkpoint kept at `size`."""


class LeafScan:
    """The leaves up to the last checkpoint that a quorum had dated at `now`, all hashed to its root."""

    def __init__(self, leaves: Leaves, trust: Trust, *, now: int) -> None:
        self._leaves = leaves
        self._trust = trust
        self._now = now
        self._kept = list(leaves.list_kept())
        self._opened: dict[int, tuple[int, bytes] | None] = {}
        last = next((size for size in reversed(self._kept) if self._date(size) is not None), None)
        if last is None:
            raise VerificationError("leaves-missing")
        self.size = last
        self.date = self._date(last) or 0

    def find(self, digests: Collection[bytes], *, start: int) -> dict[bytes, int]:
        """Return the first index from `start` on of the leaf behind each token hash, where there is one.

        Raises: VerificationError "leaves-missing" when the copy begins after `start`, "leaves-root" when the leaves
                are not those under the checkpoint's root.
        """
        if start < self._leaves.first:
            raise VerificationError("leaves-missing")
        wanted, found = set(digests), dict[bytes, int]()
        for at in range(start, self.size, READ_LEAVES):
            hashes = compute_token_hashes(self._leaves.read_leaves(at, min(READ_LEAVES, self.size - at)))
            if not wanted.isdisjoint(hashes):
                for index, digest in enumerate(hashes, at):
                    if digest in wanted:
                        found.setdefault(digest, index)
        self._check_roots([self.size, *(size for index in found.values() for size in self.list_dating(index))])
        return found

    def compute_date(self, index: int) -> int | None:
        """Return the least date of the first dated checkpoints above leaf `index`, whose roots `find` checked."""
        return min((date for size in self.list_dating(index) if (date := self._date(size)) is not None), default=None)

    def list_dating(self, index: int) -> list[int]:
        """Return the sizes of the first dated checkpoints above leaf `index`."""
        dated = (size for size in self._kept if index < size <= self.size and self._date(size) is not None)
        return [size for size, _ in zip(dated, range(LOOKAHEAD), strict=False)]

    def _date(self, size: int) -> int | None:
        opened = self._open(size)
        return None if opened is None else opened[0]

    def _open(self, size: int) -> tuple[int, bytes] | None:
        if size not in self._opened:
            self._opened[size] = self._open_kept(size) if size <= self._leaves.size else None
        return self._opened[size]

    def _open_kept(self, size: int) -> tuple[int, bytes] | None:
        try:
            note = self._leaves.read_kept(size)
            checkpoint = open_checkpoint(note, self._trust.cases)
            date = compute_date(self._trust.policy, note)
        except PlaintError:
            return None
        if checkpoint.size != size or date is None or date > self._now:
            return None
        return date, checkpoint.root

    def _check_roots(self, sizes: Collection[int]) -> None:
        wanted = sorted(set(sizes), reverse=True)
        frontier = Frontier(self._leaves.first, self._leaves.before)
        for start in range(frontier.size, self.size, READ_LEAVES):
            data = b"".join(self._leaves.read_leaves(start, min(READ_LEAVES, self.size - start)))
            hashes = hash_fixed_leaves(data, LEAF_BYTES)
            for at in range(0, len(hashes), BLOCK):
                self._append(frontier, hashes[at : at + BLOCK], wanted)
        if wanted:
            raise VerificationError("leaves-root")

    def _append(self, frontier: Frontier, hashes: list[bytes], wanted: list[int]) -> None:
        if len(hashes) == BLOCK and (not wanted or wanted[-1] >= frontier.size + BLOCK):
            while len(hashes) > 1:
                hashes = hash_pairs(hashes)
            frontier.append(Hash(hashes[0]), height=8)
            self._compare(frontier, wanted)
            return
        for node in hashes:
            frontier.append(Hash(node))
            self._compare(frontier, wanted)

    def _compare(self, frontier: Frontier, wanted: list[int]) -> None:
        if wanted and wanted[-1] == frontier.size:
            opened = self._open(wanted.pop())
            if opened is None or opened[1] != frontier.compute_root():
                raise VerificationError("leaves-root")
