"""What is said of a report that was erased: who did it, why, and the certificate to keep."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from plaint.cli.output import print_json, print_lines, print_notice
from plaint.cli.times import format_time
from plaint.client.cases import Case, Cases
from plaint.client.connection import Connection
from plaint.client.described import load_export_words
from plaint.client.erased import ErasedRoom
from plaint.client.outbox import Outbox
from plaint.protocol.content import GROUNDS

GROUND_TEXTS = {ground: load_export_words("en").say(f"ground-{ground}") for ground in GROUNDS}


def show_erased(connection: Connection, item: ErasedRoom, outbox: Outbox, *, json: bool) -> None:
    """Save the certificate and tell in plain words."""
    outbox.save_certificate(item.certificate)
    complete = is_complete(item)
    if json:
        said = {"status": "erased", **encode_signed(connection, item), "text": item.text}
        print_json({**said, "certificate": str(outbox.certificate), "complete": complete})
        return
    print_lines(
        "This report was erased. The organisation's server is built to keep nothing of it that anybody could read.",
        "That it kept nothing, no certificate can prove.",
        f"Why          {GROUND_TEXTS[item.ground]}",
        f"             {describe_erased(connection, item)}",
    )
    if item.text:
        print_lines(*(f"             {line}" for line in item.text.splitlines()))
    state = "complete" if complete else "not complete yet: look again after some ticks"
    print_lines(
        "",
        f"Certificate  {outbox.certificate} ({state})",
        "Keep it with your receipt: together they show that there was a report, and who had it erased.",
        "What members saved on their own devices was not reached.",
    )


def print_erased(desk: Cases, items: Iterable[ErasedRoom]) -> None:
    """Tell a member which rooms that they could read are gone."""
    for item in items:
        print_lines("", f"{item.room.hex()[:12]}  erased: {GROUND_TEXTS[item.ground]}")
        print_lines(f"  {describe_erased(desk.connection, item)}", f"  {_describe_place(desk, item)}")


def print_erased_alone(desk: Cases, case: Case) -> None:
    """Tell which rooms of a case two members had erased though the report is there; `Cases.list_alarms` looked."""
    for item in desk.erased.values():
        place = desk.find_place(item.room)
        if place is None or place.parent != case.id:
            continue
        complete = "complete" if is_complete(item) else "not complete yet"
        print_notice(
            f"! The {place.label} room of this case was erased, though the report was not:"
            f" {GROUND_TEXTS[item.ground]}. {describe_erased(desk.connection, item)}; certificate {complete}"
        )


def encode_erased(desk: Cases, item: ErasedRoom) -> dict[str, Any]:
    """Return an erased room as `--json` shows it; `case` and `room` are null where this device does not know them."""
    place = desk.find_place(item.room)
    case = None if place is None else (place.parent or item.room).hex()
    return {
        **encode_signed(desk.connection, item),
        "case": case,
        "room": None if place is None else place.label,
        "complete": is_complete(item),
    }


def encode_signed(connection: Connection, item: ErasedRoom) -> dict[str, Any]:
    """Return who signed and why."""
    names = [connection.view.name(member) for member in item.members]
    return {"id": item.room.hex(), "ground": item.ground, "by": names, "logged_at": item.dates[1]}


def is_complete(item: ErasedRoom) -> bool:
    """Tell whether the log holds both signatures: anybody can check the certificate then."""
    return all(part.proof is not None for part in (item.certificate.first, item.certificate.second))


def _describe_place(desk: Cases, item: ErasedRoom) -> str:
    place = desk.find_place(item.room)
    if place is None:
        return "belongs to no case that this device knows"
    return "the report itself" if place.parent is None else f"{place.label} room of {place.parent.hex()[:12]}"


def describe_erased(connection: Connection, item: ErasedRoom) -> str:
    """Return who signed, and since when the log holds it."""
    first, second = (connection.view.name(member) for member in item.members)
    dated = item.dates[1]
    when = "waits for the log" if dated is None else f"logged {format_time(dated)}"
    return f"signed by {first} and {second}, {when}"
