"""Cases of the docket: duties that begin, are met, extended and missed; holds; who is said to have known."""

from __future__ import annotations

from typing import Any

from tools.vectors.case import Case
from tools.vectors.docket import ADA, BEN, CAI, DAY, GRACE, START, Writer, fold, open_internal, open_report

POSH, AUTHORITY, CHINA = "in-posh", "eu-authority", "cn-2023"
YEAR = START + 365 * DAY
TEXT = "All were heard."
FEEDBACK_EU = START + 91 * DAY  # 15 January 2027 to 15 April 2027 are 90 days; one more is past the date.


def _step(name: str, day: int, writer: Writer | None = None, **more: Any) -> Writer:
    return (writer or open_report()).add(
        "entry", ADA, {"step": name, "text": TEXT}, logged_at=START + day * DAY, **more
    )


def _extend(until_day: int, *, logged_day: int = 10, reason: str = "A witness is abroad", **more: Any) -> Writer:
    return _ask(open_report(), ADA, "feedback", until_day, logged_day=logged_day, reason=reason, **more)


def _ask(writer: Writer, who: str, kind: str, until_day: int, *, logged_day: int, reason: str, **more: Any) -> Writer:
    until = {"kind": kind, "at": START + until_day * DAY}
    return writer.add("extend", who, {"text": reason}, logged_at=START + logged_day * DAY, until=until, **more)


def _make_chains() -> list[Case]:
    def case(name: str, about: str, writer: Writer, now: int = START + 40 * DAY, pack: str = POSH) -> Case:
        return fold(f"duties-{name}", about, writer, now=now, pack=pack)

    notice = _step("respondent-notice", 3)
    feedback = {"action": "We talked to him", "grounds": "Two witnesses"}
    return [
        case("posh", "everything that PoSH asks for, on the first day", open_report(), now=START),
        case("posh-late", "and nothing done for a year", open_report(), now=YEAR),
        case("early", "an inquiry done early makes the report due early", _step("inquiry", 20)),
        case("late", "one done late does not make it due later", _step("inquiry", 120), now=START + 130 * DAY),
        case("notice", "the respondent's time begins when he is told", notice),
        case("notice-late", "however late that is", _step("respondent-notice", 60), now=START + 61 * DAY),
        case("lapsed", "his time is over; nobody is chased", notice, now=YEAR),
        case("reply", "he answered", _step("respondent-reply", 9, notice)),
        case("chain", "three in a row", _step("action", 30, _step("report", 25, _step("inquiry", 20)))),
        case(
            "automatic",
            "a machine wrote it",
            open_report().add("entry", ADA, {"step": "inquiry", "text": TEXT, "automatic": True}),
        ),
        case("holder", "the reporter cannot", open_report().add("entry", "holder", {"step": "inquiry", "text": TEXT})),
        case(
            "excluded", "somebody kept out cannot", open_report().add("entry", CAI, {"step": "inquiry", "text": TEXT})
        ),
        case("unproved", "nobody certain cannot", _step("inquiry", 20, proved="unproved")),
        case(
            "inside",
            "not where the reporter cannot see it",
            open_internal().add("entry", ADA, {"step": "inquiry", "text": TEXT}),
        ),
        case(
            "written", "a result in writing", _step("inquiry", 5).add("decide", ADA, {"text": "We found"}), pack=CHINA
        ),
        case("unwritten", "a result without a word", _step("inquiry", 5).add("decide", ADA), pack=CHINA),
        case("blank", "feedback of blanks", open_report().add("feedback", ADA, {"action": " ", "grounds": "\n"})),
        *(
            case(name, about, open_report().add("feedback", ADA, {"action": unseen, "grounds": "We asked."}))
            for name, about, unseen in (
                ("blank-unseen", "feedback of what nobody sees", "\u200b\u00ad\ufeff\u2060\u200e"),
                ("blank-wide", "feedback of spaces of every width", "\u00a0\u2003\u3000\u2028\u1680"),
                ("blank-not", "one letter, of whatever script, is an answer", "\u3000\u4e0d\u200d"),
            )
        ),
        case("step-bare", "a step without a word", open_report().add("entry", ADA, {"step": "contact"}), pack=CHINA),
        case(
            "step-blank",
            "a step of what nobody sees",
            open_report().add("entry", ADA, {"step": "contact", "text": "\u200b \n"}),
            pack=CHINA,
        ),
        case("step-said", "and one with a word", _step("contact", 3), pack=CHINA),
        case("contact", "feedback is contact too", open_report().add("feedback", ADA, feedback), pack=CHINA),
        case(
            "reopened",
            "reopening begins nothing anew",
            _step("inquiry", 5).add("close", ADA, {"reason": "done"}).add("reopen", "holder"),
        ),
    ]


def _make_escalations() -> list[Case]:
    def case(days: int, seconds: int, who: str) -> Case:
        now = START + DAY + days * DAY + GRACE + seconds
        return fold(f"escalated-{who}", f"{days} days late", open_report(), now=now, pack="strict")

    return [case(0, 0, "nobody"), case(0, 1, "independent"), case(1, 1, "outside")]


def _make_extensions() -> list[Case]:
    def case(name: str, about: str, writer: Writer, pack: str = AUTHORITY) -> Case:
        return fold(f"extend-{name}", about, writer, now=FEEDBACK_EU, pack=pack)

    again = _ask(_extend(120), BEN, "feedback", 150, logged_day=20, reason="Again")
    turned = _ask(_extend(120), BEN, "feedback", 150, logged_day=5, reason="Again")
    late = _ask(_extend(150, logged_day=91), BEN, "feedback", 120, logged_day=80, reason="In time")
    other = _ask(open_report(), ADA, "acknowledge", 9, logged_day=1, reason="Busy")
    named = _ask(open_report(), ADA, "acknowledge", 150, logged_day=1, reason="Busy")
    last = START + 90 * DAY + GRACE
    return [
        case("met", "within the law", _extend(150)),
        case("last", "the last day that the law allows", _extend(181)),
        case("far", "one day more", _extend(182)),
        case("shorter", "not a later day", _extend(80)),
        case("late", "asked for after the date", _extend(150, logged_day=91)),
        case("moment", "asked for at the last moment", _extend(150).change(-1, logged_at=last)),
        case("second", "asked for one second later", _extend(150).change(-1, logged_at=last + 1)),
        case("undated", "not in the log yet", _extend(150).change(-1, logged_at=None)),
        case("blank", "without a reason", _extend(150, reason=" ")),
        case("twice", "only once", again),
        case("turned", "the first that was written, whichever the log had first", turned),
        case("after-late", "one that came too late does not use it up", late),
        case("holder", "the reporter cannot", _extend(150).change(-1, author="holder")),
        case("unproved", "nobody certain cannot", _extend(150, proved="unproved")),
        case("excluded", "somebody kept out cannot", _extend(150).change(-1, author=CAI)),
        case("forbidden", "where the law gives no more time", _extend(150), pack="eu-internal"),
        case("other", "a duty that cannot be extended", other),
        case("named", "more time for another duty is none for this one", named),
    ]


def _make_records() -> list[Case]:
    def hold(type_: str, day: int | None, writer: Writer | None = None, **more: Any) -> Writer:
        until = None if day is None else START + day * DAY
        content = {"hold": {"type": type_, "until": until, "reason": "Asked for in writing"}}
        return (writer or open_report()).add("entry", ADA, content, **more)

    def lift(writer: Writer, seq: int, author: str = BEN, **more: Any) -> Writer:
        return writer.add("entry", author, {"lifts": writer.find_hash(seq)}, **more)

    def say(level: str, text: str | None, writer: Writer | None = None, **more: Any) -> Writer:
        content = {"risk": level} if text is None else {"risk": level, "text": text}
        return (writer or open_internal()).add("entry", BEN, content, **more)

    told = {"disclosure": {"on": "2027-01-04", "to": "manager", "name": "My line manager"}}
    return [
        fold("hold-external", "the police asked", hold("external", 20)),
        fold("hold-long", "never more than thirty days without a look", hold("external", 45)),
        fold("hold-undated", "not in the log yet", hold("external", 45, logged_at=None)),
        fold("hold-interview", "nobody is interviewed for now", hold("interview", 20, open_internal()), open_report()),
        fold(
            "hold-hidden",
            "the reporter must see whom it waits for",
            hold("external", 20, open_internal()),
            open_report(),
        ),
        fold("hold-legal", "nothing may be erased", hold("legal", None, open_internal()), open_report()),
        fold(
            "hold-legal-hidden",
            "not where those who could erase do not see it",
            hold("legal", None, open_internal()).change(0, label="handling").change(1, label="handling"),
            open_report(),
        ),
        fold("hold-lifted", "and it ends", lift(hold("external", 20), 1)),
        fold("hold-lifted-holder", "not by the reporter", lift(hold("external", 20), 1, "holder")),
        fold(
            "hold-lifted-other",
            "not from another room",
            open_internal().add("entry", ADA, {"lifts": hold("external", 20).find_hash(1)}),
            hold("external", 20),
        ),
        fold("hold-excluded", "not by somebody kept out", hold("external", 20).change(-1, author=CAI)),
        fold("hold-holder", "not by the reporter", hold("external", 20).change(-1, author="holder")),
        fold("hold-date", "no hold moves a date", hold("external", 20), now=YEAR),
        fold("claim-entry", "the reporter told her manager before", open_report().add("entry", "holder", told)),
        fold("claim-member", "a member says so", open_report().add("entry", ADA, told)),
        fold("claim-open", "in the report itself", open_report(**told)),
        fold("claim-undated", "on a day that is not known", open_report(disclosure={**told["disclosure"], "on": None})),
        fold("claim-unproved", "nobody certain says so", open_report().add("entry", ADA, told, proved="unproved")),
        fold("risk", "they share a room", say("severe", "Both travel on Friday."), open_report()),
        fold("risk-last", "not any more", say("low", "They do not.", say("high", "They travel.")), open_report()),
        fold("risk-undated", "not in the log yet", say("medium", "They travel.", logged_at=None), open_report()),
        fold("risk-blank", "why is not said", say("high", " \u200b", say("medium", "Why.")), open_report()),
        fold("risk-silent", "nor with no text at all", say("high", None), open_report()),
        fold("risk-shown", "not where the reporter would read it", say("high", "They travel.", open_report())),
        fold("risk-holder", "not by somebody else", say("high", "I fear.").change(-1, author="holder"), open_report()),
        fold("risk-excluded", "not by somebody kept out", say("high", "No.").change(-1, author=CAI), open_report()),
        fold(
            "risk-unproved",
            "nobody certain says so",
            open_internal().add("entry", BEN, {"risk": "low", "text": "All is well."}, proved="unproved"),
            open_report(),
        ),
    ]


CASES = [*_make_chains(), *_make_escalations(), *_make_extensions(), *_make_records()]
