"""`plaint verify`: judge a receipt with a trust file and, if there is one, a copy of the log; no server is needed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from plaint.cli.messages import describe_error
from plaint.cli.output import print_json, print_lines, print_problem
from plaint.cli.times import format_time, parse_time
from plaint.cli.verdicts import (
    COUNTERS,
    DUE_STATES,
    DUTIES,
    TITLES,
    describe_advice,
    describe_proof,
    describe_reason,
    list_limits,
)
from plaint.cli.verify_erasure import is_certificate, show_certificate
from plaint.cli.verify_missed import is_missed, show_missed
from plaint.client.bundle import read_bundle
from plaint.client.copies import MirrorLeaves, fetch_directory_copy, read_directory_copy
from plaint.client.files import read_limited
from plaint.client.http import Api
from plaint.client.leaves import CaseLeaves
from plaint.client.proof import LEAVES_NAME
from plaint.client.trust import load_trust
from plaint.errors import PlaintError, UnavailableError
from plaint.protocol.counter import LIMIT_COUNTER_BYTES
from plaint.protocol.excerpt import LIMIT_EXCERPT_BYTES, parse_excerpt
from plaint.protocol.receipt_keys import learn_receipt_keys
from plaint.protocol.scan import Leaves
from plaint.protocol.signers import DirectoryCopy
from plaint.protocol.state import LIMIT_NOTE_BYTES
from plaint.protocol.trust import Trust
from plaint.protocol.verify import CANNOT_JUDGE, EXIT_CODES, Verdict, find_foreign, judge_receipt

Flag = Annotated[bool, Parameter(negative=())]

UNUSABLE = {
    "trust-missing": "Without --trust nothing can be judged: a receipt must not vouch for itself.",
    "receipt-missing": "There is no receipt at this place.",
    "leaves-missing": "There is no copy of the case log at this place: --leaves takes a folder of `plaint log mirror`, "
    "the leaves.bin of a bundle, or an address.",
    "file-missing": "A file that was named is not there.",
}
app = App(name="verify", help="Judge a receipt, without any server.")


@app.default
def verify(
    receipt: Path,
    *,
    trust: Path | None = None,
    leaves: str | None = None,
    at: str | None = None,
    note: Annotated[list[Path] | None, Parameter(negative=())] = None,
    counter: Annotated[list[Path] | None, Parameter(negative=())] = None,
    directory: str | None = None,
    json: Flag = False,
) -> int:
    """Say what a receipt proves, a file about a missed date from `plaint desk overdue`, or a certificate of erasure.

    Exit code 0: it holds. 1: it is not valid. 2: this cannot be judged with what was given. 3: it holds and proves a
    failure (late, silent, withheld or breach). 4: a file about a missed date by a key that stopped counting later.

    Parameters
    ----------
    receipt
        The receipt file, or a bundle of `plaint proof`: the archive, or the folder it was unpacked to. Its `leaves.bin`
        counts where no --leaves is given; its trust file never counts.
    trust
        Trust file: whose signatures count. A receipt never brings its own.
    leaves
        Folder of `plaint log mirror`, `leaves.bin` of a bundle, or an organisation's address to copy the log from.
    at
        Judge as of this time: 2026-11-30, 2026-11-30T09:00:00Z or Unix seconds. Default: now.
    note
        A later state note of the same report, kept by `plaint follow` as `note.txt`. Default: those that lie beside
        `receipt.txt`, or in the bundle, as `note.txt`, `note-2.txt`, …
    counter
        A counter-proof, made by `plaint desk prove`; may be given several times.
    directory
        Folder of `plaint log mirror`, or an address, for the directory log: who could sign a counter-proof, and which
        keys signed receipts before and after the trust file was made, stands there. Default: what --leaves says.
    json
        Print one JSON object.

    """
    moment = int(time.time()) if at is None else parse_time(at)
    try:
        if is_certificate(receipt):
            keys = _load_trust(trust)
            members = _read_directory(directory or leaves, keys)
            return show_certificate(receipt, keys, members, now=moment, json=json)
        if is_missed(receipt):
            keys = _load_trust(trust)
            members = _read_directory(directory or leaves, keys)
            with open_leaves(leaves, keys) as found:
                return show_missed(receipt, keys, leaves=found, directory=members, now=moment, json=json)
        given = _Given(tuple(note) if note else None, tuple(counter or ()), leaves, directory)
        verdict, beside = _judge(receipt, given, _load_trust(trust), now=moment)
    except PlaintError as error:
        print_problem(f"{UNUSABLE.get(error.code, describe_error(error))} ({error})")
        if json:
            print_json(_encode(Verdict(CANNOT_JUDGE, (error.code,)), {}))
        return EXIT_CODES[CANNOT_JUDGE]
    if json:
        print_json(_encode(verdict, beside))
    else:
        _print_beside(beside)
        print_verdict(verdict)
    return verdict.exit_code


@dataclass(frozen=True, slots=True)
class _Given:
    """What was named beside the receipt; without notes those that lie there are taken."""

    notes: tuple[Path, ...] | None
    counters: tuple[Path, ...]
    leaves: str | None
    directory: str | None


_Beside = Mapping[str, str | None]  # files that nobody named, and notes that were left aside, with the reason or None


def _encode(verdict: Verdict, beside: _Beside) -> dict[str, object]:
    due = [
        {"what": item.kind, "at": item.at, "state": item.state, "until": item.until, "countered": item.countered}
        for item in verdict.dues
    ]
    counters = [{"what": item.kind, "logged_at": item.date, "reason": item.reason} for item in verdict.counters]
    return {
        "verdict": verdict.verdict,
        "reasons": list(verdict.reasons),
        "due": due,
        "logged_at": verdict.date,
        "counters": counters,
        "beside": [{"file": name, "reason": reason} for name, reason in beside.items()],
    }


def _judge(path: Path, given: _Given, trust: Trust, *, now: int) -> tuple[Verdict, _Beside]:
    """Judge; what is raised here means that nothing could be judged, never that the receipt is false.

    Raises: UnavailableError "receipt-missing", "leaves-missing", "network"; MalformedError "archive-…".
    """
    bundle = read_bundle(path)
    counters = [read_limited(path, limit_bytes=LIMIT_COUNTER_BYTES) for path in given.counters]
    needed = bool(counters or given.directory)
    members = find_directory(given.directory or given.leaves, trust, needed=needed)
    known = learn_receipt_keys(trust, members, now=now)
    named = [(str(path), read_limited(path, limit_bytes=LIMIT_NOTE_BYTES)) for path in given.notes or ()]
    notes = list(bundle.notes.items()) if given.notes is None else named
    checked = [(name, note, find_foreign(bundle.receipt, note, known)) for name, note in notes]
    later = [note for _, note, reason in checked if reason is None]
    # Of those that were named only what is left aside is worth a word.
    beside = {name: reason for name, _, reason in checked if given.notes is None or reason is not None}
    with open_leaves(given.leaves, trust) as found:
        leaves = found
        if given.leaves is None and bundle.leaves is not None:
            leaves, beside[LEAVES_NAME] = parse_excerpt(bundle.leaves), None
        verdict = judge_receipt(
            bundle.receipt, trust, now=now, leaves=leaves, later=later, counters=counters, directory=members
        )
    return verdict, beside


def _print_beside(beside: _Beside) -> None:
    taken = [name for name, reason in beside.items() if reason is None]
    if taken:
        print_lines(f"Also read        {', '.join(taken)}, which lay beside the receipt")
    for name, reason in beside.items():
        if reason is not None:
            print_lines(f"Left aside       {name}: {describe_reason(reason)} ({reason})")


def _load_trust(path: Path | None) -> Trust:
    if path is None:
        raise UnavailableError("trust-missing")
    return load_trust(path)


def find_directory(source: str | None, trust: Trust, *, needed: bool) -> DirectoryCopy | None:
    """Return the copy of the directory log that `source` names; a broken one does not stop what needs none."""
    try:
        return _read_directory(source, trust)
    except PlaintError:
        if needed:
            raise
        return None


def _read_directory(source: str | None, trust: Trust) -> DirectoryCopy | None:
    if source is None or Path(source).is_file():
        return None
    if not source.startswith(("http://", "https://")):
        return read_directory_copy(Path(source))
    api = Api(source)
    try:
        return fetch_directory_copy(api, trust)
    finally:
        api.close()


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
    """Print a verdict in words: what it proves, what it does not, what to do now."""
    print_lines(TITLES[verdict.verdict])
    if verdict.date is not None:
        print_lines(f"Logged       {format_time(verdict.date)}")
    for due in verdict.dues:
        what = DUTIES.get(due.kind, due.kind)
        moved = f", moved to {format_time(due.until)}" if due.until is not None else ""
        when = f", {format_time(due.date)}" if due.date is not None else ""
        shown = " (by a counter-proof: its token was broken)" if due.countered else ""
        print_lines(f"{what:<16} due {format_time(due.at)}{moved}: {DUE_STATES[due.state]}{when}{shown}")
    for counter in verdict.counters:
        when = f", logged {format_time(counter.date)}" if counter.date is not None else ""
        said = "shown" if counter.reason is None else f"does not count: {describe_reason(counter.reason)}"
        print_lines(f"Counter-proof    {COUNTERS[counter.kind]}{when}: {said}")
    for code in verdict.reasons:
        print_lines(f"Because          {describe_reason(code)} ({code})")
    print_lines("", f"It proves        {describe_proof(verdict)}")
    for limit in list_limits(verdict):
        print_lines(f"It does not show {limit}")
    print_lines(f"What to do       {describe_advice(verdict)}")
