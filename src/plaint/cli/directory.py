"""`plaint directory`: review, sign and submit entries; `draft` makes them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from plaint.cli.directory_draft import app as draft_app
from plaint.cli.directory_keys import key_compromised
from plaint.cli.directory_place import check_place, connect, find_place, find_url, load_places, read_draft
from plaint.cli.directory_release import release, upstream
from plaint.cli.output import CommandError, confirm, print_json, print_lines, print_notice, replace_file
from plaint.client.drafts import fetch_directory, sign_as_member, submit_draft
from plaint.client.law.sites import describe_ending, list_ending
from plaint.client.review import review_draft
from plaint.client.words_file import read_member_keys
from plaint.errors import VerificationError
from plaint.protocol.directory_contents import Genesis, get_entry_type
from plaint.protocol.directory_server import Succession
from plaint.protocol.draft import Draft, encode_draft
from plaint.protocol.history import compute_entry_digest

app = App(name="directory", help="Draft, review, sign and submit directory entries.")
app.command(draft_app)
draft_app.command(upstream)
draft_app.command(release)
draft_app.command(key_compromised)

Flag = Annotated[bool, Parameter(negative=())]


@app.command
def review(draft: Path, *, url: str | None = None, json: Flag = False) -> None:
    """Show what somebody who signs the draft agrees to.

    Parameters
    ----------
    draft
        The draft.
    url
        Address of the organisation, to show members by name.
    json
        Print one JSON object.

    """
    found = read_draft(draft)
    lines = review_draft(found, _fetch_names(found, url))
    if json:
        print_json({"type": get_entry_type(found.content), "lines": lines, **_describe_place(found)})
    else:
        print_lines(*lines)


@app.command
def check(url: str | None = None, *, json: Flag = False) -> None:
    """Show what those who change the directory have to do soon; ends with 1 when there is something.

    Parameters
    ----------
    url
        Address of the organisation; PLAINT_URL when not given.
    json
        Print one JSON object.

    """
    known = find_url(url, load_places(), None)
    if known is None:
        raise CommandError("Give the address of the organisation, or set PLAINT_URL.")
    with connect(known) as api:
        state, _ = fetch_directory(api)
    ending = list_ending(state, time.time())
    if json:
        listed = [
            {"pack": e.id, "version": e.version, "site": e.site, "last": e.last.isoformat(), "days": e.days_left}
            for e in ending
        ]
        print_json({"ending": listed})
    else:
        print_lines(*([describe_ending(e) for e in ending] or ["Nothing has to be done."]))
    if ending:
        raise SystemExit(1)


@app.command
def sign(
    draft: Path, *, words: Path, url: str | None = None, again: Flag = False, yes: Flag = False, json: Flag = False
) -> None:
    """Add one signature to a draft; each signer does this on their own device.

    Read what is shown first: it is what you agree to. A signature names the organisation and the position of the entry.
    The first signer's device finds both: from --url, from PLAINT_URL, or from what it signed or submitted before.

    Parameters
    ----------
    draft
        The draft; the signature is added to this file.
    words
        File with your twelve words.
    url
        Address of the organisation, needed when this device does not know it yet.
    again
        Drop all signatures and take the next position, because the directory has grown.
    yes
        Do not ask; a script is not asked anyway.
    json
        Print one JSON object.

    """
    found = read_draft(draft)
    keys = read_member_keys(words)
    places = load_places()
    names: Mapping[bytes, str] = {}
    if found.entry is None or (again and not isinstance(found.content, Genesis)):
        found, names = find_place(found, keys, url=url, places=places)
    elif not isinstance(found.content, Genesis):
        names = check_place(found, keys, url=url, places=places)
    keys = replace(keys, member=places.find_id(keys.id))
    for line in review_draft(found, names):
        print_notice(line)
    if not yes and not confirm("Sign this?"):
        raise CommandError("Nothing was signed.")
    try:
        signed = sign_as_member(found, keys)
    except VerificationError as error:
        raise CommandError(f"These words are those of nobody whom {draft} lists as a founder.") from error
    replace_file(draft, encode_draft(signed) + b"\n")
    if signed.org is not None:
        places.remember_member(keys.id, signed.org)
    if signed.org is not None and signed.entry is not None:
        places.remember_entries(keys.id, [compute_entry_digest(signed.org, signed.entry)])
    count = len(signed.entry.by) if signed.entry is not None else 0
    if json:
        print_json({"draft": str(draft), "member": keys.id.hex(), "signatures": count, **_describe_place(signed)})
    else:
        print_lines(f"Signed by {keys.id.hex()}. Signatures: {count}; needed: {_count_needed(signed)}.")


@app.command
def submit(draft: Path, url: str, *, json: Flag = False) -> None:
    """Send a signed draft to the organisation's server.

    Parameters
    ----------
    draft
        The draft, with all the signatures it needs.
    url
        Address of the organisation, for example https://reports.example/o/aurora
    json
        Print one JSON object.

    """
    found = read_draft(draft)
    if isinstance(found.content, Genesis):
        raise CommandError(f"{draft} founds an organisation: give it to `plaint org create --genesis {draft}`.")
    if found.entry is None or found.org is None:
        raise CommandError(f"Nobody has signed {draft} yet; use `plaint directory sign {draft} --words FILE`.")
    with connect(url) as api:
        index = submit_draft(api, found)
    places = load_places()
    places.remember_url(found.org, url.rstrip("/"))
    if json:
        print_json({"index": index})
    else:
        print_lines(f"The directory holds this as entry {index}.")


def _fetch_names(draft: Draft, url: str | None) -> Mapping[bytes, str]:
    known = find_url(url, load_places(), draft.org)
    if known is None:
        return {}
    with connect(known) as api:
        return fetch_directory(api)[1]


def _describe_place(draft: Draft) -> dict[str, str | int | None]:
    org, entry = draft.org, draft.entry
    return {"org": None if org is None else org.hex(), "index": None if entry is None else entry.index}


def _count_needed(draft: Draft) -> str:
    match draft.content:
        case Genesis(members=members):
            return str(len(members))
        case Succession():
            return "those of all independent members"
        case _:
            alone = {"leave", "key-compromised", "release", "rotate", "suspend"}
            return "1" if get_entry_type(draft.content) in alone else "2"
