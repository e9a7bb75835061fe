"""`plaint trust`: fetch an organisation's trust file, and say plainly that nobody has checked it."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from plaint.cli.output import create_file, print_json, print_lines, print_notice
from plaint.client.http import Api
from plaint.client.succession import fetch_full_trust, follow_succession
from plaint.client.trust import fetch_trust, load_trust
from plaint.protocol.note import parse_vkey
from plaint.protocol.trust import encode_trust, parse_trust

app = App(name="trust", help="Fetch the trust file of an organisation.")


@app.default
def trust(
    url: str,
    *,
    out: Path,
    succeed: Path | None = None,
    upstream: str | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Write the keys that receipts are checked with to a file.

    The file says whose signatures count: log, receipt key and cosigners. Fetched from the organisation it proves
    nothing against the organisation; compare it with a copy from somebody else before relying on it.

    Parameters
    ----------
    url
        Address of the organisation, for example https://reports.example/o/aurora
    out
        File to write; an existing one is never overwritten.
    succeed
        The trust file of before, when other logs took the place of those it names: then the new file is as good as that
        one. Keep both: receipts of the old log are judged with the old.
    upstream
        Public key of the project whose releases alone count, whatever the directory says.
    json
        Print one JSON object.

    """
    api = Api(url)
    try:
        if succeed is None:
            data = encode_trust(fetch_full_trust(api, fetch_trust(api), now=time.time))
        else:
            data = encode_trust(follow_succession(api, load_trust(succeed), now=time.time))
    finally:
        api.close()
    if upstream is not None:
        data = encode_trust(replace(parse_trust(data), upstream=parse_vkey(upstream)))
    found = parse_trust(data)
    create_file(out, data)
    cosigners = [witness.name for witness in found.policy.witnesses]
    if succeed is None:
        print_notice("This file was fetched from the organisation itself and checked by nobody.")
        print_notice("Compare it with a printed copy, or with one from a cosigner, before you rely on it.")
    if json:
        checked = succeed is not None
        print_json({"trust": str(out), "org": found.org.hex(), "cosigners": cosigners, "checked": checked})
        return
    print_lines(f"Trust file    {out}", f"Organisation  {found.org.hex()}")
    print_lines(f"Cosigners     {', '.join(cosigners) or 'none'}")
