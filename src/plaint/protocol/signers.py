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
    """The directory at past dates; what a copy leaves out can only make a date unclear."""

    def __init__(self, copy: DirectoryCopy, trust: Trust) -> None:
        self._entries = copy.entries
        self._trust = trust
        opened = (_open(note, trust) for note in copy.checkpoints)
        self._dated = [item for item in opened if item is not None and 0 < item.size <= len(copy.entries)]

    def list_states(self, date: int) -> list[DirectoryState]:
        """Return every state that may have been in force at `date`: between two checkpoints it is not known which.

        Raises: VerificationError "counter-directory" when the copy does not reach around that date, "directory-root"
                when it is not what was cosigned, those of `apply_entry`.
        """
        before = max((item for item in self._dated if item.date <= date), key=lambda item: item.size, default=None)
        if before is None:
            raise VerificationError("counter-directory")
        later = (item for item in self._dated if item.date >= date and item.size >= before.size)
        after = min(later, key=lambda item: item.size, default=None)
        if after is None:
            raise VerificationError("counter-directory")
        roots = {before.size: before.root, after.size: after.root}
        return [state for state in self._fold(after.size, roots) if state.size >= before.size]

    def _fold(self, size: int, roots: dict[int, bytes]) -> list[DirectoryState]:
        frontier, state, found = Frontier(), None, list[DirectoryState]()
        for data in self._entries[:size]:
            frontier.append(compute_leaf_hash(data))
            state = apply_entry(state, parse_entry(data))
            if state.org != self._trust.org:
                raise VerificationError("directory-org")
            if roots.get(state.size, frontier.compute_root()) != frontier.compute_root():
                raise VerificationError("directory-root")
            found.append(state)
        return found


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
