"""`plaint verify`: judge a receipt with a trust file and, if there is one, a copy of the log; no server is needed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from plaint.cli.messages import describe_error
from plaint.cli.output import print_json, print_lines, print_problem
from plaint.cli.times import format_time, parse_time
from plaint.client.copies import MirrorLeaves
from plaint.client.files import read_limited
from plaint.client.http import Api
from plaint.client.leaves import CaseLeaves
from plaint.client.missed import judge_missed
from plaint.client.trust import load_trust
from plaint.errors import PlaintError, UnavailableError
from plaint.protocol.excerpt import LIMIT_EXCERPT_BYTES, parse_excerpt
from plaint.protocol.receipt import LIMIT_RECEIPT_BYTES
from plaint.protocol.scan import Leaves
from plaint.protocol.state import LIMIT_NOTE_BYTES
from plaint.protocol.trust import Trust
from plaint.protocol.verify import CANNOT_JUDGE, EXIT_CODES, Verdict, judge_receipt

MISSED = b"plaint/v1/missed\n"
Flag = Annotated[bool, Parameter(negative=())]

VERDICTS = {
    "invalid": "This is not a receipt, or a file about a missed date, that this trust file vouches for.",
    "breach": "The receipt is genuine, and the log lacks the report that was promised a place in it.",
    "withheld": "The receipt is genuine. The log shows a duty met that the organisation still called open afterwards.",
    "silent": "The receipt is genuine, and a date passed without the event that was due.",
    "silent-admitted": "The receipt is genuine, and the organisation itself signed later that a duty was still open.",
    "late": "The receipt is genuine, and a duty was met after its date.",
    "cannot-judge": "The receipt is genuine. What became of it cannot be told without a copy of the log.",
    "provisional": "The receipt is genuine and provisional: its place in the log is promised and not yet due.",
    "holds": "The receipt holds.",
}
UNUSABLE = {
    "trust-missing": "Without --trust nothing can be judged: a receipt must not vouch for itself.",
    "receipt-missing": "There is no receipt at this place.",
    "leaves-missing": "There is no copy of the case log at this place.",
    "file-missing": "A file that was named is not there.",
}
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

app = App(name="verify", help="Judge a receipt, without any server.")


@app.default
def verify(
    receipt: Path,
    *,
    trust: Path | None = None,
    leaves: str | None = None,
    at: str | None = None,
    note: Annotated[list[Path] | None, Parameter(negative=())] = None,
    json: Flag = False,
) -> int:
    """Say what a receipt proves, or a file about a missed date from `plaint desk overdue`.

    Exit code 0: it holds. 1: it is not valid. 2: this cannot be judged with what was given. 3: it holds and proves a
    failure (late, silent, withheld or breach).

    Parameters
    ----------
    receipt
        The receipt file.
    trust
        Trust file: whose signatures count. A receipt never brings its own.
    leaves
        Folder of `plaint log mirror`, `leaves.bin` of a bundle, or an organisation's address to copy the log from.
    at
        Judge as of this time: 2026-11-30, 2026-11-30T09:00:00Z or Unix seconds. Default: now.
    note
        A later state note of the same report, kept by `plaint follow` as `note.txt`.
    json
        Print one JSON object.

    """
    moment = int(time.time()) if at is None else parse_time(at)
    try:
        verdict = _judge(receipt, trust, leaves=leaves, now=moment, notes=note or ())
    except PlaintError as error:
        print_problem(f"{UNUSABLE.get(error.code, describe_error(error))} ({error})")
        if json:
            print_json(_encode(Verdict(CANNOT_JUDGE, (error.code,))))
        return EXIT_CODES[CANNOT_JUDGE]
    if json:
        print_json(_encode(verdict))
    else:
        print_verdict(verdict)
    return verdict.exit_code


def _encode(verdict: Verdict) -> dict[str, object]:
    due = [{"what": item.kind, "at": item.at, "state": item.state} for item in verdict.dues]
    return {"verdict": verdict.verdict, "reasons": list(verdict.reasons), "due": due, "logged_at": verdict.date}


def _judge(receipt: Path, trust: Path | None, *, leaves: str | None, now: int, notes: Sequence[Path]) -> Verdict:
    """Judge; what is raised here means that nothing could be judged, never that the receipt is false.

    Raises: UnavailableError "trust-missing", "receipt-missing", "leaves-missing", "network"; MalformedError "trust-…".
    """
    if trust is None:
        raise UnavailableError("trust-missing")
    if not receipt.is_file():
        raise UnavailableError("receipt-missing")
    keys = load_trust(trust)
    with receipt.open("rb") as file:
        data = file.read(LIMIT_RECEIPT_BYTES + 1)
    later = [read_limited(path, limit_bytes=LIMIT_NOTE_BYTES) for path in notes]
    if data.startswith(MISSED):
        if leaves is None:
            raise UnavailableError("leaves-missing")
        return judge_missed(data, keys, leaves, now=now)
    with open_leaves(leaves, keys) as found:
        return judge_receipt(data, keys, now=now, leaves=found, later=later)


@contextmanager
def open_leaves(source: str | None, trust: Trust) -> Iterator[Leaves | None]:
    """Give the copy of the case log that `source` names: a mirror's folder, an excerpt, an address, or nothing."""
    if source is None:
        yield None
        return
    if not source.startswith(("http://", "https://")):
        if Path(source).is_file():
            yield parse_excerpt(read_limited(Path(source), limit_bytes=LIMIT_EXCERPT_BYTES))
            return
        copy = MirrorLeaves(Path(source))
        try:
            yield copy
        finally:
            copy.close()
        return
    api = Api(source)
    fetched = CaseLeaves(api, trust)
    try:
        fetched.update()
        yield fetched
    finally:
        fetched.close()
        api.close()


def print_verdict(verdict: Verdict) -> None:
    """Print a verdict in words."""
    print_lines(VERDICTS[verdict.verdict])
    if verdict.date is not None:
        print_lines(f"Logged       {format_time(verdict.date)}")
    for due in verdict.dues:
        what = DUTIES.get(due.kind, due.kind)
        when = f", {format_time(due.date)}" if due.date is not None else ""
        print_lines(f"{what:<16} due {format_time(due.at)}: {DUE_STATES[due.state]}{when}")
    if verdict.reasons:
        print_lines(f"Because      {', '.join(verdict.reasons)}")
    if verdict.verdict in {"silent", "silent-admitted"}:
        print_lines("This is silence about a sealed report; that it could be opened is shown only by its words.")
