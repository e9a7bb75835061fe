"""`plaint desk export`: what a case holds of one person, other people blacked out, made on the member's device."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from plaint.cli.conversation import describe_entry
from plaint.cli.desk import EXIT_USAGE, CaseId, Sitting, Url, open_desk
from plaint.cli.output import CommandError, print_json, print_lines, print_notice
from plaint.client.described import LANGUAGES
from plaint.client.export import Choice, name_entries, prepare_export, write_export
from plaint.client.rooms import OpenedEntry
from plaint.errors import RefusedError

SHOWN = 60
Names = Annotated[list[str] | None, Parameter(negative=())]


def export(
    url: Url,
    case: CaseId,
    *,
    subject: Annotated[str, Parameter(name="--for")],
    entry: Names = None,
    redact: Names = None,
    leave: Names = None,
    lang: str = "en",
    out: Path | None = None,
    sitting: Sitting,
) -> None:
    """Write what a case holds of one person, for a request of that person. Without --entry it lists what there is.

    Nothing is written while somebody else may still be named: black each out with --redact, or say with --leave that it
    may stay. Files sent along are not part of it. Read what was written before you hand it over.

    Parameters
    ----------
    subject
        Whose data it is, as the texts write the name.
    entry
        An entry to hand over, such as reporter:0; may be given several times.
    redact
        A name to black out; may be given several times.
    leave
        A word that may stay although it looks like a name.
    lang
        Language of what Plaint writes itself: en, de, zh or ar.
    out
        Folder for export.html, export.txt, export.json and log.json, which stays with you.

    """
    if lang not in LANGUAGES:
        raise CommandError(f"--lang is one of {', '.join(LANGUAGES)}.", exit_code=EXIT_USAGE)
    with open_desk(url, sitting) as desk:
        found = desk.open_case(case)
        if not entry or out is None:
            for name, _, item in name_entries(found):
                print_lines(f"{name:<14} {item.header.kind:<12} {_shorten(item)}")
            raise CommandError("Choose with --entry NAME, and give --out DIR.", exit_code=EXIT_USAGE)
        choice = Choice(subject, tuple(entry), tuple(redact or ()), tuple(leave or ()), lang)
        try:
            made = prepare_export(desk.connection, found, choice)
        except RefusedError as error:
            if error.code != "export-left":
                raise
            raise CommandError(
                f"Somebody else may still be named; nothing was written. --redact or --leave: {error.detail}",
                exit_code=EXIT_USAGE,
            ) from error
        files = write_export(made, choice, out)
    if sitting.json:
        print_json({"files": [str(path) for path in files], "redacted": sum(made.redactor.counts.values())})
        return
    print_lines(*map(str, files))
    print_notice(
        "Read it before you hand it over. log.json names who was blacked out: keep it, and hand out the others."
    )


def _shorten(entry: OpenedEntry) -> str:
    text = " ".join((describe_entry(entry) or "").split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
