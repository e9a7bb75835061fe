"""Cases of content."""

from __future__ import annotations

import json
from typing import Any

from plaint.encoding.json import encode_json
from plaint.protocol.content import encode_access
from plaint.protocol.room import encode_manifest
from tools.vectors.case import Case, draw
from tools.vectors.world import ACCESS, INTERNAL_ROOM, MANIFEST, find_id

ATTACHMENT = {
    "id": draw("blob").hex(),
    "key": draw("blob key").hex(),
    "name": "Quittung № 7.pdf",
    "type": "application/pdf",
    "size": 70_001,
    "sha256": draw("blob sha").hex(),
    "sealed": 70_872,
}
OPEN = {
    "v": 1,
    "room": encode_manifest(MANIFEST).decode(),
    "access": encode_access(ACCESS),
    "people": [
        {"name": "Caius Invented", "person": "p-7", "where": "inside"},
        {"name": "a guest of Madeup & Sons", "person": None, "where": "outside"},
    ],
    "text": "It happened on the trip.\n他们都看见了。\u2028\U0001f5d2",
    "lang": "en",
    "attachments": [ATTACHMENT],
}
WHO = {"member": find_id("fay").hex(), "name": "Fay Nobody"}
NOTICE = {"type": "access", "room": INTERNAL_ROOM.hex(), "label": "internal", **WHO}


def _make_contents() -> list[Case]:
    def case(name: str, about: str, kind: str, value: dict[str, Any], error: str | None = None) -> Case:
        text = encode_json(value).decode()
        return Case("content", name, "parse", about, {"kind": kind, "text": text}, error=error)

    def raw(name: str, about: str, text: str, error: str) -> Case:
        return Case("content", name, "parse", about, {"kind": "entry", "text": text}, error=error)

    def change(name: str, about: str, **changes: Any) -> Case:
        value = {key: item for key, item in {**OPEN, **changes}.items() if item is not ...}
        return case(name, about, "open", value, "content-form")

    def told(name: str, about: str, to: str, on: str | None, error: str | None = None) -> Case:
        value = {"v": 1, "disclosure": {"on": on, "to": to, "name": "the 3rd floor"}}
        return case(name, about, "entry", value, error)

    form = "content-form"
    return [
        case("open", "everything an open can say", "open", OPEN),
        case("open-child", "the least", "open", {"v": 1, "room": OPEN["room"], "access": OPEN["access"], "people": []}),
        case("slots", "a grant", "slots", {"v": 1, "access": OPEN["access"], "granted": WHO}),
        case("entry", "a message", "entry", {"v": 1, "text": "Thank you.", "lang": "en"}),
        case("entry-confirms", "confirms a close", "entry", {"v": 1, "confirms": "cd" * 32}),
        case("entry-notice", "a notice", "entry", {"v": 1, "notice": NOTICE}),
        told("entry-told", "somebody was told before", "hr", "2026-11-20"),
        told("entry-told-undated", "on a day that is not known", "police", None),
        told("entry-told-day", "no such day", "forum", "2026-11-31", form),
        told("entry-told-to", "told to whom nobody foresaw", "press", None, form),
        case("entry-risk", "how great the risk is", "entry", {"v": 1, "risk": "high", "text": "They share a room."}),
        case("entry-risk-level", "more than there is", "entry", {"v": 1, "risk": "extreme"}, form),
        case("entry-extra", "unknown keys are kept", "entry", {"v": 1, "mood": [1, {"a": None}], "zebra": None}),
        case("acknowledge", "without a word", "acknowledge", {"v": 1}),
        case("feedback", "action and grounds", "feedback", {"v": 1, "action": "Talked to both.", "grounds": "§ 3"}),
        case("close", "with a reason", "close", {"v": 1, "reason": "settled"}),
        case("reopen", "without a reason", "reopen", {"v": 1}),
        case("erase", "the first of two", "erase", {"v": 1, "ground": "retention", "text": "Three years are over."}),
        case("erase-confirms", "the second", "erase", {"v": 1, "confirms": draw("first of two").hex()}),
        case("erase-nothing", "neither", "erase", {"v": 1}, error="content-form"),
        case("erase-both", "both", "erase", {"v": 1, "ground": "order", "confirms": "00" * 32}, error="content-form"),
        case("erase-ground", "an unknown ground", "erase", {"v": 1, "ground": "shame"}, error="content-form"),
        raw("not-json", "not JSON", "{", "json-form"),
        raw("not-object", "a list", "[]", form),
        raw("not-canonical", "white space", '{"v": 1}', "json-canonical"),
        raw("order", "keys out of order", '{"v":1,"text":"x"}', "json-canonical"),
        raw("duplicate", "a key twice", '{"v":1,"v":1}', "json-duplicate-key"),
        raw("float", "a float", '{"v":1.5}', "json-number"),
        raw("large-integer", "2^53", '{"v":9007199254740992}', "json-number"),
        raw("long", "more than 256 KiB", json.dumps({"text": "x" * 262_144, "v": 1}), "content-size"),
        case("no-version", "no version", "entry", {"text": "x"}, form),
        case("version-2", "version 2", "entry", {"v": 2}, form),
        case("version-true", "true is not 1", "entry", {"v": True}, form),
        case("text-null", "null is not nothing", "entry", {"v": 1, "text": None}, form),
        case("text-number", "a number for a text", "entry", {"v": 1, "text": 5}, form),
        case("confirms-short", "31 bytes", "entry", {"v": 1, "confirms": "cd" * 31}, form),
        case("notice-type", "another type of notice", "entry", {"v": 1, "notice": {**NOTICE, "type": "x"}}, form),
        case("feedback-empty", "no grounds", "feedback", {"v": 1, "action": "x", "grounds": ""}, form),
        case("close-no-reason", "no reason", "close", {"v": 1}, form),
        change("open-no-access", "no access", access=...),
        change("open-no-room", "no manifest", room=...),
        change("open-where", "neither inside nor outside", people=[{"name": "x", "person": None, "where": "beside"}]),
        change("open-attachments", "65 attachments", attachments=[ATTACHMENT] * 65),
        change("open-attachment-size", "a negative size", attachments=[{**ATTACHMENT, "size": -1}]),
        change("open-attachment-key", "no key", attachments=[{k: v for k, v in ATTACHMENT.items() if k != "key"}]),
        change("open-name", "513 characters", people=[{"name": "x" * 513, "person": None, "where": "inside"}]),
        change("open-why", "another why", access={**encode_access(ACCESS), "excluded": [
            {"name": "x", "person": None, "member": None, "why": "rumour", "of": None}]}),
    ]  # fmt: skip


CASES = _make_contents()
