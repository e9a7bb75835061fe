"""Dates as `follow` and `desk show` print them for people."""

from __future__ import annotations

import pytest

from plaint.cli.conversation import print_due
from plaint.client.casework import DueDate
from plaint.docket.obligations import MISSED, Obligation


@pytest.mark.parametrize(
    ("kind", "to", "line"),
    [
        ("feedback", "independent", "    now with: independent"),
        ("inquiry", "case-manager", "    now with: case-manager"),
        ("inquiry", "outside", "    now for: outside; no independent member learns of it unless somebody lets one in"),
    ],
)
def test_no_date_is_said_to_be_with_independents_who_can_know_nothing_of_it(
    kind: str, to: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    duty = Obligation(kind, 0, 1_000, MISSED, escalated=to)
    print_due([DueDate(kind, 1_000, MISSED, duty)])
    assert line in capsys.readouterr().out.splitlines()
