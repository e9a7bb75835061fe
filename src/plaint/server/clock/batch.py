"""The transaction of a tick: it decides everything, and a crash before its COMMIT leaves nothing decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plaint.errors import ConflictError
from plaint.log.sequence import choose_batch
from plaint.log.signer import LogSigner
from plaint.protocol.checkpoint import parse_checkpoint
from plaint.protocol.directory import Entry, encode_entry
from plaint.protocol.directory_contents import Effect
from plaint.protocol.fold import apply_entry
from plaint.protocol.merkle import Frontier, compute_leaf_hash
from plaint.protocol.note import encode_note, encode_signatures, parse_note
from plaint.protocol.slots import SLOT_BYTES
from plaint.server.clock.answers import forget_answers
from plaint.server.clock.draw import draw_cells, take_drawn
from plaint.server.organisation import LOGS
from plaint.store import directory as directory_store
from plaint.store import escalations, rooms, ticks
from plaint.store.lead import lock_turn
from plaint.store.rooms import LET_GO

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

    from sqlalchemy import Connection

    from plaint.protocol.access import Roster
    from plaint.server.organisation import Organisation
    from plaint.store.rest import RestKey

MOVING_PER_CELL = 4
LATEST_DATE_TICKS = 3


@dataclass(frozen=True, slots=True)
class TickResult:
    """What a tick decided; the caller brings memory and files up to it.

    `sets` is how many slot sets less wait, `logged` how many leaves of writes the log has by now.
    """

    tick: int
    at: int
    leaves: list[bytes]
    included: int
    sets: int
    logged: int
    frontiers: Mapping[str, Frontier]
    checkpoints: Mapping[str, ticks.CheckpointRow]


class TickJob:
    """One tick of one organisation, for the writer; it may run twice, so it changes nothing but the database."""

    def __init__(
        self, organisation: Organisation, frontiers: Mapping[str, Frontier], *, now: int, random: Random
    ) -> None:
        self._organisation = organisation
        self._org = organisation.org
        self._frontiers = frontiers
        self._now = now
        self._random = random

    def __call__(self, connection: Connection) -> TickResult:
        """Decide the tick. Raises: ConflictError "tick" when another process was first."""
        organisation, clock = self._organisation, self._organisation.clock
        lock_turn(connection, self._org)
        last = ticks.find_last_batch(connection, self._org)
        tick, at = organisation.tick + 1, self._now - self._now % clock.tick
        if (last[0] if last else 0) != organisation.tick:
            raise ConflictError("tick")
        if organisation.cosigned == self._frontiers["cases"].size:
            forget_answers(connection, self._org, organisation.rest)
        waiting = ticks.list_pending(connection, self._org)
        sets = ticks.count_waiting(connection, self._org)
        leaves = choose_batch(waiting, batch=clock.batch, random=self._random)
        included = set(waiting).intersection(leaves)
        ticks.delete_pending(connection, self._org, sorted(included))
        logged = ticks.read_logged(connection, self._org) + len(included)
        ticks.set_logged(connection, self._org, logged)
        ticks.insert_batch(connection, self._org, tick=tick, at=at, leaves=b"".join(leaves))
        self._take_effects(connection)
        self._release_held(connection)
        self._fill_streams(connection, tick)
        frontiers = {
            "cases": _grow(self._frontiers["cases"], leaves),
            "directory": _grow(self._frontiers["directory"], self._read_unlogged(connection)),
        }
        checkpoints = {log: self._sign(connection, log, frontiers[log]) for log in LOGS}
        sets -= ticks.count_waiting(connection, self._org)
        return TickResult(tick, at, leaves, len(included), sets, logged, frontiers, checkpoints)

    def _take_effects(self, connection: Connection) -> None:
        """Append `effect` for delayed entries whose delay has passed between two cosigned dates."""
        published = self._organisation.published.get("directory")
        state = self._organisation.state
        if directory_store.count_entries(connection, self._org) != state.size:
            return  # an entry came in together with this tick: effects wait for the next
        while published is not None and state.pending:
            index = state.pending[0].index
            dated = directory_store.find_date(connection, self._org, index)
            if dated is None or published.date < dated + state.clock.delay:
                break
            entry = Entry(state.size, Effect(index))
            state = apply_entry(state, entry)
            directory_store.insert_entry(connection, self._org, entry.index, encode_entry(entry))

    def _release_held(self, connection: Connection) -> None:
        """Let held slots wait where a duty was missed by more than the grace, and write nothing else (SPEC D8).

        The longest missed come first, and no more of them than the streams soon take: what rests costs nothing.
        """
        organisation = self._organisation
        places = MOVING_PER_CELL * organisation.clock.cells - escalations.count_moving(connection, self._org)
        if places <= 0:
            return
        now, released = compute_passed(organisation, self._now), list[bytes]()
        for row in escalations.list_missed(connection, self._org, now=now, limit=places):
            # The first set is the report's own and its key opens all of the room; any reader may have sent a later one.
            held = list_held(organisation.find_roster(row.roster, row.channel))
            ticks.add_waiting(connection, self._org, ticks.WaitingRow(row.room, 0, held, LET_GO))
            released.append(row.room)
        escalations.mark_escalated(connection, self._org, released)

    def _fill_streams(self, connection: Connection, tick: int) -> None:
        organisation = self._organisation
        rows = ticks.list_waiting(connection, self._org)
        members = sorted(m for m in organisation.state.members if organisation.is_active(m))
        drawn = draw_cells(rows, members, cells=organisation.clock.cells, random=self._random)
        sets = {index: self._read_set(connection, rows[index]) for index, _ in drawn.values()}
        cells = [
            ticks.Cell(member, tick, place, found[0][position * SLOT_BYTES : (position + 1) * SLOT_BYTES], found[1])
            for (member, place), (index, position) in drawn.items()
            if (found := sets[index]) is not None
        ]
        ticks.insert_cells(connection, self._org, cells, organisation.rest)
        changed = take_drawn(rows, drawn.values(), organisation.is_active, organisation.may_return)
        ticks.replace_waiting(connection, self._org, changed)

    def _read_set(self, connection: Connection, row: ticks.WaitingRow) -> tuple[bytes, RestKey] | None:
        """Return a slot set and the key it rests under; of a room whose key is gone nothing is handed out."""
        key = rooms.find_key(connection, self._org, row.room, self._organisation.rest)
        return None if key is None else (rooms.read_slots(connection, self._org, row.room, row.seq, key), key)

    def _read_unlogged(self, connection: Connection) -> list[bytes]:
        return directory_store.list_entries(connection, self._org, self._frontiers["directory"].size)

    def _sign(self, connection: Connection, log: str, frontier: Frontier) -> ticks.CheckpointRow:
        """Sign a checkpoint and the operator's own dated cosignature, never against what was signed before."""
        keys = self._organisation.keys
        last = ticks.find_last_checkpoint(connection, self._org, log, dated=False)
        names = keys.verifiers
        name = names.cases.name if log == "cases" else names.directory.name
        key = keys.cases if log == "cases" else keys.directory
        signer = LogSigner(origin=name, key=key, clock_name=names.clock.name, clock=keys.clock)
        if last is not None:
            before = parse_checkpoint(parse_note(last.note).text)
            signer.sign_checkpoint(before.size, before.root)
        note = signer.sign_checkpoint(frontier.size, frontier.compute_root())
        own = encode_signatures([signer.cosign(note, timestamp=self._now)])
        if last is not None and last.size == frontier.size:
            return ticks.CheckpointRow(log, last.size, last.note, last.early, own, last.dated)
        row = ticks.CheckpointRow(log, frontier.size, encode_note(note), own, own, None)
        ticks.insert_checkpoint(connection, self._org, row)
        return row


def compute_passed(organisation: Organisation, now: int) -> int:
    """Return up to when dates have passed: what the own clock shows, but not far beyond the cosigners' dates.

    A clock that jumped ahead can therefore open nothing early. Cosigners who have been silent for a whole window of
    ticks that happened do not keep it back: nobody but time decides.
    """
    clock, published = organisation.clock, organisation.published.get("cases")
    silent = organisation.tick - (published.size // clock.batch if published else 0)
    if published is None or silent > clock.window // clock.tick:
        return now
    return min(now, published.date + LATEST_DATE_TICKS * clock.tick)


def list_held(roster: Roster) -> list[tuple[bytes, int]]:
    """Return (member, position) of the held slots of a set."""
    first = 1 + len(roster.delivered)
    return [(member.id, first + index) for index, member in enumerate(roster.held)]


def list_delivered(roster: Roster) -> list[tuple[bytes, int]]:
    """Return (member, position) of the delivered slots of a set."""
    return [(member.id, 1 + index) for index, member in enumerate(roster.delivered)]


def _grow(frontier: Frontier, entries: Sequence[bytes]) -> Frontier:
    grown = Frontier(frontier.size, frontier.nodes)
    for entry in entries:
        grown.append(compute_leaf_hash(entry))
    return grown
