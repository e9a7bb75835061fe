"""`plaint org create`: make an organisation of its signed genesis, on the server."""

from __future__ import annotations

import asyncio
from pathlib import Path

from cyclopts import App

from plaint.cli.output import print_json, print_lines, print_notice, read_file
from plaint.protocol.draft import LIMIT_DRAFT_BYTES

app = App(name="org", help="Create an organisation on this server.", result_action="return_value")


@app.command
def create(*, data: Path, slug: str, genesis: Path, database_url: str | None = None, json: bool = False) -> None:
    """Create an organisation; the server's own keys are made here and stay here.

    Parameters
    ----------
    data
        Directory of the service, as for `plaint up`.
    slug
        Name in the address: lower-case letters, digits and hyphens.
    genesis
        Genesis draft signed by every founder.
    database_url
        As for `plaint up`.
    json
        Print one JSON object.

    """
    from plaint.server.config import Config  # noqa: PLC0415 -- other commands need not load a server
    from plaint.server.create import create_organisation  # noqa: PLC0415

    draft = read_file(genesis, limit_bytes=LIMIT_DRAFT_BYTES)
    config = Config(data, database_url=database_url)
    keys = asyncio.run(create_organisation(config, slug, draft))
    if json:
        print_json({"org": keys.org.hex(), "origin": keys.origin, "path": f"/o/{slug}/"})
        return
    print_lines(f"org      {keys.org.hex()}", f"origin   {keys.origin}", f"path     /o/{slug}/")
    print_notice("Print the line `org` where people will find it without asking this server.")
