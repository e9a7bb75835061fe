"""What another process of the same organisation wrote, read from the database into what this one remembers."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plaint.protocol.alarms import Alarm
from plaint.protocol.directory import parse_entry
from plaint.protocol.fold import apply_entry
from plaint.protocol.note import Note, parse_note, parse_signatures
from plaint.protocol.policy import compute_date
from plaint.server.clock.files import read_signed
from plaint.server.organisation import LOGS, WORK_WINDOW_S, Published
from plaint.store import directory as directory_store
from plaint.store import erasures, ticks
from plaint.store.lead import read_turn

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from sqlalchemy import Connection

    from plaint.protocol.merkle import Hash
    from plaint.server.organisation import Organisation


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the database says at one moment; `entries` are those of the directory that were not known here.

    `signed` is size and root of each log as it was signed last, dated or not;
    `erased` names the at-rest keys of erased rooms: no process keeps one in memory.
    """

    turn: int
    entries: list[bytes]
    tick: int
    times: list[tuple[int, int]]
    waiting: int
    sets: int
    logged: int
    checkpoints: dict[str, ticks.CheckpointRow]
    signed: dict[str, tuple[int, Hash]]
    alarms: tuple[Alarm, ...]
    erased: list[bytes]


def read_snapshot(connection: Connection, organisation: Organisation, now: int) -> Snapshot:
    """Return what the database says."""
    org = organisation.org
    turn = read_turn(connection, org)
    last = ticks.find_last_batch(connection, org)
    rows = {log: ticks.find_last_checkpoint(connection, org, log, dated=True) for log in LOGS}
    waiting, sets = count_waiting(connection, org)
    return Snapshot(
        turn=turn,
        entries=directory_store.list_entries(connection, org, organisation.state.size),
        tick=last[0] if last else 0,
        times=ticks.list_tick_times(connection, org, now - WORK_WINDOW_S),
        waiting=waiting,
        sets=sets,
        logged=ticks.read_logged(connection, org),
        checkpoints={log: row for log, row in rows.items() if row is not None},
        signed={log: read_signed(connection, org, log) for log in LOGS},
        alarms=tuple(Alarm(*row) for row in ticks.list_alarms(connection, org)),
        erased=erasures.list_erased_keys(connection, org),
    )


def count_waiting(connection: Connection, org: bytes) -> tuple[int, int]:
    """Return how many leaves and how many slot sets wait."""
    return ticks.count_pending(connection, org), ticks.count_waiting(connection, org)


def adopt(organisation: Organisation, snapshot: Snapshot, random: Random) -> None:
    """Remember what `snapshot` says. Raises: those of `apply_entry`."""
    add_entries(organisation, snapshot.entries)
    if snapshot.tick != organisation.tick:
        organisation.draw_threshold(random)
    organisation.tick, organisation.ticks = snapshot.tick, deque(snapshot.times)
    organisation.waiting, organisation.sets = snapshot.waiting, snapshot.sets
    organisation.alarms = snapshot.alarms
    organisation.rest.drop(snapshot.erased)
    for log, row in snapshot.checkpoints.items():
        organisation.published[log] = _date(organisation, row)


def add_entries(organisation: Organisation, entries: Iterable[bytes]) -> None:
    """Remember directory entries, as far as they are not known here. Raises: those of `apply_entry`."""
    for data in entries:
        entry = parse_entry(data)
        if entry.index == organisation.state.size:
            organisation.add_state(apply_entry(organisation.state, entry))


def _date(organisation: Organisation, row: ticks.CheckpointRow) -> Published:
    """Return a checkpoint with the newest date that a quorum gave it."""
    signed = parse_note(row.note)
    late = Note(signed.text, (*signed.signatures, *parse_signatures(row.late)))
    return Published(row.size, row, compute_date(organisation.trust.policy, late) or row.dated or 0)
