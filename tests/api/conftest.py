from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plaint.server.notify.settings import Smtp
from tests.support.mail_server import Mailbox, serve_mailbox
from tests.support.postgres import postgres_server, postgres_url
from tests.support.world import World

__all__ = ["postgres_server", "postgres_url"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def any_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    url = None if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    with World(tmp_path, database_url=url) as world:
        yield world


@pytest.fixture
def post() -> Iterator[tuple[Mailbox, Smtp]]:
    with serve_mailbox() as found:
        yield found
