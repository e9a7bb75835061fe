"""`plaint log`: keep copies of an organisation's two logs, check them from their entries up, and watch them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from plaint.cli.log_watch import watch
from plaint.cli.output import print_json, print_lines
from plaint.cli.times import format_time
from plaint.client.audit import audit_log
from plaint.client.mirror import MirrorReport, mirror_log
from plaint.client.trust import load_trust

EXIT_FAILED = 1

app = App(name="log", help="Mirror, audit and watch the logs.")
app.command(watch)


@app.command
def mirror(
    url: str, directory: Path, *, trust: Path | None = None, json: Annotated[bool, Parameter(negative=())] = False
) -> None:
    """Copy both logs and every cosigned checkpoint; run it again to go on.

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
    reports = asyncio.run(mirror_log(url, directory, trust=load_trust(trust) if trust else None))
    if json:
        print_json({"logs": {report.log: _encode_report(report) for report in reports}})
        return
    for report in reports:
        when = f", cosigned {format_time(report.date)}" if report.date else ", cosigned by nobody"
        print_lines(f"{report.log:<10} {report.size} entries, {report.size - report.old_size} new{when}")


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
    if not report["trusted"]:
        print_lines("The keys were the offered ones; with --trust the audit also holds against whoever offered them.")


def _encode_report(report: MirrorReport) -> dict[str, Any]:
    return {
        "size": report.size,
        "new": report.size - report.old_size,
        "checkpoints": report.new_checkpoints,
        "date": report.date,
    }
