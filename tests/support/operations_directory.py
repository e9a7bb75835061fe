"""What the vectors of directory, roster, chart, packs, conflicts, requests and drafts say: JSON in, JSON out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plaint.client.delays import verify_delays
from plaint.crypto.hashes import compute_sha256
from plaint.crypto.signing import SigningKey
from plaint.protocol.access import Roster, RosterMember
from plaint.protocol.carry import open_carry
from plaint.protocol.chart import (
    Chart,
    compute_chart_digest,
    encode_chart,
    find_ancestors,
    find_descendants,
    link_members,
    parse_chart,
    parse_chart_csv,
    verify_chart,
)
from plaint.protocol.conflicts import Target, compute_access, compute_conflicts
from plaint.protocol.content import encode_access
from plaint.protocol.directory import compute_org, encode_entry, parse_entry, sign_entry
from plaint.protocol.directory_contents import get_entry_type
from plaint.protocol.directory_state import DirectoryState, MemberState, Past, Released
from plaint.protocol.draft import encode_names, parse_draft, parse_names
from plaint.protocol.fold import fold_directory
from plaint.protocol.history import list_events
from plaint.protocol.keys import compute_member_keys
from plaint.protocol.note import encode_vkey, parse_vkey
from plaint.protocol.packs import compute_due, compute_limit, compute_pack_digest, encode_pack, parse_pack
from plaint.protocol.release import open_release_note, verify_release
from plaint.protocol.request import encode_request, make_request, parse_request
from plaint.protocol.ring import find_former_owner, find_owner, identify_keys
from plaint.protocol.roster import compute_roster
from plaint.protocol.standing import list_signing_keys, list_turns, was_in_force
from tests.support.operations_keys import Value

unhex = bytes.fromhex


def directory_parse(value: Value) -> Value:
    entry = parse_entry(value["text"].encode())
    assert encode_entry(entry) == value["text"].encode()
    return {"index": entry.index, "type": get_entry_type(entry.content), "by": [s.id.hex() for s in entry.by]}


def directory_org(value: Value) -> Value:
    return {"org": compute_org(parse_entry(value["text"].encode())).hex()}


def directory_sign(value: Value) -> Value:
    entry = parse_entry(value["text"].encode())
    signed = sign_entry(unhex(value["org"]), entry, unhex(value["member"]), SigningKey(unhex(value["seed"])))
    return {"text": encode_entry(signed).decode()}


def directory_fold(value: Value) -> Value:
    org = unhex(value["org"]) if "org" in value else None
    return encode_state(fold_directory([text.encode() for text in value["entries"]], org=org))


def encode_state(state: DirectoryState) -> Value:
    return {
        "size": state.size,
        "org": state.org.hex(),
        "name": state.name,
        "members": [
            {"id": id_.hex(), "roles": list(found.member.roles), "status": found.status, **_encode_terms(found)}
            for id_, found in sorted(state.members.items())
        ],
        "channels": [
            {"id": channel.id, "title": channel.title, "roles": list(channel.roles), "pack": channel.pack.hex()}
            for _, channel in sorted(state.channels.items())
        ],
        "packs": sorted(digest.hex() for digest in state.packs),
        "clock": {key: getattr(state.clock, key) for key in state.clock.__slots__},
        "origin": state.origin.origin if state.origin else None,
        "chart": {"digest": state.chart.digest.hex(), "people": state.chart.people} if state.chart else None,
        "cosigners": (
            {"names": [c.name for c in state.cosigners.cosigners], "quorum": state.cosigners.quorum}
            if state.cosigners
            else None
        ),
        "pending": [entry.index for entry in state.pending],
        "void": list(state.void),
        **({"receipts": encode_receipts(state)} if state.receipts else {}),
        **({"upstream": encode_vkey(state.upstream)} if state.upstream else {}),
        **({"releases": [encode_released(released) for released in state.releases]} if state.releases else {}),
        **({"past": [encode_past(past) for past in state.past]} if state.past else {}),
    }


def _encode_terms(found: MemberState) -> Value:
    """Return which key signs, and since which entry, when it is not the first."""
    if not found.terms:
        return {}
    terms = [{"sign": t.member.sign.hex(), "status": t.status, "begin": t.begin, "end": t.end} for t in found.terms]
    carries = [compute_sha256(carry).hex() for carry in found.carries]
    return {"sign": found.member.sign.hex(), "begin": found.begin, "terms": terms, "carries": carries}


def encode_receipts(state: DirectoryState) -> Value:
    now = encode_vkey(state.origin.receipts) if state.origin else None
    former = [{"key": encode_vkey(k.key), "end": k.end, "void": k.void} for k in state.receipts]
    return {"now": now, "former": former}


def carry_open(value: Value) -> Value:
    keys = compute_member_keys(unhex(value["entropy"]))
    return {"entropy": open_carry(keys.age, unhex(value["carry"])).hex()}


def carry_ring(value: Value) -> Value:
    state = fold_directory([text.encode() for text in value["entries"]])
    keys = compute_member_keys(unhex(value["entropy"]))
    found, former = find_owner(state, keys), find_former_owner(state, keys)
    if found is None:
        return {"id": None, "former": None if former is None else former.member.id.hex()}
    ring = identify_keys(found, keys)
    return {"id": ring.id.hex(), "earlier": [earlier.sign.public.hex() for earlier in ring.earlier]}


def standing_compute(value: Value) -> Value:
    state = fold_directory([text.encode() for text in value["entries"]])
    found = state.members[unhex(value["member"])]
    dates = {int(index): date for index, date in value["dates"].items()}
    counted = was_in_force(found, unhex(value["sign"]), value["at"], dates, slack_s=value["slack"])
    return {"counted": counted, "keys": [key.hex() for key in list_signing_keys(found)], "turns": list_turns(state)}


def history_list(value: Value) -> Value:
    entries = [text.encode() for text in value["entries"]]
    org = compute_org(parse_entry(entries[0]))
    found = list_events(entries, org=org, member=unhex(value["member"]), independent=value["independent"])
    return {"events": [{"index": e.entry.index, "digest": e.digest.hex(), "signed": e.signed} for e in found]}


@dataclass(frozen=True, slots=True)
class GivenDates:
    """Dates as a vector lists them."""

    dates: Mapping[str, int]
    began: bool

    def compute(self, index: int) -> int | None:
        return self.dates.get(str(index))

    def began_before(self, index: int) -> bool:
        return self.began and str(index) in self.dates


def delays_verify(value: Value) -> Value:
    verify_delays(GivenDates(value["dates"], value["began"]), [text.encode() for text in value["entries"]])
    return {}


def encode_released(released: Released) -> Value:
    release = released.release
    return {
        "index": released.index,
        "version": release.version,
        "manifest": release.manifest.hex(),
        "upstream": encode_vkey(released.upstream),
    }


def release_open(value: Value) -> Value:
    key = parse_vkey(value["key"])
    release = open_release_note(value["note"].encode(), key)
    verify_release(release, key)
    return {"version": release.version, "manifest": release.manifest.hex(), "upstream": release.upstream.hex()}


def encode_past(past: Past) -> Value:
    finals = {"cases": past.succession.cases, "directory": past.succession.directory}
    return {"origin": past.origin.origin} | {
        name: {"size": final.size, "root": final.root.hex()} for name, final in finals.items()
    }


def roster_compute(value: Value) -> Value:
    state = fold_directory([text.encode() for text in value["entries"][: value["size"]]])
    roster = compute_roster(state, value["channel"])
    return {"delivered": [_member(m) for m in roster.delivered], "held": [m.id.hex() for m in roster.held]}


def _member(member: RosterMember) -> Value:
    return {
        "id": member.id.hex(),
        "age": member.age.hex(),
        "author": member.author.hex(),
        "sign": member.sign.hex(),
        "independent": member.independent,
        "channel": member.channel,
    }


def chart_parse(value: Value) -> Value:
    chart = parse_chart(value["text"].encode())
    return {"digest": compute_chart_digest(chart).hex(), "people": len(chart.people)}


def chart_verify(value: Value) -> Value:
    chart = verify_chart(value["text"].encode(), digest=unhex(value["digest"]), people=value["people"])
    return {"people": len(chart.people)}


def chart_csv(value: Value) -> Value:
    return _chart(parse_chart_csv(value["csv"]))


def chart_link(value: Value) -> Value:
    names = {unhex(member): name for member, name in value["names"].items()}
    return _chart(link_members(parse_chart(value["text"].encode()), names))


def chart_line(value: Value) -> Value:
    chart = parse_chart(value["text"].encode())
    below = sorted(find_descendants(chart, value["person"]))
    return {"ancestors": find_ancestors(chart, value["person"]), "descendants": below}


def _chart(chart: Chart) -> Value:
    return {"text": encode_chart(chart).decode(), "digest": compute_chart_digest(chart).hex()}


def packs_digest(value: Value) -> Value:
    pack = parse_pack(value["pack"])
    assert encode_pack(pack) == value["pack"]
    return {"digest": compute_pack_digest(pack).hex()}


def packs_limit(value: Value) -> Value:
    pack = parse_pack(value["pack"])
    duty = pack.find(value["kind"])
    assert duty is not None
    return {"limits": [compute_limit(pack, duty, at) for at in value["starts"]]}


def packs_due(value: Value) -> Value:
    due = compute_due(parse_pack(value["pack"]), value["at"])
    return {"due": [{"kind": kind, "at": at} for kind, at in due]}


def _target(value: Any) -> Target:
    member = value["member"]
    return Target(value["name"], value["person"], None if member is None else unhex(member))


def conflicts_compute(value: Value) -> Value:
    chart = None if value["chart"] is None else parse_chart(value["chart"].encode())
    named, chosen = ([_target(target) for target in value[key]] for key in ("named", "chosen"))
    found = compute_conflicts(chart, named, chosen, [unhex(member) for member in value["independents"]])
    if "roster" not in value:
        excluded = [
            {
                "name": e.name,
                "person": e.person,
                "member": None if e.member is None else e.member.hex(),
                "why": e.why,
                "of": e.of,
            }
            for e in found.excluded
        ]
        return {"conflicted": [member.hex() for member in found.conflicted], "excluded": excluded}
    return {"access": encode_access(compute_access(_roster(value["roster"]), found))}


def _roster(value: Any) -> Roster:
    members = tuple(
        RosterMember(
            unhex(m["id"]), unhex(m["age"]), unhex(m["author"]), unhex(m["sign"]), m["independent"], m["channel"]
        )
        for m in value["delivered"]
    )
    return Roster(members, tuple(m for m in members if m.id.hex() in value["held"]))


def request_make(value: Value) -> Value:
    request = make_request(compute_member_keys(unhex(value["entropy"])), value["name"], salt=unhex(value["salt"]))
    return {"text": encode_request(request).decode(), "check_words": request.check_words}


def request_parse(value: Value) -> Value:
    request = parse_request(value["text"].encode())
    return {"id": request.id.hex(), "name": request.name, "check_words": request.check_words}


def draft_parse(value: Value) -> Value:
    draft = parse_draft(value["text"].encode())
    return {
        "type": get_entry_type(draft.content),
        "org": None if draft.org is None else draft.org.hex(),
        "index": None if draft.entry is None else draft.entry.index,
        "names": encode_names(draft.names),
        "people": None if draft.chart is None else len(draft.chart.people),
    }


def draft_names(value: Value) -> Value:
    return {"names": sorted(member.hex() for member in parse_names(json.loads(value["text"])))}
