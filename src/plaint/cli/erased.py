"""What is said of a report that was erased: who did it, why, and the certificate to keep."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from plaint.cli.output import print_json, print_lines
from plaint.cli.times import format_time
from plaint.client.connection import Connection
from plaint.client.erasing import ErasedRoom
from plaint.client.files import make_private_directory, replace_private
from plaint.protocol.erasure import encode_certificate

GROUND_TEXTS = {
    "retention": "the time for which it may be kept is over",
    "irrelevant": "it is manifestly not relevant",
    "request": "somebody it concerns asked for it and has a right to it",
    "order": "a court or an authority ordered it",
}
CERTIFICATE_NAME = "erasure.txt"


def show_erased(connection: Connection, item: ErasedRoom, folder: Path, *, json: bool) -> None:
    """Save the certificate and tell in plain words."""
    make_private_directory(folder)
    path = folder / CERTIFICATE_NAME
    replace_private(path, encode_certificate(item.certificate))
    complete = all(part.proof is not None for part in (item.certificate.first, item.certificate.second))
    if json:
        said = {"status": "erased", **encode_erased(connection, item), "text": item.text}
        print_json({**said, "certificate": str(path), "complete": complete})
        return
    print_lines(
        "This report was erased. The organisation's server holds nothing of it any more that anybody could read.",
        f"Why          {GROUND_TEXTS[item.ground]}",
        f"             {describe_erased(connection, item)}",
    )
    if item.text:
        print_lines(*(f"             {line}" for line in item.text.splitlines()))
    state = "complete" if complete else "not complete yet: look again after some ticks"
    print_lines(
        "",
        f"Certificate  {path} ({state})",
        "Keep it with your receipt: together they show that there was a report, and who had it erased.",
        "What members saved on their own devices was not reached.",
    )


def print_erased(connection: Connection, items: Iterable[ErasedRoom]) -> None:
    """Tell a member which rooms that they could read are gone."""
    for item in items:
        print_lines("", f"{item.room.hex()[:12]}  erased: {GROUND_TEXTS[item.ground]}")
        print_lines(f"  {describe_erased(connection, item)}")


def encode_erased(connection: Connection, item: ErasedRoom) -> dict[str, Any]:
    """Return an erased room as `--json` shows it."""
    names = [connection.view.name(member) for member in item.members]
    return {"id": item.room.hex(), "ground": item.ground, "by": names, "logged_at": item.dates[1]}


def describe_erased(connection: Connection, item: ErasedRoom) -> str:
    """Return who signed, and since when the log holds it."""
    first, second = (connection.view.name(member) for member in item.members)
    dated = item.dates[1]
    when = "waits for the log" if dated is None else f"logged {format_time(dated)}"
    return f"signed by {first} and {second}, {when}"
