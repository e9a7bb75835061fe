"""`plaint desk dates`: the due dates of your cases as a calendar file, made on your device."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from plaint.cli.desk import open_desk
from plaint.cli.output import print_json, print_lines, print_notice
from plaint.client.dates import encode_calendar, list_desk_dates, save_calendar

Flag = Annotated[bool, Parameter(negative=())]


def dates(
    url: str, *, words: Path, out: Path, state: Path | None = None, trust: Path | None = None, json: Flag = False
) -> None:
    """Write the due dates of every case you can read into a calendar file; another run brings it up to date.

    Parameters
    ----------
    url
        Address of the organisation.
    words
        File with your twelve words.
    out
        The calendar file, for your eyes only (mode 0600).
    state
        Folder that remembers what you could open.
    trust
        Trust file.
    json
        Print one JSON object.

    """
    with open_desk(url, words=words, state=state, trust=trust) as desk:
        found = list_desk_dates(desk)
        save_calendar(out, encode_calendar(found, now=desk.connection.now()))
    coming = sum(not date.done for date in found)
    if json:
        print_json({"dates": coming, "out": str(out)})
        return
    print_lines(f"{out}: {coming} dates to keep, {len(found) - coming} met.")
    print_notice("It names no case. But whoever sees it in a shared calendar learns that there are cases, and when.")
