"""What writes were answered with, forgotten once the log that is published holds their leaves (SPEC D4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plaint.protocol.note import parse_note
from plaint.protocol.state import parse_state
from plaint.store import erasures, rooms, ticks

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from plaint.store.rest import RestKeys


def forget_answers(connection: Connection, org: bytes, keys: RestKeys) -> None:
    """Delete the answers none of whose leaves waits any more: they tie an entry to its leaves and its time.

    Called while all that was logged is published: whoever lost an answer then finds the leaves in the log instead.
    """
    answers, last = rooms.list_answers(connection, org, keys), erasures.list_answered(connection, org)
    waiting = set(ticks.list_pending(connection, org)) if answers or last else set()
    for room, seq, note in answers:
        if waiting.isdisjoint(_list_leaves(note)):
            rooms.delete_answer(connection, org, room, seq)
    for row in last:
        if waiting.isdisjoint(_list_leaves(row.note)):
            erasures.forget_answer(connection, org, row.room)


def _list_leaves(note: bytes) -> list[bytes]:
    return [item.leaf for item in parse_state(parse_note(note).text).leaves]
