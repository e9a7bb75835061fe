"""Dates as `follow` and `desk show` print them for people."""

from __future__ import annotations

import pytest

from plaint.cli.conversation import print_due, print_records
from plaint.client.casework import DueDate
from plaint.docket.case import CaseView
from plaint.docket.obligations import MISSED, Obligation
from plaint.docket.records import HoldState


@pytest.mark.parametrize(
    ("kind", "to", "line"),
    [
        ("feedback", "independent", "    now with: independent"),
        ("inquiry", "case-manager", "    now for: case-manager"),
        ("inquiry", "outside", "    now for: outside; it lets nobody in, somebody has to"),
    ],
)
def test_no_date_is_said_to_be_with_independents_who_can_know_nothing_of_it(
    kind: str, to: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    duty = Obligation(kind, 0, 1_000, MISSED, escalated=to)
    print_due([DueDate(kind, 1_000, MISSED, duty)])
    assert line in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(("now", "words"), [(1_000, "looked at again by"), (1_001, "which should have been looked at")])
def test_a_hold_that_nobody_looked_at_again_is_said_to_be_one(
    now: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hold = HoldState("external", b"h", b"r", "reporter", b"m", "The police asked", 0, 1_000)
    print_records(CaseView("received", (), None, None, (), (), (), holds=(hold,)), now=now)
    assert f"The police asked, {words}" in capsys.readouterr().out
