"""Brings the database up to a log that grew beyond it: nothing may be signed against what was signed before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plaint.errors import ConflictError, VerificationError
from plaint.log.signer import LogSigner
from plaint.protocol.checkpoint import parse_checkpoint
from plaint.protocol.cosignature import parse_cosignature
from plaint.protocol.directory import parse_entry
from plaint.protocol.fold import apply_entry, fold_directory
from plaint.protocol.note import encode_note, encode_signatures, find_signatures, parse_note, verify_note
from plaint.protocol.policy import compute_date
from plaint.store import directory as directory_store
from plaint.store import ticks
from plaint.store.lead import lock_turn, pass_turn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from plaint.log.tree import LogTree
    from plaint.protocol.directory_contents import Clock
    from plaint.protocol.directory_state import DirectoryState
    from plaint.protocol.note import Note, NoteSignature
    from plaint.protocol.policy import Policy
    from plaint.server.keys import ServerKeys

READ_ENTRIES = 4_096


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A log that the database was behind: its size there before and now, and what of it belongs to entries here.

    `found` counts leaves that waited here, `lost` leaves of writes that are not here; None when nobody can tell.
    """

    log: str
    old: int
    new: int
    checkpoints: int
    found: int = 0
    lost: int | None = None


class Forward:
    """What both logs have in common: the checkpoints; a job for the writer, which may run twice."""

    def __init__(
        self, keys: ServerKeys, log: str, tree: LogTree, kept: Mapping[int, Note], *, policy: Policy, now: int
    ) -> None:
        """Take `kept` as checkpoints of this very tree: the caller has compared roots and signatures."""
        self._keys = keys
        self._org = keys.org
        self._log = log
        self._tree = tree
        self._kept = kept
        self._policy = policy
        self._now = now

    def insert_checkpoints(self, connection: Connection, old: int) -> int:
        """Insert what is known of the checkpoints after size `old`, the last of them signed anew where need be."""
        names, key = self._keys.verifiers, getattr(self._keys, self._log)
        name = getattr(names, self._log)
        signer = LogSigner(origin=name.name, key=key, clock_name=names.clock.name, clock=self._keys.clock)
        sizes = sorted({size for size in self._kept if old < size < self._tree.size} | {self._tree.size})
        for size in sizes:
            note = signer.sign_checkpoint(size, self._tree.root_at(size))
            signatures, dated = self._open_kept(size)
            lines = encode_signatures(signatures or [signer.cosign(note, timestamp=self._now)])
            ticks.insert_checkpoint(
                connection, self._org, ticks.CheckpointRow(self._log, size, encode_note(note), lines, lines, dated)
            )
            if self._log == "directory" and dated is not None:
                ticks.date_entries(connection, self._org, size, dated)
        return sum(size in self._kept for size in sizes)

    def _open_kept(self, size: int) -> tuple[list[NoteSignature], int | None]:
        """Return the cosignatures known of the checkpoint at `size`, and its date; one false, and none counts."""
        note = self._kept.get(size)
        if note is None:
            return [], None
        known = [self._keys.verifiers.clock, *(witness.key for witness in self._policy.witnesses)]
        try:
            verify_note(note, known)
            return [s for key in known for s in find_signatures(note, key)[:1]], compute_date(self._policy, note)
        except VerificationError:
            return [], None

    def begin(self, connection: Connection) -> int | None:
        """Return the size of the log that the database knows, None when another process has brought it up to here."""
        lock_turn(connection, self._org)
        old = self._find_old(connection)
        if old >= self._tree.size:
            return None
        pass_turn(connection, self._org)
        return old

    def _find_old(self, connection: Connection) -> int:
        last = ticks.find_last_checkpoint(connection, self._org, self._log, dated=False)
        return 0 if last is None else parse_checkpoint(parse_note(last.note).text).size


class ForwardDirectory(Forward):
    """Inserts directory entries; those that were here and not yet logged must be the same."""

    def __call__(self, connection: Connection) -> Forwarded | None:
        """Run. Raises: ConflictError "log-ahead" where the two differ; those of `apply_entry`."""
        old = self.begin(connection)
        if old is None:
            return None
        here = directory_store.list_entries(connection, self._org, 0)
        there = self._tree.read_entries(0, self._tree.size)
        if any(left != right for left, right in zip(here, there, strict=False)):
            raise ConflictError("log-ahead")
        fold_entries(there, self._org)
        for index in range(len(here), len(there)):
            directory_store.insert_entry(connection, self._org, index, there[index])
        return Forwarded(self._log, old, self._tree.size, self.insert_checkpoints(connection, old))


class ForwardCases(Forward):
    """Inserts batches; a leaf that waited here and was logged there waits no more."""

    def __init__(
        self,
        keys: ServerKeys,
        tree: LogTree,
        kept: Mapping[int, Note],
        *,
        policy: Policy,
        now: int,
        clock: Clock,
        logged: int | None,
    ) -> None:
        """Take `logged` as the number of leaves of writes among all of the tree, None when nobody knows."""
        super().__init__(keys, "cases", tree, kept, policy=policy, now=now)
        self._clock = clock
        self._logged = logged

    def __call__(self, connection: Connection) -> Forwarded | None:
        """Run."""
        old, batch = self.begin(connection), self._clock.batch
        if old is None:
            return None
        tick, at = ticks.find_last_batch(connection, self._org) or (0, 0)
        waiting = set(ticks.list_pending(connection, self._org))
        found = 0
        for start in range(old, self._tree.size, batch):
            leaves = self._tree.read_entries(start, batch)
            tick, at = tick + 1, self._date(start + batch, at)
            included = waiting.intersection(leaves)
            ticks.delete_pending(connection, self._org, sorted(included))
            found += len(included)
            ticks.insert_batch(connection, self._org, tick=tick, at=at, leaves=b"".join(leaves))
        before = ticks.read_logged(connection, self._org)
        lost = None if self._logged is None else max(0, self._logged - before - found)
        ticks.set_logged(connection, self._org, before + found + (lost or 0))
        checkpoints = self.insert_checkpoints(connection, old)
        return Forwarded(self._log, old, self._tree.size, checkpoints, found, lost)

    def _date(self, size: int, before: int) -> int:
        """Return the start of the tick that made the log `size` large, as the server's own clock signed it."""
        step = self._clock.tick
        known = self._kept.get(size)
        own = find_signatures(known, self._keys.verifiers.clock) if known else []
        signed = parse_cosignature(own[0].signature).timestamp if own else before + step
        return min(max(signed - signed % step, before), self._now - self._now % step)


def fold_entries(entries: list[bytes], org: bytes) -> DirectoryState:
    """Return the directory after `entries`. Raises: those of `fold_directory`."""
    state = fold_directory(entries[:1], org=org)
    for data in entries[1:]:
        state = apply_entry(state, parse_entry(data))
    return state
