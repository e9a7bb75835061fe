"""`plaint directory draft`: one command for each kind of entry that members sign."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from plaint.cli.directory_pack import build_pack, find_pack
from plaint.cli.directory_place import Target, finish_draft, write_draft
from plaint.cli.output import CommandError, read_file
from plaint.client.drafts import (
    DEFAULT_CHANNEL_ROLES,
    DEFAULT_CLOCK,
    draft_chart,
    draft_content,
    draft_genesis,
    draft_member,
)
from plaint.client.law.shipped import DEFAULT
from plaint.client.review import review_draft
from plaint.encoding.lines import parse_hex
from plaint.errors import MalformedError, VerificationError
from plaint.protocol.chart import LIMIT_CHART_BYTES, parse_chart_csv
from plaint.protocol.directory_contents import ROLES, Channel, Clock, Leave, Suspend
from plaint.protocol.directory_server import Cosigner, Cosigners
from plaint.protocol.note import parse_vkey
from plaint.protocol.packs import compute_pack_digest
from plaint.protocol.request import LIMIT_REQUEST_BYTES, Request, parse_request

app = App(name="draft", help="Make an entry for members to sign.")
app.command("plaint.cli.directory_pack:pack", name="pack", help="Add deadlines, or a newer version of them.")

Flag = Annotated[bool, Parameter(negative=())]
Many = Annotated[list[str], Parameter(consume_multiple=True, negative=())]


@app.command
def genesis(
    *,
    org_name: str,
    founder: Many,
    out: Path,
    tick: int = DEFAULT_CLOCK.tick,
    delay: int = DEFAULT_CLOCK.delay,
    batch: int = DEFAULT_CLOCK.batch,
    work_bits: int = DEFAULT_CLOCK.work_bits,
    pack: str = DEFAULT,
    site: str | None = None,
    zone: str | None = None,
    channel_role: Annotated[list[str] | None, Parameter(negative=())] = None,
    upstream: str | None = None,
    json: Flag = False,
) -> None:
    """Found an organisation; every founder signs, then the server's owner runs `plaint org create`.

    Parameters
    ----------
    org_name
        The organisation's name.
    founder
        REQUEST=ROLE, with several roles REQUEST=ROLE,ROLE; once for each founder.
    out
        File to write.
    tick
        Seconds between two growths of the log.
    delay
        Seconds of cosigned time before changes of the directory count.
    batch
        Positions by which the log grows each time.
    work_bits
        Work a device does before an anonymous write.
    pack
        Deadlines that reports are under.
    site
        Country, or one of its parts, whose holidays count, for deadlines in working days.
    zone
        Time zone of the site.
    channel_role
        Role whose members receive reports; intake-handler and case-manager when not given.
    upstream
        Public key of the project whose releases count.
    json
        Print one JSON object.

    """
    deadlines = build_pack(pack, site=site, zone=zone)
    roles = _check_roles(channel_role) if channel_role else list(DEFAULT_CHANNEL_ROLES)
    clock = replace(DEFAULT_CLOCK, tick=tick, delay=delay, batch=batch, work_bits=work_bits)
    clock = replace(clock, window=max(clock.window, tick))
    key = None if upstream is None else parse_vkey(upstream)
    try:
        made = draft_genesis(
            org_name, _read_founders(founder), clock=clock, pack=deadlines, channel_roles=roles, upstream=key
        )
    except VerificationError as error:
        raise CommandError(_FOUNDING.get(error.code, "These founders cannot found an organisation.")) from error
    write_draft(made, out, json=json, lines=review_draft(made))


@app.command
def member(
    request: Path,
    *,
    role: Annotated[list[str], Parameter(negative=())],
    target: Target,
) -> None:
    """Add a member, give one other roles, or take one back.

    Parameters
    ----------
    request
        The file from the member's device.
    role
        A role; repeat it, or separate with commas, for several.

    """
    finish_draft(draft_member(_read_request(request), _check_roles(role)), target)


@app.command
def chart(*, csv: Path, target: Target) -> None:
    """Log who reports to whom, so that a named person's line can be kept out.

    Parameters
    ----------
    csv
        File with the columns id, name, title, reports_to and perhaps member.

    """
    try:
        made = parse_chart_csv(read_file(csv, limit_bytes=LIMIT_CHART_BYTES).decode("utf-8"))
    except UnicodeDecodeError as error:
        raise CommandError(f"{csv} is not UTF-8 text.") from error
    except MalformedError as error:
        raise CommandError(f"{csv}: {_CHART.get(error.code, 'this is not a chart')} ({error.detail}).") from error
    finish_draft(draft_chart(made), target)


@app.command
def cosigners(*, cosigner: Many, quorum: int | None = None, target: Target) -> None:
    """Name the outside parties that countersign the logs.

    Parameters
    ----------
    cosigner
        NAME=VKEY=URL, once for each.
    quorum
        How many must sign for a date to count; more than half when not given.

    """
    found = tuple(_parse_cosigner(text) for text in cosigner)
    if quorum is None:
        quorum = len(found) // 2 + 1
    finish_draft(draft_content(Cosigners(found, quorum)), target)


@app.command
def channel(
    id_: str,
    *,
    title: str,
    role: Annotated[list[str], Parameter(negative=())],
    pack: str = DEFAULT,
    target: Target,
) -> None:
    """Add a channel or change who receives its reports.

    Parameters
    ----------
    id_
        Short name of the channel: small letters, digits and dashes.
    title
        What reporters read.
    role
        Role whose members receive its reports; repeat it, or separate with commas.
    pack
        Deadlines its reports are under.

    """
    made = Channel(id_, title, tuple(_check_roles(role)), compute_pack_digest(find_pack(pack, target.url)))
    finish_draft(draft_content(made), target)


@app.command
def clock(
    *,
    tick: int = DEFAULT_CLOCK.tick,
    delay: int = DEFAULT_CLOCK.delay,
    batch: int = DEFAULT_CLOCK.batch,
    work_bits: int = DEFAULT_CLOCK.work_bits,
    target: Target,
) -> None:
    """Change how the log grows; what is not given becomes the usual value.

    Parameters
    ----------
    tick
        Seconds between two growths of the log.
    delay
        Seconds of cosigned time before changes of the directory count.
    batch
        Positions by which the log grows each time.
    work_bits
        Work a device does before an anonymous write.

    """
    made: Clock = replace(DEFAULT_CLOCK, tick=tick, delay=delay, batch=batch, work_bits=work_bits)
    finish_draft(draft_content(made), target)


@app.command
def leave(member_id: str, *, target: Target) -> None:
    """Let a member go: signed by that member, or by an administrator and an independent member.

    Parameters
    ----------
    member_id
        The member's id.

    """
    finish_draft(draft_content(Leave(_parse_id(member_id))), target)


@app.command
def suspend(member_id: str, *, target: Target) -> None:
    """Stop a member at once: signed by one administrator or independent member.

    Parameters
    ----------
    member_id
        The member's id.

    """
    finish_draft(draft_content(Suspend(_parse_id(member_id))), target)


_FOUNDING = {
    "directory-founders": "An administrator and an independent member are needed, and they must be two people.",
    "directory-channel": (
        "No founder has a role that receives reports (intake-handler or case-manager unless --channel-role says so)."
    ),
    "directory-member": "The same member is listed twice.",
}
_CHART = {
    "chart-csv": "this line does not have the columns id, name, title, reports_to[, member]",
    "chart-form": "a value is too long, empty, or has characters it cannot have",
    "chart-id": "this id stands twice",
    "chart-reports-to": "this person reports to an id that is not in the chart",
    "chart-cycle": "this person reports, over others, to themselves",
    "chart-member": "this member is linked to two people",
    "chart-size": "there are more people than a chart can hold",
}


def _read_founders(texts: list[str]) -> list[tuple[Request, list[str]]]:
    found: dict[bytes, tuple[Request, list[str]]] = {}
    for text in texts:
        path, equals, roles = text.rpartition("=")
        if not equals or not path:
            raise CommandError(f"--founder {text}: write REQUEST=ROLE, for example ada.json=administrator.")
        request = _read_request(Path(path))
        _, before = found.get(request.id, (request, []))
        found[request.id] = (request, [*before, *_check_roles([roles])])
    return list(found.values())


def _read_request(path: Path) -> Request:
    return parse_request(read_file(path, limit_bytes=LIMIT_REQUEST_BYTES + 1))


def _check_roles(texts: list[str]) -> list[str]:
    roles = {role.strip() for text in texts for role in text.split(",")}
    for role in sorted(roles - ROLES):
        raise CommandError(f"There is no role {role!r}; there are: {', '.join(sorted(ROLES))}.")
    return sorted(roles)


def _parse_cosigner(text: str) -> Cosigner:
    name, _, rest = text.partition("=")
    vkey, _, url = rest.partition("=")
    if not url:
        raise CommandError(f"--cosigner {text}: write NAME=VKEY=URL.")
    return Cosigner(name, parse_vkey(vkey), url)


def _parse_id(text: str) -> bytes:
    try:
        return parse_hex(text, size_bytes=16)
    except MalformedError as error:
        raise CommandError(f"{text} is not a member id: 32 characters 0-9, a-f.") from error
