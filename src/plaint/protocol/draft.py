"""Drafts: a directory entry on its way from signer to signer and to the server (spec/directory.md, "Draft")."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from plaint.crypto.signing import SigningKey
from plaint.encoding.fields import Fields
from plaint.encoding.json import parse_json
from plaint.errors import MalformedError, VerificationError
from plaint.protocol.chart import LIMIT_CHART_BYTES, Chart, encode_chart, parse_chart_value, verify_chart
from plaint.protocol.directory import LIMIT_ENTRY_BYTES, Entry, encode_entry, parse_entry_value, sign_entry
from plaint.protocol.directory_contents import (
    ChartDigest,
    Content,
    Genesis,
    Member,
    encode_content,
    get_entry_type,
    parse_content,
)
from plaint.protocol.request import SALT_BYTES, compute_name_hash

CODE = "draft-form"
LIMIT_DRAFT_BYTES = LIMIT_CHART_BYTES + 2 * LIMIT_ENTRY_BYTES
LARGE_BYTES = 2**20
_CHART_FIRST, _THEN_ENTRY = b'{"chart":', b',"entry":'


@dataclass(frozen=True, slots=True)
class Name:
    """A member's name and the salt that ties it to the directory."""

    name: str
    salt: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """What an entry will say; `org` and `entry` are None until it has a place in an organisation's directory."""

    content: Content
    names: Mapping[bytes, Name]
    chart: Chart | None = None
    org: bytes | None = None
    entry: Entry | None = None


def encode_draft(draft: Draft) -> bytes:
    """Return the file's bytes."""
    if draft.entry is None:
        entry: Any = encode_content(draft.content) | {"type": get_entry_type(draft.content), "v": 1}
    else:
        entry = parse_json(encode_entry(draft.entry), limit_bytes=LIMIT_ENTRY_BYTES)
    chart = None if draft.chart is None else parse_json(encode_chart(draft.chart), limit_bytes=LIMIT_CHART_BYTES)
    value = {
        "chart": chart,
        "entry": entry,
        "names": encode_names(draft.names),
        "org": None if draft.org is None else draft.org.hex(),
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode("utf-8")


def parse_draft(data: bytes) -> Draft:
    """Return a draft whose names and chart belong to its entry; signatures are not verified.

    Raises: MalformedError "draft-form", "directory-form", "chart-…", "json-…"; VerificationError "draft-names",
            "draft-chart".
    """
    fields = Fields(parse_json(data, limit_bytes=LIMIT_DRAFT_BYTES), CODE)
    org = None if fields.peek("org") is None else fields.take_hex("org", 16)
    if org is None:
        fields.take("org")
    entry, content = _parse_content(fields.take("entry"), placed=org is not None)
    chart_value = fields.take("chart")
    names = parse_names(fields.take("names"))
    fields.finish()
    chart = None if chart_value is None else parse_chart_value(chart_value)
    draft = Draft(content, names, chart, org, entry)
    verify_draft(draft)
    return draft


def split_large_draft(data: bytes) -> tuple[Draft, bytes]:
    """Return the draft in `data` without its chart, and the chart's bytes, of which nothing has been parsed.

    Whoever parses a chart spends seconds and a gigabyte on it: signatures and digest come first. Only what
    `encode_draft` writes can be split.
    Raises: MalformedError "draft-form" and those of `parse_draft` but for names and chart.
    """
    end = data.rfind(_THEN_ENTRY)
    if not data.startswith(_CHART_FIRST) or end < 0 or len(data) - end > LARGE_BYTES:
        raise MalformedError(CODE)
    fields = Fields(parse_json(b"{" + data[end + 1 :], limit_bytes=LARGE_BYTES), CODE)
    org = fields.take_hex("org", 16)
    entry, content = _parse_content(fields.take("entry"), placed=True)
    names = parse_names(fields.take("names"))
    fields.finish()
    return Draft(content, names, None, org, entry), data[len(_CHART_FIRST) : end]


def place_draft(draft: Draft, *, org: bytes, index: int) -> Draft:
    """Return the draft as entry `index` of the directory of `org`, without signatures."""
    return replace(draft, org=org, entry=Entry(index, draft.content))


def sign_draft(draft: Draft, member: bytes, key: SigningKey) -> Draft:
    """Return the draft with one more signature.

    Raises: MalformedError "draft-place" while it has no place.
    """
    if draft.entry is None or draft.org is None:
        raise MalformedError("draft-place")
    return replace(draft, entry=sign_entry(draft.org, draft.entry, member, key))


def verify_draft(draft: Draft) -> None:
    """Check that names and chart are those that the entry speaks of, and no others.

    Raises: VerificationError "draft-names", "draft-chart".
    """
    members = get_draft_members(draft.content)
    if {member.id for member in members} != set(draft.names):
        raise VerificationError("draft-names")
    for member in members:
        name = draft.names[member.id]
        if compute_name_hash(name.salt, name.name) != member.name:
            raise VerificationError("draft-names")
    if (draft.chart is None) == isinstance(draft.content, ChartDigest):
        raise VerificationError("draft-chart")
    if draft.chart is not None and isinstance(draft.content, ChartDigest):
        try:
            verify_chart(encode_chart(draft.chart), digest=draft.content.digest, people=draft.content.people)
        except VerificationError as error:
            raise VerificationError("draft-chart") from error


def get_draft_members(content: Content) -> tuple[Member, ...]:
    """Return the members that an entry brings."""
    match content:
        case Genesis():
            return content.members
        case Member():
            return (content,)
        case _:
            return ()


def encode_names(names: Mapping[bytes, Name]) -> dict[str, Any]:
    """Return the JSON value of names, as drafts and `GET names` have it."""
    return {member.hex(): {"name": name.name, "salt": name.salt.hex()} for member, name in names.items()}


def parse_names(value: Any) -> dict[bytes, Name]:
    """Return names by member id; they prove nothing until compared with the directory (`select_names`).

    Raises: MalformedError "draft-form".
    """
    fields = Fields(value, CODE)
    names: dict[bytes, Name] = {}
    for key in value:
        found = Fields(fields.take(key), CODE)
        member = Fields({"id": key}, CODE).take_hex("id", 16)
        names[member] = Name(found.take_text("name"), found.take_hex("salt", SALT_BYTES))
        found.finish()
    return names


def select_names(names: Mapping[bytes, Name], members: Mapping[bytes, Member]) -> dict[bytes, str]:
    """Return the names that the directory's hashes confirm; others are left out, as deleted names are."""
    return {
        id_: names[id_].name
        for id_, member in members.items()
        if id_ in names and compute_name_hash(names[id_].salt, names[id_].name) == member.name
    }


def _parse_content(value: Any, *, placed: bool) -> tuple[Entry | None, Content]:
    if placed:
        entry = parse_entry_value(value)
        return entry, entry.content
    fields = Fields(value, CODE)
    fields.take_exactly("v", 1)
    return None, parse_content(fields.take("type"), fields)
