"""`plaint trust`: fetch an organisation's trust file, and say plainly that nobody has checked it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from plaint.cli.output import create_file, print_json, print_lines, print_notice
from plaint.client.http import Api
from plaint.client.trust import fetch_trust_bytes
from plaint.protocol.trust import parse_trust

app = App(name="trust", help="Fetch the trust file of an organisation.")


@app.default
def trust(url: str, *, out: Path, json: Annotated[bool, Parameter(negative=())] = False) -> None:
    """Write the keys that receipts are checked with to a file.

    The file says whose signatures count: log, receipt key and cosigners. Fetched from the organisation it proves
    nothing against the organisation; compare it with a copy from somebody else before relying on it.

    Parameters
    ----------
    url
        Address of the organisation, for example https://reports.example/o/aurora
    out
        File to write; an existing one is never overwritten.
    json
        Print one JSON object.

    """
    api = Api(url)
    try:
        data = fetch_trust_bytes(api)
    finally:
        api.close()
    create_file(out, data)
    found = parse_trust(data)
    cosigners = [witness.name for witness in found.policy.witnesses]
    print_notice("This file was fetched from the organisation itself and checked by nobody.")
    print_notice("Compare it with a printed copy, or with one from a cosigner, before you rely on it.")
    if json:
        print_json({"trust": str(out), "org": found.org.hex(), "cosigners": cosigners, "checked": False})
        return
    print_lines(f"Trust file    {out}", f"Organisation  {found.org.hex()}")
    print_lines(f"Cosigners     {', '.join(cosigners) or 'none'}")
