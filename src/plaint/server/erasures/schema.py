"""What an answer about an erased room is made of."""

from __future__ import annotations

from plaint.protocol.slots import SLOT_BYTES
from plaint.protocol.write import parse_room_answer


def read_holder_slot(record: bytes) -> bytes:
    """Return the holder's slot in what is left of a room."""
    return parse_room_answer(record).slots[:SLOT_BYTES]
