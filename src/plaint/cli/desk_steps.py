"""`plaint desk extend`, `step`, `decide`, `hold`, `lift`, `risk` and `told`: what happened in a case, besides words."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from plaint.cli.conversation import ToldTo, number_hold
from plaint.cli.desk import EXIT_USAGE, CaseId, Sitting, Url, finish, open_desk
from plaint.cli.output import CommandError
from plaint.cli.times import parse_time
from plaint.client.steps import (
    assess_risk,
    extend_duty,
    hold_case,
    lift_hold,
    list_standing,
    record_decision,
    record_disclosure,
    record_step,
)
from plaint.docket.records import HoldState
from plaint.protocol.records import Disclosure, Hold

Promised = Literal["acknowledge", "feedback"]
Step = Literal["contact", "respondent-notice", "respondent-reply", "inquiry", "report", "action"]
Risk = Literal["low", "medium", "high", "severe"]
HoldType = Literal["external", "interview", "legal"]
Flag = Annotated[bool, Parameter(negative=())]


def extend(url: Url, case: CaseId, *, until: str, reason: str, duty: Promised = "feedback", sitting: Sitting) -> None:
    """Give a date more time, once and before it, where the law allows it; the reporter is told why.

    The promised date stays in the reporter's receipt, and the independent members are let in by that one.

    Parameters
    ----------
    until
        The new date: 2026-12-10 or 2026-12-10T17:00+01:00; UTC where no offset is given.
    reason
        Why, as the reporter will read it.
    duty
        Which date.

    """
    with open_desk(url, sitting) as desk:
        found = desk.open_case(case)
        extend_duty(desk, found, duty, parse_time(until), reason)
        finish(desk, found, "More time is given. The reporter sees the reason and the new date.", json=sitting.json)


def step(url: Url, case: CaseId, what: Step, text: str, *, sitting: Sitting) -> None:
    """Record a step that dates wait for, such as a complete inquiry; the reporter sees it.

    Parameters
    ----------
    what
        The step.
    text
        What was done: without a word it counts for nothing.

    """
    with open_desk(url, sitting) as desk:
        found = desk.open_case(case)
        record_step(desk, found, what, text)
        finish(desk, found, "Recorded. It counts from its date in the log.", json=sitting.json)


def decide(url: Url, case: CaseId, text: str, *, sitting: Sitting) -> None:
    """Give the reporter the result in writing.

    Parameters
    ----------
    text
        The result, with reasons.

    """
    with open_desk(url, sitting) as desk:
        found = desk.open_case(case)
        record_decision(desk, found, text)
        finish(desk, found, "The result was given. The reporter sees it.", json=sitting.json)


def hold(
    url: Url,
    case: CaseId,
    what: HoldType,
    *,
    reason: str,
    until: str | None = None,
    internal: Flag = False,
    sitting: Sitting,
) -> None:
    """Say what a case waits for: an authority, interviews, or, for a legal hold, erasing. No date moves.

    Parameters
    ----------
    what
        external, interview or legal.
    reason
        Why.
    until
        When somebody looks at it again, 30 days from now at most; UTC where no offset is given. A legal hold has none.
    internal
        In the internal room, which the reporter does not see; never for an authority.

    """
    if (until is None) != (what == "legal"):
        raise CommandError("--until is needed, but for a legal hold, which has none.", exit_code=2)
    with open_desk(url, sitting) as desk:
        found = desk.open_case(case)
        review = None if until is None else parse_time(until)
        hold_case(desk, found, Hold(what, review, reason), internal=internal)
        finish(desk, found, "Recorded. No date moves.", json=sitting.json)


def lift(
    url: Url,
    case: CaseId,
    what: HoldType,
    text: str | None = None,
    *,
    number: Annotated[str | None, Parameter(help="The hold's number, as `show` prints it.")] = None,
    sitting: Sitting,
) -> None:
    """End one hold: the one of its kind, or where there are several that of a number. Any other stands.

    Parameters
    ----------
    what
        external, interview or legal.
    text
        Why, if you wish.

    """
    with open_desk(url, sitting) as desk:
        found = desk.open_case(case)
        lift_hold(desk, found, _choose(list_standing(desk, found, what), what, number), text)
        finish(desk, found, "Lifted.", json=sitting.json)


def _choose(standing: list[HoldState], what: str, number: str | None) -> HoldState:
    """Return the hold that is meant: the only one, or the one whose number begins so."""
    found = [hold for hold in standing if number_hold(hold.hash).startswith((number or "").lower())]
    if not found:
        which = "" if number is None else " of this number"
        raise CommandError(f"The case has no {what} hold{which} that you can read.")
    if len(found) > 1:
        numbers = ", ".join(f"{number_hold(hold.hash)} ({hold.reason})" for hold in found)
        raise CommandError(f"Several {what} holds stand; say which one with --number: {numbers}.", exit_code=EXIT_USAGE)
    return found[0]


def risk(url: Url, case: CaseId, level: Risk, text: str, *, sitting: Sitting) -> None:
    """Say in the internal room how great the risk of further harm is, to whomever; no date moves.

    It says nothing of what anybody did. The last word counts, and cases of greater risk stand first in the queue.

    Parameters
    ----------
    level
        low, medium, high or severe.
    text
        Who could be harmed again, by what, and how soon.

    """
    with open_desk(url, sitting) as desk:
        found = desk.open_case(case)
        assess_risk(desk, found, level, text)
        finish(desk, found, "Recorded in the internal room. The reporter does not see it.", json=sitting.json)


def told(
    url: Url,
    case: CaseId,
    to: ToldTo,
    *,
    on: str | None = None,
    name: str = "",
    text: str | None = None,
    sitting: Sitting,
) -> None:
    """Write down, as claimed, that somebody was told before the report; it stands beside the logged date.

    Parameters
    ----------
    to
        A manager, the personnel department, a forum, the police, or somebody else.
    on
        The day, if known: 2026-11-20.
    name
        Who, or which forum.
    text
        A word about it, if you wish.

    """
    with open_desk(url, sitting) as desk:
        found = desk.open_case(case)
        record_disclosure(desk, found, Disclosure(on, to, name), text)
        finish(desk, found, "Recorded as claimed. The logged date stays.", json=sitting.json)
