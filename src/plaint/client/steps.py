"""What a member records about a case besides words: more time, steps, holds, and who was told before."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

from plaint.client.cases import Case
from plaint.client.desk import Desk
from plaint.docket.obligations import OPEN
from plaint.docket.records import REVIEW_S, HoldState
from plaint.errors import RefusedError
from plaint.protocol.content import Content, EntryContent, is_blank
from plaint.protocol.packs import PROMISED_KINDS, compute_limit
from plaint.protocol.records import EXTERNAL, LEGAL, Disclosure, Hold
from plaint.protocol.room import Until

EARLIEST_ZONE = timedelta(hours=14)


def extend_duty(desk: Desk, case: Case, kind: str, until: int, reason: str) -> None:
    """Give a promised duty more time; the reporter is told.

    Raises: RefusedError "extend-law" where the law gives no more time, "extend-again" after the first time,
            "extend-late" once the date is past or the duty done, "extend-date" for a date that is not later or too
            late, "extend-reason" without a reason.
    """
    pack = desk.connection.view.pack(case.room.manifest.pack)
    rule = pack.find(kind)
    if kind not in PROMISED_KINDS or rule is None or rule.extend is None:
        raise RefusedError("extend-law")
    duty = next(duty for duty in desk.fold(case).obligations if duty.kind == kind)
    if duty.extension is not None:
        raise RefusedError("extend-again")
    if duty.state != OPEN:
        raise RefusedError("extend-late")
    if not duty.at < until <= compute_limit(pack, rule, duty.start, count=rule.extend):
        raise RefusedError("extend-date")
    if is_blank(reason):
        raise RefusedError("extend-reason")
    desk.write(case.room, "extend", Content(text=reason), until=Until(kind, until))


def record_step(desk: Desk, case: Case, step: str, text: str) -> None:
    """Say in the reporter's room that a step was taken, and how.

    Raises: RefusedError "step-blank": without a word nothing is met.
    """
    if is_blank(text):
        raise RefusedError("step-blank")
    desk.write(case.room, "entry", EntryContent(step=step, text=text))


def record_decision(desk: Desk, case: Case, text: str) -> None:
    """Give the reporter the result in writing.

    Raises: RefusedError "decide-blank".
    """
    if is_blank(text):
        raise RefusedError("decide-blank")
    desk.write(case.room, "decide", Content(text=text))


def record_disclosure(desk: Desk, case: Case, disclosure: Disclosure, text: str | None = None) -> None:
    """Write down, as a claim, that somebody was told before the report.

    Raises: RefusedError "told-ahead".
    """
    check_told(disclosure, desk.connection.now())
    desk.write(case.room, "entry", EntryContent(disclosure=disclosure, text=text))


def check_told(disclosure: Disclosure, now: float) -> None:
    """Check that the day, where one is named, has begun somewhere on Earth.

    Raises: RefusedError "told-ahead": it would stand there for ever, by a slip of the pen.
    """
    latest = datetime.fromtimestamp(now, timezone(EARLIEST_ZONE)).date()
    if disclosure.on is not None and date.fromisoformat(disclosure.on) > latest:
        raise RefusedError("told-ahead")


def hold_case(desk: Desk, case: Case, hold: Hold, *, internal: bool = False) -> None:
    """Say what the case waits for; `internal` keeps it from the reporter.

    Raises: RefusedError "hold-hidden" for an authority's hold that the reporter would not see, "hold-review" for one
            that nobody would look at within 30 days, "hold-reason" without a reason.
    """
    if internal and hold.type == EXTERNAL:
        raise RefusedError("hold-hidden")
    now = int(desk.connection.now())
    if hold.type != LEGAL and not now < (hold.until or 0) <= now + REVIEW_S:
        raise RefusedError("hold-review")
    if is_blank(hold.reason):
        raise RefusedError("hold-reason")
    room = desk.open_internal(case) if internal else case.room
    desk.write(room, "entry", EntryContent(hold=hold))


def assess_risk(desk: Desk, case: Case, level: str, reason: str) -> None:
    """Say in the internal room how great the risk of further harm is, one of `RISKS`, and why.

    Raises: RefusedError "risk-reason" without a reason.
    """
    if is_blank(reason):
        raise RefusedError("risk-reason")
    desk.write(desk.open_internal(case), "entry", EntryContent(risk=level, text=reason))


def list_standing(desk: Desk, case: Case, type_: str) -> list[HoldState]:
    """Return the holds of a type that stand, as far as this member can read."""
    return [hold for hold in desk.fold(case).holds if hold.type == type_ and not hold.lifted]


def lift_hold(desk: Desk, case: Case, hold: HoldState, text: str | None = None) -> None:
    """End one hold, where it was put; any other stands."""
    room = next(room for room in case.rooms if room.id == hold.room)
    desk.write(room, "entry", EntryContent(lifts=hold.hash, text=text))
