"""What the vectors of rooms, headers, slots, bodies and content say that Plaint does: JSON in, JSON out."""

from __future__ import annotations

from typing import Any

from plaint.crypto.agreement import AgreementKey
from plaint.crypto.hashes import compute_sha256
from plaint.protocol.access import Roster, RosterMember, compute_granted
from plaint.protocol.cells import open_cell, synthesize_cell
from plaint.protocol.content import encode_content, parse_access, parse_content
from plaint.protocol.room import (
    compute_header_hash,
    compute_room_id,
    encode_bind,
    encode_header,
    encode_manifest,
    parse_header,
    parse_manifest,
)
from plaint.protocol.slots import (
    Slot,
    TokenHashes,
    compute_full_members,
    compute_mode,
    compute_positions,
    compute_slot_set,
    compute_token_hashes,
    open_slot,
    split_slot_set,
    verify_slot_set,
)
from tests.support.operations_keys import Value, h


def text(value: bytes | None) -> str | None:
    return None if value is None else value.hex()


def room_parse(value: Value) -> Value:
    data = value["text"].encode()
    manifest = parse_manifest(data)
    assert encode_manifest(manifest) == data
    return {
        "id": compute_room_id(data).hex(),
        "org": manifest.org.hex(),
        "channel": manifest.channel,
        "roster": manifest.roster,
        "pack": manifest.pack.hex(),
        "recipient": manifest.recipient.hex(),
        "author": text(manifest.author),
        "holder": text(manifest.holder),
        "parent": text(manifest.parent),
        "label": manifest.label,
    }


def header_parse(value: Value) -> Value:
    data = value["text"].encode()
    header = parse_header(data)
    assert encode_header(header) == data
    return {
        "hash": compute_header_hash(data).hex(),
        "bind": encode_bind(header).decode(),
        "org": header.org.hex(),
        "room": header.room.hex(),
        "seq": header.seq,
        "prev": header.prev.hex(),
        "kind": header.kind,
        "tally": text(header.tally),
        "acknowledge": text(header.acknowledge),
        "feedback": text(header.feedback),
        "body": header.body.hex(),
        "slots": text(header.slots),
    }


def parse_roster(value: Any) -> Roster:
    def parse(member: Value) -> RosterMember:
        return RosterMember(
            h(member, "id"),
            h(member, "age"),
            h(member, "author"),
            h(member, "sign"),
            independent=member["independent"],
            channel=member["channel"],
        )

    return Roster(tuple(map(parse, value["delivered"])), tuple(map(parse, value["held"])))


def encode_tokens(tokens: TokenHashes) -> Value:
    return {kind: getattr(tokens, kind).hex() for kind in ("open", "acknowledge", "feedback", "decide")}


def slots_set(value: Value) -> Value:
    manifest = parse_manifest(value["manifest"].encode())
    roster, access, secret = parse_roster(value["roster"]), parse_access(value["access"]), h(value, "secret")
    slot_set = compute_slot_set(secret, manifest, roster, access, seq=value["seq"])
    return {
        "modes": "".join(compute_mode(position, manifest, access) for position in compute_positions(roster)),
        "full": sorted(member.hex() for member in compute_full_members(manifest, roster, access)),
        "digest": compute_sha256(slot_set).hex(),
        "slots": [slot.hex() for slot in split_slot_set(slot_set)],
    }


def slots_verify(value: Value) -> Value:
    manifest = parse_manifest(value["manifest"].encode())
    roster, access, secret = parse_roster(value["roster"]), parse_access(value["access"]), h(value, "secret")
    slot_set = b"".join(map(bytes.fromhex, value["slots"]))
    verify_slot_set(slot_set, secret, manifest, roster, access, seq=value["seq"])
    return {}


def encode_opened(slot: Slot | None) -> Value:
    if slot is None:
        return {"opened": None}
    return {
        "opened": {
            "mode": slot.mode,
            "org": slot.org.hex(),
            "member": slot.member.hex(),
            "room": slot.room.hex(),
            "seq": slot.seq,
            "secret": text(slot.secret),
            "tokens": encode_tokens(slot.tokens) if slot.tokens else None,
            "pack": text(slot.pack),
        }
    }


def slots_open(value: Value) -> Value:
    return encode_opened(open_slot(AgreementKey(h(value, "identity")), h(value, "slot"), member=h(value, "member")))


def slots_granted(value: Value) -> Value:
    conflicted = [bytes.fromhex(member) for member in value["conflicted"]]
    return {"granted": [member.hex() for member in compute_granted(parse_roster(value["roster"]), conflicted)]}


def slots_tokens(value: Value) -> Value:
    return encode_tokens(compute_token_hashes(h(value, "secret")))


def cells_synthesize(value: Value) -> Value:
    cell = synthesize_cell(h(value, "seed"), member=h(value, "member"), tick=value["tick"], index=value["index"])
    return {"cell": cell.hex()}


def cells_open(value: Value) -> Value:
    return encode_opened(open_cell(AgreementKey(h(value, "identity")), h(value, "cell"), member=h(value, "member")))


def content_parse(value: Value) -> Value:
    data = value["text"].encode()
    content = parse_content(value["kind"], data)
    encoded = encode_content(content)
    return {"text": encoded.decode(), "extra": sorted(content.extra)}
