"""Holds what cosigners show against a copy of the logs: a log that shows two people two histories is caught here."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from plaint.client.mirror import LOGS, open_copy
from plaint.errors import PlaintError
from plaint.log.column import write_durably
from plaint.log.fetch import hash_origin, make_fetch
from plaint.protocol.alarms import Alarm, parse_alarms
from plaint.protocol.checkpoint import open_checkpoint
from plaint.protocol.note import encode_note, parse_note

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from plaint.log.copy import LogCopy
    from plaint.protocol.note import Note, VerifierKey
    from plaint.protocol.policy import Witness
    from plaint.protocol.trust import Trust

AGREES, AHEAD, SILENT, CONTRADICTS = "agrees", "ahead", "silent", "contradicts"


async def compare_cosigners(directory: Path, trust: Trust, *, client: httpx.AsyncClient) -> dict[str, dict[str, str]]:
    """Return by log and cosigner of the trust file how what it shows relates to the copy in `directory`.

    `agrees`, `ahead` (a larger tree: copy again), `silent`, or `contradicts`: then both signed checkpoints are kept in
    `<log>/fork-<hex key id>` and `<log>/checkpoint`, and prove that the log has two histories.
    """
    found: dict[str, dict[str, str]] = {}
    for name in LOGS:
        copy = open_copy(directory, name)
        try:
            key: VerifierKey = getattr(trust, name)
            asked = [witness for witness in trust.policy.witnesses if witness.url is not None]
            notes = await asyncio.gather(*(_fetch_head(client, witness, key) for witness in asked))
            found[name] = {
                witness.name: _compare(directory / name, copy, witness, key, note)
                for witness, note in zip(asked, notes, strict=True)
            }
        finally:
            copy.close()
    return found


async def fetch_alarms(client: httpx.AsyncClient, url: str) -> tuple[Alarm, ...]:
    """Return the fork alarms that the organisation at `url` shows of itself; none where it shows nothing."""
    try:
        return parse_alarms(await make_fetch(client, url.rstrip("/") + "/log")("alarms"))
    except PlaintError:
        return ()


async def _fetch_head(client: httpx.AsyncClient, witness: Witness, key: VerifierKey) -> Note | None:
    """Return what a cosigner shows of a log, when the log's key signed it."""
    try:
        note = parse_note(await make_fetch(client, f"{witness.url}/{hash_origin(key.name)}")("checkpoint"))
        open_checkpoint(note, key)
    except PlaintError:
        return None
    return note


def _compare(folder: Path, copy: LogCopy, witness: Witness, key: VerifierKey, note: Note | None) -> str:
    if note is None:
        return SILENT
    checkpoint = open_checkpoint(note, key)
    if checkpoint.size > copy.tree.size:
        return AHEAD
    if copy.tree.root_at(checkpoint.size) == checkpoint.root:
        return AGREES
    write_durably(folder / f"fork-{witness.key.key_id.hex()}", encode_note(note))
    return CONTRADICTS
