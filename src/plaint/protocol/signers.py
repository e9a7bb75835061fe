"""Who could sign for an organisation at a past date, by a copy of its directory log (spec/receipt.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plaint.errors import PlaintError, VerificationError
from plaint.protocol.checkpoint import open_checkpoint
from plaint.protocol.directory import parse_entry
from plaint.protocol.directory_state import DirectoryState
from plaint.protocol.fold import apply_entry
from plaint.protocol.merkle import Frontier, compute_leaf_hash
from plaint.protocol.note import Note
from plaint.protocol.policy import compute_date
from plaint.protocol.trust import Trust


@dataclass(frozen=True, slots=True)
class DirectoryCopy:
    """Entries of the directory log from the first on, and checkpoints of it; nothing in it need be true."""

    entries: Sequence[bytes]
    checkpoints: Sequence[Note]


@dataclass(frozen=True, slots=True)
class _Dated:
    size: int
    root: bytes
    date: int


class DirectoryPast:
    """The directory at past dates."""

    def __init__(self, copy: DirectoryCopy, trust: Trust) -> None:
        self._entries = copy.entries
        self._trust = trust
        opened = (_open(note, trust) for note in copy.checkpoints)
        self._dated = [item for item in opened if item is not None and 0 < item.size <= len(copy.entries)]

    def find_state(self, date: int) -> DirectoryState:
        """Return the directory after every entry that a quorum had dated at `date`.

        Raises: VerificationError "counter-directory" when the copy does not reach around that date, "directory-root"
                when it is not what was cosigned, "directory-org", those of `apply_entry`.
        """
        before = max((item for item in self._dated if item.date <= date), key=lambda item: item.size, default=None)
        if before is None or all(item.date < date for item in self._dated):
            raise VerificationError("counter-directory")
        return self._fold(before)

    def find_last(self, now: int) -> DirectoryState:
        """Return the newest directory of the copy that a quorum had dated at `now`.

        Raises: VerificationError "counter-directory" when there is none; else those of `find_state`.
        """
        last = max((item for item in self._dated if item.date <= now), key=lambda item: item.size, default=None)
        if last is None:
            raise VerificationError("counter-directory")
        return self._fold(last)

    def compute_date(self, index: int, now: int) -> int:
        """Return the earliest date by `now` at which a quorum had signed that entry `index` is there.

        Raises: VerificationError "counter-directory" when there is none, "directory-root".
        """
        above = (item for item in self._dated if item.size > index and item.date <= now)
        first = min(above, key=lambda item: (item.date, item.size), default=None)
        if first is None:
            raise VerificationError("counter-directory")
        frontier = Frontier()
        for data in self._entries[: first.size]:
            frontier.append(compute_leaf_hash(data))
        if frontier.compute_root() != first.root:
            raise VerificationError("directory-root")
        return first.date

    def _fold(self, before: _Dated) -> DirectoryState:
        frontier, state = Frontier(), None
        for data in self._entries[: before.size]:
            frontier.append(compute_leaf_hash(data))
            state = apply_entry(state, parse_entry(data))
            if state.org != self._trust.org:
                raise VerificationError("directory-org")
        if state is None or frontier.compute_root() != before.root:
            raise VerificationError("directory-root")
        return state


def find_signing_key(state: DirectoryState, member: bytes) -> bytes:
    """Return the key that counts as a member's signature in a state of the directory.

    Raises: VerificationError "counter-key".
    """
    found = state.members.get(member)
    if found is None or not found.active:
        raise VerificationError("counter-key")
    return found.member.sign


def _open(note: Note, trust: Trust) -> _Dated | None:
    try:
        checkpoint = open_checkpoint(note, trust.directory)
        date = compute_date(trust.policy, note)
    except PlaintError:
        return None
    return None if date is None else _Dated(checkpoint.size, checkpoint.root, date)
