"""`plaint desk dates`: the due dates of your cases as a calendar file, made on your device."""

from __future__ import annotations

from pathlib import Path

from plaint.cli.desk import Sitting, Url, open_desk
from plaint.cli.output import print_json, print_lines, print_notice
from plaint.client.dates import encode_calendar, list_desk_dates, save_calendar


def dates(url: Url, *, out: Path, sitting: Sitting) -> None:
    """Write the due dates of every case you can read into a calendar file; another run brings it up to date.

    Parameters
    ----------
    out
        The calendar file, for your eyes only (mode 0600).

    """
    with open_desk(url, sitting) as desk:
        found = list_desk_dates(desk)
        save_calendar(out, encode_calendar(found, now=desk.connection.now()))
    coming = sum(not date.done for date in found)
    if sitting.json:
        print_json({"dates": coming, "out": str(out)})
        return
    print_lines(f"{out}: {coming} dates to keep, {len(found) - coming} met.")
    print_notice("It names no case. But whoever sees it in a shared calendar learns that there are cases, and when.")
