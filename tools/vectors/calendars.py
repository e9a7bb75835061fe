"""Cases of calendar files."""

from __future__ import annotations

from typing import Any

from tools.vectors.case import Case, draw

NOW = 1_800_000_000


def _date(name: str, at: int, summary: str = "Look for an answer", **more: bool) -> dict[str, Any]:
    return {"id": draw(name)[:16].hex(), "at": at, "summary": summary, **more}


CASES = [
    Case(
        "calendar",
        "id-reporter",
        "id",
        "an id that a reporter's words give",
        {"key": draw("locator").hex(), "room": "", "kind": "feedback"},
    ),
    Case(
        "calendar",
        "id-member",
        "id",
        "the id of the same date in a member's file",
        {"key": draw("cache").hex(), "room": draw("room").hex(), "kind": "feedback"},
    ),
    Case("calendar", "nothing", "encode", "no dates", {"now": NOW, "dates": []}),
    Case(
        "calendar",
        "reporter",
        "encode",
        "two dates, one of them met, none with an alarm",
        {"now": NOW, "dates": [_date("second", NOW + 90 * 86_400), _date("first", NOW + 86_400, done=True)]},
    ),
    Case(
        "calendar",
        "member",
        "encode",
        "an alarm a day before; none on what is done; one that was moved",
        {
            "now": NOW,
            "dates": [
                _date("open", NOW + 3_599, "Desk: feedback due", warned=True),
                _date("done", NOW + 3_599, "Desk: acknowledgement due", warned=True, done=True, moved=True),
                _date("moved", NOW - 1, "Desk: feedback due", warned=True, moved=True),
            ],
        },
    ),
    Case(
        "calendar",
        "escaped",
        "encode",
        "what a line cannot have is escaped",
        {"now": NOW, "dates": [_date("one", NOW, "Ask; wait, read \\ again\nthen sleep")]},
    ),
    Case(
        "calendar",
        "folded",
        "encode",
        "long lines are folded between characters, never within",
        {
            "now": NOW,
            "dates": [
                _date("one", NOW, "寻找答复" * 14, warned=True),
                _date("two", NOW, "a" * 67),
                _date("three", NOW, "ابحث عن جواب " * 8 + "x"),
                _date("four", NOW, "a" * 68),
            ],
        },
    ),
]
