"""Two servers at one store of at-rest keys, each at the wrong moment of the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Connection, Engine, event

from plaint.store.database import make_engine, parse_database_url
from plaint.store.erasures import ErasureRow
from plaint.store.keystore import KeyStore
from tests.support.postgres import CUT_ALL

pytestmark = pytest.mark.postgres
ORG = bytes(16)


@pytest.fixture
def url(postgres_url: str, tmp_path: Path) -> URL:
    return parse_database_url(postgres_url, default=tmp_path / "none")


@pytest.fixture
def before() -> Iterator[Callable[[str, Callable[[], object]], None]]:
    """Lets something happen once before the first statement that begins in a certain way, whoever runs it."""
    listening: list[Any] = []

    def listen(start: str, act: Callable[[], object]) -> None:
        done = list[None]()

        def look(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.strip().startswith(start) and not done:
                done.append(None)
                act()

        event.listen(Engine, "before_cursor_execute", look)
        listening.append(look)

    yield listen
    for look in listening:
        event.remove(Engine, "before_cursor_execute", look)


def test_two_servers_make_the_tables_at_once(url: URL, before: Callable[[str, Callable[[], object]], None]) -> None:
    made = list[KeyStore]()
    other = threading.Thread(target=lambda: made.append(KeyStore(url)))

    def begin_as_well() -> None:
        other.start()
        other.join(1)

    before("CREATE TABLE", begin_as_well)
    made.append(KeyStore(url))
    other.join()
    assert len(made) == 2
    for store in made:
        store.close()


def test_two_servers_finish_one_erasure_at_once(url: URL, before: Callable[[str, Callable[[], object]], None]) -> None:
    mine, theirs = KeyStore(url), KeyStore(url)
    key = mine.draw_now(1)[0]
    row = ErasureRow(bytes(32), cap=bytes(32), locator=None, record=b"left", key=key.id)
    before("INSERT INTO erased", lambda: theirs.erase(ORG, row))
    before('INSERT INTO "erased"', lambda: theirs.erase(ORG, row))
    mine.erase(ORG, row)
    assert [found.record for found in theirs.list_erased(ORG)] == [b"left"]
    assert theirs.find(key.id) is None
    mine.close()
    theirs.close()


def test_an_erasure_is_finished_although_the_connection_was_lost(url: URL) -> None:
    store, other = KeyStore(url), make_engine(url, writing=True)
    key = store.draw_now(1)[0]
    with other.begin() as connection:
        connection.execute(CUT_ALL)
    store.erase(ORG, ErasureRow(bytes(32), cap=bytes(32), locator=None, record=b"left", key=key.id))
    assert store.find(key.id) is None
    store.close()
    other.dispose()


@pytest.mark.parametrize("here", [True, False])
def test_a_key_that_is_read_while_it_is_erased_is_not_remembered(
    url: URL, monkeypatch: pytest.MonkeyPatch, here: bool
) -> None:
    mine, theirs = KeyStore(url), KeyStore(url)
    key, read = mine.draw_now(1)[0], mine._read

    def erase_after(query: Callable[[Connection], Any]) -> Any:
        monkeypatch.setattr(mine, "_read", read)
        found, row = read(query), ErasureRow(bytes(32), cap=bytes(32), locator=None, record=b"left", key=key.id)
        if here:
            mine.erase(ORG, row)
        else:
            theirs.erase(ORG, row)
            mine.drop([key.id])
        return found

    monkeypatch.setattr(mine, "_read", erase_after)
    assert mine.find(key.id) == key
    assert mine.find(key.id) is None
    mine.close()
    theirs.close()
