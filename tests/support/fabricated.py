"""Writes that a server takes in like any other and that nobody can open: made quickly, of random bytes."""

from __future__ import annotations

import os
from dataclasses import dataclass

from plaint.crypto.hashes import compute_sha256
from plaint.protocol.directory_state import DirectoryState
from plaint.protocol.room import ZERO_HASH, Header, encode_header
from plaint.protocol.roster import compute_roster
from plaint.protocol.slots import SLOT_BYTES
from plaint.protocol.work import solve_work
from plaint.protocol.write import Opening, Write, encode_write


@dataclass(frozen=True, slots=True)
class FabricatedRoom:
    """A room's first write, its capability and the hash of its header."""

    room: bytes
    cap: bytes
    head: bytes
    leaves: tuple[bytes, ...]
    data: bytes


class Fabricator:
    """Makes rooms for one organisation's directory."""

    def __init__(self, state: DirectoryState, *, body_bytes: int = 4_096) -> None:
        self._state = state
        self._channel = next(iter(state.channels.values()))
        roster = compute_roster(state, self._channel.id)
        self._slots_bytes = SLOT_BYTES * (1 + len(roster.delivered) + len(roster.held))
        self._body_bytes = body_bytes

    def open(self, *, tick: int) -> FabricatedRoom:
        """Return a write that opens a room, with proof of work for `tick`."""
        body, slots = os.urandom(self._body_bytes), os.urandom(self._slots_bytes)
        cap, tally = os.urandom(32), os.urandom(32)
        header = Header(
            org=self._state.org,
            room=os.urandom(32),
            seq=0,
            prev=ZERO_HASH,
            kind="open",
            body=compute_sha256(body),
            slots=compute_sha256(slots),
            tally=compute_sha256(tally),
            acknowledge=os.urandom(32),
            feedback=os.urandom(32),
        )
        work = solve_work(org=self._state.org, tick=tick, subject=header.body, bits=self._state.clock.work_bits)
        opening = Opening(
            channel=self._channel.id,
            pack=self._channel.pack,
            roster=self._state.size,
            cap_hash=compute_sha256(cap),
            tally=tally,
            locator_hash=os.urandom(32),
            work=work,
        )
        leaves = (b"\x01" + os.urandom(32), b"\x01" + os.urandom(32))
        write = Write(header, body, leaves, slots, opening)
        return FabricatedRoom(header.room, cap, compute_sha256(encode_header(header)), leaves, encode_write(write))
