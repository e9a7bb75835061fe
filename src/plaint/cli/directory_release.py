"""`plaint directory draft upstream` and `release`: whose releases count, and which one this organisation runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from plaint.cli.directory_place import finish_draft
from plaint.cli.output import read_file
from plaint.client.drafts import draft_content
from plaint.protocol.directory_server import Upstream
from plaint.protocol.note import LIMIT_NOTE_BYTES, parse_vkey
from plaint.protocol.release import open_release_note

Flag = Annotated[bool, Parameter(negative=())]


def upstream(vkey: str, *, out: Path, url: str | None = None, json: Flag = False) -> None:
    """Say whose signature a release needs from then on: that of the project that makes the client.

    Parameters
    ----------
    vkey
        The project's public key, which must not be a key of your server.
    out
        File to write.
    url
        Address of the organisation; without it the draft gets its place when first signed.
    json
        Print one JSON object.

    """
    finish_draft(draft_content(Upstream(parse_vkey(vkey))), out, url=url, json=json)


def release(note: Path, *, upstream: str, out: Path, url: str | None = None, json: Flag = False) -> None:
    """Log the release whose pages are served; signed by one administrator, counts at once.

    Parameters
    ----------
    note
        The signed note beside the release.
    upstream
        The project's public key, as the directory holds it.
    out
        File to write.
    url
        Address of the organisation; without it the draft gets its place when first signed.
    json
        Print one JSON object.

    """
    found = open_release_note(read_file(note, limit_bytes=LIMIT_NOTE_BYTES), parse_vkey(upstream))
    finish_draft(draft_content(found), out, url=url, json=json)
