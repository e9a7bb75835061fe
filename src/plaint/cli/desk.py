"""`plaint desk`: read and handle cases as a member; what a member cannot open is not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from plaint.cli.alone import encode_alone, open_case_or_room, print_alone, show_alone, write_alone
from plaint.cli.conversation import (
    encode_due,
    encode_entry,
    encode_records,
    encode_risk,
    list_people,
    print_alarms,
    print_due,
    print_entry,
    print_records,
    save_attachments,
    upload_files,
)
from plaint.cli.desk_history import warn_history
from plaint.cli.erased import encode_erased, print_erased, print_erased_alone
from plaint.cli.left import encode_left, print_left
from plaint.cli.members import find_member
from plaint.cli.output import CommandError, Progress, print_json, print_lines, print_notice
from plaint.client.alone import list_alone
from plaint.client.cases import Case
from plaint.client.casework import find_let_in, list_held
from plaint.client.connection import connect
from plaint.client.desk import Desk, sign_in
from plaint.client.erased import ErasedRoom
from plaint.client.law.sites import describe_ending, list_ending
from plaint.client.left import list_left
from plaint.client.rooms import OpenedRoom
from plaint.client.trust import load_trust
from plaint.client.words_file import read_member_keys
from plaint.docket.case import CaseView, Grant
from plaint.errors import UnavailableError

EXIT_USAGE = 2
EXIT_KEPT = 4
SHORT = 12
STATUS = {
    "received": "received, not acknowledged yet",
    "acknowledged": "acknowledged",
    "feedback": "feedback given",
    "closing": "closing: a second member must confirm",
    "closed": "closed",
    "reopened": "reopened",
    "erasing": "to be erased: a second member must confirm",
}

Url = Annotated[str, Parameter(help="Address of the organisation.")]
CaseId = Annotated[str, Parameter(help="The case's id, or its beginning.")]
Files = Annotated[list[Path] | None, Parameter(negative=(), help="A file to send along; may be given several times.")]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True, slots=True)
class Sitting:
    """Who sits at the desk, and how the answer is printed: options of every command here."""

    words: Annotated[Path, Parameter(help="File with your twelve words.")]
    state: Annotated[Path | None, Parameter(help="Folder that remembers, sealed, what you could open.")] = None
    trust: Annotated[Path | None, Parameter(help="Trust file.")] = None
    json: Annotated[bool, Parameter(negative=(), help="Print one JSON object.")] = False


app = App(name="desk", help="Read and handle cases as a member.")
app.command("plaint.cli.desk_dates:dates", name="dates", help="Write the due dates of your cases into a calendar file.")
app.command("plaint.cli.desk_feed:feed", name="feed", help="Serve those dates to the calendar on this device.")
app.command("plaint.cli.desk_overdue:overdue", name="overdue", help="Show the dates that were missed.")
app.command("plaint.cli.desk_prove:prove", name="prove", help="Prove that an entry of a case was written and logged.")
app.command("plaint.cli.desk_steps:extend", name="extend", help="Give a date more time, once and before it.")
app.command("plaint.cli.desk_steps:step", name="step", help="Record a step that dates wait for.")
app.command("plaint.cli.desk_steps:decide", name="decide", help="Give the reporter the result in writing.")
app.command("plaint.cli.desk_steps:hold", name="hold", help="Say what a case waits for; no date moves.")
app.command("plaint.cli.desk_steps:lift", name="lift", help="End one hold.")
app.command("plaint.cli.desk_steps:risk", name="risk", help="Say how great the risk of further harm is.")
app.command("plaint.cli.desk_steps:told", name="told", help="Write down that somebody was told before the report.")
app.command("plaint.cli.desk_erase:erase", name="erase", help="Sign to erase a case; a second member confirms.")
app.command("plaint.cli.desk_retention:retention", name="retention", help="Show what could be erased, when and why.")
app.command("plaint.cli.desk_export:export", name="export", help="Write what a case holds of one person, for them.")
app.command("plaint.cli.desk_closing:close", name="close", help="Close a case, or confirm another member's closing.")
app.command("plaint.cli.desk_closing:reopen", name="reopen", help="Take a closing back.")
app.command("plaint.cli.desk_handling:handling", name="handling", help="Open, add to or close a handling failure.")
app.command("plaint.cli.desk_history:history", name="history", help="Show what the directory says you did.")
app.command("plaint.cli.desk_mail:mail", name="mail", help="Say where the mails that come at fixed hours go.")


@app.command(name="list")
def list_(url: Url, *, sitting: Sitting) -> None:
    """Show the cases you can read, the nearest date first."""
    with open_desk(url, sitting) as desk:
        found = [(case, desk.fold(case), desk.list_dates(case)) for case in desk.list_cases()]
        found.sort(
            key=lambda item: min(
                (due.at for due in item[2] if due.state in {"open", "missed", "withheld"}), default=2**53
            )
        )
        erased, left, alone = desk.list_erased(), list_left(desk), list_alone(desk)
        if sitting.json:
            cases = [
                {
                    "id": c.id.hex(),
                    "status": view.status,
                    "risk": view.risk and view.risk.level,
                    "due": encode_due(due),
                }
                for c, view, due in found
            ]
            rest = {**_encode_unreadable(desk, erased), **encode_left(desk, left), **encode_alone(desk, alone)}
            print_json({"cases": cases, **_encode_watched(desk), **rest})
            return
        if not found and not alone:
            print_lines("There is no case that you can open.")
        for case, view, due in found:
            about = ", ".join(list_people(case.room.entries[0])) or "nobody named"
            risk = "" if view.risk is None else f"  risk {view.risk.level}"
            print_lines("", f"{case.id.hex()[:SHORT]}  {STATUS[view.status]}{risk}  (about {about})")
            print_due(due)
        for room, due in desk.list_watched().items():
            print_lines("", f"{room.hex()[:SHORT]}  watched: you see the dates, not the report")
            print_due(due)
        print_alone(desk, alone)
        print_erased(desk, erased)
        print_left(desk, left)
        for ending in list_ending(desk.connection.view.state, desk.connection.now()):
            print_notice(f"! {describe_ending(ending)}")
        for room, code in desk.unreadable.items():
            print_notice(f"! {room.hex()[:SHORT]} was sealed to you and cannot be read as it should ({code}).")


@app.command
def show(
    url: Url,
    case: CaseId,
    *,
    sitting: Sitting,
    out: Annotated[Path | None, Parameter(help="Folder to save the files in.")] = None,
) -> None:
    """Show a case, or a room without its report: every entry you can read, who wrote it and whether that is proved."""
    with open_desk(url, sitting) as desk:
        found = open_case_or_room(desk, case)
        if isinstance(found, OpenedRoom):
            show_alone(desk, found, out, json=sitting.json)
            return
        if out is not None:
            save_attachments(desk.connection, found.rooms, out)
        if sitting.json:
            print_json(_encode_case(desk, found))
        else:
            _print_case(desk, found)
        print_alarms(desk.list_alarms(found))
        print_erased_alone(desk, found)


@app.command
def acknowledge(url: Url, case: CaseId, text: str | None = None, *, sitting: Sitting) -> None:
    """Tell the reporter that the report arrived; the first due date is about this.

    Parameters
    ----------
    text
        A first answer, if you wish.

    """
    with open_desk(url, sitting) as desk:
        found = desk.open_case(case)
        desk.acknowledge(found, text)
        finish(desk, found, "Acknowledged. The reporter sees it.", json=sitting.json)


@app.command
def feedback(url: Url, case: CaseId, *, action: str, grounds: str, sitting: Sitting) -> None:
    """Tell the reporter what was done and why; the second due date is about this.

    Parameters
    ----------
    action
        What was done or will be done.
    grounds
        Why.

    """
    with open_desk(url, sitting) as desk:
        found = desk.open_case(case)
        desk.feedback(found, action=action, grounds=grounds)
        finish(desk, found, "Feedback given. The reporter sees it.", json=sitting.json)


@app.command
def reply(url: Url, case: CaseId, text: str, *, attach: Files = None, sitting: Sitting) -> None:
    """Write to the reporter.

    Parameters
    ----------
    text
        What you want to say.

    """
    with open_desk(url, sitting) as desk:
        found = desk.open_case(case)
        files = upload_files(desk.connection, attach or [], admit=desk.admit_upload(found.room))
        desk.reply(found, text, files)
        finish(desk, found, "Sent to the reporter.", json=sitting.json)


@app.command
def note(url: Url, case: CaseId, text: str, *, attach: Files = None, sitting: Sitting) -> None:
    """Write in the internal room, which the reporter does not see, or in a room you read without its report.

    Parameters
    ----------
    text
        What you want to say.

    """
    with open_desk(url, sitting) as desk:
        found = open_case_or_room(desk, case)
        if isinstance(found, OpenedRoom):
            write_alone(desk, found, text, attach or [], json=sitting.json)
            return
        room = desk.open_internal(found)
        files = upload_files(desk.connection, attach or [], admit=desk.admit_upload(room))
        desk.note(desk.open_case(found.id.hex()), text, files)
        finish(desk, found, "Written in the internal room.", json=sitting.json)


@app.command
def grant(
    url: Url,
    case: CaseId,
    member: str,
    *,
    room: Annotated[list[str] | None, Parameter(negative=())] = None,
    sitting: Sitting,
) -> None:
    """Let another member read the case; the reporter sees the name and the date.

    Parameters
    ----------
    member
        Name or id of the member.
    room
        Only this room: reporter or internal. Default: every room of the case that you can read.

    """
    with open_desk(url, sitting) as desk:
        found = desk.open_case(case)
        who = find_member(desk.connection.view, member)
        desk.grant(found, who, labels=room)
        finish(
            desk, found, f"{desk.connection.view.name(who)} can read it now. The reporter sees this.", json=sitting.json
        )


@contextmanager
def open_desk(url: str, sitting: Sitting, *, told: set[bytes] | None = None) -> Iterator[Desk]:
    """Yield a member's desk with everything that the stream and the log have up to now.

    `told` holds the digests of directory entries of which whoever looks again and again was told.
    """
    keys = read_member_keys(sitting.words)
    connection = connect(url, trust=load_trust(sitting.trust) if sitting.trust else None, cache=sitting.state)
    try:
        desk = sign_in(connection, keys, folder=sitting.state, kept=sitting.state or sitting.words.parent)
        warn_history(connection, desk.keys, url, set() if told is None else told)
        progress = Progress("Reading the stream", total=connection.fetch_tick())
        copying = Progress("Copying the log", total=100)

        def copy(done: int, total: int) -> None:
            progress.finish()
            copying.show(100 * done // total)

        desk.scan(progress.show, copy)
        progress.finish()
        copying.finish()
        if waiting := desk.send_kept():
            print_notice(f"Signed, sealed and not taken yet: {waiting}. The next command tries again.")
        held = _list_kept(desk)
        try:
            yield desk
        except UnavailableError as error:
            if fresh := _list_kept(desk) - held:
                raise CommandError(_describe_kept(error, fresh.pop()), exit_code=EXIT_KEPT) from error
            raise
    finally:
        connection.close()


def _list_kept(desk: Desk) -> set[Path]:
    """Return the files of entries that were signed and not taken."""
    return set(desk.kept.list_files()) if desk.kept else set()


def _describe_kept(error: UnavailableError, file: Path) -> str:
    return (
        f"Not taken just now ({error.code}). Nothing was lost: it is signed and sealed in {file}, "
        "and the next desk command sends it. Keep a copy if this goes on: it shows that you acted."
    )


def finish(desk: Desk, case: Case, message: str, *, json: bool) -> None:
    """Say what was done, or print the case's id and status."""
    fresh = desk.open_case(case.id.hex())
    if json:
        print_json({"id": case.id.hex(), "status": desk.fold(fresh).status})
    else:
        print_lines(message)


def _encode_unreadable(desk: Desk, erased: list[ErasedRoom]) -> dict[str, Any]:
    """Return `unreadable` where rooms were sealed to this member that do not hold, `erased` where some are gone."""
    found = [{"id": room.hex(), "problem": code} for room, code in desk.unreadable.items()]
    gone = [encode_erased(desk, item) for item in erased]
    return ({"unreadable": found} if found else {}) | ({"erased": gone} if gone else {})


def _encode_erased(desk: Desk, case: Case) -> dict[str, Any]:
    """Return the key `erased` where rooms of a case are gone though the report is not; `list_alarms` looked."""
    gone = [encode_erased(desk, item) for item in desk.erased.values() if desk.is_below(item.room, case)]
    return {"erased": gone} if gone else {}


def _encode_watched(desk: Desk) -> dict[str, Any]:
    """Return the key `watched` for an independent member who has something to watch."""
    watched = [{"id": room.hex(), "due": encode_due(due)} for room, due in desk.list_watched().items()]
    return {"watched": watched} if watched else {}


def _encode_case(desk: Desk, case: Case) -> dict[str, Any]:
    view = desk.fold(case)
    return {
        "id": case.id.hex(),
        "status": view.status,
        "due": encode_due(desk.list_dates(case)),
        **encode_records(view),
        "risk": encode_risk(view.risk),
        "entries": [encode_entry(desk.connection, room, entry) for room in case.rooms for entry in room.entries],
        "access": [
            {"name": desk.connection.view.name(item.member), "room": item.label, "since": item.since, "told": item.told}
            for item in (*view.grants, *_list_let_in(desk, case, view))
        ],
        "problems": desk.list_alarms(case),
        **_encode_erased(desk, case),
    }


def _list_let_in(desk: Desk, case: Case, view: CaseView) -> list[Grant]:
    """Return the independents whom a missed date let into the reporter's room."""
    since = find_let_in(desk.connection, case.room, view)
    members = [] if since is None else list_held(case.room)
    return [Grant(case.id, case.room.manifest.label, member, since, told=True) for member in members]


def _print_case(desk: Desk, case: Case) -> None:
    view = desk.fold(case)
    print_lines(f"Case {case.id.hex()}", f"Status: {STATUS[view.status]}")
    print_due(desk.list_dates(case), sources=True)
    print_records(view, now=desk.connection.now())
    for room in case.rooms:
        for entry in room.entries:
            print_entry(desk.connection, room, entry, rooms=True)
    print_lines("", "Who can read this")
    for item in (*view.grants, *_list_let_in(desk, case, view)):
        print_lines(f"  {desk.connection.view.name(item.member)} ({item.label} room)")
