"""`plaint desk history`: what the directory says you did, and what to do when it was not you."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from plaint.cli.directory_place import load_places
from plaint.cli.output import CommandError, print_json, print_lines, print_notice
from plaint.client.connection import Connection, connect
from plaint.client.history import list_history, list_unknown, void_own_key
from plaint.client.review import review_draft
from plaint.client.session import find_member
from plaint.client.trust import load_trust
from plaint.client.words_file import read_member_keys
from plaint.protocol.directory_contents import get_entry_type
from plaint.protocol.draft import Draft
from plaint.protocol.history import Event
from plaint.protocol.keys import MemberKeys

EXIT_USAGE = 2
Flag = Annotated[bool, Parameter(negative=())]


def history(
    url: str, *, words: Path, mine: Flag = False, not_mine: Flag = False, trust: Path | None = None, json: Flag = False
) -> None:
    """Show every entry of the directory that carries your signature or is about you, and which this device knows.

    Parameters
    ----------
    url
        Address of the organisation.
    words
        File with your twelve words.
    mine
        All of it was you, or is right: this device remembers it from now on.
    not_mine
        Somebody else uses your key: it declares itself void, for good, and every independent member is shown so.
    trust
        Trust file.
    json
        Print one JSON object.

    """
    if mine and not_mine:
        raise CommandError("Give --mine or --not-mine, not both.", exit_code=EXIT_USAGE)
    connection = connect(url, trust=load_trust(trust) if trust else None)
    try:
        keys = find_member(connection, read_member_keys(words))
        events, places = list_history(connection, keys), load_places()
        unknown = {event.digest for event in list_unknown(events, places, keys.id)}
        if mine:
            places.remember_entries(keys.id, unknown)
        voided = void_own_key(connection, keys) if not_mine else None
        if json:
            shown = [_encode(connection, event, known=event.digest not in unknown) for event in events]
            print_json({"entries": shown, "remembered": mine, "void": voided})
            return
        for event in events:
            mark = "  " if event.digest not in unknown else "? "
            print_lines(*(mark + line for line in _describe(connection, event)))
        _tell(len(unknown), mine=mine, voided=voided)
    finally:
        connection.close()


def warn_history(connection: Connection, keys: MemberKeys, url: str, told: set[bytes]) -> None:
    """Tell at sign-in of entries that this device does not know, each once: those in `told` are left out."""
    places = load_places()
    unknown = {event.digest for event in list_unknown(list_history(connection, keys), places, keys.id)}
    if unknown <= told:
        return
    told |= unknown
    alarm = "ALARM: " if places.list_entries(keys.id) else ""
    print_notice(
        f"{alarm}the directory has entries with your signature or about you that this device does not know:"
        f" {len(unknown)}. Look at them: plaint desk history {url} --words FILE"
    )


def _tell(unknown: int, *, mine: bool, voided: int | None) -> None:
    if voided is not None:
        print_lines(f"Your key is void from entry {voided} on. Make new words and ask to be added again.")
        print_notice("Speak to an independent member now: what the stranger signed still stands in the directory.")
    elif mine:
        print_lines(f"Remembered on this device: {unknown}.")
    elif unknown:
        print_lines(
            f"Not known to this device: {unknown}, marked with ?.",
            "It was you, on another device: the same command with --mine.",
            "It was not you: the same command with --not-mine. Your key then ends for good.",
        )


def _describe(connection: Connection, event: Event) -> list[str]:
    first, *rest = review_draft(Draft(event.entry.content, {}), connection.view.names)[:-1]
    how = "signed by you" if event.signed else "about you or an alarm"
    return [f"{event.entry.index:>5}  {first} ({how})", *(f"       {line}" for line in rest)]


def _encode(connection: Connection, event: Event, *, known: bool) -> dict[str, Any]:
    return {
        "index": event.entry.index,
        "type": get_entry_type(event.entry.content),
        "signed": event.signed,
        "known": known,
        "text": "\n".join(review_draft(Draft(event.entry.content, {}), connection.view.names)[:-1]),
    }
