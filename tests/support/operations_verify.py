"""What the vectors of verify, excerpt and missed say that is proved, and with which leaves."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plaint.crypto.signing import SigningKey
from plaint.protocol.counter import encode_counter, parse_counter
from plaint.protocol.erasure import encode_certificate, judge_certificate, parse_certificate
from plaint.protocol.excerpt import cut_excerpt, encode_excerpt, parse_excerpt
from plaint.protocol.merkle import Hash
from plaint.protocol.missed import Missed, encode_missed, judge_missed, parse_missed, sign_missed
from plaint.protocol.note import Note, parse_note
from plaint.protocol.receipt import parse_receipt
from plaint.protocol.room import encode_header
from plaint.protocol.scan import Leaves
from plaint.protocol.signers import DirectoryCopy
from plaint.protocol.trust import parse_trust
from plaint.protocol.verify import DueState, Verdict, judge_receipt
from tests.support.operations_keys import Value


@dataclass(frozen=True, slots=True)
class ListedLeaves:
    """Leaves and kept checkpoints as they stand in a vector."""

    leaves: Sequence[bytes]
    kept: Mapping[int, bytes]
    first: int = 0
    before: tuple[Hash, ...] = ()

    @property
    def size(self) -> int:
        return len(self.leaves)

    def read_leaves(self, start: int, count: int) -> Sequence[bytes]:
        return self.leaves[start : start + count]

    def list_kept(self) -> Sequence[int]:
        return sorted(self.kept)

    def read_kept(self, size: int) -> Note:
        return parse_note(self.kept[size])


def encode_verdict(verdict: Verdict) -> Value:
    return {
        "verdict": verdict.verdict,
        "exit": verdict.exit_code,
        "reasons": list(verdict.reasons),
        "date": verdict.date,
        "dues": [encode_due(due) for due in verdict.dues],
        "counters": [{"kind": item.kind, "date": item.date, "reason": item.reason} for item in verdict.counters],
    }


def encode_due(due: DueState) -> Value:
    return {
        "kind": due.kind,
        "at": due.at,
        "state": due.state,
        "date": due.date,
        "until": due.until,
        "countered": due.countered,
    }


def counter_parse(value: Value) -> Value:
    counter = parse_counter(value["text"].encode())
    assert encode_counter(counter) == value["text"].encode()
    signed, confirms, reveal = counter.signed, counter.confirms, counter.reveal
    return {
        "header": encode_header(counter.header).decode(),
        "opening": counter.opening.hex(),
        "member": None if signed is None else signed.member.hex(),
        "content": None if signed is None else signed.content.hex(),
        "sig": None if signed is None else signed.signature.hex(),
        "close": None if confirms is None else confirms.close.hex(),
        "secret": None if reveal is None else reveal.secret.hex(),
        "proof": counter.proof.decode(),
    }


def read_directory(value: Value | None) -> DirectoryCopy | None:
    if value is None:
        return None
    notes = [parse_note(note.encode()) for note in value["checkpoints"]]
    return DirectoryCopy([entry.encode() for entry in value["entries"]], notes)


def read_leaves(value: Value) -> Leaves | None:
    if "excerpt" in value:
        return parse_excerpt(read_excerpt(value))
    if value.get("leaves") is None:
        return None
    kept = {int(size): note.encode() for size, note in value["kept"].items()}
    return ListedLeaves([bytes.fromhex(leaf) for leaf in value["leaves"]], kept)


def read_excerpt(value: Value) -> bytes:
    return base64.b64decode(value["excerpt"]) + bytes(value.get("zeros", 0))


def excerpt_parse(value: Value) -> Value:
    excerpt = parse_excerpt(read_excerpt(value))
    assert encode_excerpt(excerpt) == read_excerpt(value)
    return {
        "first": excerpt.first,
        "before": [node.hex() for node in excerpt.before],
        "size": excerpt.size,
        "kept": list(excerpt.list_kept()),
        "last_leaf": excerpt.read_leaves(excerpt.size - 1, 1)[0].hex(),
    }


def excerpt_cut(value: Value) -> Value:
    leaves = read_leaves(value)
    assert leaves is not None
    receipt, trust = parse_receipt(value["receipt"].encode()), parse_trust(value["trust"].encode())
    excerpt = cut_excerpt(leaves, receipt, trust, now=value["now"])
    return {"excerpt": base64.b64encode(encode_excerpt(excerpt)).decode()}


def verify_judge(value: Value) -> Value:
    leaves = read_leaves(value)
    later = [note.encode() for note in value.get("later", [])]
    trust = parse_trust(value["trust"].encode())
    receipt = value["receipt"].encode()
    counters = [counter.encode() for counter in value.get("counters", [])]
    directory = read_directory(value.get("directory"))
    verdict = judge_receipt(
        receipt, trust, now=value["now"], leaves=leaves, later=later, counters=counters, directory=directory
    )
    return encode_verdict(verdict)


def missed_parse(value: Value) -> Value:
    missed, note = parse_missed(value["text"].encode())
    assert encode_missed(missed) == note.text
    return {
        "org": missed.org.hex(),
        "member": missed.member.hex(),
        "pack": missed.pack.hex(),
        "kind": missed.kind,
        "opened": missed.opened,
        "open": missed.open.hex(),
        "token": missed.token.hex(),
        "due": missed.due,
        "cells": missed.cells,
        "checkpoint": missed.checkpoint.decode(),
    }


def missed_sign(value: Value) -> Value:
    said = value["missed"]
    missed = Missed(
        org=bytes.fromhex(said["org"]),
        member=bytes.fromhex(said["member"]),
        pack=bytes.fromhex(said["pack"]),
        kind=said["kind"],
        opened=said["opened"],
        open=bytes.fromhex(said["open"]),
        token=bytes.fromhex(said["token"]),
        due=said["due"],
        cells=said["cells"],
        checkpoint=said["checkpoint"].encode(),
    )
    return {"text": sign_missed(missed, SigningKey(bytes.fromhex(value["seed"]))).decode()}


def missed_judge(value: Value) -> Value:
    verdict = judge_missed(
        value["text"].encode(),
        parse_trust(value["trust"].encode()),
        now=value["now"],
        leaves=read_leaves(value),
        directory=read_directory(value.get("directory")),
    )
    return {
        "verdict": verdict.verdict,
        "exit": verdict.exit_code,
        "reasons": list(verdict.reasons),
        "due": None if verdict.due is None else encode_due(verdict.due),
        "until": verdict.until,
    }


def erasure_judge(value: Value) -> Value:
    data, trust = value["certificate"].encode(), parse_trust(value["trust"].encode())
    found = judge_certificate(data, trust, now=value["now"], directory=read_directory(value.get("directory")))
    if found.room is not None:
        assert encode_certificate(parse_certificate(data)) == data
    return {
        "verdict": found.verdict,
        "exit": found.exit_code,
        "reasons": list(found.reasons),
        "room": found.room and found.room.hex(),
        "ground": found.ground,
        "members": [member.hex() for member in found.members],
        "date": found.date,
    }
