"""What an independent member sees of missed dates, of reports she watches and of those she reads; and its evidence.

Start at `list_overdue`. Everything follows from her own slots and the public log: no server is asked about a report.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plaint.client.cases import is_meant
from plaint.client.casework import UNRELEASED, WITHHELD, DueDate, has_key, judge_watched_slots
from plaint.client.desk import Desk
from plaint.docket.obligations import MISSED, OPEN
from plaint.errors import RefusedError, VerificationError
from plaint.protocol.missed import Missed, sign_missed
from plaint.protocol.note import encode_note
from plaint.protocol.slots import PACK_BYTES, Slot

SOON_S = 86_400
LATE = frozenset({MISSED, UNRELEASED, WITHHELD})


@dataclass(frozen=True, slots=True)
class Overdue:
    """A date that passed, or will within a day; `reads`: this member holds the key; `late_s` is below 0 before."""

    room: bytes
    due: DueDate
    reads: bool
    late_s: int


def list_overdue(desk: Desk) -> list[Overdue]:
    """Return what is overdue, the longest late first, then what falls due within a day; call `scan` first."""
    now = int(desk.connection.now())
    cases = {case.id: desk.list_dates(case) for case in desk.list_cases()}
    groups = [(room, dues, True) for room, dues in cases.items()]
    groups += [(room, dues, False) for room, dues in desk.list_watched().items()]
    found = [Overdue(room, due, reads, now - due.at) for room, dues, reads in groups for due in dues]
    wanted = [item for item in found if item.due.state in LATE or (item.due.state == OPEN and item.late_s > -SOON_S)]
    return sorted(wanted, key=lambda item: (-item.late_s, item.room, item.due.what))


def sign_evidence(desk: Desk, typed: str) -> list[bytes]:
    """Return a signed file for every missed date of the report whose id begins with `typed`, watched or read by now.

    Raises: RefusedError "not-found" where none of them was missed, "case-several"; VerificationError "missed-early"
            while the log itself has not come so far.
    """
    slots = desk.stream.list_watched()
    rooms = [room for room in slots if is_meant(room, typed)]
    if len(rooms) > 1:
        raise RefusedError("case-several")
    keys = desk.stream.list_open()
    found = [
        sign_missed(missed, desk.keys.sign)
        for room in rooms
        for missed in _list_missed(desk, slots[room], keys.get(room, []))
    ]
    if not found:
        raise RefusedError("not-found")
    return found


def _list_missed(desk: Desk, slots: list[Slot], keys: list[Slot]) -> Iterator[Missed]:
    """Yield what can be said of each missed date; of slots that contradict each other, as the worst of them says."""
    connection = desk.connection
    leaves, last = connection.leaves, connection.leaves.list_kept()[-1]
    slot, dues = judge_watched_slots(connection, slots, keys=keys)
    tokens = slot.tokens
    opened = None if tokens is None else leaves.find_token(tokens.open)
    date = None if opened is None else leaves.compute_date(opened)
    if tokens is None or date is None:
        return
    pack = next(digest for digest in connection.view.state.packs if digest[:PACK_BYTES] == slot.pack)
    seen, hashes = leaves.compute_date(last - 1), {"acknowledge": tokens.acknowledge, "feedback": tokens.feedback}
    for due in dues:
        if due.state in LATE and due.what in hashes:
            if seen is None or seen < due.at + connection.trust.grace_s:
                raise VerificationError("missed-early")
            yield Missed(
                org=connection.view.org,
                member=desk.member,
                pack=pack,
                kind=due.what,
                opened=date,
                open=tokens.open,
                token=hashes[due.what],
                due=due.at,
                cells=0 if has_key(slot, keys) else desk.stream.tick,
                checkpoint=encode_note(leaves.read_kept(last)),
            )
