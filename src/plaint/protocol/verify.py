"""What a receipt proves, to anybody who brings a trust file (spec/receipt.md); the time is given, not asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from plaint.errors import MalformedError, PlaintError, VerificationError
from plaint.protocol.counter_facts import Case, CounterState, Effects, judge_counters
from plaint.protocol.leaf import compute_content_leaf, compute_token_hash
from plaint.protocol.policy import compute_date
from plaint.protocol.proof import open_proof, parse_proof
from plaint.protocol.receipt import Receipt, parse_receipt
from plaint.protocol.receipt_keys import learn_receipt_keys, open_trusted_state
from plaint.protocol.room import compute_header_hash, encode_header
from plaint.protocol.scan import LeafScan, Leaves
from plaint.protocol.signers import DirectoryCopy
from plaint.protocol.state import Due, State
from plaint.protocol.trust import FormerKey, Trust

INVALID, BREACH, WITHHELD, SILENT, ADMITTED, LATE = "invalid", "breach", "withheld", "silent", "silent-admitted", "late"
CANNOT_JUDGE, PROVISIONAL, HOLDS = "cannot-judge", "provisional", "holds"
PROMISED = {WITHHELD, SILENT, ADMITTED, LATE}  # what rests on the times in the note
MET, OPEN = "met", "open"
WORST_FIRST = (INVALID, BREACH, WITHHELD, SILENT, ADMITTED, LATE, CANNOT_JUDGE, PROVISIONAL, HOLDS)
EXIT_CODES = {INVALID: 1, CANNOT_JUDGE: 2, PROVISIONAL: 0, HOLDS: 0}
EXIT_FAILURE_PROVED = 3


@dataclass(frozen=True, slots=True)
class DueState:
    """What became of one duty; `date` is that of the leaf that met it, if one was found.

    `until` is the later date to which a counter-proof moved it; `countered` says that only a counter-proof meets it.
    """

    kind: str
    at: int
    state: str
    date: int | None = None
    until: int | None = None
    countered: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The worst of what was found; `date` is when the report was logged, `reasons` are stable codes."""

    verdict: str
    reasons: tuple[str, ...] = ()
    date: int | None = None
    dues: tuple[DueState, ...] = ()
    counters: tuple[CounterState, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 holds, 1 invalid, 2 cannot be judged, 3 holds and proves a failure."""
        return EXIT_CODES.get(self.verdict, EXIT_FAILURE_PROVED)


def judge_receipt(
    data: bytes,
    trust: Trust,
    *,
    now: int,
    leaves: Leaves | None = None,
    later: Sequence[bytes] = (),
    counters: Sequence[bytes] = (),
    directory: DirectoryCopy | None = None,
) -> Verdict:
    """Return what the receipt in `data` proves at `now`.

    `leaves` is a copy of the case log, checked here; `later` are state notes of the same room, from later answers;
    `counters` are counter-proofs, whose signers a copy of the `directory` vouches for; so does it for receipt keys.
    """
    trust = learn_receipt_keys(trust, directory, now=now)
    try:
        receipt = parse_receipt(data)
        state, former = _open_promise(receipt, trust)
        proved = _open_dated_proof(receipt, trust)
        notes = [found for note in later if (found := _open_later(note, state, trust)) is not None]
    except PlaintError as error:
        return Verdict(INVALID, (error.code,))
    effects = judge_counters(counters, Case(receipt.header, state, notes, trust, now, directory))
    verdict = _Judge(receipt, state, proved, notes, trust, now, effects).judge(leaves)
    return _limit(verdict, former) if former is not None and former.void else verdict


def find_foreign(data: bytes, note: bytes, trust: Trust) -> str | None:
    """Return why `note` is no state note of the room that the receipt in `data` is about, or None when it is one.

    A receipt that is not valid says so itself; no note is blamed for it.
    """
    try:
        first, _ = _open_promise(parse_receipt(data), trust)
    except PlaintError:
        return None
    try:
        _open_later(note, first, trust)
    except PlaintError as error:
        return error.code
    return None


def _limit(verdict: Verdict, former: FormerKey) -> Verdict:
    """Let a note under a void key count only when its leaf was logged before that; its times accuse nobody.

    Two histories are the log's own doing, whoever wrote the note.
    """
    dues = tuple(replace(due, state=CANNOT_JUDGE) if due.state in PROMISED else due for due in verdict.dues)
    if "log-fork" in verdict.reasons:
        return replace(verdict, dues=dues)
    if verdict.date is None:
        return Verdict(CANNOT_JUDGE, ("receipt-void",))
    if verdict.date >= former.until:
        return Verdict(INVALID, ("receipt-void",))
    if dues == verdict.dues and verdict.verdict not in PROMISED:
        return verdict
    kept = tuple(reason for reason in verdict.reasons if reason != "leaf-late")
    return replace(verdict, verdict=CANNOT_JUDGE, reasons=(*kept, "receipt-void"), dues=dues)


def _open_promise(receipt: Receipt, trust: Trust) -> tuple[State, FormerKey | None]:
    (state, former), header = open_trusted_state(receipt.note, trust), receipt.header
    if not state.org == header.org == trust.org or state.room != header.room:
        raise VerificationError("receipt-room")
    if state.entries != 1 or state.head != compute_header_hash(encode_header(header)):
        raise VerificationError("receipt-head")
    if _compute_leaf(receipt) not in [item.leaf for item in state.leaves]:
        raise VerificationError("receipt-leaf")
    if any(due.hash != getattr(header, due.kind) for due in state.dues):
        raise VerificationError("receipt-due")
    return state, former


def _open_later(note: bytes, first: State, trust: Trust) -> State | None:
    """Return a later state, or None when its key is void: then anybody may have written it."""
    state, former = open_trusted_state(note, trust)
    if (state.org, state.room) != (first.org, first.room):
        raise VerificationError("receipt-room")
    return None if former is not None and former.void else state


def _open_dated_proof(receipt: Receipt, trust: Trust) -> tuple[int, int | None] | None:
    """Return index and date of the leaf; the date is None when the quorum had not signed."""
    if receipt.proof is None:
        return None
    proof = parse_proof(receipt.proof)
    open_proof(proof, entry=_compute_leaf(receipt), log=trust.cases)
    return proof.index, compute_date(trust.policy, proof.note)


def _compute_leaf(receipt: Receipt) -> bytes:
    return compute_content_leaf(receipt.opening, encode_header(receipt.header))


class _Judge:
    """Weighs one well-formed receipt; findings are verdicts, reasons say what they rest on."""

    def __init__(
        self,
        receipt: Receipt,
        state: State,
        proved: tuple[int, int | None] | None,
        notes: Sequence[State],
        trust: Trust,
        now: int,
        effects: Effects,
    ) -> None:
        self._leaf = _compute_leaf(receipt)
        self._state = state
        self._proved = proved
        self._notes = notes
        self._trust = trust
        self._now = now
        self._effects = effects
        self._scan: LeafScan | None = None
        self._found: dict[bytes, int] = {}
        self._forked = False
        self._reasons: list[str] = []

    def judge(self, leaves: Leaves | None) -> Verdict:
        if leaves is not None:
            self._search(leaves)
        finding, date = self._judge_report()
        dues = tuple(self._judge_due(due) for due in self._state.dues)
        findings = {finding, *(due.state for due in dues)}
        verdict = next(word for word in WORST_FIRST if word in findings)
        return Verdict(verdict, tuple(dict.fromkeys(self._reasons)), date, dues, self._effects.counters)

    def _search(self, leaves: Leaves) -> None:
        start = self._state.size if self._proved is None else min(self._state.size, self._proved[0])
        digests = [compute_token_hash(self._leaf), *(due.hash for due in self._state.dues)]
        try:
            scan = LeafScan(leaves, self._trust, now=self._now)
            self._found = scan.find(digests, start=start)
            self._scan = scan
            self._forked = self._is_forked(leaves, scan)
        except (MalformedError, VerificationError) as error:
            self._reasons.append(error.code)

    def _judge_report(self) -> tuple[str, int | None]:
        date = None if self._proved is None else self._proved[1]
        index = self._found.get(compute_token_hash(self._leaf))
        if self._forked:
            self._reasons.append("log-fork")
            return BREACH, date
        if date is None and index is not None and self._scan is not None:
            date = self._scan.compute_date(index)
        include_by = next(item.include_by for item in self._state.leaves if item.leaf == self._leaf)
        if date is not None:
            if date > include_by:
                self._reasons.append("leaf-late")
            return (LATE if date > include_by else HOLDS), date
        if self._proved is not None:
            self._reasons.append("proof-quorum")
        if self._now < include_by:
            return PROVISIONAL, None
        if self._scan is not None and self._scan.date >= include_by and self._proved is None:
            self._reasons.append("leaf-missing")
            return BREACH, None
        self._reasons.append("leaves-missing")
        return CANNOT_JUDGE, None

    def _is_forked(self, leaves: Leaves, scan: LeafScan) -> bool:
        """Say whether the proof and the leaves are two histories, both signed by the log."""
        if self._proved is None or self._proved[0] >= scan.size:
            return False
        (shown,) = leaves.read_leaves(self._proved[0], 1)
        return compute_token_hash(shown) != compute_token_hash(self._leaf)

    def _judge_due(self, due: Due) -> DueState:
        until = self._effects.moved.get(due.kind)
        last = (until or due.at) + self._trust.grace_s
        index = self._found.get(due.hash)
        shown = None if index is None or self._scan is None else self._scan.compute_date(index)
        date = self._effects.answered.get(due.kind) if shown is None else shown
        state = self._judge_missing(due, last) if date is None else self._judge_answer(due, date, last)
        return DueState(due.kind, due.at, state, date, until, countered=date is not None and shown is None)

    def _judge_answer(self, due: Due, date: int, last: int) -> str:
        if self._is_admitted(due, since=max(last, date)):
            return WITHHELD
        return MET if date <= last else LATE

    def _judge_missing(self, due: Due, last: int) -> str:
        if self._now < last:
            return OPEN
        if self._scan is not None and self._scan.date >= last:
            return SILENT
        if self._is_admitted(due, since=last):
            return ADMITTED
        self._reasons.append("leaves-missing")
        return CANNOT_JUDGE

    def _is_admitted(self, due: Due, *, since: int) -> bool:
        """Say whether a state note from `since` on still lists the duty as open."""
        return any(note.at >= since and due.hash in [item.hash for item in note.dues] for note in self._notes)
