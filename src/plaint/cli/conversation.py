"""Entries and dates as `follow` and `desk` show them, for scripts and for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from plaint.cli.output import CommandError, Progress, print_lines, print_notice
from plaint.cli.times import format_time
from plaint.client.attachments import Admit, compute_safe_name, download_file, is_same_file, upload_file
from plaint.client.casework import DueDate, compute_logged_at
from plaint.client.connection import Connection
from plaint.client.described import describe_content, describe_told, load_export_words
from plaint.client.files import make_private_directory
from plaint.client.rooms import OpenedEntry, OpenedRoom
from plaint.docket.case import CaseView
from plaint.docket.obligations import Obligation
from plaint.docket.records import Risk
from plaint.protocol.authorship import EARLIER, FORMER, OWN, PROVED, UNADMITTED
from plaint.protocol.content import Attachment, OpenContent
from plaint.protocol.packs import CHAIN, PROMISED_KINDS
from plaint.protocol.records import Disclosure

WORDS = load_export_words("en")
DUTIES = {
    "acknowledge": "acknowledgement",
    "feedback": "feedback",
    "contact": "contact",
    "respondent-notice": "respondent told",
    "respondent-reply": "respondent's time",
    "inquiry": "inquiry",
    "report": "report",
    "outcome": "written result",
    "action": "action",
    "review": "look at a hold",
}
ToldTo = Literal["manager", "hr", "forum", "police", "other"]
DUE_STATES = {
    "open": "not yet",
    "met": "met",
    "late": "met, but late",
    "missed": "missed",
    "lapsed": "the time is over",
    "withheld": "in the log, but withheld from you",
    "unreleased": "missed, and the key was not handed to you",
}
REPORTER = "reporter"
NUMBER_DIGITS = 8


def encode_entry(connection: Connection, room: OpenedRoom, entry: OpenedEntry) -> dict[str, Any]:
    """Return an entry as `--json` shows it."""
    return {
        "room": room.manifest.label,
        "seq": entry.header.seq,
        "kind": entry.header.kind,
        "author": name_author(connection, entry),
        "proved": entry.authorship in {PROVED, OWN},
        "authorship": entry.authorship,
        "logged_at": compute_logged_at(connection, entry),
        "text": describe_entry(entry),
        "attachments": [
            {"name": item.name, "size": item.size, "sha256": item.sha256.hex()} for item in list_attachments(entry)
        ],
        "problem": entry.problem,
    }


def encode_due(dates: Iterable[DueDate]) -> list[dict[str, Any]]:
    """Return due dates as `--json` shows them."""
    return [{"what": item.what, "at": item.at, "state": item.state, **_encode_duty(item.duty)} for item in dates]


def _encode_duty(duty: Obligation | None) -> dict[str, Any]:
    if duty is None:
        return {}
    value: dict[str, Any] = {"start": duty.start, "met_at": duty.met_at}
    if duty.extension is not None:
        value["extended"] = {"before": duty.extension.before, "reason": duty.extension.reason}
    return value if duty.escalated is None else {**value, "escalated": duty.escalated}


def encode_records(view: CaseView) -> dict[str, Any]:
    """Return what holds a case up and who is said to have been told before, as `--json` shows it."""
    holds = [
        {
            "number": number_hold(h.hash),
            "type": h.type,
            "room": h.label,
            "reason": h.reason,
            "at": h.at,
            "review": h.review,
            "lifted": h.lifted,
        }
        for h in view.holds
    ]
    claims = [{"on": c.on, "to": c.to, "name": c.name, "logged_at": c.at} for c in view.claims]
    return {"holds": holds, "claimed": claims}


def encode_risk(risk: Risk | None) -> dict[str, Any] | None:
    """Return how great the risk of further harm is held to be, as `--json` shows it to members."""
    return None if risk is None else {"level": risk.level, "reason": risk.reason, "logged_at": risk.at}


def print_records(view: CaseView, *, now: float) -> None:
    """Print the risk, what holds a case up and who is said to have been told before, for a person."""
    if view.risk is not None:
        print_lines(f"  {WORDS.say('risk', level=WORDS.say(f'risk-{view.risk.level}'))}: {view.risk.reason}")
    for hold in view.holds:
        if not hold.lifted:
            review = "" if hold.review is None else f", {_describe_review(hold.review, now)}"
            what, number = WORDS.say(f"hold-{hold.type}"), number_hold(hold.hash)
            print_lines(f"  Waits for {what}: {hold.reason}{review} [{number}]")
    for claim in view.claims:
        told = describe_told(Disclosure(claim.on, claim.to, claim.name), WORDS).removesuffix(".")
        print_lines(f"  {told}; logged {format_time(claim.at)}")


def number_hold(hash_: bytes) -> str:
    """Return by what a person tells one hold of a case from another."""
    return hash_.hex()[:NUMBER_DIGITS]


def _describe_review(review: int, now: float) -> str:
    over = "which should have been " if review < now else ""
    return f"{over}looked at again by {format_time(review)}"


def print_entry(connection: Connection, room: OpenedRoom, entry: OpenedEntry, *, rooms: bool = False) -> None:
    """Print an entry for a person."""
    when = compute_logged_at(connection, entry)
    where = f" · {room.manifest.label} room" if rooms else ""
    is_room = entry.header.kind == "open" and room.manifest.label != REPORTER
    kind = "Room opened" if is_room else WORDS.say(f"kind-{entry.header.kind}")
    logged = "waits for the log" if when is None else f"logged {format_time(when)}"
    print_lines("", f"{entry.header.seq}. {kind} · {name_author(connection, entry)}{where} · {logged}")
    if entry.problem is not None:
        print_lines(f"  ! This entry could not be opened ({entry.problem}).")
        return
    if entry.authorship == EARLIER:
        print_lines("  (written before you were let in; its author proved it to those who could read then)")
    elif entry.authorship == FORMER:
        print_lines("  ! Signed when its author was no longer a member, or with replaced keys: it does not count.")
    elif entry.authorship == UNADMITTED:
        print_lines("  ! Signed by somebody who was not let in here: it does not count.")
    elif entry.authorship not in {PROVED, OWN}:
        print_lines(f"  ! Not proved to be from {name_author(connection, entry)}.")
    for line in (describe_entry(entry) or "").splitlines():
        print_lines(f"  {line}")
    for item in list_attachments(entry):
        print_lines(f"  [{item.name}, {item.size} bytes]")


def print_due(dates: Iterable[DueDate], *, sources: bool = False) -> None:
    """Print due dates for a person; `sources` with what each of them rests on."""
    for item in dates:
        print_lines(f"  {DUTIES.get(item.what, item.what):<17} {format_time(item.at)}   {DUE_STATES[item.state]}")
        if item.duty is None:
            continue
        if item.duty.extension is not None:
            before = format_time(item.duty.extension.before)
            print_lines(f"    given more time, before {before}: {item.duty.extension.reason}")
        if item.duty.escalated is not None:
            print_lines(f"    {_describe_escalated(item.what, item.duty.escalated)}")
        if sources and item.source:
            print_lines(f"    from {format_time(item.duty.start)}; {item.source}")


def _describe_escalated(kind: str, to: str) -> str:
    """Return whose a missed date is; what is not promised lets nobody in."""
    if kind in PROMISED_KINDS:
        return f"now with: {to}"
    untold = "" if to == CHAIN[0] else "; it lets nobody in, somebody has to"
    return f"now for: {to}{untold}"


def name_author(connection: Connection, entry: OpenedEntry) -> str:
    """Return who is said to have written an entry."""
    if entry.content is None:
        return "unknown"
    return REPORTER if entry.author is None else connection.view.name(entry.author)


def describe_entry(entry: OpenedEntry) -> str | None:
    """Return what an entry says, as text."""
    if isinstance(entry.content, OpenContent):
        return entry.content.text  # who was told before stands beside the dates of the case
    return None if entry.content is None else describe_content(entry.content, WORDS)


def list_attachments(entry: OpenedEntry) -> tuple[Attachment, ...]:
    """Return the files of an entry."""
    return entry.content.attachments if entry.content else ()


def list_people(entry: OpenedEntry) -> list[str]:
    """Return the people a report names."""
    return [person.name for person in entry.content.people] if isinstance(entry.content, OpenContent) else []


def save_attachments(connection: Connection, rooms: Iterable[OpenedRoom], folder: Path) -> list[Path]:
    """Download every file of the rooms into a folder under its own name; one that is there already is kept."""
    make_private_directory(folder)
    saved: list[Path] = []
    for item in [item for room in rooms for entry in room.entries for item in list_attachments(entry)]:
        target = find_place(folder, item)
        if not target.exists():
            progress = Progress(f"Fetching {item.name}", total=item.size)
            download_file(connection.api, item, target, progress=progress.show)
            progress.finish()
        saved.append(target)
    return saved


def find_place(folder: Path, item: Attachment) -> Path:
    """Return where a file is to be saved: where the same bytes stand already, else under a name nobody has."""
    name = Path(compute_safe_name(item.name))
    number = 1
    while True:
        target = folder / (name.name if number == 1 else f"{name.stem}-{number}{name.suffix}")
        if not target.exists() or is_same_file(target, item):
            return target
        number += 1


def upload_files(connection: Connection, paths: Sequence[Path], *, admit: Admit) -> list[Attachment]:
    """Seal and send files, with progress.

    Raises: CommandError for a file that is not there, before anything is sent.
    """
    for path in paths:
        if not path.is_file():
            raise CommandError(f"{path} is not a file.")
    sent: list[Attachment] = []
    for path in paths:
        progress = Progress(f"Sealing and sending {path.name}", total=path.stat().st_size)
        sent.append(upload_file(connection.api, path, admit=admit, progress=progress.show))
        progress.finish()
    return sent


def print_alarms(codes: Iterable[str]) -> None:
    """Tell what did not hold, on standard error."""
    for code in codes:
        print_notice(f"! {ALARMS.get(code.partition(' ')[0], 'A check failed.')} ({code})")


ALARMS = {
    "state-clock": "The organisation's clock and yours differ by more than ten minutes.",
    "state-stale": "The log was not cosigned lately: it may be standing still.",
    "state-due": "The organisation shows other due dates than it promised.",
    "slots-position": "Somebody's key was sealed otherwise than the access list says; the number is the position.",
    "slots-digest": "An earlier set of keys was sealed otherwise than its access list said; the number is the entry.",
    "access-lifted": "Somebody whom the report keeps out was taken off the list of those kept out; the id follows.",
    "access-shut": "Somebody was kept out who is not in the report's own list: it does not count; the id follows.",
    "access-dropped": "Somebody who was let in was left off a later list: they can read on, and it does not count.",
    "access-unknown": "Somebody is named as let in who has no place here: they were given no key.",
    "room-unwatched": (
        "None of the independent members to whom this report could go is left. There are ways outside: plaint outside."
    ),
    "grant-untold": "Somebody was let into a room of the case and the reporter was not told; the id follows.",
    "room-erased": "A room of this case was erased though the report was not; two members signed. Its id follows.",
    "room-missing": "A room of this case that you read is not given out any more, and nobody signed to erase it.",
    "room-returned": (
        "This report was erased, as the certificate kept beside it shows, and it is there again: an old copy of all "
        "that the server keeps was put back. Show the certificate, and have it erased again."
    ),
    "room-tokens": "The dates of this report can never be shown to be kept: its tokens are not those it names.",
    "leaf-missing": "Something that should stand in the log does not.",
}
