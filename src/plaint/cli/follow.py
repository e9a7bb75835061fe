"""`plaint follow`: read and answer a report with its words, and keep its receipt up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from plaint.cli.conversation import (
    encode_due,
    encode_entry,
    encode_records,
    print_alarms,
    print_due,
    print_entry,
    print_records,
    save_attachments,
    upload_files,
)
from plaint.cli.erased import show_erased
from plaint.cli.members import find_member
from plaint.cli.output import CommandError, print_json, print_lines, print_notice
from plaint.cli.times import format_time
from plaint.client.attachments import Admit
from plaint.client.connection import Connection, connect
from plaint.client.dates import encode_calendar, list_report_dates, save_calendar
from plaint.client.erased import ErasedRoom, find_erased_report
from plaint.client.follow import Report, check_extends, find_report
from plaint.client.outbox import Outbox
from plaint.client.reporter import send_report
from plaint.client.trust import load_trust
from plaint.client.words_file import read_words
from plaint.docket.obligations import OPEN
from plaint.errors import PlaintError, RefusedError, UnavailableError
from plaint.protocol.erasure import Certificate
from plaint.protocol.keys import HolderKeys, compute_holder_keys
from plaint.protocol.packs import HEARD_KINDS
from plaint.protocol.receipt import Receipt
from plaint.protocol.write import Write

EXIT_KEPT = 4
EXIT_USAGE = 2
Flag = Annotated[bool, Parameter(negative=())]

app = App(name="follow", help="Read and answer a report with its words.")


@app.default
def follow(
    url: str,
    *,
    words: Path,
    reply: str | None = None,
    attach: Annotated[list[Path] | None, Parameter(negative=())] = None,
    reopen: str | None = None,
    let_in: str | None = None,
    out: Path | None = None,
    ics: Path | None = None,
    trust: Path | None = None,
    json: Flag = False,
) -> int:
    """Show a report's conversation, who can read it since when, its due dates, and update the receipt.

    Receipt and last state are kept in --out, or beside the words. With --out files are saved too. Exit code 4: an
    answer was refused for now; it is kept sealed and sent by the next `plaint follow`.

    Parameters
    ----------
    url
        Address of the organisation.
    words
        File with the report's twelve words.
    reply
        Write this.
    attach
        A file to send along with --reply; may be given several times.
    reopen
        Take a closing back, for this reason.
    let_in
        Let a member read it now, by name or id: an independent member need not wait for a missed date.
    out
        Folder for receipt, last state and files.
    ics
        Also write the dates into this calendar file, which names neither the organisation nor the report.
    trust
        Trust file; without it the organisation's own word is taken for its keys.
    json
        Print one JSON object.

    """
    if attach and reply is None:
        raise CommandError("--attach sends files along with --reply TEXT.", exit_code=EXIT_USAGE)
    keys = compute_holder_keys(read_words(words).entropy)
    outbox = Outbox(out or words.parent)
    connection = connect(url, trust=load_trust(trust) if trust else None)
    try:
        report = _open(connection, keys, outbox)
        if isinstance(report, ErasedRoom):
            show_erased(connection, report, outbox, json=json)
            return 0
        kept = _send_kept(report, outbox)
        if reply is not None and not kept:
            files = upload_files(connection, attach or [], admit=_admit(report))
            kept = _send(report, outbox, report.seal_text(reply, files))
        if reopen is not None and not kept:
            kept = _send(report, outbox, report.seal_reopen(reopen))
        if let_in is not None and not kept:
            kept = _send(report, outbox, report.seal_let_in(find_member(connection.view, let_in)))
        receipt = _update(report, outbox)
        if out is not None:
            save_attachments(connection, [report.room], out)
        if ics is not None:
            save_calendar(ics, encode_calendar(list_report_dates(report, receipt), now=connection.now()))
            print_notice(
                "Keep the calendar file out of calendars that others see: it shows that you wait for something."
            )
        warnings = report.list_warnings(receipt, erased=_read_certificate(outbox))
        if json:
            print_json({**_encode(report, outbox, receipt), "warnings": warnings})
        else:
            _print(report, outbox, receipt)
        print_alarms(warnings)
        return EXIT_KEPT if kept else 0
    finally:
        connection.close()


def _open(connection: Connection, keys: HolderKeys, outbox: Outbox) -> Report | ErasedRoom:
    """Open the report, or what is left of it; one that waits unsent is sent first.

    What was seen of it before must still be there.
    """
    waiting = outbox.read()
    if waiting is not None and waiting.opening is not None:
        print_notice("The sealed report that waited here is sent now.")
        outbox.save_receipt(send_report(connection, keys, waiting).receipt)
        outbox.clear()
    try:
        report = find_report(connection, keys)
    except RefusedError:
        erased = find_erased_report(connection, keys)
        if erased is None:
            raise
        return erased
    seen = outbox.read_note()
    if seen is not None:
        state = connection.open_note(seen, report.room.id, past=True)
        check_extends(report.room, entries=state.entries, head=state.head)
    return report


def _send_kept(report: Report, outbox: Outbox) -> bool:
    write = outbox.read()
    if write is None:
        return False
    print_notice("The sealed answer that waited here is sent now.")
    return _send(report, outbox, write)


def _send(report: Report, outbox: Outbox, write: Write) -> bool:
    """Send, or keep what cannot be sent now; return whether it is kept."""
    outbox.keep(write)
    try:
        report.send(write)
    except UnavailableError as error:
        print_notice(f"The answer could not be taken just now ({error.code}). Nothing was lost: it is sealed in")
        print_notice(f"{outbox.unsent}, and the next `plaint follow` sends it.")
        return True
    outbox.clear()
    return False


def _update(report: Report, outbox: Outbox) -> Receipt:
    receipt = report.update_receipt(_read_receipt(outbox))
    outbox.save_receipt(receipt)
    outbox.save_note(report.answer.note)
    return receipt


def _read_receipt(outbox: Outbox) -> Receipt | None:
    """Return the receipt kept here; one that cannot be read is set aside and made again."""
    try:
        return outbox.read_receipt()
    except PlaintError:
        aside = outbox.receipt.with_suffix(".old")
        outbox.receipt.replace(aside)
        print_notice(f"{outbox.receipt} could not be read; it is {aside.name} now, and a new one was made.")
        return None


def _read_certificate(outbox: Outbox) -> Certificate | None:
    """Return the certificate of erasure kept here, where the report was erased before."""
    try:
        return outbox.read_certificate()
    except PlaintError:
        print_notice(f"{outbox.certificate} could not be read; whether it goes with this report is not known.")
        return None


def _admit(report: Report) -> Admit:
    return lambda _blob: {"plaint-room": report.room.id.hex(), "plaint-cap": report.room.cap.hex()}


def _encode(report: Report, outbox: Outbox, receipt: Receipt) -> dict[str, object]:
    view = report.fold(receipt)
    return {
        "status": view.status,
        "entries": [encode_entry(report.connection, report.room, entry) for entry in report.room.entries],
        "access": [{"name": item.name, "since": item.since} for item in report.list_access(receipt)],
        "if_late": [name for _, name in report.list_watchers(receipt)],
        "due": encode_due(report.list_due_dates(receipt)),
        **encode_records(view),
        "receipt": str(outbox.receipt),
        "complete": receipt.proof is not None,
    }


def _print(report: Report, outbox: Outbox, receipt: Receipt) -> None:
    for entry in report.room.entries:
        print_entry(report.connection, report.room, entry)
    print_lines("", "Who can read this")
    for item in report.list_access(receipt):
        print_lines(f"  {item.name}, since {format_time(item.since)}" if item.since else f"  {item.name}")
    if watchers := report.list_watchers(receipt):
        print_lines("", f"May read if a date is missed: {', '.join(name for _, name in watchers)}")
        print_lines("You can let any of them read it now: --let-in NAME")
    dates = report.list_due_dates(receipt)
    print_lines("", "Dates")
    print_due(dates)
    print_records(report.fold(receipt), now=report.connection.now())
    heard = [due.at for due in dates if due.state == OPEN and due.what in HEARD_KINDS]
    if heard:
        print_lines("", f"You will hear from us by {format_time(min(heard))}.")
    state = "complete" if receipt.proof is not None else "provisional: its place in the log is still to come"
    print_lines("", f"Receipt  {outbox.receipt} ({state})")
