"""Makes an organisation of its signed genesis: the one thing that happens on the server's own keyboard."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from plaint.errors import ConflictError, MalformedError, VerificationError
from plaint.protocol.directory import Entry, encode_entry
from plaint.protocol.directory_contents import Genesis
from plaint.protocol.draft import parse_draft
from plaint.protocol.fold import apply_entry
from plaint.server.config import check_slug
from plaint.server.directory.service import store_beside
from plaint.server.keys import draw_keys, read_keys, write_keys
from plaint.store import directory as directory_store
from plaint.store.database import Database

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from plaint.protocol.draft import Draft
    from plaint.server.config import Config
    from plaint.server.keys import ServerKeys


async def create_organisation(config: Config, slug: str, data: bytes) -> ServerKeys:
    """Create the organisation of the genesis draft `data` at `slug`, with fresh keys and its origin entry.

    A running server of the same data directory serves it at once.
    Raises: MalformedError "org-slug", "org-genesis"; ConflictError "org-slug", "org-known"; those of `parse_draft`,
            `apply_entry`; VerificationError "directory-org".
    """
    check_slug(slug)
    draft = parse_draft(data)
    if draft.entry is None or not isinstance(draft.content, Genesis):
        raise MalformedError("org-genesis")
    state = apply_entry(None, draft.entry)
    if draft.org != state.org:
        raise VerificationError("directory-org")
    config.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = await asyncio.to_thread(Database, config.database)
    try:
        await database.read(lambda c: _check_free(c, slug, state.org))
        keys = _prepare_keys(config, slug, state.org)
        origin = Entry(1, keys.verifiers)
        apply_entry(state, origin)
        await database.write(lambda c: _insert(c, slug, draft, origin))
    finally:
        await asyncio.to_thread(database.close)
    return keys


def _prepare_keys(config: Config, slug: str, org: bytes) -> ServerKeys:
    """Return keys that are on the disk before anything refers to them; those of a run cut short serve again."""
    path = config.keys_path(slug)
    if path.exists():
        keys = read_keys(path)
        if keys.org == org:
            return keys
        path.unlink()
    keys = draw_keys(org)
    write_keys(path, keys)
    return keys


def _check_free(connection: Connection, slug: str, org: bytes) -> None:
    if directory_store.find_organisation(connection, slug) is not None:
        raise ConflictError("org-slug")
    if directory_store.has_organisation(connection, org):
        raise ConflictError("org-known")


def _insert(connection: Connection, slug: str, draft: Draft, origin: Entry) -> None:
    if draft.entry is None or draft.org is None:
        raise MalformedError("org-genesis")
    _check_free(connection, slug, draft.org)
    directory_store.insert_organisation(connection, draft.org, slug)
    for entry in (draft.entry, origin):
        directory_store.insert_entry(connection, draft.org, entry.index, encode_entry(entry))
    store_beside(connection, draft.org, draft)
