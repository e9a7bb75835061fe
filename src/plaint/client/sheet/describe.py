"""What a sheet says about a proof: promises, dates, what the log shows, and what all that proves and does not."""

from __future__ import annotations

from dataclasses import dataclass

from plaint.client.proof import LEAVES_NAME, README_NAME, RECEIPT_NAME, TRUST_NAME, Proof, name_note
from plaint.client.sheet.words import Words, format_date
from plaint.crypto.hashes import compute_sha256
from plaint.protocol.verify import ADMITTED, SILENT, DueState

COMMAND = f"plaint verify {RECEIPT_NAME} --trust {TRUST_NAME} --leaves {LEAVES_NAME}"
LIMITS = ("not_content", "not_people", "not_outside", "not_counter", "not_openable")
HAND_STEPS = ("hand_note", "hand_leaves", "hand_root", "hand_find", "hand_spec")


@dataclass(frozen=True, slots=True)
class PromisedRow:
    """One promise: what, by when, and what the log shows of it."""

    what: str
    due: str
    shows: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything on the page, in words, ready to be drawn."""

    words: Words
    facts: tuple[tuple[str, str], ...]
    rows: tuple[PromisedRow, ...]
    grace: str
    proves: tuple[str, ...]
    proves_not: tuple[str, ...]
    digests: tuple[tuple[str, str], ...]
    command: str


def describe_proof(proof: Proof, words: Words, *, bundle: bytes, bundle_name: str) -> Sheet:
    """Return the sheet for `proof`, whose files are in `bundle`."""
    say, seen = words.say, format_date(proof.seen_at)
    logged, dues = proof.verdict.date, proof.verdict.dues
    silent = any(due.state in {SILENT, ADMITTED} for due in dues)
    return Sheet(
        words=words,
        facts=(
            (say("log"), proof.log),
            (say("received"), format_date(proof.received_at)),
            (say("logged"), say("logged_not") if logged is None else format_date(logged)),
            (say("seen"), seen),
        ),
        rows=tuple(PromisedRow(say(due.kind), format_date(due.at), _say_state(due, words, seen)) for due in dues),
        grace=say_grace(proof.grace_s, words),
        proves=(say("proves_promise"), say("proves_log", date=seen), *([say("proves_silence")] if silent else [])),
        proves_not=tuple(say(key, date=seen) for key in LIMITS),
        digests=(
            (say("check_bundle", name=bundle_name), compute_sha256(bundle).hex()),
            (say("check_trust"), compute_sha256(proof.files[TRUST_NAME]).hex()),
        ),
        command=_compute_command(proof),
    )


def write_readme(proof: Proof, words: Words) -> bytes:
    """Return the text inside the bundle: what it is, and how to judge it with and without Plaint."""
    say = words.say
    kinds = {RECEIPT_NAME: "file_receipt", TRUST_NAME: "file_trust", LEAVES_NAME: "file_leaves"}
    names = [f"  {name}: {say(kinds.get(name, 'file_note'))}" for name in proof.files]
    paragraphs = [
        say("title"),
        say("lede"),
        say("keep"),
        "\n".join([say("files_title"), *names]),
        "\n".join([say("check_title"), f"  {say('check_compare')}", f"  {say('check_command')}"]),
        f"    {_compute_command(proof)}",
        f"  {say('check_page')}",
        "\n".join([say("hand_title"), *(f"  {i}. {say(step)}" for i, step in enumerate(HAND_STEPS, 1))]),
    ]
    return ("\n\n".join(paragraphs) + "\n").encode()


def add_readme(proof: Proof, words: Words) -> dict[str, bytes]:
    """Return the files of the bundle with the text that explains them."""
    return {**proof.files, README_NAME: write_readme(proof, words)}


def _compute_command(proof: Proof) -> str:
    notes = [name for number in range(1, len(proof.files)) if (name := name_note(number)) in proof.files]
    return " ".join([COMMAND, *(f"--note {name}" for name in notes)])


def say_grace(grace_s: int, words: Words) -> str:
    """Return the grace in whole minutes where it is some, else in seconds."""
    minutes, rest_s = divmod(grace_s, 60)
    return (
        words.say("grace", minutes=str(minutes))
        if rest_s == 0 and minutes > 1
        else words.say("grace_seconds", seconds=str(grace_s))
    )


def _say_state(due: DueState, words: Words, seen: str) -> str:
    return words.say(due.state, date=seen if due.date is None else format_date(due.date))
