from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from plaint.client.ahead import read_ahead
from plaint.errors import RefusedError
from tests.support.patience import PATIENCE_S


def make(*parts: bytes) -> Iterator[bytes]:
    yield from parts


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_the_parts_come_in_their_order(count: int) -> None:
    parts = [bytes([number]) for number in range(count)]
    assert list(read_ahead(make(*parts))) == parts


def test_the_next_part_is_made_while_the_last_one_is_used() -> None:
    made = threading.Event()

    def parts() -> Iterator[bytes]:
        yield b"first"
        made.set()
        yield b"second"

    ahead = read_ahead(parts())
    assert next(ahead) == b"first"
    assert made.wait(PATIENCE_S)
    assert next(ahead) == b"second"


def test_an_error_comes_in_its_place() -> None:
    def parts() -> Iterator[bytes]:
        yield b"first"
        raise RefusedError("attachment-changed")

    ahead = read_ahead(parts())
    assert next(ahead) == b"first"
    with pytest.raises(RefusedError) as caught:
        next(ahead)
    assert caught.value.code == "attachment-changed"


def test_nothing_goes_on_once_it_is_closed() -> None:
    before = set(threading.enumerate())
    ahead = read_ahead(make(b"1", b"2", b"3"))
    next(ahead)
    ahead.close()  # type: ignore[attr-defined]
    assert set(threading.enumerate()) <= before
