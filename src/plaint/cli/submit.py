"""`plaint submit`: hand in a sealed report that was saved as a file; whoever carries it needs no words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from plaint.cli.conversation import print_alarms
from plaint.cli.output import print_json, print_lines, print_notice
from plaint.cli.times import format_time
from plaint.client.alarms import check_sent
from plaint.client.connection import Connection, connect
from plaint.client.files import read_limited, replace_private
from plaint.client.reporter import submit_report
from plaint.client.trust import load_trust
from plaint.errors import UnavailableError
from plaint.protocol.state import State
from plaint.protocol.write import LIMIT_WRITE_BYTES, parse_write

EXIT_KEPT = 4
DUTIES = {"acknowledge": "Acknowledgement", "feedback": "Feedback"}
Flag = Annotated[bool, Parameter(negative=())]

app = App(name="submit", help="Hand in a sealed report that was saved as a file.")


@app.default
def submit(file: Path, url: str, *, note: Path | None = None, trust: Path | None = None, json: Flag = False) -> int:
    """Hand in a sealed report for somebody, from any device.

    The file is not opened and nothing of it can be read here. What the organisation signs for it is checked and kept:
    give it back to whoever has the words. Exit code 4: refused for now; give the same command again later.

    Parameters
    ----------
    file
        The sealed report.
    url
        Address of the organisation.
    note
        Where to keep what the organisation signed; default: the file's name with .note added.
    trust
        Trust file; without it the organisation's own word is taken for its keys.
    json
        Print one JSON object.

    """
    connection = connect(url, trust=load_trust(trust) if trust else None)
    try:
        return _submit(connection, file, note or file.with_name(file.name + ".note"), json=json)
    finally:
        connection.close()


def _submit(connection: Connection, file: Path, out: Path, *, json: bool) -> int:
    write = parse_write(read_limited(file, limit_bytes=LIMIT_WRITE_BYTES))
    try:
        state, note = submit_report(connection, write)
    except UnavailableError as error:
        print_notice(
            f"The report could not be taken just now ({error.code}). Nothing was lost: it is sealed in {file}."
        )
        return EXIT_KEPT
    replace_private(out, note)
    print_alarms(check_sent(connection, state))
    if json:
        print_json(_encode(state, out))
    else:
        _print(state, out)
    return 0


def _include_by(state: State) -> int | None:
    return max((leaf.include_by for leaf in state.leaves), default=None)


def _encode(state: State, out: Path) -> dict[str, object]:
    due = [{"what": item.kind, "at": item.at} for item in state.dues]
    return {"at": state.at, "include_by": _include_by(state), "due": due, "note": str(out)}


def _print(state: State, out: Path) -> None:
    print_lines(f"The report arrived on {format_time(state.at)}.")
    by = _include_by(state)
    if by is not None:
        print_lines(f"In the log by        {format_time(by)}")
    for due in state.dues:
        print_lines(f"{DUTIES[due.kind]:<20} due by {format_time(due.at)}")
    print_lines(f"Signed note          {out}", "Give the note back to whoever has the words of the report.")
