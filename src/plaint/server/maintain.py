"""What an operator does at the server's own keyboard while it stands, or beside it."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import httpx

from plaint.protocol.alarms import Alarm
from plaint.server.keys import read_keys
from plaint.server.restore import Restore
from plaint.store import ticks
from plaint.store.database import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from plaint.server.config import Config
    from plaint.server.restore import Restored


async def restore_organisation(config: Config, slug: str, source: Path | str | None) -> Restored | None:
    """Bring the database up to the published log, from `source` where that is given.

    The service must not run. Raises: MalformedError "org-slug", "file-missing"; those of `Restore.run`.
    """
    keys = read_keys(config.keys_path(slug))
    async with open_database(config) as database, httpx.AsyncClient() as client:
        restore = Restore(database, keys, config.logs_dir(slug), now=int(time.time()), connect=lambda: client)
        return await restore.run(source)


async def settle_alarms(config: Config, slug: str, *, forget: str | None) -> list[Alarm]:
    """Return the fork alarms that stand, after dropping those of the cosigner `forget`."""
    org = read_keys(config.keys_path(slug)).org
    async with open_database(config) as database:
        if forget is not None:
            await database.write(partial(ticks.delete_alarms, org=org, cosigner=forget))
        return [Alarm(*row) for row in await database.read(partial(ticks.list_alarms, org=org))]


@asynccontextmanager
async def open_database(config: Config) -> AsyncIterator[Database]:
    """Open the database for one task and close it again."""
    database = await asyncio.to_thread(Database, config.database)
    try:
        yield database
    finally:
        await asyncio.to_thread(database.close)
