"""What writes were answered with, forgotten once the log holds their leaves (SPEC D4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plaint.protocol.note import parse_note
from plaint.protocol.state import parse_state
from plaint.store import rooms, ticks

if TYPE_CHECKING:
    from sqlalchemy import Connection


def forget_answers(connection: Connection, org: bytes) -> None:
    """Delete the answers none of whose leaves waits any more: they tie an entry to its leaves and its time."""
    answers = rooms.list_answers(connection, org)
    waiting = set(ticks.list_pending(connection, org)) if answers else set()
    for room, seq, note in answers:
        if waiting.isdisjoint(item.leaf for item in parse_state(parse_note(note).text).leaves):
            rooms.delete_answer(connection, org, room, seq)
