"""`plaint member`: words and requests, made on the member's own device."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from plaint.cli.directory_place import connect, load_places
from plaint.cli.output import CommandError, create_file, print_json, print_lines, print_notice
from plaint.client.drafts import draft_rotation, fetch_directory
from plaint.client.words_file import create_words, read_words
from plaint.protocol.directory_keys import Rotate
from plaint.protocol.draft import encode_draft
from plaint.protocol.history import compute_entry_digest
from plaint.protocol.keys import compute_member_check_words, compute_member_keys
from plaint.protocol.request import encode_request, make_request

app = App(name="member", help="Make a member's words and the request to be added.")


@app.command
def request(*, name: str, words: Path, out: Path, json: Annotated[bool, Parameter(negative=())] = False) -> None:
    """Write the request that an administrator and an independent member sign.

    The words are made here, when the file does not exist yet, and never leave this device; the request holds public
    keys and the name. Tell the four check words to those who sign, by telephone or face to face.

    Parameters
    ----------
    name
        Your name as colleagues know it.
    words
        File with your twelve words; made, readable by you alone, when it does not exist.
    out
        File to write the request to; an existing one is never overwritten.
    json
        Print one JSON object.

    """
    if out.exists():
        raise CommandError(f"{out} exists already; choose another name or remove it first.")
    fresh = not words.exists()
    found = create_words(words) if fresh else read_words(words)
    made = make_request(compute_member_keys(found.entropy), name)
    create_file(out, encode_request(made) + b"\n")
    if fresh:
        print_notice(f"New words are in {words}. Nobody can give them back to you: write them down.")
    if json:
        print_json({"id": made.id.hex(), "check_words": made.check_words.split()})
    else:
        print_lines(f"Request      {out}", f"Member id    {made.id.hex()}", f"Check words  {made.check_words}")


@app.command
def rotate(
    url: str, *, words: Path, new: Path, out: Path, json: Annotated[bool, Parameter(negative=())] = False
) -> None:
    """Take new words: made and signed here, sent with `plaint directory submit`, in force after the delay.

    Until then the old words open the desk; from then on the new ones do, with everything that the old ones opened. Tell
    colleagues the check words, so that they know the rotation is yours.

    Parameters
    ----------
    url
        Address of the organisation.
    words
        File with your words of now.
    new
        File with your new twelve words; made, readable by you alone, when it does not exist.
    out
        File to write the signed entry to; an existing one is never overwritten.
    json
        Print one JSON object.

    """
    if out.exists():
        raise CommandError(f"{out} exists already; choose another name or remove it first.")
    old = read_words(words)
    with connect(url) as api:
        state, _ = fetch_directory(api)
    fresh = not new.exists()
    found = create_words(new) if fresh else read_words(new)
    draft = draft_rotation(state, old=old.entropy, new=found.entropy)
    create_file(out, encode_draft(draft) + b"\n")
    places = load_places()
    places.remember_url(state.org, url.rstrip("/"))
    if draft.entry is not None and isinstance(draft.content, Rotate):
        places.remember_entries(draft.content.id, [compute_entry_digest(state.org, draft.entry)])
    keys = compute_member_keys(found.entropy)
    check = compute_member_check_words(keys.age.public, keys.author.public, keys.sign.public)
    if fresh:
        print_notice(
            f"New words are in {new}. Nobody can give them back to you: write them down, and keep the old ones"
        )
        print_notice("until the new ones open the desk.")
    if json:
        print_json({"draft": str(out), "index": state.size, "check_words": check.split()})
    else:
        print_lines(f"Entry        {out}", f"Check words  {check}", f"Next         plaint directory submit {out} {url}")
