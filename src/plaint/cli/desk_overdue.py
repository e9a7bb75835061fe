"""`plaint desk overdue`: missed dates, of reports you watch and those you read, and files that show them to anybody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from plaint.cli.conversation import DUE_STATES, DUTIES
from plaint.cli.desk import SHORT, Sitting, Url, open_desk
from plaint.cli.output import CommandError, print_json, print_lines, print_notice
from plaint.cli.times import format_time
from plaint.client.files import make_private_directory, replace_private
from plaint.client.overdue import list_overdue, sign_evidence

if TYPE_CHECKING:
    from plaint.client.overdue import Overdue

DAY_S, HOUR_S = 86_400, 3_600
EXIT_USAGE = 2


def overdue(
    url: Url,
    *,
    sitting: Sitting,
    evidence: Annotated[str | None, Parameter(help="A watched report whose missed dates to write down.")] = None,
    out: Annotated[Path | None, Parameter(help="Folder for the files of --evidence.")] = None,
) -> None:
    """Show every date that was missed, the longest first, and what falls due within a day.

    Dates of reports that you only watch are read off the public log on your own device. One whose key the server has
    not handed out an hour after it should have is *not released*: --evidence writes a signed file about it that anybody
    can check with `plaint verify`.
    """
    if (evidence is None) != (out is None):
        raise CommandError("--evidence and --out go together.", exit_code=EXIT_USAGE)
    with open_desk(url, sitting) as desk:
        if evidence is not None and out is not None:
            _write(out, sign_evidence(desk, evidence), json=sitting.json)
            return
        found = list_overdue(desk)
    if sitting.json:
        print_json({"overdue": [_encode(item) for item in found]})
        return
    if not found:
        print_lines("No date is missed, and none falls due within a day.")
    for item in found:
        print_lines(_describe(item))


def _write(out: Path, files: list[bytes], *, json: bool) -> None:
    make_private_directory(out)
    paths = [out / f"missed-{number}.txt" for number in range(1, len(files) + 1)]
    for path, data in zip(paths, files, strict=True):
        replace_private(path, data)
    if json:
        print_json({"files": [str(path) for path in paths]})
        return
    print_lines(*(str(path) for path in paths))
    print_notice("They name no report, and you as the one who watched. Anybody can check them: plaint verify FILE.")


def _encode(item: Overdue) -> dict[str, object]:
    return {
        "id": item.room.hex(),
        "what": item.due.what,
        "at": item.due.at,
        "state": item.due.state,
        "reads": item.reads,
        "late_s": item.late_s,
    }


def _describe(item: Overdue) -> str:
    due, what = item.due, DUTIES.get(item.due.what, item.due.what)
    watched = "" if item.reads else "   (watched: dates only)"
    start = f"{item.room.hex()[:SHORT]}  {_describe_age(item.late_s):<12} {what:<16} "
    return f"{start}due {format_time(due.at)}   {DUE_STATES[due.state]}{watched}"


def _describe_age(late_s: int) -> str:
    age_s = abs(late_s)
    text = f"{age_s // DAY_S} d" if age_s >= 2 * DAY_S else f"{age_s // HOUR_S} h"
    return f"{text} late" if late_s >= 0 else f"in {text}"
