"""`plaint demo`: the invented organisation on this machine, with six weeks of its story."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from plaint.cli.demo.folder import Folder
from plaint.cli.demo.story import ORGANISATION, Case, load_cases, load_members
from plaint.cli.output import CommandError, Progress, print_lines, print_notice
from plaint.client.words_file import read_words
from plaint.errors import RefusedError, UnavailableError

if TYPE_CHECKING:
    from plaint.cli.demo.run import Demo

EXIT_STOPPED = 130
DEFAULT_DATA = Path("plaint-demo")
SHOWN_CASES = ("client-dinner", "leave-withdrawn", "tested-lift", "night-shift-pay", "unworked-hours")
PROOF_CASE = "leave-withdrawn"
SIGHTS = (
    ("client-dinner", "a handling failure, which waits for a second independent to close it", "Ilse Karvonde"),
    ("tested-lift", "a date that was given more time, and the reason", "its reporter"),
    ("remarks-at-the-line", "a written result that is missing, seen by who only watches", "Judit Amsellin"),
    ("sprueche-an-der-rampe", "a hold that nobody looked at again by its day", "Tobin Ashgrave"),
    ("supplier-gift-cards", "an internal room that two members erased, as an alarm", "Maren Oduvale"),
    ("wrong-house", "a report that two erased, and a room that is left of it", "Tobin Ashgrave"),
)

app = App(name="demo", help="Run an invented organisation on this machine.")


@app.default
def demo(*, data: Path = DEFAULT_DATA, port: int = 8800) -> int:
    """Serve an invented organisation with eight members, thirty-three reports and two cosigners.

    The first start tells six weeks of its story, which takes about a minute; later starts take up where the last one
    stopped. All keys are made here and lie open in the folder: send nothing real. Mail goes into the folder too.

    Parameters
    ----------
    data
        Folder for everything the demo keeps. To begin anew, remove it.
    port
        Port to listen on; the cosigners take the next two.

    """
    from plaint.cli.demo.run import Demo  # noqa: PLC0415 -- other commands need not load a server

    folder = Folder(data)
    try:
        start = Demo(folder, cases=load_cases(), port=port)
    except RefusedError as error:
        raise CommandError(f"{data} holds something that is no demo; choose an empty folder with --data.") from error
    bar = Progress("Six weeks pass:", total=100)

    def show(done: int, total: int) -> None:
        bar.show(100 * done // total)

    def announce() -> None:
        bar.finish()
        print_lines(*describe(start))
        sys.stdout.flush()

    try:
        told = asyncio.run(start.run(on_live=announce, progress=show))
    except UnavailableError as error:
        if error.code != "port":
            raise
        raise CommandError(f"Somebody else listens on port {error.detail}; choose another with --port.") from error
    if not told:
        bar.finish()
        print_notice("Stopped before the story was told; the next start begins anew.")
        return EXIT_STOPPED
    return 0


def describe(start: Demo) -> list[str]:
    """Return what to try, with the words for it."""
    folder, url = start.folder, start.url
    return [
        f"{ORGANISATION} is invented. All its keys were made on this machine: send nothing real.",
        "",
        f"Report     {url}/",
        f"Desk       {url}/desk/",
        *(f"Cosigner   {place.url}  {place.name}" for place in start.places),
        f"Mail       {folder.mail}  every mail to a member; none leaves this machine",
        "",
        "Sign in at the desk with the words of a member:",
        *(line for member in load_members() for line in _describe_member(folder, member.name, member.roles)),
        "",
        "Come back to a report with the words of its reporter:",
        *(line for case in _choose(folder, start.cases) for line in _describe_case(folder, case)),
        "",
        "What there is to see, in whose eyes:",
        *(f"  {case.title}: {what} ({who})" for case, what, who in _list_sights(start.cases)),
        "",
        "Check a receipt without any server; this one proves that nobody answered:",
        f"  plaint log mirror {url} {folder.path / 'copy'} --trust {folder.trust}",
        f"  plaint verify {folder.outbox(PROOF_CASE).receipt} --trust {folder.trust} --leaves {folder.path / 'copy'}",
        "",
        "Ctrl-C stops; the next start goes on from here.",
    ]


def _choose(folder: Folder, cases: Sequence[Case]) -> list[Case]:
    told = [case for case in cases if folder.outbox(case.slug).words.exists()]
    return [case for slug in SHOWN_CASES for case in told if case.slug == slug]


def _list_sights(cases: Sequence[Case]) -> list[tuple[Case, str, str]]:
    return [(case, what, who) for slug, what, who in SIGHTS for case in cases if case.slug == slug]


def _describe_member(folder: Folder, name: str, roles: Sequence[str]) -> list[str]:
    return [f"  {name}, {', '.join(roles)}", f"    {read_words(folder.words(name)).text}"]


def _describe_case(folder: Folder, case: Case) -> list[str]:
    return [f"  {case.title}", f"    {read_words(folder.outbox(case.slug).words).text}"]
