from __future__ import annotations

import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar, Event

from plaint.client.dates import encode_calendar, list_desk_dates, list_report_dates, save_calendar
from plaint.client.follow import find_report
from plaint.errors import MalformedError, RefusedError
from tests.support.world import World

DAY_S = 86_400


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Calendars before and after an acknowledgement: the reporter's, a handler's, a watching independent's."""
    with World(tmp_path_factory.mktemp("dates")) as world:
        keys, sent = world.report("Something happened.", about=["Ida"])
        world.tick(30)
        found: dict[str, bytes] = {}
        for moment in ("before", "after"):
            report = find_report(world.connect(), keys)
            found[f"reporter {moment}"] = encode_calendar(list_report_dates(report, sent.receipt), now=world.now)
            for name in ("ben", "dov"):
                desk = world.desk(name)
                desk.scan()
                found[f"{name} {moment}"] = encode_calendar(list_desk_dates(desk), now=world.now)
            desk = world.desk("ben")
            desk.scan()
            if moment == "before":
                desk.acknowledge(desk.list_cases()[0], "It arrived.")
            world.tick(12)
        found["secrets"] = b"\n".join([sent.receipt.header.room.hex().encode(), world.url.encode(), b"Ida"])
        return found


def list_events(data: bytes) -> list[Event]:
    calendar = Calendar.from_ical(data)
    assert isinstance(calendar, Calendar)
    return calendar.events


def test_a_reporter_gets_both_dates_and_nobody_is_warned_on_the_screen(told: dict[str, bytes]) -> None:
    events = list_events(told["reporter before"])
    assert [str(event["summary"]) for event in events] == ["Look for an answer"] * 2
    starts = [event.start for event in events]
    assert all(isinstance(start, datetime) and start.utcoffset() == timedelta() for start in starts)
    assert starts == sorted(starts)
    assert b"VALARM" not in told["reporter before"]


@pytest.mark.parametrize("name", ["ben", "dov"])
def test_a_member_gets_the_dates_of_what_he_reads_or_watches(told: dict[str, bytes], name: str) -> None:
    events = list_events(told[f"{name} before"])
    assert [str(event["summary"]) for event in events] == ["Desk: acknowledgement due", "Desk: feedback due"]
    assert {str(event["status"]) for event in events} == {"CONFIRMED"}
    reporter = list_events(told["reporter before"])
    # Without the state note a member counts from the logged date, which is a few ticks later.
    assert all(
        abs((mine.start - hers.start).total_seconds()) < 7200 for mine, hers in zip(events, reporter, strict=True)
    )
    assert told[f"{name} before"].count(b"BEGIN:VALARM") == 2


@pytest.mark.parametrize("name", ["reporter", "ben", "dov"])
def test_what_is_met_is_taken_away_by_the_next_file(told: dict[str, bytes], name: str) -> None:
    before, after = list_events(told[f"{name} before"]), list_events(told[f"{name} after"])
    assert [event["uid"] for event in before] == [event["uid"] for event in after]
    assert [(str(event["status"]), str(event["sequence"])) for event in after] == [
        ("CANCELLED", "2"),
        ("CONFIRMED", "0"),
    ]


def test_a_calendar_names_nothing_and_links_nobody(told: dict[str, bytes]) -> None:
    calendars = {name: data for name, data in told.items() if name != "secrets"}
    for data in calendars.values():
        assert b"plaint" not in data.lower()
        for secret in told["secrets"].split(b"\n"):
            assert secret not in data
            assert secret[:12] not in data
    ids = [
        {str(event["uid"]) for event in list_events(calendars[f"{name} before"])} for name in ("reporter", "ben", "dov")
    ]
    assert len(set.union(*ids)) == 6


def test_a_calendar_is_private_and_replaces_calendars_only(tmp_path: Path) -> None:
    path, letter = tmp_path / "dates.ics", tmp_path / "letter.txt"
    for number in (0, 1):
        save_calendar(path, encode_calendar([], now=number * DAY_S))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list_events(path.read_bytes()) == []
    letter.write_bytes(b"mine")
    with pytest.raises(RefusedError) as caught:
        save_calendar(letter, path.read_bytes())
    assert caught.value.code == "file-exists"
    assert letter.read_bytes() == b"mine"
    with pytest.raises(MalformedError) as folder:
        save_calendar(tmp_path, path.read_bytes())
    assert folder.value.code == "file-missing"
