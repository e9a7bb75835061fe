"""What of the cases a member reads could go, and when, and why: read on the member's device, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plaint.client.cases import Case
from plaint.client.casework import compute_logged_at
from plaint.client.desk import Desk
from plaint.docket.case import Closing
from plaint.docket.records import blocks_erasure
from plaint.docket.retention import DECIDE, DUE, HELD, KEEP, OPEN, UNREAD, UNRULED, Facts, Plan, Rule, plan_retention
from plaint.protocol.content import EntryContent

ORDER = (DUE, DECIDE, HELD, UNRULED, KEEP, OPEN, UNREAD)


@dataclass(frozen=True, slots=True)
class Previewed:
    """A case with what the rules say of it."""

    case: Case
    facts: Facts
    plan: Plan


def preview_retention(desk: Desk, rules: Sequence[Rule], *, outcome: str | None) -> list[Previewed]:
    """Return every case this member reads, those to look at first; call `Desk.scan` before."""
    now, found = int(desk.connection.now()), list[Previewed]()
    for case in desk.list_cases():
        facts = read_facts(desk, case)
        found.append(Previewed(case, facts, plan_retention(facts, rules, outcome=outcome, now=now)))
    return sorted(found, key=lambda item: (ORDER.index(item.plan.state), item.facts.closed_at or 0, item.case.id))


def read_facts(desk: Desk, case: Case) -> Facts:
    """Return when a case came and was closed, by the log, and whether a member has acknowledged it."""
    view, first = desk.fold(case), case.room.entries[0]
    closing = view.closing if view.closing is not None and view.closing.second is not None else None
    return Facts(
        received_at=compute_logged_at(desk.connection, first) or case.room.begin,
        closed_at=None if closing is None else _find_closed_at(desk, case, closing),
        acknowledged=any(duty.kind == "acknowledge" and duty.met_at is not None for duty in view.obligations),
        held=blocks_erasure(view.holds),
    )


def _find_closed_at(desk: Desk, case: Case, closing: Closing) -> int | None:
    """Return when the log first held the second signature of the closing that counts."""
    for entry in case.room.entries:
        content = entry.content
        confirms = isinstance(content, EntryContent) and content.confirms == closing.hash
        if confirms and entry.signed and entry.author == closing.second:
            return compute_logged_at(desk.connection, entry)
    return None
