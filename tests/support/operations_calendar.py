"""What the vectors of calendar say that a file of dates holds."""

from __future__ import annotations

from plaint.client.dates import CalendarDate, compute_id, encode_calendar
from tests.support.operations_keys import Value


def calendar_id(value: Value) -> Value:
    """The id of an event."""
    return {"id": compute_id(bytes.fromhex(value["key"]), bytes.fromhex(value["room"]), value["kind"]).hex()}


def calendar_encode(value: Value) -> Value:
    """The file of some dates."""
    dates = [
        CalendarDate(
            bytes.fromhex(date["id"]),
            date["at"],
            date["summary"],
            date.get("done", False),
            date.get("moved", False),
            warned=date.get("warned", False),
        )
        for date in value["dates"]
    ]
    return {"text": encode_calendar(dates, now=value["now"]).decode()}
