from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plaint.store.database import Database, parse_database_url
from tests.support.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    text = None if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    database = Database(parse_database_url(text, default=tmp_path / "plaint.sqlite"))
    yield database
    database.close()
