"""Which counter-proofs hold, and what they change about a receipt's duties (spec/receipt.md, "Counter-proof")."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from plaint.errors import PlaintError, VerificationError
from plaint.protocol.authorship import Author, verify_authorship
from plaint.protocol.counter import (
    CounterProof,
    Signed,
    encode_signed_message,
    parse_counter,
    verify_broken_token,
    verify_confirmation,
)
from plaint.protocol.leaf import compute_content_leaf
from plaint.protocol.packs import Pack, compute_due, compute_limit
from plaint.protocol.policy import compute_date
from plaint.protocol.proof import open_proof, parse_proof
from plaint.protocol.room import Header, Until, compute_header_hash, encode_header
from plaint.protocol.signers import DirectoryCopy, DirectoryPast, find_signing_key
from plaint.protocol.state import Due, State
from plaint.protocol.trust import Trust


@dataclass(frozen=True, slots=True)
class CounterState:
    """What became of one counter-proof: `reason` is None when it counts; `date` is when its entry was logged."""

    kind: str | None
    date: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A logged entry of the receipt's room that a counter-proof proves."""

    kind: str
    seq: int
    date: int
    hash: bytes
    member: bytes | None
    until: Until | None
    confirms: bytes | None


@dataclass(frozen=True, slots=True)
class Case:
    """What counter-proofs are held against; `first` is the receipt's own note, `notes` are later ones of the room."""

    header: Header
    first: State
    notes: Sequence[State]
    trust: Trust
    now: int
    directory: DirectoryCopy | None


@dataclass(frozen=True, slots=True)
class Effects:
    """What the counter-proofs that hold change: new dates and dates of answers, by duty; a closing changes neither."""

    moved: dict[str, int] = field(default_factory=dict)
    answered: dict[str, int] = field(default_factory=dict)
    counters: tuple[CounterState, ...] = ()


def judge_counters(counters: Iterable[bytes], case: Case) -> Effects:
    """Return what `counters` prove together; one that does not hold takes nothing from the others."""
    past = None if case.directory is None else DirectoryPast(case.directory, case.trust)
    judged = [_judge(data, case, past) for data in dict.fromkeys(counters)]
    facts = sorted((fact for _, fact in judged if fact is not None), key=lambda fact: fact.seq)
    moved = {due.kind: fact for due in case.first.dues if (fact := _find_extension(facts, due)) is not None}
    closing = _find_closing(facts)
    counting = {id(fact) for fact in (*moved.values(), *closing)}
    return Effects(
        moved={kind: fact.until.at for kind, fact in moved.items() if fact.until is not None},
        answered={
            kind: min(fact.date for fact in facts if fact.kind == kind)
            for kind in ("acknowledge", "feedback")
            if any(fact.kind == kind for fact in facts)
        },
        counters=tuple(state if fact is None else _conclude(state, fact, counting) for state, fact in judged),
    )


def _judge(data: bytes, case: Case, past: DirectoryPast | None) -> tuple[CounterState, Fact | None]:
    kind: str | None = None
    date: int | None = None
    try:
        counter = parse_counter(data)
        kind, header = counter.header.kind, counter.header
        if (header.org, header.room) != (case.header.org, case.header.room):
            raise VerificationError("receipt-room")
        date = _compute_logged_at(counter, case)
        digest = compute_header_hash(encode_header(header))
        if counter.signed is not None:
            _verify_member(counter, counter.signed, date, past)
        if counter.signed is not None and counter.confirms is not None:
            verify_confirmation(counter.confirms, counter.signed)
        if counter.reveal is not None:
            verify_broken_token(counter.reveal, counter, getattr(case.header, header.kind))
        if any(_contradicts(note, header.seq, digest) for note in case.notes if note.at >= date):
            raise VerificationError("counter-fork")
        if header.until is not None:
            _check_extension(header.until, date, case, past)
    except PlaintError as error:
        return CounterState(kind, date, error.code), None
    member = counter.signed.member if counter.signed else None
    close = counter.confirms.close if counter.confirms else None
    return CounterState(kind, date), Fact(kind, header.seq, date, digest, member, header.until, close)


def _compute_logged_at(counter: CounterProof, case: Case) -> int:
    proof = parse_proof(counter.proof)
    leaf = compute_content_leaf(counter.opening, encode_header(counter.header))
    open_proof(proof, entry=leaf, log=case.trust.cases)
    date = compute_date(case.trust.policy, proof.note)
    if date is None or date > case.now:
        raise VerificationError("proof-quorum")
    return date


def _verify_member(counter: CounterProof, signed: Signed, date: int, past: DirectoryPast | None) -> None:
    """Check the signature under the key that counted at `date`."""
    if past is None:
        raise VerificationError("counter-directory")
    author, message = Author(id=signed.member, signature=signed.signature), encode_signed_message(counter, signed)
    verify_authorship(author, message, signer=find_signing_key(past.find_state(date), signed.member))


def _contradicts(note: State, seq: int, digest: bytes) -> bool:
    """Say whether the organisation signed, after the entry was logged, that the room does not have it."""
    return note.entries <= seq or (note.entries == seq + 1 and note.head != digest)


def _check_extension(until: Until, date: int, case: Case, past: DirectoryPast | None) -> None:
    """Check that the answer was put off in time, and no further than a pack allows by which it was promised.

    Source: spec/receipt.md, "Counter-proof", `extend`; docs/adr/0053.
    """
    due = next((due.at for due in case.first.dues if due.kind == until.kind == "feedback"), None)
    if past is None or due is None or date > due + case.trust.grace_s or until.at <= due:
        raise VerificationError("counter-extend")
    at = case.first.at
    packs = past.find_state(at + case.trust.grace_s).packs.values()
    if not any(_allows(pack, at, due, until.at) for pack in packs):
        raise VerificationError("counter-extend")


def _allows(pack: Pack, at: int, due: int, until: int) -> bool:
    duty = pack.find("feedback")
    if duty is None or duty.extend is None or dict(compute_due(pack, at))["feedback"] != due:
        return False
    return until <= compute_limit(pack, duty, at, count=duty.extend)


def _find_extension(facts: Sequence[Fact], due: Due) -> Fact | None:
    """Return the first extension of a duty."""
    return next((fact for fact in facts if fact.until is not None and fact.until.kind == due.kind), None)


def _find_closing(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Return a close that nobody took back, and the confirmation by another member."""
    for close in (fact for fact in facts if fact.kind == "close"):
        if any(fact.kind == "reopen" and fact.seq > close.seq for fact in facts):
            continue
        for fact in facts:
            if fact.confirms == close.hash and fact.seq > close.seq and fact.member != close.member:
                return close, fact
    return ()


def _conclude(state: CounterState, fact: Fact, counting: set[int]) -> CounterState:
    """Say of a true entry whether it changes anything."""
    needed = {"extend": "counter-extend", "close": "counter-close", "entry": "counter-close"}.get(fact.kind)
    return CounterState(state.kind, state.date, None if needed is None or id(fact) in counting else needed)
