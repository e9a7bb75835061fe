"""Rooms that somebody let this member into without the report above them. Start at `list_alone`."""

from __future__ import annotations

from plaint.client.cases import is_meant
from plaint.client.desk import Desk
from plaint.client.rooms import OpenedRoom


def list_alone(desk: Desk) -> list[OpenedRoom]:
    """Return them as the cases were listed last; what is left of an erased report is none of them (`left`)."""
    desk.list_erased()
    return [room for room in desk.orphans if room.manifest.parent not in desk.erased]


def find_alone(desk: Desk, typed: str) -> OpenedRoom | None:
    """Return the room whose id begins with `typed`, from six hex digits on; None where none or several do."""
    found = [room for room in list_alone(desk) if is_meant(room.id, typed)]
    return found[0] if len(found) == 1 else None
