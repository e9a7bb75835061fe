"""What the vectors of cases say: JSON in, JSON out."""

from __future__ import annotations

from typing import Any

from plaint.client.retention.rules import parse_rules
from plaint.docket.case import CaseView, Closing, fold_case
from plaint.docket.entries import HOLDER, OpenedEntry
from plaint.docket.handling import fold_handling
from plaint.docket.obligations import Obligation
from plaint.docket.retention import Facts, plan_retention
from plaint.encoding.json import encode_json
from plaint.protocol.content import parse_content
from plaint.protocol.packs import parse_pack
from plaint.protocol.room import Until
from tests.support.operations_keys import Value

unhex = bytes.fromhex


def case_fold(value: Value) -> Value:
    entries = [parse_opened(entry) for entry in value["entries"]]
    pack = parse_pack(value["pack"])
    return encode_view(fold_case(entries, pack=pack, begin=value["begin"], now=value["now"], grace_s=value["grace_s"]))


def case_handling(value: Value) -> Value:
    entries = [parse_opened(entry) for entry in value["entries"]]
    found = fold_handling(entries, independents={unhex(member) for member in value["independents"]})
    return {
        "handling": [
            {
                "room": item.room.hex(),
                "by": item.by.hex(),
                "at": item.at,
                "status": item.status,
                "closing": item.closing and encode_closing(item.closing),
            }
            for item in found
        ]
    }


def retention_plan(value: Value) -> Value:
    rules = parse_rules(encode_json({"v": 1, "rules": value["rules"]}))
    found = plan_retention(Facts(**value["facts"]), rules, outcome=value["outcome"], now=value["now"])
    terms = [{"id": term.rule.id, "until": term.until, "over": term.over} for term in found.terms]
    return {"state": found.state, "terms": terms}


def encode_closing(closing: Closing) -> Value:
    second = closing.second
    return {
        "hash": closing.hash.hex(),
        "first": closing.first.hex(),
        "reason": closing.reason,
        "second": second and second.hex(),
    }


def parse_opened(value: Any) -> OpenedEntry:
    content = None if value["content"] is None else parse_content(value["kind"], encode_json(value["content"]))
    return OpenedEntry(
        room=unhex(value["room"]),
        label=value["label"],
        seq=value["seq"],
        kind=value["kind"],
        hash=unhex(value["hash"]),
        author=value["author"] if value["author"] in {None, HOLDER} else unhex(value["author"]),
        proved=value["proved"],
        logged_at=value["logged_at"],
        content=content,
        until=Until(**value["until"]) if "until" in value else None,
    )


def encode_view(view: CaseView) -> Value:
    closing, erasing = view.closing, view.erasing
    return {
        "status": view.status,
        "obligations": [encode_obligation(o) for o in view.obligations],
        "closing": closing and encode_closing(closing),
        "erasing": erasing and {"hash": erasing.hash.hex(), "first": erasing.first.hex(), "ground": erasing.ground},
        "grants": [
            {"room": g.room.hex(), "label": g.label, "member": g.member.hex(), "since": g.since, "told": g.told}
            for g in view.grants
        ],
        "participants": [who if isinstance(who, str) else who.hex() for who in view.participants],
        "unproved": [{"room": room.hex(), "seq": seq} for room, seq in view.unproved],
        "holds": [
            {
                "type": h.type,
                "hash": h.hash.hex(),
                "room": h.room.hex(),
                "label": h.label,
                "member": h.member.hex(),
                "reason": h.reason,
                "at": h.at,
                "review": h.review,
                "lifted": h.lifted,
                "lifted_at": h.lifted_at,
            }
            for h in view.holds
        ],
        "claims": [
            {
                "on": c.on,
                "to": c.to,
                "name": c.name,
                "author": c.author if isinstance(c.author, str) else c.author.hex(),
                "at": c.at,
            }
            for c in view.claims
        ],
        "risk": None
        if view.risk is None
        else {
            "level": view.risk.level,
            "member": view.risk.member.hex(),
            "reason": view.risk.reason,
            "at": view.risk.at,
        },
    }


def encode_obligation(duty: Obligation) -> Value:
    extension = duty.extension
    return {
        "kind": duty.kind,
        "start": duty.start,
        "at": duty.at,
        "state": duty.state,
        "met_at": duty.met_at,
        "begun": duty.begun,
        "extension": extension and {"before": extension.before, "at": extension.at, "reason": extension.reason},
        "escalated": duty.escalated,
    }
