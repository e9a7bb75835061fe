"""What the vectors of verify say that a receipt proves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plaint.protocol.counter import encode_counter, parse_counter
from plaint.protocol.note import Note, parse_note
from plaint.protocol.room import encode_header
from plaint.protocol.signers import DirectoryCopy
from plaint.protocol.trust import parse_trust
from plaint.protocol.verify import Verdict, judge_receipt
from tests.support.operations_keys import Value


@dataclass(frozen=True, slots=True)
class ListedLeaves:
    """Leaves and kept checkpoints as they stand in a vector."""

    leaves: Sequence[bytes]
    kept: Mapping[int, bytes]

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
        "dues": [
            {
                "kind": due.kind,
                "at": due.at,
                "state": due.state,
                "date": due.date,
                "until": due.until,
                "countered": due.countered,
            }
            for due in verdict.dues
        ],
        "counters": [{"kind": item.kind, "date": item.date, "reason": item.reason} for item in verdict.counters],
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


def verify_judge(value: Value) -> Value:
    leaves = None
    if "leaves" in value:
        kept = {int(size): note.encode() for size, note in value["kept"].items()}
        leaves = ListedLeaves([bytes.fromhex(leaf) for leaf in value["leaves"]], kept)
    later = [note.encode() for note in value.get("later", [])]
    trust = parse_trust(value["trust"].encode())
    receipt = value["receipt"].encode()
    counters = [counter.encode() for counter in value.get("counters", [])]
    directory = read_directory(value.get("directory"))
    verdict = judge_receipt(
        receipt, trust, now=value["now"], leaves=leaves, later=later, counters=counters, directory=directory
    )
    return encode_verdict(verdict)
