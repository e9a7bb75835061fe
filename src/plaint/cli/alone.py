"""What `plaint desk` says of rooms of cases whose report a member cannot read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from plaint.cli.conversation import encode_entry, print_alarms, print_entry, save_attachments, upload_files
from plaint.cli.output import print_json, print_lines
from plaint.client.alarms import list_alarms
from plaint.client.alone import find_alone
from plaint.client.cases import Case
from plaint.client.desk import Desk
from plaint.client.rooms import OpenedRoom
from plaint.errors import RefusedError
from plaint.protocol.content import EntryContent

SHORT = 12


def open_case_or_room(desk: Desk, typed: str) -> Case | OpenedRoom:
    """Return the case, or the room read alone, whose id begins with `typed`. Raises: those of `Desk.open_case`."""
    try:
        return desk.open_case(typed)
    except RefusedError as error:
        room = find_alone(desk, typed) if error.code == "not-found" else None
        if room is None:
            raise
        return room


def print_alone(desk: Desk, rooms: Iterable[OpenedRoom]) -> None:
    """Name the rooms that this member was let into without the report above them."""
    for room in rooms:
        print_lines("", f"{room.id.hex()[:SHORT]}  {_describe(room)}")
        print_lines(f"  opened by {_name_opener(desk, room)}; read by {', '.join(_list_readers(desk, room))}")
        print_lines(f"  what is in it: plaint desk show URL {room.id.hex()[:SHORT]}")


def encode_alone(desk: Desk, rooms: Iterable[OpenedRoom]) -> dict[str, Any]:
    """Return `alone` as `--json` shows it, where there is something."""
    found = [_encode(desk, room) for room in rooms]
    return {"alone": found} if found else {}


def show_alone(desk: Desk, room: OpenedRoom, out: Path | None, *, json: bool) -> None:
    """Print a room that is read alone, and what does not hold in it."""
    if out is not None:
        save_attachments(desk.connection, [room], out)
    alarms = list_alarms(desk.connection, room)
    if json:
        entries = [encode_entry(desk.connection, room, entry) for entry in room.entries]
        print_json({**_encode(desk, room), "entries": entries, "problems": alarms})
    else:
        print_lines(f"Room {room.id.hex()}: {_describe(room)}")
        for entry in room.entries:
            print_entry(desk.connection, room, entry)
        print_lines("", "Who can read this", *(f"  {name}" for name in _list_readers(desk, room)))
    print_alarms(alarms)


def write_alone(desk: Desk, room: OpenedRoom, text: str, attach: list[Path], *, json: bool) -> None:
    """Write into a room that is read alone, and say so."""
    files = upload_files(desk.connection, attach, admit=desk.admit_upload(room))
    desk.write(room, "entry", EntryContent(text=text, attachments=tuple(files)))
    if json:
        print_json({"id": room.id.hex()})
    else:
        print_lines("Written in this room.")


def _encode(desk: Desk, room: OpenedRoom) -> dict[str, Any]:
    return {
        "id": room.id.hex(),
        "case": (room.manifest.parent or b"").hex(),
        "room": room.manifest.label,
        "by": _name_opener(desk, room),
        "readers": _list_readers(desk, room),
    }


def _describe(room: OpenedRoom) -> str:
    case = (room.manifest.parent or b"").hex()[:SHORT]
    return f"the {room.manifest.label} room of case {case}: you were let in here, and cannot read the report"


def _name_opener(desk: Desk, room: OpenedRoom) -> str:
    return desk.connection.view.name(room.entries[0].author or b"")


def _list_readers(desk: Desk, room: OpenedRoom) -> list[str]:
    return sorted(desk.connection.view.name(member) for member in room.access.granted)
