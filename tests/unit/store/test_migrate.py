from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, text

from plaint.errors import MalformedError, UnavailableError
from plaint.store.database import Database, make_engine, parse_database_url
from plaint.store.migrate import REVISIONS, SCRIPTS
from plaint.store.schema import metadata


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    text = None if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    return parse_database_url(text, default=tmp_path / "plaint.sqlite")


def test_migrations_make_exactly_the_tables_of_the_schema(url: URL) -> None:
    Database(url).close()
    engine = make_engine(url, writing=False)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_a_second_start_finds_nothing_to_do(url: URL) -> None:
    Database(url).close()
    Database(url).close()


def test_a_database_of_a_later_version_is_left_alone(url: URL) -> None:
    Database(url).close()
    engine = make_engine(url, writing=True)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(UnavailableError) as caught:
        Database(url)
    assert caught.value.code == "database-newer"


def test_entries_of_before_get_numbers_that_tell_nothing(tmp_path: Path) -> None:
    url = parse_database_url(None, default=tmp_path / "plaint.sqlite")
    engine, config = make_engine(url, writing=True), Config()
    config.set_main_option("script_location", str(SCRIPTS))
    rows = [(b"o" * 16, bytes([number]) * 32, 0, b"header", b"body", None, b"note") for number in range(24)]
    names = ("org", "room", "seq", "header", "body", "slots", "note")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0009")
        insert = text(f"INSERT INTO entry VALUES ({', '.join(':' + name for name in names)})")
        connection.execute(insert, [dict(zip(names, row, strict=True)) for row in rows])
    Database(url).close()
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT * FROM entry ORDER BY room")).all()
        numbers = list(connection.execute(text("SELECT rowid FROM entry ORDER BY room")).scalars())
    engine.dispose()
    assert [tuple(row) for row in kept] == rows
    assert numbers != sorted(numbers)
    assert max(numbers) - min(numbers) > 2**32


def test_every_table_carries_the_organisation() -> None:
    assert all("org" in table.primary_key.columns for table in metadata.tables.values())


def test_the_listed_revisions_are_those_of_the_scripts() -> None:
    found = [script.revision for script in ScriptDirectory(SCRIPTS).walk_revisions()]
    assert tuple(reversed(found)) == REVISIONS


@pytest.mark.parametrize("wrong", ["mysql://host/x", "no address", ""])
def test_other_databases_are_refused(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(MalformedError) as caught:
        parse_database_url(wrong, default=tmp_path / "x")
    assert caught.value.code == "database-url"
