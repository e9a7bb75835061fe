"""Brings the tables up to date; Alembic itself is loaded only when there is something to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from plaint.errors import UnavailableError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010")
LOCK = 4_867_233_901_554
SCRIPTS = Path(__file__).with_name("migrations")


def migrate(engine: Engine) -> None:
    """Run every migration that this database has not seen.

    Raises: UnavailableError "database-newer" when a later version of Plaint has been here.
    """
    with engine.begin() as connection:
        revision = _read_revision(connection)
    if revision == REVISIONS[-1]:
        return
    if revision is not None and revision not in REVISIONS:
        raise UnavailableError("database-newer")
    _upgrade(engine)


def _read_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(engine: Engine) -> None:
    from alembic import command  # noqa: PLC0415 -- half a second that a server with nothing to migrate need not pay
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":  # two servers may start at once: the second finds nothing to do
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
