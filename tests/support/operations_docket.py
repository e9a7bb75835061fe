"""What the vectors of cases say: JSON in, JSON out."""

from __future__ import annotations

from typing import Any

from plaint.docket.case import CaseView, fold_case
from plaint.docket.entries import HOLDER, OpenedEntry
from plaint.encoding.json import encode_json
from plaint.protocol.content import parse_content
from tests.support.operations_keys import Value

unhex = bytes.fromhex


def case_fold(value: Value) -> Value:
    due = [(d["kind"], d["at"]) for d in value["due"]]
    entries = [parse_opened(entry) for entry in value["entries"]]
    return encode_view(fold_case(entries, due=due, now=value["now"], grace_s=value["grace_s"]))


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
    )


def encode_view(view: CaseView) -> Value:
    closing = view.closing
    return {
        "status": view.status,
        "obligations": [{"kind": o.kind, "at": o.at, "state": o.state, "met_at": o.met_at} for o in view.obligations],
        "closing": closing
        and {
            "hash": closing.hash.hex(),
            "first": closing.first.hex(),
            "reason": closing.reason,
            "second": closing.second and closing.second.hex(),
        },
        "grants": [
            {"room": g.room.hex(), "label": g.label, "member": g.member.hex(), "since": g.since, "told": g.told}
            for g in view.grants
        ],
        "participants": [who if isinstance(who, str) else who.hex() for who in view.participants],
        "unproved": [{"room": room.hex(), "seq": seq} for room, seq in view.unproved],
    }
