"""`plaint desk retention`: what could go, when, and why; two people decide, and nothing goes by itself."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import Parameter

from plaint.cli.desk import EXIT_USAGE, Sitting, Url, open_desk
from plaint.cli.left import encode_left, print_left
from plaint.cli.output import CommandError, print_json, print_lines, print_notice
from plaint.cli.times import format_time
from plaint.client.left import list_left
from plaint.client.retention.preview import Previewed, preview_retention
from plaint.client.retention.rules import find_rules, list_jurisdictions
from plaint.docket.retention import OUTCOMES, Term

STATES = {
    "due": "may go: by every rule that fixes a date its time is over",
    "decide": "to decide: the rules do not agree, or what they say depends on how it ended",
    "held": "held: it must be kept, whatever the rules say",
    "unruled": "no rule fixes a date",
    "keep": "to be kept for now",
    "open": "not closed: no time runs yet",
    "unread": "no member has acknowledged it: it is never erased",
}
BOUNDS = {"longest": "at the longest until", "shortest": "at least until", "usual": "usually until"}


def retention(
    url: Url,
    *,
    under: Annotated[list[str] | None, Parameter(negative=(), help="Jurisdiction, such as DE; repeat it.")] = None,
    outcome: Annotated[str | None, Parameter(help=f"How the cases ended: {', '.join(OUTCOMES)}.")] = None,
    sitting: Sitting,
) -> None:
    """Show which cases could be erased, when, and by which rule. Nothing is erased: that takes two people.

    Every rule that may apply is shown beside the others, with its source and when that was looked at. Where they do not
    agree, people decide. The rules are data compiled from public sources, and no legal advice.
    """
    known = list_jurisdictions()
    if not under or any(name not in known for name in under):
        raise CommandError(f"Say --under which law: {', '.join(known)}.", exit_code=EXIT_USAGE)
    if outcome is not None and outcome not in OUTCOMES:
        raise CommandError(f"--outcome is one of {', '.join(OUTCOMES)}.", exit_code=EXIT_USAGE)
    rules = find_rules(under)
    with open_desk(url, sitting) as desk:
        found = preview_retention(desk, rules, outcome=outcome)
        left = list_left(desk)
        if sitting.json:
            print_json({"cases": [_encode(item) for item in found], **encode_left(desk, left)})
            return
        print_left(desk, left)
    if not found:
        print_lines("There is no case that you can open.")
    for item in found:
        _print(item)
    print_notice("Nothing was erased. Two members erase a case: plaint desk erase URL CASE --ground retention.")


def _encode(item: Previewed) -> dict[str, Any]:
    terms = [_encode_term(term) for term in item.plan.terms]
    times = {"received_at": item.facts.received_at, "closed_at": item.facts.closed_at}
    return {"id": item.case.id.hex(), "state": item.plan.state, **times, "rules": terms}


def _encode_term(term: Term) -> dict[str, Any]:
    rule = term.rule
    said = {"id": rule.id, "jurisdiction": rule.jurisdiction, "outcome": rule.outcome, "bound": rule.bound}
    known = {"source": rule.source, "checked_on": rule.checked_on, "confirmed": rule.confirmed, "note": rule.note}
    return {**said, "until": term.until, "over": term.over, **known}


def _print(item: Previewed) -> None:
    print_lines("", f"{item.case.id.hex()[:12]}  {STATES[item.plan.state]}")
    if item.facts.closed_at is not None:
        print_lines(f"  closed {format_time(item.facts.closed_at)}")
    for term in item.plan.terms:
        rule = term.rule
        until = "no fixed term" if term.until is None else f"{BOUNDS[rule.bound]} {format_time(term.until)}"
        when = "" if rule.outcome == "any" else f", if the outcome was {rule.outcome}"
        doubt = "" if rule.confirmed else "; not confirmed"
        print_lines(f"  {rule.jurisdiction}: {until}{' (over)' if term.over else ''}{when}")
        print_lines(f"      {rule.source} (looked at {rule.checked_on}{doubt})")
        if rule.note:
            print_lines(f"      {rule.note}")
