from __future__ import annotations

import pytest

from plaint.http.range import parse_range


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bytes=0-9", (0, 10)),
        ("bytes=5-", (5, 100)),
        ("bytes=-5", (95, 100)),
        ("bytes=-500", (0, 100)),
        ("bytes=90-500", (90, 100)),
        ("bytes=99-99", (99, 100)),
    ],
)
def test_one_range(text: str, expected: tuple[int, int]) -> None:
    assert parse_range(text, 100) == expected


@pytest.mark.parametrize(
    "text", [None, "", "bytes=-", "bytes=100-", "bytes=9-3", "bytes=0-1,5-6", "lines=1-2", "bytes= 1-2", "bytes=-0"]
)
def test_anything_else_is_answered_with_the_whole(text: str | None) -> None:
    assert parse_range(text, 100) is None
