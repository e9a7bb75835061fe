"""Retention: every rule beside the others, and a preview that decides nothing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from plaint.cli.app import run
from plaint.client.erasing import propose_erasure
from plaint.client.files import create_private
from plaint.client.retention.rules import find_rules, list_jurisdictions, load_rules, parse_rules
from plaint.docket.retention import ANY, CLOSED, LONGEST, Facts, Rule, add_months, plan_retention
from plaint.errors import MalformedError, RefusedError
from plaint.protocol.words import encode_words
from tests.support.directory_world import draw
from tests.support.erasing import Story

DAY = 86_400


def moment(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, 9, tzinfo=UTC).timestamp())


CLOSED_AT = moment(2026, 3, 31)
FACTS = Facts(received_at=moment(2026, 1, 10), closed_at=CLOSED_AT, acknowledged=True)
RULE = Rule("x", "XX", ANY, CLOSED, 36, LONGEST, "somewhere", "2026-05", confirmed=True)


@pytest.mark.parametrize(
    ("months", "expected"), [(1, (2026, 4, 30)), (11, (2027, 2, 28)), (23, (2028, 2, 29)), (12, (2027, 3, 31))]
)
def test_a_month_later_is_the_same_day_or_the_last(months: int, expected: tuple[int, int, int]) -> None:
    assert add_months(CLOSED_AT, months) == moment(*expected)


def plan(*rules: Rule, now: int, outcome: str | None = None, facts: Facts = FACTS) -> tuple[str, list[int | None]]:
    found = plan_retention(facts, rules, outcome=outcome, now=now)
    return found.state, [term.until for term in found.terms]


def test_a_term_is_over_at_its_very_end() -> None:
    end = moment(2029, 3, 31)
    assert plan(RULE, now=end - 1) == ("keep", [end])
    assert plan(RULE, now=end) == ("due", [end])


def test_some_terms_count_from_the_end_of_the_year_or_from_arrival() -> None:
    first = int(datetime(2030, 1, 1, tzinfo=UTC).timestamp())
    assert plan(replace(RULE, trigger="year-closed"), now=first)[1] == [first]
    assert plan(replace(RULE, trigger="received"), now=first)[1] == [moment(2029, 1, 10)]


def test_rules_that_do_not_agree_are_shown_and_not_weighed() -> None:
    short, long = replace(RULE, id="short", months=24), replace(RULE, id="long", months=60)
    assert plan(short, long, now=moment(2029, 1, 1)) == ("decide", [moment(2028, 3, 31), moment(2031, 3, 31)])
    assert plan(short, long, now=moment(2032, 1, 1))[0] == "due"


def test_a_rule_for_an_outcome_nobody_named_leaves_the_decision_to_people() -> None:
    ruled = replace(RULE, outcome="no-action", months=3)
    late = moment(2030, 1, 1)
    assert plan(RULE, ruled, now=late)[0] == "decide"
    assert plan(RULE, ruled, now=late, outcome="no-action")[0] == "due"
    assert plan(RULE, ruled, now=late, outcome="followed-up") == ("due", [moment(2029, 3, 31)])


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (replace(FACTS, acknowledged=False), "unread"),
        (replace(FACTS, closed_at=None), "open"),
        (replace(FACTS, held=True), "held"),
    ],
)
def test_some_cases_do_not_go_whatever_the_rules_say(facts: Facts, state: str) -> None:
    assert plan(RULE, now=moment(2040, 1, 1), facts=facts)[0] == state


def test_without_a_term_there_is_no_date() -> None:
    assert plan(replace(RULE, months=None), now=moment(2040, 1, 1)) == ("unruled", [None])


def test_every_shipped_rule_says_where_it_is_from_and_when_somebody_looked() -> None:
    rules = load_rules()
    assert len({rule.id for rule in rules}) == len(rules) > 15
    assert all(rule.source and re.fullmatch(r"20[0-9]{2}-[01][0-9](-[0-3][0-9])?", rule.checked_on) for rule in rules)
    assert all("from memory" not in rule.source and "vendor" not in rule.source for rule in rules if rule.confirmed)
    assert {rule.jurisdiction for rule in find_rules(["DE", "PL"])} == {"DE", "PL"}
    assert {"CN", "EU", "GB", "IN", "JP", "US"} <= set(list_jurisdictions())  # whatever pack a channel is under
    with pytest.raises(RefusedError) as caught:
        find_rules(["ATLANTIS"])
    assert caught.value.code == "retention-unknown"


def test_a_rule_of_another_shape_is_refused() -> None:
    with pytest.raises(MalformedError) as caught:
        parse_rules(b'{"v":1,"rules":[{"id":"x"}]}')
    assert caught.value.code == "retention-form"


def test_the_preview_names_rules_and_erases_nothing(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world, words = story.world, tmp_path / "words"
    create_private(words, encode_words(draw("member ben", 16), "english").encode())
    command = ["desk", "retention", world.url, "--words", str(words)]

    def preview(*laws: str) -> dict[str, object]:
        given = [part for law in laws for part in ("--under", law)]
        assert run([*command, *given, "--json"]) == 0
        found: dict[str, object] = json.loads(capsys.readouterr().out)["cases"][0]
        return found

    assert run(command) == 2
    assert preview("DE")["state"] == "open"
    story.ben.close(story.case(story.ben), "Settled.")
    case = story.case(story.cai)
    closing = story.cai.fold(case).closing
    assert closing is not None
    story.cai.confirm(case, closing.hash)
    world.tick(12)
    kept = preview("SE", "IT")
    assert (kept["state"], len(kept["rules"])) == ("keep", 2)  # type: ignore[arg-type]
    world.now += 3 * 365 * DAY
    world.tick()
    assert preview("SE")["state"] == "due"
    assert preview("SE", "IT")["state"] == "decide"
    capsys.readouterr()
    assert run([*command, "--under", "SE", "--under", "IT"]) == 0
    said = capsys.readouterr()
    assert "IT: at the longest until" in said.out
    assert "Nothing was erased." in said.err
    assert story.case(story.ben).room.entries[-1].header.kind == "entry"
    propose_erasure(story.cai, story.case(story.cai), "retention")
    assert preview("SE")["state"] == "due"  # a wish to erase it opens it for nobody
