"""`plaint directory draft upstream` and `release`: whose releases count, and which one this organisation runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from plaint.cli.directory_place import Target, finish_draft
from plaint.cli.output import read_file
from plaint.client.drafts import draft_content
from plaint.protocol.directory_server import Upstream
from plaint.protocol.note import LIMIT_NOTE_BYTES, parse_vkey
from plaint.protocol.release import open_release_note

Flag = Annotated[bool, Parameter(negative=())]


def upstream(vkey: str, *, target: Target) -> None:
    """Say whose signature a release needs from then on: that of the project that makes the client.

    Parameters
    ----------
    vkey
        The project's public key, which must not be a key of your server.

    """
    finish_draft(draft_content(Upstream(parse_vkey(vkey))), target)


def release(note: Path, *, upstream: str, target: Target) -> None:
    """Log the release whose pages are served; signed by one administrator, counts at once.

    Parameters
    ----------
    note
        The signed note beside the release.
    upstream
        The project's public key, as the directory holds it.

    """
    found = open_release_note(read_file(note, limit_bytes=LIMIT_NOTE_BYTES), parse_vkey(upstream))
    finish_draft(draft_content(found), target)
