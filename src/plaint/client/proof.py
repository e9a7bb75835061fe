"""A proof to hand over: one bundle by which anybody can judge a receipt when no server is left (spec/excerpt.md)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from plaint.errors import VerificationError
from plaint.protocol.excerpt import cut_excerpt, encode_excerpt
from plaint.protocol.receipt import parse_receipt
from plaint.protocol.receipt_keys import open_trusted_state
from plaint.protocol.scan import LeafScan, Leaves
from plaint.protocol.trust import parse_trust
from plaint.protocol.verify import INVALID, Verdict, judge_receipt

RECEIPT_NAME, TRUST_NAME, LEAVES_NAME, README_NAME = "receipt.txt", "trust.txt", "leaves.bin", "README.txt"
EPOCH = (1980, 1, 1, 0, 0, 0)
OWNER_ONLY = 0o100600 << 16


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found, when the organisation received the report, up to when the log was seen, and the files for it."""

    verdict: Verdict
    log: str
    grace_s: int
    received_at: int
    seen_at: int
    files: Mapping[str, bytes] = field(repr=False)


def build_proof(receipt: bytes, trust: bytes, leaves: Leaves, *, now: int, notes: Sequence[bytes] = ()) -> Proof:
    """Return the proof that `receipt` gives with a copy of the log, judged at `now` by nothing but its own files.

    Raises: VerificationError with the first reason when the receipt is not valid, "leaves-missing", "leaves-root";
            those of `parse_receipt`, `parse_trust`, `open_trusted_state`.
    """
    keys, opened = parse_trust(trust), parse_receipt(receipt)
    state, _ = open_trusted_state(opened.note, keys)
    excerpt = cut_excerpt(leaves, opened, keys, now=now)
    verdict = judge_receipt(receipt, keys, now=now, leaves=excerpt, later=notes)
    if verdict.verdict == INVALID:
        raise VerificationError(verdict.reasons[0])
    files = {RECEIPT_NAME: receipt, TRUST_NAME: trust, LEAVES_NAME: encode_excerpt(excerpt)}
    files |= {name_note(number): note for number, note in enumerate(notes, 1)}
    seen = LeafScan(excerpt, keys, now=now).date
    return Proof(verdict, keys.cases.name, keys.grace_s, state.at, seen, files)


def name_note(number: int) -> str:
    """Return the name of the first, second, … later state note in a bundle."""
    return "note.txt" if number == 1 else f"note-{number}.txt"


def encode_bundle(files: Mapping[str, bytes]) -> bytes:
    """Return the files as a zip archive: for the same files the same bytes, whoever makes it and when."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, EPOCH)
            info.create_system, info.external_attr = 3, OWNER_ONLY
            archive.writestr(info, files[name])
    return data.getvalue()
