"""What a process remembers of one organisation: everything here can be read again from the database."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from plaint.errors import MalformedError
from plaint.log.sequence import LEAF_BYTES, admission_threshold, slots_threshold
from plaint.log.tree import LogTree
from plaint.protocol.directory import parse_entry
from plaint.protocol.directory_state import ACTIVE, SUSPENDED
from plaint.protocol.fold import apply_entry, fold_directory
from plaint.protocol.roster import compute_roster
from plaint.server.trust import make_trust
from plaint.store.directory import list_entries
from plaint.store.ticks import count_pending, count_waiting, find_last_batch, find_last_checkpoint, list_tick_times

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from random import Random

    from sqlalchemy import Connection

    from plaint.crypto.signing import SigningKey
    from plaint.protocol.access import Roster
    from plaint.protocol.alarms import Alarm
    from plaint.protocol.directory_contents import Clock
    from plaint.protocol.directory_state import DirectoryState, FormerReceipts
    from plaint.protocol.note import VerifierKey
    from plaint.protocol.trust import Trust
    from plaint.server.keys import ServerKeys
    from plaint.server.ports import Rest
    from plaint.server.receipts import ReceiptKeys
    from plaint.store.ticks import CheckpointRow

LOGS = ("cases", "directory")
WORK_WINDOW_S = 7_200
LIMIT_ROSTERS = 256


@dataclass(frozen=True, slots=True)
class Published:
    """The newest checkpoint of a log that a quorum vouched for."""

    size: int
    row: CheckpointRow
    date: int


@dataclass(slots=True)
class Organisation:
    """Directory states by size, the last tick, what waits, and what is published; one process, one event loop."""

    slug: str
    keys: ServerKeys
    receipts: ReceiptKeys
    states: list[DirectoryState]
    trees: dict[str, LogTree]
    folder: Path
    rest: Rest
    tick: int = 0
    ticks: deque[tuple[int, int]] = field(default_factory=deque)
    waiting: int = 0
    """Leaves that wait for the log, with those of writes that are being stored."""
    sets: int = 0
    """Slot sets that wait for streams, with those that are being stored."""
    threshold: int = 0
    slots_threshold: int = 0
    published: dict[str, Published] = field(default_factory=dict)
    alarms: tuple[Alarm, ...] = ()
    rosters: dict[tuple[int, str], Roster] = field(default_factory=dict)

    @property
    def org(self) -> bytes:
        """The organisation's id."""
        return self.keys.org

    @property
    def state(self) -> DirectoryState:
        """The directory as it stands."""
        return self.states[-1]

    @property
    def clock(self) -> Clock:
        """The clock as it stands."""
        return self.state.clock

    @property
    def trust(self) -> Trust:
        """The trust file this server offers."""
        return make_trust(self.state, replace(self.keys.verifiers, receipts=self.receipts_verifier))

    @property
    def receipts_verifier(self) -> VerifierKey:
        """The receipt key of the directory as it is published: clients know no other yet.

        While a succession waits, the directory's is of other logs.
        """
        own, origin = self.keys.verifiers.receipts, self._shown.origin
        named = origin.receipts if origin else own
        return named if named.name == own.name else own

    @property
    def former_receipts(self) -> list[FormerReceipts]:
        """The receipt keys of these logs that ended, by the directory as it is published; none before it is."""
        if "directory" not in self.published:
            return []
        return [known for known in self._shown.receipts if known.key.name == self.keys.verifiers.receipts.name]

    @property
    def _shown(self) -> DirectoryState:
        """The directory as it is published."""
        return self.states[self.published["directory"].size - 1] if "directory" in self.published else self.state

    @property
    def receipts_key(self) -> SigningKey:
        """What signs state notes now. Raises: UnavailableError "keys-receipts" when it is not here."""
        return self.receipts.take(self.receipts_verifier)

    @property
    def cosigned(self) -> int:
        """The size of the case log that a quorum vouched for."""
        return self.published["cases"].size if "cases" in self.published else 0

    def find_roster(self, size: int, channel: str) -> Roster:
        """Return the roster of `channel` after `size` entries.

        Raises: MalformedError "roster-size"; VerificationError "roster-channel".
        """
        if not 0 < size <= len(self.states):
            raise MalformedError("roster-size")
        found = self.rosters.get((size, channel))
        if found is None:
            found = compute_roster(self.states[size - 1], channel)
            if len(self.rosters) >= LIMIT_ROSTERS:
                self.rosters.clear()
            self.rosters[size, channel] = found
        return found

    def is_active(self, member: bytes) -> bool:
        """Tell whether a member may act and receive."""
        found = self.state.members.get(member)
        return found is not None and found.active

    def may_return(self, member: bytes) -> bool:
        """Tell whether a member is active or suspended: nobody who left, or whose key was compromised, comes back."""
        found = self.state.members.get(member)
        return found is not None and found.status in {ACTIVE, SUSPENDED}

    def is_recent(self, tick: int, now: int) -> bool:
        """Tell whether proof of work for tick number `tick` still counts."""
        return tick == self.tick or any(number == tick and at >= now - WORK_WINDOW_S for number, at in self.ticks)

    def add_state(self, state: DirectoryState) -> None:
        """Remember the directory after one more entry, unless it was read from the database meanwhile."""
        if state.size > len(self.states):
            self.states.append(state)

    def add_tick(self, tick: int, at: int) -> None:
        """Remember that a tick happened."""
        self.tick = tick
        self.ticks.append((tick, at))
        while self.ticks and self.ticks[0][1] < at - WORK_WINDOW_S:
            self.ticks.popleft()

    def draw_threshold(self, random: Random) -> None:
        """Draw how many leaves and slot sets may wait until the next tick."""
        clock, window = self.clock, self.clock.window // self.clock.tick
        self.threshold = admission_threshold(batch=clock.batch, window_ticks=window, random=random)
        self.slots_threshold = slots_threshold(cells=clock.cells, window_ticks=window, random=random)

    def has_place(self, *, leaves: int, sets: int, reserved: bool) -> bool:
        """Tell whether so many more may wait; `reserved` for what members must be able to do while others flood."""
        more = 1 + reserved
        if self.waiting + leaves > self.threshold * more:
            return False
        return not sets or self.sets + sets <= self.slots_threshold * more

    def close(self) -> None:
        """Give the files back."""
        for tree in self.trees.values():
            tree.close()


def load_organisation(
    connection: Connection,
    slug: str,
    keys: ServerKeys,
    receipts: ReceiptKeys,
    directory: Path,
    *,
    rest: Rest,
    now: int,
    random: Random,
) -> Organisation:
    """Return an organisation as the database has it.

    Raises: VerificationError "directory-…" when its entries do not belong to these keys; UnavailableError
            "keys-receipts" when the receipt key that they name is not here.
    """
    entries = list_entries(connection, keys.org, 0)
    trees = {
        "cases": LogTree(directory / "cases", leaf_bytes=LEAF_BYTES),
        "directory": LogTree(directory / "directory", leaf_bytes=None),
    }
    organisation = Organisation(slug, keys, receipts, fold_states(entries, keys.org), trees, directory, rest)
    last = find_last_batch(connection, keys.org)
    if last is not None:
        organisation.tick = last[0]
        organisation.ticks.extend(list_tick_times(connection, keys.org, now - WORK_WINDOW_S))
    organisation.waiting = count_pending(connection, keys.org)
    organisation.sets = count_waiting(connection, keys.org)
    organisation.draw_threshold(random)
    for log in LOGS:
        row = find_last_checkpoint(connection, keys.org, log, dated=True)
        if row is not None and row.dated is not None:
            organisation.published[log] = Published(row.size, row, row.dated)
    origin = organisation.state.origin
    if origin is not None and origin.receipts.name == keys.verifiers.receipts.name:
        receipts.take(origin.receipts)
    return organisation


def fold_states(entries: Sequence[bytes], org: bytes) -> list[DirectoryState]:
    """Return the directory's state after each of `entries`.

    Raises: those of `fold_directory`.
    """
    states = [fold_directory(entries[:1], org=org)]
    for data in entries[1:]:
        states.append(apply_entry(states[-1], parse_entry(data)))
    return states
