"""Verdicts in plain words: what one proves, what it does not, what to do now; and a sentence for every reason."""

from __future__ import annotations

from plaint.protocol.verify import Verdict

TITLES = {
    "invalid": "This is not a receipt that this trust file vouches for.",
    "breach": "The receipt is genuine, and the log lacks the report that was promised a place in it.",
    "withheld": "The receipt is genuine, and something due was logged that the organisation later signed was still "
    "open.",
    "silent": "The receipt is genuine, and a date passed without what was due.",
    "silent-admitted": "The receipt is genuine, and the organisation itself signed later that a duty was still open.",
    "late": "The receipt is genuine, and something that was promised came too late.",
    "cannot-judge": "The receipt is genuine. What became of it cannot be told from what was given.",
    "provisional": "The receipt is genuine and provisional: its place in the log is promised and not yet due.",
    "holds": "The receipt holds.",
}
PROVES = {
    "invalid": "Nothing: it was changed, is incomplete, or another organisation signed it.",
    "breach": "The organisation signed that it received a report and by when the log would hold it. The log shows "
    "otherwise.",
    "withheld": "The log shows that something due was done. Afterwards the organisation still signed that it was not.",
    "silent": "The organisation received a report at that time and set a date. The complete log up to then holds "
    "nothing that keeps it.",
    "silent-admitted": "The organisation received a report at that time and set a date. After it, it signed that "
    "nothing had come.",
    "late": "The organisation received a report at that time and promised a date. What was promised was logged "
    "after it.",
    "cannot-judge": "The organisation signed that it received a report. Nothing more.",
    "provisional": "The organisation signed that it received a report, and by when the log will hold it.",
    "holds": "The organisation received a report at that time and set these dates. As far as they can be checked, none "
    "was missed.",
}
FAILURE = (
    "Keep the receipt, the trust file and the copy of the log unchanged, and show them to an independent member, an "
    "authority or a lawyer: they can check all of it without you and without the organisation."
)
ADVICE = {
    "invalid": "See that the file is complete and the trust file that of the right organisation. Keep it as it is.",
    **dict.fromkeys(("breach", "withheld", "silent", "silent-admitted", "late"), FAILURE),
    "cannot-judge": "Judge again with a copy of the log (--leaves) and the newest state note (--note).",
    "provisional": "Judge again in a few hours, or let `plaint follow` complete the receipt.",
    "holds": "Keep the receipt, and judge it again after the next date.",
}
VOID = "receipt-void"
VOID_PROOF = (
    "Nothing: others may have the key that signed it, and by what is here the log held the report only after that."
)
VOID_ADVICE = "Nobody need have changed it. Keep it, and judge it again with a complete copy of the log (--leaves)."
NOT_CONTENT = "what was reported, who reported it, or whether it is true."
NOT_OPENED = "that the sealed report could be opened: only its words show that, and nobody has to give them."
NOT_ANSWERED = "that anybody answered: that two members closed the case moves no date. The reporter can reopen it."
DUE_STATES = {
    "met": "met in time",
    "late": "met, but late",
    "silent": "nothing came",
    "silent-admitted": "nothing came, and the organisation signed so",
    "withheld": "in the log, but withheld",
    "open": "not due yet",
    "cannot-judge": "cannot be told without a copy of the log",
}
DUTIES = {"acknowledge": "acknowledgement", "feedback": "feedback"}
COUNTERS = {
    "acknowledge": "An acknowledgement",
    "feedback": "Feedback",
    "extend": "A later date",
    "decide": "A decision",
    "close": "A closing",
    "entry": "A second signature under a closing",
    "reopen": "A reopening",
    None: "Something unreadable",
}
REASONS = {
    "author-signature": "the member's signature is false",
    "checkpoint-origin": "the proof is about another log than the trust file's",
    "counter-close": "a closing counts only with another member's confirmation, and not once it is taken back",
    "counter-directory": "no copy of the directory says who could sign at that date: give --directory a "
    "folder of `plaint log mirror`",
    "counter-extend": "only the date of the answer can be moved, once, before it is over, and no further than the "
    "deadlines it was promised under allow",
    "counter-fork": "the organisation signed later that the report's room does not hold this",
    "counter-key": "whoever signed was not an active member at that date",
    "counter-kind": "it is of a kind that changes nothing",
    "counter-tokens": "the report was in order, so the log itself would show this",
    "directory-org": "the copy of the directory is that of another organisation",
    "directory-root": "the copy of the directory is not what was countersigned",
    "erasure-chain": "these are not two entries to erase one room of this organisation, one directly behind the other",
    "erasure-confirms": "the second signature does not agree to the first, or the first gives no ground",
    "erasure-same": "one member signed both",
    "erasure-unlogged": "the log did not hold both signatures by then, or the certificate lacks the log's proofs: "
    "`plaint follow` completes it",
    "inclusion-root": "the proof does not lead to this entry",
    "leaf-late": "the report was logged after the time by which it was promised",
    "leaf-missing": "the complete log does not hold the report, and the promised time is over",
    "leaves-missing": "no complete, dated copy of the log reaches far enough",
    "leaves-root": "the copy of the log is not what was countersigned",
    "log-fork": "the log shows two histories, and its key signed both",
    "missed-due": "the date does not follow from deadlines in the directory",
    "missed-early": "the log, or the file, ends before the date and its grace were over",
    "missed-former": "the key that signed it was an independent member's at the time, and stopped counting later",
    "missed-kind": "it is about a duty that does not exist",
    "missed-member": "whoever made the file was not an independent member then, or others may have the key",
    "missed-open": "the log does not hold the report at the date that the file names",
    "missed-org": "it is about another organisation",
    "note-known-key": "a signature is false: something was changed after it was signed",
    "note-no-known-key": "it was not signed by the key in the trust file",
    "proof-quorum": "too few cosigners had signed by then",
    "receipt-retired": "it was signed with a key that the organisation had replaced by then",
    "receipt-void": "it was signed with a key that others may have, so it counts only as far as the log bears it out",
    "receipt-due": "the dates are not those of this report",
    "receipt-head": "the signed note is not about this report",
    "receipt-kind": "it is a receipt for something else",
    "receipt-leaf": "the signed note does not promise this report a place in the log",
    "receipt-room": "it is about another report or another organisation",
    "state-log": "the signed note is about another log",
}


def describe_reason(code: str) -> str:
    """Return why, for a person; what has no sentence of its own does not have the form it should."""
    return REASONS.get(code, "it does not have the form it should, or was cut or changed")


def describe_proof(verdict: Verdict) -> str:
    """Return what a verdict proves."""
    return VOID_PROOF if _is_void(verdict) else PROVES[verdict.verdict]


def describe_advice(verdict: Verdict) -> str:
    """Return what to do now."""
    return VOID_ADVICE if _is_void(verdict) else ADVICE[verdict.verdict]


def _is_void(verdict: Verdict) -> bool:
    return verdict.verdict == "invalid" and VOID in verdict.reasons


def list_limits(verdict: Verdict) -> list[str]:
    """Return what a verdict does not prove."""
    states = {due.state for due in verdict.dues}
    limits = [] if verdict.verdict == "invalid" else [NOT_CONTENT]
    limits += [NOT_OPENED] if states & {"silent", "silent-admitted"} else []
    closed = any(counter.kind == "close" and counter.reason is None for counter in verdict.counters)
    return limits + ([NOT_ANSWERED] if closed else [])
