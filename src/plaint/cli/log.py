"""`plaint log`: keep copies of an organisation's two logs, check them from their entries up, and watch them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import httpx
from cyclopts import App, Parameter

from plaint.cli.log_watch import watch
from plaint.cli.output import print_json, print_lines
from plaint.cli.times import format_time
from plaint.client.audit import audit_log
from plaint.client.compare import CONTRADICTS, compare_cosigners
from plaint.client.mirror import LIMIT_CONNECTIONS, MirrorReport, mirror_log, read_offered
from plaint.client.trust import load_trust

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plaint.protocol.trust import Trust

EXIT_FAILED = 1
_COSIGNERS = {
    "agrees": "shows the same log",
    "ahead": "has signed more than could be copied; run this again",
    "silent": "shows nothing",
    "contradicts": "ALARM: shows ANOTHER HISTORY of this log, signed by its key; `plaint log mirror` keeps the proof",
}

app = App(name="log", help="Mirror, audit and watch the logs.")
app.command(watch)


@app.command
def mirror(
    url: str, directory: Path, *, trust: Path | None = None, json: Annotated[bool, Parameter(negative=())] = False
) -> int:
    """Copy both logs and every cosigned checkpoint; run it again to go on.

    What the cosigners show is held against the copy: exit code 1 when one shows another history. Its checkpoint is then
    kept beside ours, and both together are the proof.

    Parameters
    ----------
    url
        Address of the organisation.
    directory
        Where the copies stand; made when it is missing.
    trust
        Trust file; without it the keys met on the first run are kept and every later run must fit them.
    json
        Print one JSON object.

    """
    reports, cosigners = asyncio.run(_mirror(url, directory, load_trust(trust) if trust else None))
    if json:
        print_json({"logs": {report.log: _encode_report(report) for report in reports}, "cosigners": cosigners})
    else:
        for report in reports:
            when = f", cosigned {format_time(report.date)}" if report.date else ", cosigned by nobody"
            print_lines(f"{report.log:<10} {report.size} entries, {report.size - report.old_size} new{when}")
        _print_cosigners(cosigners)
    return EXIT_FAILED if any(CONTRADICTS in found.values() for found in cosigners.values()) else 0


@app.command
def audit(source: str, *, trust: Path | None = None, json: Annotated[bool, Parameter(negative=())] = False) -> int:
    """Check an organisation's logs, or a copy of them, from their entries up.

    Exit code 0 when roots, growth and signatures hold, 1 when not.

    Parameters
    ----------
    source
        Address of the organisation, or the directory of a mirror.
    trust
        Trust file; without it the offered keys are used and the report says so.
    json
        Print one JSON object.

    """
    report = asyncio.run(audit_log(source, trust=load_trust(trust) if trust else None))
    if json:
        print_json(report)
    else:
        _print_audit(report)
    return 0 if report["ok"] else EXIT_FAILED


def _print_audit(report: dict[str, Any]) -> None:
    for name, part in report["logs"].items():
        holds = part["root_ok"] and part["consistent"] and not part["invalid"]
        print_lines(
            f"{name:<10} {'holds' if holds else 'DOES NOT HOLD'}",
            f"           {part['size']} entries, {part['kept']} checkpoints kept, {part['dates']['dated']} dated",
        )
        if part["contradictions"]:
            print_lines(f"           contradicting checkpoints at {', '.join(map(str, part['contradictions']))}")
        if part["invalid"]:
            print_lines(f"           false signatures at {', '.join(map(str, part['invalid']))}")
    _print_cosigners(report.get("cosigners", {}))
    for alarm in report.get("alarms", []):
        print_lines(f"{alarm['log']:<10} the server says that {alarm['cosigner']} would not sign {alarm['size']}")
    if not report["trusted"]:
        print_lines("The keys were the offered ones; with --trust the audit also holds against whoever offered them.")


async def _mirror(
    url: str, directory: Path, trust: Trust | None
) -> tuple[tuple[MirrorReport, ...], dict[str, dict[str, str]]]:
    limits = httpx.Limits(max_connections=LIMIT_CONNECTIONS)
    async with httpx.AsyncClient(timeout=30, limits=limits) as client:
        reports = await mirror_log(url, directory, trust=trust, client=client)
        keys = trust or read_offered(directory)
        return reports, await compare_cosigners(directory, keys, client=client)


def _print_cosigners(cosigners: Mapping[str, Mapping[str, str]]) -> None:
    for log, found in cosigners.items():
        for name, state in found.items():
            print_lines(f"{log:<10} {name} {_COSIGNERS[state]}")


def _encode_report(report: MirrorReport) -> dict[str, Any]:
    return {
        "size": report.size,
        "new": report.size - report.old_size,
        "checkpoints": report.new_checkpoints,
        "date": report.date,
    }
