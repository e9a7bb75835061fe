"""Dates on a terminal: in the zone of whoever reads them."""

from __future__ import annotations

import time

import pytest

from plaint.cli.output import CommandError
from plaint.cli.times import format_time, parse_time

MOMENT = 1_783_547_999  # 2026-07-08T21:59:59Z


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", "2026-07-08 21:59 UTC"),
        ("Europe/Berlin", "2026-07-08 23:59 UTC+02:00"),
        ("Asia/Kolkata", "2026-07-09 03:29 UTC+05:30"),
        ("America/St_Johns", "2026-07-08 19:29 UTC-02:30"),
    ],
)
def test_a_date_is_in_the_zone_of_the_device(zone: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert format_time(MOMENT) == expected
        assert format_time(None) == "–"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_time_is_read_as_it_is_written_and_nothing_else() -> None:
    assert parse_time("2026-07-08T23:59:59+02:00") == parse_time("2026-07-08T21:59:59") == MOMENT
    for text in ("tomorrow", "2026-13-01", "1e9"):
        with pytest.raises(CommandError):
            parse_time(text)
