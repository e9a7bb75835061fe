from __future__ import annotations

import time
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from email.utils import parsedate_to_datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaint.server.notify.mailing import (
    DAY_S,
    HOUR_S,
    compute_mailing,
    compute_message_id,
    encode_mail,
)

SENDER, KEY = "plaint@x.invalid", b"k" * 32
HOURS = st.lists(st.integers(0, 23), min_size=1, max_size=24, unique=True).map(sorted)
TIMES = st.integers(2 * DAY_S, 2**33)


@given(TIMES, HOURS)
def test_a_mailing_is_the_last_fixed_hour_that_has_come(now: int, hours: list[int]) -> None:
    slow = max(
        at for day in (now // DAY_S - 1, now // DAY_S) for hour in hours if (at := day * DAY_S + hour * HOUR_S) <= now
    )
    assert compute_mailing(now, hours) == slow


@given(TIMES, HOURS)
def test_a_mailing_is_its_own_last_hour(now: int, hours: list[int]) -> None:
    at = compute_mailing(now, hours)
    assert compute_mailing(at, hours) == at
    assert compute_mailing(at - 1, hours) < at


@pytest.mark.parametrize("day", ["2028-02-28", "2027-03-27", "2027-10-30", "2026-12-30"])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_leap_days_and_clock_changes_neither_skip_nor_repeat_a_mailing(
    day: str, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    start = int(datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp())
    seen = [compute_mailing(now, (1, 7, 23)) for now in range(start + HOUR_S, start + 4 * DAY_S, 900)]
    changes = [seen[0], *(after for before, after in pairwise(seen) if after != before)]
    assert changes == [start + days * DAY_S + hour * HOUR_S for days in range(4) for hour in (1, 7, 23)]
    monkeypatch.undo()
    time.tzset()


def make(member: bytes, at: int) -> bytes:
    message_id = compute_message_id(KEY, member, at, sender=SENDER)
    return encode_mail(
        sender=SENDER, address="ben@x.invalid", url="https://x.invalid/o/a", at=at, message_id=message_id
    )


@given(st.binary(min_size=16, max_size=16), st.integers(0, 2**33))
def test_every_mail_has_the_same_length_and_the_same_text(member: bytes, at: int) -> None:
    mail, other = make(member, at), make(b"m" * 16, 1_790_000_000)
    assert len(mail) == len(other)
    assert mail.partition(b"\r\n\r\n")[2] == other.partition(b"\r\n\r\n")[2]


def test_a_mail_is_one_that_mail_programs_read() -> None:
    data = make(b"m" * 16, 1_790_000_000)
    assert data.isascii()
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(len(line) for line in data.split(b"\r\n")) <= 78
    mail = message_from_bytes(data, policy=default)
    assert not mail.defects
    assert mail["Subject"] == "Plaint: fixed reminder, feste Erinnerung, 定时提醒, تذكير ثابت"
    assert (mail["From"], mail["To"], mail["Auto-Submitted"]) == (SENDER, "ben@x.invalid", "auto-generated")
    assert parsedate_to_datetime(str(mail["Date"])).timestamp() == 1_790_000_000
    text = mail.get_content()
    assert text.startswith("https://x.invalid/o/a/desk/\r\n\r\n")
    assert [text.count(word) for word in ("fixed hours", "festen Stunden", "固定时间", "ساعات ثابتة")] == [1, 1, 1, 1]
    assert "Received" not in mail


def test_an_id_belongs_to_one_member_and_mailing() -> None:
    ids = {
        compute_message_id(key, member, at, sender=SENDER)
        for key in (KEY, b"l" * 32)
        for member in (b"m" * 16, b"n" * 16)
        for at in (DAY_S, 2 * DAY_S)
    }
    assert len(ids) == 8
    assert all(found.endswith("@x.invalid>") and b"m".hex() * 4 not in found for found in ids)
