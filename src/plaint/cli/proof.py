"""`plaint proof`: a receipt, the log and what they show, as one file and one sheet for whoever has to judge."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from plaint.cli.output import CommandError, print_json, print_lines, print_notice
from plaint.cli.times import EXIT_USAGE, parse_time
from plaint.cli.verify import find_directory, open_leaves, print_verdict
from plaint.client.files import create_private, make_private_directory, read_limited
from plaint.client.outbox import Outbox
from plaint.client.proof import build_proof, encode_bundle
from plaint.client.sheet.describe import add_readme, describe_proof
from plaint.client.sheet.pdf import draw_pdf
from plaint.client.sheet.words import LANGUAGES, format_date, load_words
from plaint.client.trust import LIMIT_TRUST_BYTES
from plaint.errors import UnavailableError
from plaint.protocol.receipt import LIMIT_RECEIPT_BYTES
from plaint.protocol.receipt_keys import learn_receipt_keys
from plaint.protocol.state import LIMIT_NOTE_BYTES
from plaint.protocol.trust import encode_trust, parse_trust

Flag = Annotated[bool, Parameter(negative=())]
BUNDLE_NAME, SHEET_NAME = "bundle.zip", "sheet.pdf"
WARNING = "Whoever finds these files learns that somebody reported. Keep them where others do not look."

app = App(name="proof", help="Put what a receipt proves into one file and one sheet.")


@app.default
def proof(
    receipt: Path,
    *,
    trust: Path,
    leaves: str,
    out: Path,
    at: str | None = None,
    note: Annotated[list[Path] | None, Parameter(negative=())] = None,
    lang: str = "en",
    json: Flag = False,
) -> int:
    """Write `bundle.zip`, by which anybody can judge without a server, and `sheet.pdf`, which says it in words.

    The exit code is that of `plaint verify`.

    Parameters
    ----------
    receipt
        The receipt file.
    trust
        Trust file: whose signatures count. The one in the bundle also names the receipt keys that ended since, where
        --leaves holds the directory.
    leaves
        Folder of `plaint log mirror`, `leaves.bin` of a bundle, or an organisation's address to copy the log from.
    out
        Folder for the two files; they are never written over.
    at
        Judge as of this time: 2026-11-30, 2026-11-30T09:00:00Z or Unix seconds. Default: now.
    note
        A later state note of the same report. Default: the `note.txt` that `plaint follow` keeps beside the receipt.
    lang
        Language of the sheet: en, de, zh or ar.
    json
        Print one JSON object.

    """
    if lang not in LANGUAGES:
        raise CommandError(f"--lang is one of {', '.join(LANGUAGES)}.", exit_code=EXIT_USAGE)
    moment = int(time.time()) if at is None else parse_time(at)
    vouched = read_limited(trust, limit_bytes=LIMIT_TRUST_BYTES)
    keys, words = parse_trust(vouched), load_words(lang)
    notes = [read_limited(path, limit_bytes=LIMIT_NOTE_BYTES) for path in _list_notes(receipt, note)]
    data = read_limited(receipt, limit_bytes=LIMIT_RECEIPT_BYTES)
    learned = learn_receipt_keys(keys, find_directory(leaves, keys, needed=False), now=moment)
    vouched = vouched if learned == keys else encode_trust(learned)
    with open_leaves(leaves, keys) as found:
        if found is None:
            raise UnavailableError("leaves-missing")
        made = build_proof(data, vouched, found, now=moment, notes=notes)
    bundle = encode_bundle(add_readme(made, words))
    sheet = draw_pdf(describe_proof(made, words, bundle=bundle, bundle_name=BUNDLE_NAME))
    make_private_directory(out)
    create_private(out / BUNDLE_NAME, bundle)
    create_private(out / SHEET_NAME, sheet)
    if json:
        paths = {"bundle": str(out / BUNDLE_NAME), "sheet": str(out / SHEET_NAME)}
        print_json({"verdict": made.verdict.verdict, "seen_at": made.seen_at, **paths})
    else:
        print_verdict(made.verdict)
        print_lines(
            f"Log up to    {format_date(made.seen_at)}", f"Written      {out / BUNDLE_NAME}, {out / SHEET_NAME}"
        )
    print_notice(WARNING)
    return made.verdict.exit_code


def _list_notes(receipt: Path, given: list[Path] | None) -> list[Path]:
    """Return the notes to judge with: where an answer was withheld, only the newest one says so."""
    kept = Outbox(receipt.parent)
    if given is not None or receipt.name != kept.receipt.name or not kept.note.exists():
        return given or []
    return [kept.note]
