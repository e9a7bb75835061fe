"""Begins both logs anew where they cannot go on, once all independent members have signed (spec/directory.md)."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import httpx

from plaint.errors import ConflictError, MalformedError
from plaint.log.column import sync_directory, write_durably
from plaint.log.signer import LogSigner
from plaint.protocol.checkpoint import parse_checkpoint
from plaint.protocol.directory import Entry, encode_entry
from plaint.protocol.directory_server import Final, Succession
from plaint.protocol.draft import Draft, encode_draft, parse_draft
from plaint.protocol.fold import apply_entry
from plaint.protocol.note import encode_note, encode_signatures, parse_note
from plaint.server.clock.forward import fold_entries
from plaint.server.keys import draw_keys, read_keys, write_keys
from plaint.server.maintain import open_database
from plaint.server.organisation import LOGS
from plaint.server.restore import Restore
from plaint.store import directory as directory_store
from plaint.store import ticks

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from plaint.server.config import Config
    from plaint.server.keys import ServerKeys


async def draft_succession(config: Config, slug: str) -> bytes:
    """Return the draft of a succession with its place in the directory, for the independent members to sign.

    The next keys are drawn at the first call and wait beside the present ones.
    Raises: those of `Restore.find_finals`.
    """
    keys, path = read_keys(config.keys_path(slug)), _next_path(config, slug)
    if not path.exists():
        # Cells and answers about nothing must stay what they were: what changes in them would show what is real.
        write_keys(path, replace(draw_keys(keys.org), session=keys.session, prf=keys.prf))
    async with open_database(config) as database, httpx.AsyncClient() as client:
        restore = Restore(database, keys, config.logs_dir(slug), now=int(time.time()), connect=lambda: client)
        finals = {log: Final(found.size, found.root) for log, found in (await restore.find_finals()).items()}
        size = await database.read(lambda c: directory_store.count_entries(c, keys.org))
    content = Succession(finals["cases"], finals["directory"], read_keys(path).verifiers)
    return encode_draft(Draft(content, {}, None, keys.org, Entry(size, content)))


async def succeed(config: Config, slug: str, data: bytes) -> int:
    """Put the signed draft `data` into effect as far as the server goes, and return the entry's index.

    The service must not run. Run again after a crash it finishes what it began: until the keys are exchanged no server
    starts.
    Raises: MalformedError "draft-place"; ConflictError "directory-index", "keys-next" when the draft is not of the keys
            that wait here; those of `apply_entry`.
    """
    draft = parse_draft(data)
    if draft.entry is None or not isinstance(draft.content, Succession):
        raise MalformedError("draft-place")
    present, waiting = config.keys_path(slug), _next_path(config, slug)
    keys = read_keys(present)
    if draft.org != keys.org:
        raise MalformedError("draft-place")
    if keys.verifiers == draft.content.origin:
        return draft.entry.index
    if not waiting.exists() or read_keys(waiting).verifiers != draft.content.origin:
        raise ConflictError("keys-next")
    entry = draft.entry
    successor = read_keys(waiting)
    async with open_database(config) as database:
        await database.write(lambda c: _insert(c, successor, entry))
        first = [await database.read(partial(_find_first, org=keys.org, log=log)) for log in LOGS]
    _put_aside(config.logs_dir(slug))
    for log, note in zip(LOGS, first, strict=True):
        if note is not None:
            # What the new log begins with is known: nobody need be asked whether there is more of it.
            write_durably(config.logs_dir(slug) / log / "head", note)
    _put_aside(present, link=True)
    waiting.replace(present)
    sync_directory(present.parent)
    return entry.index


def _insert(connection: Connection, keys: ServerKeys, entry: Entry) -> None:
    """Append the entry, and let both logs begin with everything that is here, under the new keys."""
    entries = directory_store.list_entries(connection, keys.org, 0)
    encoded = encode_entry(entry)
    if entries[entry.index : entry.index + 1] == [encoded]:
        return
    state = fold_entries(entries, keys.org)
    if entry.index != state.size:
        raise ConflictError("directory-index")
    apply_entry(state, entry)
    directory_store.insert_entry(connection, keys.org, entry.index, encoded)
    rows = [_sign_anew(connection, keys, log) for log in LOGS]
    ticks.forget_checkpoints(connection, keys.org)
    for row in rows:
        if row is not None:
            ticks.insert_checkpoint(connection, keys.org, row)


def _find_first(connection: Connection, org: bytes, log: str) -> bytes | None:
    """Return the checkpoint that the new log begins with."""
    row = ticks.find_last_checkpoint(connection, org, log, dated=False)
    return None if row is None else row.note


def _sign_anew(connection: Connection, keys: ServerKeys, log: str) -> ticks.CheckpointRow | None:
    """Return the checkpoint of what is here of a log as the new one's first, dated by nobody yet."""
    last = ticks.find_last_checkpoint(connection, keys.org, log, dated=False)
    if last is None:
        return None
    before = parse_checkpoint(parse_note(last.note).text)
    names = keys.verifiers
    key, name = (keys.cases, names.cases.name) if log == "cases" else (keys.directory, names.directory.name)
    signer = LogSigner(origin=name, key=key, clock_name=names.clock.name, clock=keys.clock)
    note = signer.sign_checkpoint(before.size, before.root)
    own = encode_signatures([signer.cosign(note, timestamp=int(time.time()))])
    return ticks.CheckpointRow(log, before.size, encode_note(note), own, own, None)


def _put_aside(path: Path, *, link: bool = False) -> None:
    """Keep what the old logs left under the next free name."""
    if not path.exists():
        return
    number = 1
    while (aside := path.with_name(f"{path.name}.old-{number}")).exists():
        number += 1
    if link:
        aside.hardlink_to(path)
    else:
        path.rename(aside)
    sync_directory(path.parent)


def _next_path(config: Config, slug: str) -> Path:
    return config.keys_path(slug).with_suffix(".next")
