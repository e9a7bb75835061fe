"""What a stream's slots say of the keys to a room: it has one, and false ones stand beside it."""

from __future__ import annotations

from plaint.client.stream import Stream
from plaint.protocol.slots import FULL, WATCH, Slot

ORG, MEMBER, ROOM, OTHER = b"o" * 16, b"m" * 16, b"r" * 32, b"R" * 32


def make_slot(room: bytes, seq: int, secret: bytes | None) -> Slot:
    return Slot(WATCH if secret is None else FULL, ORG, MEMBER, room, seq, secret)


def test_later_slots_with_the_same_secret_are_one_key_and_false_ones_are_others() -> None:
    true, false = b"t" * 32, b"f" * 32
    stream = Stream()
    stream.add([make_slot(ROOM, 0, None), make_slot(ROOM, 0, true), make_slot(OTHER, 0, true)])
    stream.add([make_slot(ROOM, 3, true), make_slot(ROOM, 9, false)])
    found = {room: [slot.secret for slot in slots] for room, slots in stream.list_open().items()}
    assert found == {ROOM: [false, true], OTHER: [true]}
    assert [slot.room for slots in stream.list_watched().values() for slot in slots] == [ROOM]
