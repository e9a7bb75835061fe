"""`plaint desk prove`: show to whoever judges a receipt that something was done, without showing what was said."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from plaint.cli.desk import CaseId, Sitting, Url, open_desk
from plaint.cli.output import print_json, print_lines, print_notice
from plaint.client.files import create_private
from plaint.client.proving import prove_entry
from plaint.protocol.counter import CounterProof, encode_counter

GIVEN_AWAY = (
    "Whoever has this file can show it to anybody, for ever: which member wrote this kind of entry in this report's "
    "room, "
    "as which entry of it, and when it was logged. What was said stays sealed."
)
GIVEN_AWAY_UNSIGNED = "Whoever has this file can show it to anybody, for ever: that this report's case was "
"reopened, and when that was logged."
FIRST_KEY_GIVEN = (
    "WARNING: this file also holds the first key of the report. Whoever has it can read what was written under that "
    "key. Give it only to whoever must decide who broke the report."
)


def prove(
    url: Url,
    case: CaseId,
    seq: int,
    *,
    out: Path,
    with_secret: Annotated[bool, Parameter(negative=())] = False,
    sitting: Sitting,
) -> None:
    """Write a counter-proof: that an entry of a case was written and logged, for `plaint verify --counter`.

    For an extension, a closing and its confirmation (two files), a decision, a reopening. An acknowledgement or
    feedback needs none unless the report's tokens are broken: the log shows it to whoever has the receipt.

    Parameters
    ----------
    seq
        Number of the entry in the reporter's room, as `plaint desk show --json` gives it; the report itself is 0.
    out
        New file for the counter-proof.
    with_secret
        Put the report's first key into it, where nothing else shows that its tokens are broken.

    """
    with open_desk(url, sitting) as desk:
        counter = prove_entry(desk.connection, desk.open_case(case).room, seq, with_secret=with_secret)
    create_private(out, encode_counter(counter))
    if sitting.json:
        print_json({"file": str(out), "kind": counter.header.kind, "secret": counter.reveal is not None})
        return
    print_lines(f"Written to {out}.")
    for line in list_given_away(counter):
        print_notice(line)


def list_given_away(counter: CounterProof) -> list[str]:
    """Return what the file tells whoever has it."""
    told = [GIVEN_AWAY_UNSIGNED if counter.signed is None else GIVEN_AWAY]
    return told if counter.reveal is None else [*told, FIRST_KEY_GIVEN]
