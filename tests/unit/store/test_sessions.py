"""Connections to PostgreSQL notice that its machine is gone, unless the operator says otherwise."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from plaint.store.database import make_engine, parse_database_url
from plaint.store.lead import Lead
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


def test_the_lead_gives_it_up_as_well(postgres_url: str) -> None:
    lead = Lead(parse_database_url(postgres_url, default=Path("none")), bytes(16))
    assert asyncio.run(lead.take())
    session = lead._session
    assert session is not None
    given = session.connection.dbapi_connection.info.get_parameters()  # type: ignore[union-attr]
    asyncio.run(lead.close())
    assert (given["tcp_user_timeout"], given["keepalives_idle"], given["connect_timeout"]) == ("30000", "10", "10")
    assert "tcp_keepalives_idle=10" in given["options"]
