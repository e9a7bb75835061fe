"""What does not hold in a room, for whoever reads it: clocks, dates, a log that stands still, leaves that are gone."""

from __future__ import annotations

from collections.abc import Callable

from plaint.client.casework import compute_logged_at, get_due_hash
from plaint.client.connection import Connection
from plaint.client.rooms import OpenedRoom
from plaint.docket.entries import REPORTER
from plaint.errors import PlaintError, VerificationError
from plaint.protocol.packs import compute_due
from plaint.protocol.state import Due, State, check_clock, check_dues

UNWATCHED = "room-unwatched"


def list_alarms(connection: Connection, room: OpenedRoom, *, begin: int | None = None) -> list[str]:
    """Return codes of what does not hold; `begin` is when the report arrived, for who has a receipt that says so.

    The copy of the log must be updated.
    """
    state = room.state
    checks: list[Callable[[], None]] = [
        lambda: check_clock(state, now=int(connection.now()), tick_s=connection.tick_s),
        lambda: connection.check_fresh(state),
        lambda: _check_promised(connection, room, begin),
        lambda: _check_logged(connection, room),
    ]
    return [*room.problems, *_check_watched(connection, room), *(code for check in checks if (code := _run(check)))]


def _check_watched(connection: Connection, room: OpenedRoom) -> list[str]:
    """Tell when none is left of the independents whom a missed date would let in."""
    promised = [member.id for member in room.roster.held if member.id not in room.kept_out]
    gone = room.manifest.label == REPORTER and bool(promised)
    return [UNWATCHED] if gone and not any(map(connection.view.is_active, promised)) else []


def check_sent(connection: Connection, state: State) -> list[str]:
    """Return codes of what does not hold in the note that answered a report: by a wrong clock its dates are wrong.

    A report that had arrived before is answered as it was then, and an early date is to nobody's cost but the
    organisation's: only a clock ahead of ours is told.
    """
    now = int(connection.now())
    code = _run(lambda: check_clock(state, now=now, tick_s=connection.tick_s)) if state.at > now else ""
    return [code] if code else []


def _check_promised(connection: Connection, room: OpenedRoom, begin: int | None) -> None:
    """Check that the dates listed are those of the pack, counted from one time shortly before the report was logged.

    Raises: VerificationError "state-due".
    """
    pack, start, first = connection.view.pack(room.manifest.pack), room.begin, room.entries[0]
    if begin is not None and begin != start:
        raise VerificationError("state-due")
    expected = [Due(kind, at, get_due_hash(first.header, kind)) for kind, at in compute_due(pack, start)]
    check_dues(room.state, expected=expected, met={entry.header.kind for entry in room.entries})
    date = compute_logged_at(connection, first)
    if date is not None and not start <= date <= start + _compute_patience(connection):
        raise VerificationError("state-due")


def _check_logged(connection: Connection, room: OpenedRoom) -> None:
    """Check that no leaf is missing that must be there: of an entry that was written before a later one was logged.

    Raises: VerificationError "leaf-missing".
    """
    last = connection.now() - _compute_patience(connection)
    written_by: int | None = None
    for entry in reversed(room.entries):
        dates = [_compute_date(connection, leaf) for leaf in entry.leaves]
        known = [date for date in (*dates, written_by) if date is not None]
        if entry.header.seq == 0:
            known.append(room.begin)
        written_by = min(known, default=None)
        if None in dates and written_by is not None and written_by < last:
            raise VerificationError("leaf-missing")


def _compute_patience(connection: Connection) -> int:
    """Return for how long a leaf may wait for the log and its cosigners, however the clock was set."""
    return max(connection.view.list_windows(connection.view.size)) + connection.trust.grace_s


def _compute_date(connection: Connection, leaf: bytes) -> int | None:
    index = connection.leaves.find(leaf)
    return None if index is None else connection.leaves.compute_date(index)


def _run(check: Callable[[], None]) -> str:
    try:
        check()
    except PlaintError as error:
        return error.code
    return ""
