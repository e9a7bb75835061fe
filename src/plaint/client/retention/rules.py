"""The rules that come with Plaint, each with where it was found and when somebody looked; no legal advice."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

from plaint.docket.retention import ANY, BOUNDS, OUTCOMES, TRIGGERS, Rule
from plaint.encoding.fields import Fields
from plaint.encoding.json import parse_json
from plaint.errors import RefusedError

LIMIT_BYTES = 262_144
LIMIT_RULES = 1_000
LIMIT_MONTHS = 1_200
_CODE = "retention-form"


@lru_cache(maxsize=1)
def load_rules() -> tuple[Rule, ...]:
    """Return every shipped rule. Raises: MalformedError "retention-form"."""
    return parse_rules(files("plaint.client.retention").joinpath("rules.json").read_bytes())


def parse_rules(data: bytes) -> tuple[Rule, ...]:
    """Return the rules in a file. Raises: MalformedError "retention-form" and those of `parse_json`."""
    fields = Fields(parse_json(data, limit_bytes=LIMIT_BYTES), _CODE)
    fields.take_exactly("v", 1)
    return tuple(fields.take_list("rules", _parse_rule, limit=LIMIT_RULES))


def list_jurisdictions() -> list[str]:
    """Return the jurisdictions for which there is a rule."""
    return sorted({rule.jurisdiction for rule in load_rules()})


def find_rules(jurisdictions: list[str]) -> list[Rule]:
    """Return the rules of some jurisdictions. Raises: RefusedError "retention-unknown" for one without any."""
    unknown = [name for name in jurisdictions if name not in list_jurisdictions()]
    if unknown:
        raise RefusedError("retention-unknown", unknown[0])
    return [rule for rule in load_rules() if rule.jurisdiction in jurisdictions]


def _parse_rule(value: Any) -> Rule:
    fields = Fields(value, _CODE)
    return Rule(
        id=fields.take_string("id", limit=64),
        jurisdiction=fields.take_string("jurisdiction", limit=8),
        outcome=fields.take_one_of("outcome", (ANY, *OUTCOMES)),
        trigger=fields.take_one_of("trigger", TRIGGERS),
        months=fields.take_null("months", fields.take_integer),
        bound=fields.take_one_of("bound", BOUNDS),
        source=fields.take_string("source"),
        checked_on=fields.take_string("checked_on", limit=10),
        confirmed=fields.take_optional("confirmed", fields.take_flag) or False,
        note=fields.take_optional("note", fields.take_string),
    )
