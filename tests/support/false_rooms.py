"""Rooms that call themselves what they are not."""

from __future__ import annotations

from plaint.client.cases import Case
from plaint.client.desk import Desk
from plaint.client.writing import NewRoom, make_manifest, seal_open
from plaint.crypto.hashes import random_bytes
from plaint.docket.handling import HANDLING
from plaint.protocol.access import Access
from plaint.protocol.keys import compute_room_keys
from tests.support.directory_world import find_id


def make_false_handling(desk: Desk, case: Case, readers: tuple[str, ...]) -> NewRoom:
    """Return a room that takes the mark of the handling failure without being an independent's."""
    secret, view = random_bytes(32), desk.connection.view
    manifest = make_manifest(
        view, channel=case.room.manifest.channel, secret=secret, label=HANDLING, parent=case.room.id
    )
    granted = tuple(sorted(find_id(name) for name in readers))
    unique = compute_room_keys(case.room.secret).compute_child(HANDLING)
    roster = view.roster(case.room.manifest.channel, manifest.roster)
    return NewRoom(secret, manifest, roster, Access(granted, ()), text="All is well.", unique=unique)


def open_second(desk: Desk, case: Case, label: str, text: str, *more: bytes) -> bytes:
    """Open one room more with a label below a case, granted to those who read the case and to some more."""
    secret, view, parent = random_bytes(32), desk.connection.view, case.room
    channel = parent.manifest.channel
    manifest = make_manifest(view, channel=channel, secret=secret, label=label, parent=parent.id)
    roster = view.roster(channel, manifest.roster)
    access = Access(tuple(sorted({*parent.access.granted, *more})), ())
    new = NewRoom(secret, manifest, roster, access, text=text, unique=random_bytes(32))
    sealed = seal_open(new, desk.writer)
    desk.connection.send(sealed.write, session=desk.session.token())
    return sealed.write.header.room
