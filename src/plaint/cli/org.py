"""`plaint org`: what only the server's own keyboard may do: create, restore after a loss, look into fork alarms."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from plaint.cli.output import create_file, print_json, print_lines, print_notice, read_file
from plaint.cli.times import format_time
from plaint.client.review import review_draft
from plaint.encoding.lines import parse_hex
from plaint.protocol.draft import LIMIT_DRAFT_BYTES, parse_draft

if TYPE_CHECKING:
    from plaint.server.clock.forward import Forwarded
    from plaint.server.config import Config
    from plaint.server.restore import Restored

app = App(
    name="org",
    help="Create an organisation, restore or succeed its logs, look into alarms.",
    result_action="return_value",
)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """The organisation on this machine: options of every command here."""

    data: Annotated[Path, Parameter(help="Directory of the service, as for `plaint up`.")]
    slug: Annotated[str, Parameter(help="Name in the address: lower-case letters, digits and hyphens.")]
    database_url: Annotated[str | None, Parameter(help="As for `plaint up`.")] = None

    def configure(self) -> Config:
        """Return the server's configuration, loaded only here: other commands need no server."""
        from plaint.server.config import Config  # noqa: PLC0415

        return Config(self.data, database_url=self.database_url)


@app.command
def create(*, genesis: Path, service: Service, json: bool = False) -> None:
    """Create an organisation; the server's own keys are made here and stay here.

    Parameters
    ----------
    genesis
        Genesis draft signed by every founder.
    json
        Print one JSON object.

    """
    from plaint.server.create import create_organisation  # noqa: PLC0415

    draft = read_file(genesis, limit_bytes=LIMIT_DRAFT_BYTES)
    config = service.configure()
    keys = asyncio.run(create_organisation(config, service.slug, draft))
    if json:
        print_json({"org": keys.org.hex(), "origin": keys.origin, "path": f"/o/{service.slug}/"})
        return
    print_lines(f"org      {keys.org.hex()}", f"origin   {keys.origin}", f"path     /o/{service.slug}/")
    print_notice("Print the line `org` where people will find it without asking this server.")


@app.command
def restore(
    *,
    source: Annotated[str | None, Parameter(name="--from")] = None,
    service: Service,
    json: bool = False,
) -> None:
    """Bring an older database up to the log that was published, as `plaint up` does by itself at every start.

    Stop the service first.

    Parameters
    ----------
    source
        Folder of a mirror, or address of a cosigner or of another server of this log; without it the cosigners of the
        directory are asked.
    json
        Print one JSON object.

    """
    from plaint.server.maintain import restore_organisation  # noqa: PLC0415
    from plaint.server.serve import hold_directory  # noqa: PLC0415

    place: str | Path | None = source
    if source is not None:
        place = source.rstrip("/") if source.startswith(("http://", "https://")) else Path(source)
    with hold_directory(service.data):
        found = asyncio.run(restore_organisation(service.configure(), service.slug, place))
    if json:
        print_json(_encode_restored(found))
    elif found is None:
        print_lines("The database holds the whole log; nothing was changed.")
    else:
        _print_restored(found)


@app.command
def alarms(*, forget: str | None = None, service: Service, json: bool = False) -> None:
    """Show which cosigners have seen another history of a log, or drop the alarm of one and ask it again.

    Parameters
    ----------
    forget
        The cosigner whose alarm is settled, as shown.
    json
        Print one JSON object.

    """
    from plaint.server.maintain import settle_alarms  # noqa: PLC0415

    found = asyncio.run(settle_alarms(service.configure(), service.slug, forget=forget))
    if json:
        print_json({"alarms": [{"log": a.log, "cosigner": a.cosigner, "size": a.size, "at": a.at} for a in found]})
        return
    for alarm in found:
        print_lines(f"{alarm.log:<10} {alarm.cosigner}  would not sign {alarm.size} on {format_time(alarm.at)}")
    if not found:
        print_lines("No alarm stands.")


@app.command
def forget_name(member_id: str, *, service: Service, json: bool = False) -> None:
    """Erase a member's name and its salt: what the log keeps of it says nothing any more.

    Parameters
    ----------
    member_id
        The member's id.
    json
        Print one JSON object.

    """
    from plaint.server.forget import forget_name as forget  # noqa: PLC0415

    member = parse_hex(member_id, size_bytes=16)
    found = asyncio.run(forget(service.configure(), service.slug, member))
    if json:
        print_json({"erased": found.found, "chart": list(found.chart)})
        return
    print_lines("The name is erased." if found.found else "No name was served for this id.")
    if found.chart:
        print_notice(f"The chart still names this person ({', '.join(found.chart)}): log a chart without the name.")
    print_notice("Backups, copies of the chart and what cases say of the person are not reached.")


@app.command
def receipt_key(*, out: Path, service: Service) -> None:
    """Draft the entry by which another key signs receipts; the service may run.

    The key is drawn here and waits. An administrator and an independent member sign the draft (`plaint directory
    sign`), one of them submits it, and after the delay the server signs with it by itself.

    Parameters
    ----------
    out
        Draft to write.

    """
    from plaint.server.receipt_draft import draft_receipt_key  # noqa: PLC0415

    draft = asyncio.run(draft_receipt_key(service.configure(), service.slug))
    create_file(out, draft + b"\n")
    print_lines(*review_draft(parse_draft(draft)), f"Draft  {out}")
    print_notice(f"An administrator and an independent member sign it: plaint directory sign {out} --words FILE")
    print_notice("Every server of this organisation needs the file with the new key before the draft is submitted.")


@app.command
def succession(*, out: Path, service: Service) -> None:
    """Draft the entry by which other logs take the place of those that cannot be restored.

    New keys of the server are made and wait. All independent members sign the draft (`plaint directory sign`), then
    `plaint org succeed` begins the new logs. Only for when nobody has a copy of what was signed.

    Parameters
    ----------
    out
        Draft to write.

    """
    from plaint.server.serve import hold_directory  # noqa: PLC0415
    from plaint.server.succession import draft_succession  # noqa: PLC0415

    with hold_directory(service.data):
        draft = asyncio.run(draft_succession(service.configure(), service.slug))
    create_file(out, draft + b"\n")
    print_lines(*review_draft(parse_draft(draft)), f"Draft  {out}")
    print_notice(f"Every independent member signs it: plaint directory sign {out} --words FILE")


@app.command
def succeed(*, draft: Path, service: Service) -> None:
    """Begin new logs under new keys, once all independent members have signed.

    The old logs and keys are put aside, not deleted. Cosigners need the new keys: `plaint trust` shows them.

    Parameters
    ----------
    draft
        What `plaint org succession` drafted, signed.

    """
    from plaint.server.serve import hold_directory  # noqa: PLC0415
    from plaint.server.succession import succeed as run_succession  # noqa: PLC0415

    signed = read_file(draft, limit_bytes=LIMIT_DRAFT_BYTES)
    with hold_directory(service.data):
        index = asyncio.run(run_succession(service.configure(), service.slug, signed))
    print_lines(f"The directory holds this as entry {index}. Start the service: the change counts after the delay.")


def _print_restored(found: Restored) -> None:
    for log in found.logs:
        print_lines(
            f"{log.log:<10} {log.old} -> {log.new} entries, {log.checkpoints} checkpoints with their cosignatures"
        )
        if log.log == "cases":
            lost = "an unknown number of" if log.lost is None else str(log.lost)
            print_lines(f"           {log.found} leaves of entries that are here, {lost} of entries that are lost")
    if found.names or found.chart:
        print_lines(f"missing    {found.names} names{', the chart' if found.chart else ''}")
    print_notice("Whoever wrote after the backup will see an alarm, and rightly. Tell people what was lost.")


def _encode_restored(found: Restored | None) -> dict[str, Any]:
    logs = [_encode_forwarded(log) for log in found.logs] if found else []
    return {"logs": logs, "names_missing": found.names if found else 0, "chart_missing": bool(found and found.chart)}


def _encode_forwarded(log: Forwarded) -> dict[str, Any]:
    return {key: getattr(log, key) for key in ("log", "old", "new", "checkpoints", "found", "lost")}
