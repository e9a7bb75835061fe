from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

import pytest
from sqlalchemy import Connection, func, select

from plaint.store.database import Database
from plaint.store.outbox import (
    CLOCK_SLACK_S,
    KEPT_MAILINGS,
    LEASE_S,
    LONGEST_WAIT_S,
    Notice,
    claim,
    finish,
    lay_out,
    list_addresses,
    postpone,
    release,
    replace_address,
)
from plaint.store.schema import mailing, outbox

T = TypeVar("T")
ORG, OTHER = b"o" * 16, b"p" * 16
DAY = 86_400
AT = 20_000 * DAY
ANN, BOB = ("mail", b"a" * 16), ("mail", b"b" * 16)
ONE, TWO = b"1" * 16, b"2" * 16


def write(database: Database, job: Callable[[Connection], T]) -> T:
    return asyncio.run(database.write(job))


def lay(database: Database, at: int, *receivers: tuple[str, bytes]) -> bool:
    return write(database, lambda c: lay_out(c, ORG, at, receivers, now=at))


def take(database: Database, holder: bytes, now: int, limit: int = 8) -> list[Notice]:
    return write(database, lambda c: claim(c, ORG, holder, now=now, limit=limit))


def count(database: Database) -> int:
    return asyncio.run(database.read(lambda c: c.execute(select(func.count()).select_from(outbox)).scalar_one()))


def test_an_address_is_replaced_and_forgotten(database: Database) -> None:
    write(database, lambda c: replace_address(c, ORG, ONE, "one@example.invalid"))
    write(database, lambda c: replace_address(c, OTHER, ONE, "other@example.invalid"))
    write(database, lambda c: replace_address(c, ORG, ONE, "uno@example.invalid"))
    assert asyncio.run(database.read(lambda c: list_addresses(c, ORG))) == {ONE: "uno@example.invalid"}
    write(database, lambda c: replace_address(c, ORG, ONE, None))
    write(database, lambda c: replace_address(c, ORG, ONE, None))
    assert asyncio.run(database.read(lambda c: list_addresses(c, ORG))) == {}
    assert len(asyncio.run(database.read(lambda c: list_addresses(c, OTHER)))) == 1


def test_a_mailing_is_laid_out_once(database: Database) -> None:
    assert lay(database, AT, ANN, BOB)
    assert not lay(database, AT, ANN, BOB)
    found = take(database, ONE, AT)
    for notice in found:
        write(database, lambda c, notice=notice: finish(c, ORG, ONE, notice))  # type: ignore[misc]
    assert sorted((n.kind, n.receiver, n.at, n.tries) for n in found) == [(*ANN, AT, 1), (*BOB, AT, 1)]
    assert not lay(database, AT, ANN, BOB)
    assert count(database) == 0


def test_what_one_process_has_in_hand_no_other_takes(database: Database) -> None:
    lay(database, AT, ANN, BOB)
    assert len(take(database, ONE, AT, limit=1)) == 1
    assert len(take(database, TWO, AT)) == 1
    assert take(database, ONE, AT) == take(database, TWO, AT + LEASE_S - 1) == []


def test_a_lease_ends_and_its_old_holder_changes_nothing_more(database: Database) -> None:
    lay(database, AT, ANN)
    (first,) = take(database, ONE, AT)
    (again,) = take(database, TWO, AT + LEASE_S)
    assert (first.tries, again.tries) == (1, 2)
    write(database, lambda c: postpone(c, ORG, ONE, first, until=AT))
    write(database, lambda c: finish(c, ORG, ONE, first))
    assert count(database) == 1
    assert take(database, ONE, AT + LEASE_S) == []
    write(database, lambda c: finish(c, ORG, TWO, again))
    assert count(database) == 0


def test_a_process_that_stops_lays_back_what_it_had_and_nothing_else(database: Database) -> None:
    lay(database, AT, ANN, BOB)
    (mine,) = take(database, ONE, AT, limit=1)
    take(database, TWO, AT)
    write(database, lambda c: release(c, ORG, ONE))
    assert [(n.receiver, n.tries) for n in take(database, TWO, AT)] == [(mine.receiver, 2)]


def test_what_is_postponed_waits(database: Database) -> None:
    lay(database, AT, ANN)
    (first,) = take(database, ONE, AT)
    write(database, lambda c: postpone(c, ORG, ONE, first, until=AT + 60))
    assert take(database, TWO, AT + 59) == []
    assert [n.tries for n in take(database, TWO, AT + 60)] == [2]


def test_a_newer_mailing_replaces_what_waits(database: Database) -> None:
    lay(database, AT, ANN, BOB)
    take(database, ONE, AT, limit=1)
    assert lay(database, AT + DAY, ANN)
    assert [(n.receiver, n.at) for n in take(database, TWO, AT + DAY)] == [(ANN[1], AT + DAY)]


@pytest.mark.parametrize("back", [2 * DAY, 400 * DAY])
def test_a_clock_set_back_frees_what_it_left_in_the_future(database: Database, back: int) -> None:
    lay(database, AT, ANN, BOB)
    (held,) = take(database, ONE, AT, limit=1)
    (waiting,) = take(database, ONE, AT, limit=1)
    write(database, lambda c: postpone(c, ORG, ONE, waiting, until=AT + LONGEST_WAIT_S))
    assert {n.receiver for n in take(database, TWO, AT - back)} == {held.receiver, waiting.receiver}


def test_a_clock_a_little_behind_takes_nothing_from_another(database: Database) -> None:
    lay(database, AT, ANN, BOB)
    take(database, ONE, AT, limit=1)
    (waiting,) = take(database, ONE, AT, limit=1)
    write(database, lambda c: postpone(c, ORG, ONE, waiting, until=AT + LONGEST_WAIT_S))
    assert take(database, TWO, AT - CLOCK_SLACK_S + 1) == []


def test_a_mailing_older_than_all_that_are_remembered_is_not_laid_out_again(database: Database) -> None:
    for day in range(KEPT_MAILINGS + 3):
        assert lay(database, AT + day * DAY, ANN)
    kept = asyncio.run(database.read(lambda c: list(c.execute(select(mailing.c.at)).scalars())))
    assert len(kept) == KEPT_MAILINGS
    assert min(kept) == AT + 3 * DAY
    for day in (0, 2, 3, KEPT_MAILINGS):
        assert not lay(database, AT + day * DAY, ANN)


def test_a_clock_that_ran_ahead_and_came_back_stops_nothing(database: Database) -> None:
    assert lay(database, AT, ANN)
    assert lay(database, AT + 365 * DAY, ANN)
    assert not lay(database, AT, ANN)
    assert lay(database, AT + DAY, ANN)
    assert [n.at for n in take(database, ONE, AT + DAY)] == [AT + DAY]
