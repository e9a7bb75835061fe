"""Cases of deadline packs: their form, their rules, and when a duty is due."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from plaint.client.law.shipped import SHIPPED, load_pack
from plaint.protocol.calendars import Calendar, encode_calendar
from plaint.protocol.packs import encode_pack
from tools.vectors.case import Case

MUMBAI = Calendar(
    site="IN-MH",
    offset=330,
    weekend=(6, 7),
    holidays=frozenset({date(2026, 12, 25), date(2027, 1, 26), date(2027, 3, 22)}),
    workdays=frozenset(),
    first=2026,
    last=2027,
)
BEIJING = Calendar(
    site="CN",
    offset=480,
    weekend=(6, 7),
    holidays=frozenset(date(2026, 10, day) for day in range(1, 8)),
    workdays=frozenset({date(2026, 9, 20), date(2026, 10, 10)}),
    first=2026,
    last=2026,
)
PACKS = {id_: encode_pack(load_pack(id_, MUMBAI)) for id_ in SHIPPED}
EU, POSH = PACKS["eu-internal"], PACKS["in-posh"]


def at(*moment: int) -> int:
    """Return the Unix time of a moment in UTC."""
    year, month, day, *rest = moment
    hour, minute, second = (*rest, 0, 0, 0)[:3]
    return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp())


def _due(name: str, about: str, given: dict[str, Any], when: int, **more: Any) -> Case:
    return Case("packs", f"due-{name}", "due", about, {"pack": given, "at": when}, **more)


def _digest(name: str, about: str, pack: dict[str, Any], error: str | None = None, **change: Any) -> Case:
    return Case("packs", f"digest-{name}", "digest", about, {"pack": {**pack, **change}}, error=error)


def _change_duty(pack: dict[str, Any], kind: str, /, **change: Any) -> dict[str, Any]:
    duties = [{**duty, **change} if duty["kind"] == kind else duty for duty in pack["duties"]]
    kept = [{key: value for key, value in duty.items() if value is not ...} for duty in duties]
    return {**pack, "duties": kept}


def _duty(name: str, about: str, pack: dict[str, Any], kind: str, error: str | None, /, **change: Any) -> Case:
    return Case("packs", f"duty-{name}", "digest", about, {"pack": _change_duty(pack, kind, **change)}, error=error)


def _calendar(name: str, about: str, error: str | None = "pack-rule", /, **change: Any) -> Case:
    calendar = {**POSH["calendar"], **change}
    return Case("packs", f"calendar-{name}", "digest", about, {"pack": {**POSH, "calendar": calendar}}, error=error)


def _make_dues() -> list[Case]:
    moments = {
        "plain": (2026, 11, 20, 9, 30, 15),
        "month-end": (2026, 11, 30, 23, 59, 59),
        "leap": (2027, 11, 29, 0, 0, 0),
        "year": (2026, 12, 31, 12, 0, 0),
        "summer": (2026, 3, 28, 1, 30, 0),
    }
    days = _change_duty(EU, "feedback", months=..., days=90)
    return [
        *(_due(name, f"from {moment}", EU, at(*moment)) for name, moment in moments.items()),
        *(_due(f"of-{id_}", f"of {id_}", pack, at(2026, 12, 23, 20)) for id_, pack in PACKS.items()),
        _due("zero", "from 1970", EU, 0),
        _due("days", "days only", days, 1_800_000_000),
        _due("beyond", "beyond the calendar", EU, 2**37, error="pack-time"),
        _due("before", "before 1970", EU, -1, error="pack-time"),
    ]


def _make_limits() -> list[Case]:
    def case(name: str, about: str, calendar: Calendar, *starts: int) -> Case:
        pack = {**POSH, "calendar": encode_calendar(calendar)}
        return Case(
            "packs",
            f"limit-{name}",
            "limit",
            about,
            {
                "pack": pack,
                "kind": "acknowledge",
                "starts": list(starts),
            },
        )

    return [
        case(
            "plain",
            "a Tuesday morning and the last second of it",
            MUMBAI,
            at(2026, 12, 1, 3),
            at(2026, 12, 1, 18, 29, 59),
        ),
        case("midnight", "the first second of the site's next day", MUMBAI, at(2026, 12, 1, 18, 30)),
        case("weekend", "Friday, Saturday and Sunday", MUMBAI, *(at(2026, 12, day, 6) for day in (4, 5, 6))),
        case("holiday", "over a holiday and a weekend", MUMBAI, at(2026, 12, 23, 6), at(2026, 12, 24, 6)),
        case("year", "into the listed next year", MUMBAI, at(2026, 12, 31, 6)),
        case(
            "unlisted", "beyond the listed years only weekends are free", MUMBAI, at(2028, 1, 25, 6), at(2026, 1, 25, 6)
        ),
        case(
            "turn",
            "from the last listed days into years that are not: as if no holiday were left",
            MUMBAI,
            *(at(2027, 12, day, 6) for day in (29, 30, 31)),
        ),
        case("workday", "a Saturday on which people work", BEIJING, at(2026, 10, 8, 6), at(2026, 10, 9, 6)),
        case("week", "a week without work", BEIJING, at(2026, 9, 29, 6), at(2026, 9, 30, 6)),
        case(
            "west",
            "west of Greenwich",
            Calendar("US", -300, (6, 7), frozenset(), frozenset(), 2026, 2026),
            at(2026, 12, 4, 4, 59),
        ),
        case("late", "a long time from now", MUMBAI, 2**37 - 1),
    ]


def _make_forms() -> list[Case]:
    first, second = EU["duties"]
    form = "pack-form"
    return [
        *(_digest(f"of-{id_}", f"of {id_}", pack) for id_, pack in PACKS.items()),
        _digest("order", "feedback first", EU, form, duties=[second, first]),
        _digest("one", "no feedback", EU, form, duties=[first]),
        _digest("twice", "a duty twice", EU, form, duties=[first, second, second]),
        _digest("version", "version as text", EU, form, version="1"),
        _digest("base", "no base", EU, form, base=""),
        _digest("key", "an unknown key", EU, form, note="x"),
        _digest("no-calendar", "working days of no site", POSH, "pack-rule", calendar=None),
        _digest("idle-calendar", "a calendar that nobody needs", EU, "pack-rule", calendar=POSH["calendar"]),
        _duty("both", "days and months", EU, "acknowledge", form, months=1),
        _duty("neither", "no period", EU, "acknowledge", form, days=...),
        _duty("zero", "no days", EU, "acknowledge", form, days=0),
        _duty("many", "eleven years", EU, "feedback", form, months=121),
        _duty("date", "no such day", EU, "acknowledge", form, checked_on="2026-02-30"),
        _duty("unchecked", "nobody compared it", EU, "acknowledge", None, checked_on=None),
        _duty("kind", "an unknown duty", POSH, "inquiry", form, kind="applause"),
        _duty("event", "an unknown event", POSH, "inquiry", form, met=["applause"]),
        _duty("whose", "nobody's duty", EU, "acknowledge", form, by="weather"),
        _duty("to", "goes to nobody known", EU, "acknowledge", form, escalate=[{"days": 0, "to": "press"}]),
    ]


def _make_rules() -> list[Case]:
    rule = "pack-rule"
    step = {"independent": {"days": 1, "to": "independent"}, "outside": {"days": 0, "to": "outside"}}
    return [
        _duty("start", "an acknowledgement that waits for something", POSH, "acknowledge", rule, **{"from": "inquiry"}),
        _duty("robot", "feedback by acknowledging", EU, "feedback", rule, met=["acknowledge"]),
        _duty("whose-promise", "a promise of the respondent", EU, "acknowledge", rule, by="respondent", escalate=[]),
        _duty("nothing", "nothing does it", POSH, "inquiry", rule, met=[]),
        _duty("met-twice", "the same event twice", POSH, "inquiry", rule, met=["inquiry", "inquiry"]),
        _duty("self", "starts by what meets it", POSH, "report", rule, **{"from": "report"}),
        _duty("circle", "starts by a later duty", POSH, "inquiry", rule, **{"from": "action"}),
        _duty("orphan", "starts by what no duty asks for", POSH, "inquiry", rule, **{"from": "decide"}),
        _duty("after-reply", "waits for the respondent", POSH, "inquiry", rule, **{"from": "respondent-reply"}),
        _duty("months", "months from a later day", POSH, "report", rule, days=..., months=1),
        _duty("extend", "an extension to the same day", EU, "feedback", rule, extend=3),
        _duty("extended", "an extension", EU, "feedback", None, extend=6),
        _duty("extend-step", "an extension that nobody outside could check", POSH, "inquiry", rule, extend=120),
        _duty(
            "reply-escalates", "the respondent is chased", POSH, "respondent-reply", rule, escalate=[step["outside"]]
        ),
        _duty(
            "reply-extended", "the respondent's time is not ours to extend", POSH, "respondent-reply", rule, extend=20
        ),
        _duty("reply-early", "runs before the respondent knows", POSH, "respondent-reply", rule, **{"from": "receipt"}),
        _duty("chain", "outside before inside", EU, "feedback", rule, escalate=[step["outside"], step["independent"]]),
        _duty(
            "chain-days",
            "sooner outside than inside",
            EU,
            "feedback",
            rule,
            escalate=[step["independent"], step["outside"]],
        ),
    ]


def _make_calendars() -> list[Case]:
    days = [f"2026-{month:02}-{day:02}" for month in (1, 2) for day in range(1, 22)]
    form = "pack-form"
    return [
        _calendar("order", "days out of order", holidays=["2027-01-26", "2026-12-25"]),
        _calendar("twice", "a day twice", holidays=["2026-12-25", "2026-12-25"]),
        _calendar("outside", "a day of another year", holidays=["2028-01-01"]),
        _calendar("many", "more than 40 free days a year", holidays=days[:41]),
        _calendar("forty", "40 free days a year", None, holidays=days[:40]),
        _calendar("workday", "a working day that is one anyway", workdays=["2026-12-24"]),
        _calendar("weekend", "four free days a week", form, weekend=[4, 5, 6, 7]),
        _calendar("weekday", "an eighth day", form, weekend=[8]),
        _calendar("sunday", "one free day a week", None, weekend=[7]),
        _calendar("years", "thirteen years", first=2015, last=2027),
        _calendar("turned", "ends before it begins", first=2028, last=2027),
        _calendar("offset", "a day apart", form, offset=1_440),
        _calendar("offset-text", "an offset as text", form, offset="330"),
        _calendar("day", "no such day", form, holidays=["2026-02-29"]),
        _calendar("site", "a site without a country", form, site="Mumbai"),
        _calendar("key", "an unknown key", form, name="x"),
    ]


CASES = [*_make_dues(), *_make_limits(), *_make_forms(), *_make_rules(), *_make_calendars()]
