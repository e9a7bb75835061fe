"""`plaint report`: seal a report on this device, send it, and keep words and receipt."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from plaint.cli.conversation import ToldTo, print_alarms, upload_files
from plaint.cli.output import CommandError, print_json, print_lines, print_notice
from plaint.cli.times import format_time
from plaint.client.alarms import check_sent
from plaint.client.connection import Connection, connect
from plaint.client.files import create_private, make_private_directory, read_limited
from plaint.client.outbox import Outbox
from plaint.client.people import describe_target, find_targets
from plaint.client.reporter import (
    Named,
    Sent,
    check_promise,
    open_own_report,
    prepare_report,
    seal_report,
    send_report,
)
from plaint.client.steps import check_told
from plaint.client.trust import load_trust
from plaint.client.words_file import read_words
from plaint.errors import MalformedError, UnavailableError
from plaint.protocol.conflicts import Target
from plaint.protocol.content import LIMIT_CONTENT_BYTES, OpenContent
from plaint.protocol.keys import compute_holder_keys
from plaint.protocol.records import Disclosure, encode_disclosure, parse_disclosure
from plaint.protocol.room import parse_manifest
from plaint.protocol.words import draw_words

EXIT_KEPT = 4
EXIT_USAGE = 2
WHYS = {"named": "named in the report", "line": "in line with somebody named", "chosen": "kept out by you"}
DUTIES = {"acknowledge": "Acknowledgement", "feedback": "Feedback"}
Flag = Annotated[bool, Parameter(negative=())]
Many = Annotated[list[str] | None, Parameter(negative=())]

CHECK_WORDS = (
    "             They show whether somebody stands between you and those who read. You, or somebody you",
    "             trust, may call one of them: you say the first two, they say the last two. Take the number",
    "             from elsewhere than the organisation's page or a message. If the words differ, send nothing",
    "             more, keep receipt and words, and go to an independent member or outside. A call shows your",
    "             voice and your number.",
)

app = App(name="report", help="Seal and send a report.")


@app.default
def report(
    url: str,
    *,
    text: str,
    attach: Annotated[list[Path] | None, Parameter(negative=())] = None,
    about: Many = None,
    exclude: Many = None,
    out: Path,
    channel: str | None = None,
    language: str = "english",
    lang: str | None = None,
    told: ToldTo | None = None,
    told_on: str | None = None,
    told_name: str = "",
    trust: Path | None = None,
    json: Flag = False,
) -> int:
    """Seal a report on this device and send it.

    Twelve words and a receipt are written to --out, for your eyes only. The words open the report later, on any device;
    nobody can give them back to you. Exit code 4: refused for now; the sealed report is kept in --out, and the same
    command sends it again.

    Parameters
    ----------
    url
        Address of the organisation.
    text
        File with what you want to say, or - for standard input.
    attach
        A file to send along; may be given several times.
    about
        Somebody the report is about: a name or an id of the chart. They and their line will not be able to read it.
    exclude
        Somebody else who must not be able to read it: a name or an id.
    out
        Folder for the words and the receipt.
    channel
        Where the report goes, when the organisation has several channels.
    language
        Word list of the twelve words: english, chinese_simplified, and others.
    lang
        Language of the text, for example en or zh-Hans.
    told
        Somebody you told before, if you wish to say so: manager, hr, forum, police or other. It is sealed with the
        report and shown as what you say, beside its logged date.
    told_on
        The day, if you know it: 2026-11-20.
    told_name
        Who, or where.
    trust
        Trust file; without it the organisation's own word is taken for its keys.
    json
        Print one JSON object.

    """
    outbox = Outbox(out)
    if outbox.words.exists() and not outbox.unsent.exists():
        raise CommandError(f"{outbox.words} exists already: one set of words is for one report. Choose another folder.")
    connection = connect(url, trust=load_trust(trust) if trust else None)
    try:
        _warn(connection)
        if outbox.unsent.exists():
            print_notice(f"A sealed report waits in {out}: it is sent now, nothing new is written.")
            return _send(connection, outbox, json=json)
        said = _read_text(text)
        earlier = _read_told(told, told_on, told_name, now=connection.now())
        named = [Named(typed, _find(connection, typed)) for typed in about or ()]
        for free in (item for item in named if item.target is None):
            print_notice(f"“{free.typed}” stands in no chart: the report names this person, but keeps nobody out.")
        chosen = [_find_excluded(connection, typed) for typed in exclude or ()]
        preview = prepare_report(connection.view, about=named, exclude=chosen, channel=_choose(connection, channel))
        make_private_directory(out)
        attachments = upload_files(connection, attach or [], admit=connection.admit_upload)
        words = draw_words(language)
        keys = compute_holder_keys(words.entropy)
        write = seal_report(
            connection.view, preview, keys, text=said, attachments=attachments, lang=lang, disclosure=earlier
        )
        create_private(outbox.words, (words.text + "\n").encode("utf-8"))
        outbox.keep(write)
        return _send(connection, outbox, json=json)
    finally:
        connection.close()


def _send(connection: Connection, outbox: Outbox, *, json: bool) -> int:
    write = outbox.read()
    if write is None:
        raise CommandError(f"{outbox.unsent} is gone.")
    keys = compute_holder_keys(read_words(outbox.words).entropy)
    content = open_own_report(keys, write)
    shown = _describe(connection, content)
    try:
        sent = send_report(connection, keys, write)
    except UnavailableError as error:
        print_notice(f"The report could not be taken just now ({error.code}). Nothing was lost: it is sealed in")
        print_notice(f"{outbox.unsent}. Give the same command again later, or let somebody carry the file.")
        if json:
            print_json({"words": str(outbox.words), "receipt": None, "unsent": str(outbox.unsent), **shown})
        return EXIT_KEPT
    outbox.save_receipt(sent.receipt)
    outbox.clear()
    check_promise(connection.view, content, sent)
    print_alarms(check_sent(connection, sent.state))
    if json:
        print_json(_encode(outbox, sent, shown))
    else:
        _print(outbox, sent, shown)
    return 0


def _describe(connection: Connection, content: OpenContent) -> dict[str, Any]:
    name, access = connection.view.name, content.access
    manifest = parse_manifest(content.room)
    held = [member.id for member in connection.view.roster(manifest.channel, manifest.roster).held]
    later = [member for member in held if member not in access.granted and member not in access.conflicted]
    return {
        "recipients": sorted(name(member) for member in access.granted),
        "if_late": sorted(name(member) for member in later),
        "excluded": [{"name": item.name, "why": item.why} for item in access.excluded],
    }


def _encode(outbox: Outbox, sent: Sent, shown: dict[str, Any]) -> dict[str, Any]:
    return {
        "words": str(outbox.words),
        "receipt": str(outbox.receipt),
        "check_words": list(sent.check_words),
        **shown,
        "due": [{"what": due.kind, "at": due.at} for due in sent.state.dues],
    }


def _print(outbox: Outbox, sent: Sent, shown: dict[str, Any]) -> None:
    print_lines("The report arrived.", "")
    print_lines(f"Can read it now      {', '.join(shown['recipients'])}")
    if shown["if_late"]:
        print_lines(f"If a date is missed  {', '.join(shown['if_late'])}")
    for item in shown["excluded"]:
        print_lines(f"Cannot read it       {item['name']} ({WHYS[item['why']]})")
    for due in sent.state.dues:
        print_lines(f"{DUTIES[due.kind]:<20} due by {format_time(due.at)}")
    print_lines("", f"Words        {outbox.words}", f"Receipt      {outbox.receipt}")
    print_lines(f"Check words  {' '.join(sent.check_words)}", *CHECK_WORDS, "")
    print_lines("The twelve words open the report again on any device. Nobody can give them back to you:")
    print_lines("write them down, and keep words and receipt apart from devices others can look into.")


def _warn(connection: Connection) -> None:
    view = connection.view
    if view.state.demo:
        print_notice("This is a demonstration: all its members' keys were made on one machine. Send nothing real.")
    if not view.countersigned:
        print_notice("Nobody outside the organisation countersigns its log yet: its dates are its own word.")


def _read_text(source: str) -> str:
    if source == "-":
        data = sys.stdin.buffer.read(LIMIT_CONTENT_BYTES + 1)
    else:
        data = read_limited(Path(source), limit_bytes=LIMIT_CONTENT_BYTES)
    try:
        said = data.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise CommandError("The text is not UTF-8.", exit_code=EXIT_USAGE) from error
    if not said:
        raise CommandError("There is no text.", exit_code=EXIT_USAGE)
    return said


def _read_told(to: str | None, on: str | None, name: str, *, now: float) -> Disclosure | None:
    """Return what she says of an earlier telling, refused before anything is sealed."""
    if to is None:
        if on is not None or name:
            raise CommandError("Say with --told whom you told before.", exit_code=EXIT_USAGE)
        return None
    try:
        said = parse_disclosure(encode_disclosure(Disclosure(on, to, name)))
    except MalformedError as error:
        raise CommandError("--told-on is a day such as 2026-11-20.", exit_code=EXIT_USAGE) from error
    check_told(said, now)
    return said


def _choose(connection: Connection, typed: str | None) -> str | None:
    """Return the channel that was typed, if any is needed; whoever has to choose is shown all there are."""
    channels = connection.view.state.channels
    if typed in channels or (typed is None and len(channels) == 1):
        return typed
    why = "The organisation has several channels" if typed is None else f"There is no channel “{typed}”"
    known = (f"  --channel {channel.id}  {channel.title}" for channel in channels.values())
    raise CommandError("\n".join([f"{why}; choose one:", *known]), exit_code=EXIT_USAGE)


def _find(connection: Connection, typed: str) -> Target | None:
    found = find_targets(connection.view, typed)
    if len(found) > 1:
        ids = ", ".join(describe_target(target) for target in found)
        raise CommandError(f"More than one person is called “{typed}”: {ids}. Give an id.", exit_code=EXIT_USAGE)
    return found[0] if found else None


def _find_excluded(connection: Connection, typed: str) -> Target:
    found = _find(connection, typed)
    if found is None:
        raise CommandError(f"Nobody here is called “{typed}”: nobody would be excluded.", exit_code=EXIT_USAGE)
    return found
