"""What is said of rooms that stay when a report is erased, before and after."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from plaint.cli.output import print_lines
from plaint.client.cases import Case
from plaint.client.desk import Desk
from plaint.client.erasing import Staying, find_wish, list_staying
from plaint.client.left import LeftRoom


def describe_staying(desk: Desk, case: Case) -> list[str]:
    """Return one sentence for each room of a case that stays, or may stay, when its report is erased."""
    wish = find_wish(case, case.room)
    asked = wish is not None and wish.member != desk.member
    first = "" if wish is None else desk.connection.view.name(wish.member)
    return [_describe(desk, item, first if asked else None) for item in list_staying(desk, case)]


def print_left(desk: Desk, items: Iterable[LeftRoom]) -> None:
    """Remind a member of rooms that are still there though the report above them is gone."""
    for item in items:
        room, readers = item.room, _name(desk, item.readers)
        print_lines("", f"{room.id.hex()[:12]}  still there: the {room.manifest.label} room of an erased case")
        print_lines(f"  read by {readers}; two of them erase it: plaint desk erase URL {room.id.hex()[:12]}")


def encode_left(desk: Desk, items: Iterable[LeftRoom]) -> dict[str, Any]:
    """Return `left` as `--json` shows it, where there is something."""
    names = desk.connection.view.name
    left = [
        {
            "id": item.room.id.hex(),
            "case": item.report.room.hex(),
            "room": item.room.manifest.label,
            "readers": [names(member) for member in item.readers],
        }
        for item in items
    ]
    return {"left": left} if left else {}


def _describe(desk: Desk, item: Staying, first: str | None) -> str:
    room = f"The {item.label} room"
    if item.able is None:
        return f"{room} stays: you cannot read it. Those who can are reminded to erase it."
    if first is not None:
        return f"{room} stays: {first} cannot read it. You are reminded to erase it."
    if not item.able:
        return f"{room} stays: nobody but you can read it. First let in somebody who can read the report."
    return f"{room} goes only if it is confirmed by {_name(desk, item.able)}; else it stays."


def _name(desk: Desk, members: Iterable[bytes]) -> str:
    return ", ".join(desk.connection.view.name(member) for member in members)
