"""`plaint verify` of a file about a missed date: what the log shows, and whose word joins it."""

from __future__ import annotations

from pathlib import Path

from plaint.cli.output import print_json, print_lines
from plaint.cli.times import format_time
from plaint.cli.verdicts import DUE_STATES, DUTIES, describe_reason
from plaint.client.files import begins_with, read_limited
from plaint.protocol.missed import FIRST_LINE, MissedVerdict, judge_missed
from plaint.protocol.note import LIMIT_NOTE_BYTES
from plaint.protocol.scan import Leaves
from plaint.protocol.signers import DirectoryCopy
from plaint.protocol.trust import Trust

TITLES = {
    "silent": "The file is genuine, and a date was missed.",
    "late": "The file is genuine, and a date was kept too late.",
    "former": "The file is genuine, but nobody can say when it was signed.",
    "holds": "The file is genuine, and the date was kept after all.",
    "cannot-judge": "What became of this date cannot be told from what was given.",
    "invalid": "This is not a file about a missed date that this trust file vouches for.",
}
PROVES = {
    "silent": "The log held a report at that time. The complete log up to the date holds nothing that keeps the date.",
    "late": "The log held a report at that time. What was due came into the log after the date.",
    "former": "The log agrees with the file: what it names as due came too late or not at all. That this belongs to a "
    "report is the word of whoever signed, with a key that stopped counting afterwards: it may have been signed before "
    "that or after.",
    "holds": "The log held a report at that time, and what was due came into the log by the date. The file saw less of "
    "the log.",
    "cannot-judge": "Nothing yet: what was given does not show what the log held at that date.",
    "invalid": "Nothing: it was changed, is incomplete, or is about another organisation.",
}
FAILURE = (
    "Keep the file, the trust file and the copy of the log unchanged, and show them to another independent member, an "
    "authority or a lawyer: they can check all of it without the organisation."
)
ADVICE = {
    "silent": FAILURE,
    "late": FAILURE,
    "former": "If the member is still independent and active, ask for the file again, signed with the key of today "
    "(`plaint desk overdue --evidence`). Otherwise find somebody who had the file before that date and can say so.",
    "holds": "Nothing was missed. Judge again with a newer copy of the log if you doubt it.",
    "cannot-judge": "Judge again with a copy of both logs that reaches beyond the date (--leaves).",
    "invalid": "See that the file is complete and the trust file that of the right organisation. Keep it as it is.",
}
NOT_CONTENT = "what was reported, who reported it, or whether it is true."
NOT_JOINED = (
    "that the report and what was due belong together, and that no key reached the watcher: that is the member's "
    "signed word, until somebody who reads the report shows its first entry."
)


def is_missed(path: Path) -> bool:
    """Tell whether a file says that it is about a missed date."""
    return begins_with(path, FIRST_LINE)


def show_missed(
    path: Path, trust: Trust, *, leaves: Leaves | None, directory: DirectoryCopy | None, now: int, json: bool
) -> int:
    """Judge the file, say what it proves, and return the exit code. Raises: those of `read_limited`."""
    data = read_limited(path, limit_bytes=LIMIT_NOTE_BYTES)
    found = judge_missed(data, trust, now=now, leaves=leaves, directory=directory)
    if json:
        print_json(_encode(found))
    else:
        _print(found)
    return found.exit_code


def _encode(found: MissedVerdict) -> dict[str, object]:
    due = [{"what": item.kind, "at": item.at, "state": item.state} for item in [found.due] if item is not None]
    return {"verdict": found.verdict, "reasons": list(found.reasons), "due": due, "key_until": found.until}


def _print(found: MissedVerdict) -> None:
    print_lines(TITLES[found.verdict])
    if found.until is not None:
        print_lines(f"Signed           with a key that counted until {format_time(found.until)}")
    if found.due is not None:
        when = f", {format_time(found.due.date)}" if found.due.date is not None else ""
        what = DUTIES.get(found.due.kind, found.due.kind)
        print_lines(f"{what:<16} due {format_time(found.due.at)}: {DUE_STATES[found.due.state]}{when}")
    for code in found.reasons:
        print_lines(f"Because          {describe_reason(code)} ({code})")
    print_lines("", f"It proves        {PROVES[found.verdict]}")
    if found.due is not None:
        print_lines(f"It does not show {NOT_CONTENT}", f"It does not show {NOT_JOINED}")
    print_lines(f"What to do       {ADVICE[found.verdict]}")
