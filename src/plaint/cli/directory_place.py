"""Finding the place of a draft: which organisation, where its server is, which position comes next."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from plaint.cli.output import CommandError, create_file, print_json, print_lines, print_notice, read_file
from plaint.client.drafts import fetch_directory, place_next
from plaint.client.http import Api
from plaint.client.places import Places, find_places_folder
from plaint.client.review import review_draft
from plaint.errors import MalformedError, UnavailableError
from plaint.protocol.directory_contents import get_entry_type
from plaint.protocol.directory_state import DirectoryState
from plaint.protocol.draft import LIMIT_DRAFT_BYTES, Draft, encode_draft, parse_draft, place_draft
from plaint.protocol.keys import MemberKeys
from plaint.protocol.ring import find_owner

# After genesis and origin, when nobody has sent anything from this device yet.
FIRST_INDEX = 2


def load_places() -> Places:
    """Return this device's memory."""
    return Places(find_places_folder())


@contextmanager
def connect(url: str) -> Iterator[Api]:
    """Yield the API at `url` and close it afterwards."""
    api = Api(url)
    try:
        yield api
    finally:
        api.close()


def read_draft(path: Path) -> Draft:
    """Return the draft in a file."""
    return parse_draft(read_file(path, limit_bytes=LIMIT_DRAFT_BYTES))


def find_url(url: str | None, places: Places, org: bytes | None) -> str | None:
    """Return the organisation's address as given, from the environment, or as this device remembers it."""
    return url or os.environ.get("PLAINT_URL") or (places.find_url(org) if org is not None else None)


def find_place(draft: Draft, keys: MemberKeys, *, url: str | None, places: Places) -> tuple[Draft, Mapping[bytes, str]]:
    """Return the draft as the next entry of the signer's organisation, and the names the directory confirms.

    Raises: CommandError.
    """
    org = places.find_org(keys.id)
    known = find_url(url, places, org)
    if known is None:
        if org is None:
            raise CommandError(
                "The draft has no place yet and this device does not know your organisation: add --url URL, the address"
                " of your organisation."
            )
        print_notice(
            f"No address is known: taking position {FIRST_INDEX}, the first after the founding. Otherwise add --url."
        )
        return place_draft(draft, org=org, index=FIRST_INDEX), {}
    with connect(known) as api:
        state, names = fetch_directory(api)
    if org is not None and state.org != org:
        raise CommandError("The server at this address shows another organisation than the one you belong to.")
    remember_owner(state, keys, places)
    places.remember_url(state.org, known.rstrip("/"))
    return place_next(draft, state, names), names


def remember_owner(state: DirectoryState, keys: MemberKeys, places: Places) -> None:
    """Keep under which id the directory has these keys: after a rotation it is that of the first ones.

    Raises: CommandError for keys whose signature would not count.
    """
    member = find_owner(state, keys)
    if member is None or not member.active:
        raise CommandError("The directory does not list you as an active member, so your signature would not count.")
    if member.member.id != keys.id:
        places.remember_id(keys.id, member.member.id)


def check_place(draft: Draft, keys: MemberKeys, *, url: str | None, places: Places) -> Mapping[bytes, str]:
    """Check, when the server can be asked, that the position is still the next one; return the confirmed names.

    Raises: CommandError.
    """
    known = find_url(url, places, draft.org)
    if known is None or draft.entry is None:
        return {}
    try:
        with connect(known) as api:
            state, names = fetch_directory(api)
    except UnavailableError:
        return {}
    if state.org != draft.org:
        raise CommandError("The server at this address shows another organisation than the draft is for.")
    if state.size != draft.entry.index:
        raise CommandError("The directory has grown since the first signature: add --again to drop it and sign anew.")
    remember_owner(state, keys, places)
    return names


def place_at_url(draft: Draft, url: str | None) -> tuple[Draft, Mapping[bytes, str]]:
    """Return the draft with its place when an address is given or in the environment, else as it is; and the names."""
    known = url or os.environ.get("PLAINT_URL")
    if known is None:
        return draft, {}
    with connect(known) as api:
        state, names = fetch_directory(api)
    load_places().remember_url(state.org, known.rstrip("/"))
    return place_next(draft, state, names), names


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where a draft goes, and how the answer is printed: options of every command that makes one."""

    out: Annotated[Path, Parameter(help="File to write.")]
    url: Annotated[
        str | None,
        Parameter(help="Address of the organisation; without it the draft gets its place when first signed."),
    ] = None
    json: Annotated[bool, Parameter(negative=(), help="Print one JSON object.")] = False


def finish_draft(draft: Draft, target: Target) -> None:
    """Give the draft its place when that can be asked for, write it and tell what it says."""
    placed, names = place_at_url(draft, target.url)
    write_draft(placed, target.out, json=target.json, lines=review_draft(placed, names))


def write_draft(draft: Draft, out: Path, *, json: bool, lines: list[str]) -> None:
    """Write a new draft and tell what it says."""
    data = encode_draft(draft) + b"\n"
    try:
        parse_draft(data)
    except MalformedError as error:
        raise CommandError(f"The value given for {error.detail} is not one that it can have.") from error
    create_file(out, data)
    if json:
        org = None if draft.org is None else draft.org.hex()
        index = None if draft.entry is None else draft.entry.index
        print_json({"draft": str(out), "type": get_entry_type(draft.content), "org": org, "index": index})
    else:
        print_lines(*lines, f"Draft  {out}", f"Next   plaint directory sign {out} --words FILE")
