"""The cosigner's heads: one winner, durable before the answer, and many flushed to the disk as one."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from plaint.cosigner.store import HeadStore
from plaint.log.witness import Head
from plaint.protocol.merkle import Hash

CALLERS = 12


@pytest.fixture
def store(tmp_path: Path) -> Iterator[HeadStore]:
    with HeadStore(tmp_path / "heads.sqlite") as made:
        yield made


def make_head(number: int) -> Head:
    return Head(number, Hash(bytes([number]) * 32), b"note %d" % number)


def queue_behind_a_flush(store: HeadStore, calls: list[tuple[str, Head | None, Head]]) -> list[bool | None]:
    """Let every call wait while somebody else is being flushed; None where it failed."""

    def call(origin: str, old: Head | None, new: Head) -> bool | None:
        try:
            return store.replace_head(origin, old=old, new=new)
        except sqlite3.Error:
            return None

    with ThreadPoolExecutor(len(calls)) as pool:
        with store._write_lock:
            answers = [pool.submit(call, *each) for each in calls]
            while len(store._waiting) < len(calls):
                threading.Event().wait(0.001)
        return [answer.result() for answer in answers]


def test_all_who_wait_are_made_durable_by_one_flush(store: HeadStore, tmp_path: Path) -> None:
    said: list[str] = []
    store._database.set_trace_callback(said.append)
    calls: list[tuple[str, Head | None, Head]] = [(f"log {number}", None, make_head(1)) for number in range(CALLERS)]
    assert queue_behind_a_flush(store, calls) == [True] * CALLERS
    assert said.count("COMMIT") == 1
    with HeadStore(tmp_path / "heads.sqlite") as again:
        assert all(again.read_head(f"log {number}") == make_head(1) for number in range(CALLERS))


@pytest.mark.parametrize("old", [None, make_head(1)])
def test_of_all_who_wait_with_the_same_old_head_one_wins(store: HeadStore, old: Head | None) -> None:
    if old is not None:
        assert store.replace_head("log", old=None, new=old)
    calls: list[tuple[str, Head | None, Head]] = [("log", old, make_head(2 + number)) for number in range(CALLERS)]
    answers = queue_behind_a_flush(store, calls)
    assert answers.count(True) == 1
    assert answers.count(False) == CALLERS - 1
    assert store.read_head("log") == calls[answers.index(True)][2]


def test_where_the_disk_fails_nobody_is_told_that_it_was_kept(store: HeadStore, tmp_path: Path) -> None:
    assert store.replace_head("log", old=None, new=make_head(1))
    store._database.close()
    assert queue_behind_a_flush(store, [("log", make_head(1), make_head(2))] * 3) == [None] * 3
    with HeadStore(tmp_path / "heads.sqlite") as again:
        assert again.read_head("log") == make_head(1)


def test_a_change_that_breaks_half_way_takes_the_others_back(store: HeadStore) -> None:
    broken = Head(2, Hash(bytes(32)), "no bytes")  # type: ignore[arg-type]
    calls: list[tuple[str, Head | None, Head]] = [("first", None, make_head(1)), ("second", None, broken)]
    assert queue_behind_a_flush(store, calls) == [None, None]
    assert store.read_head("first") is None
    assert store.replace_head("first", old=None, new=make_head(1))
