"""Connections to PostgreSQL notice that its machine is gone, unless the operator says otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from plaint.store.database import make_engine, parse_database_url
from tests.support.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]
pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("writing", [True, False])
@pytest.mark.parametrize(("asked", "expected"), [({}, "30000"), ({"tcp_user_timeout": "5000"}, "5000")])
def test_a_connection_gives_up_a_machine_that_vanished(
    postgres_url: str, asked: dict[str, str], expected: str, *, writing: bool
) -> None:
    url = parse_database_url(postgres_url, default=Path("none")).update_query_dict(asked)
    engine = make_engine(url, writing=writing)
    with engine.connect() as connection:
        given = connection.connection.dbapi_connection.info.get_parameters()  # type: ignore[union-attr]
    engine.dispose()
    assert (given["tcp_user_timeout"], given["keepalives_idle"], given["connect_timeout"]) == (expected, "10", "10")
