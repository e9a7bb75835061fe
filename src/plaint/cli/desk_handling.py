"""`plaint desk handling`: the room outside the line about a date that was missed."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from plaint.cli.desk import CaseId, Sitting, Url, open_desk
from plaint.cli.output import print_json, print_lines
from plaint.client.handling import close_handling, list_handling, open_handling
from plaint.docket.case import CLOSED
from plaint.docket.handling import Handling
from plaint.protocol.content import EntryContent


def handling(
    url: Url,
    case: CaseId,
    text: str | None = None,
    *,
    sitting: Sitting,
    besides: Annotated[bool, Parameter(negative=(), help="The key to the room that is there never came.")] = False,
    close: Annotated[str | None, Parameter(help="Sign the closing for this reason, or confirm another's.")] = None,
) -> None:
    """Look into why a date was missed, in a room that only the independent members read and close.

    The first of them who writes opens it, and the reporter sees who is in it. Without TEXT its state is shown. Two
    independent members close it, or the one there is.

    Parameters
    ----------
    text
        What you want to write there.

    """
    with open_desk(url, sitting) as desk:
        found = desk.open_case(case)
        if text is not None:
            fresh = not list_handling(desk, found)
            room = open_handling(desk, found, text, besides=besides)
            if not fresh or room.entries[0].author != desk.member:
                desk.write(room, "entry", EntryContent(text=text))
            found = desk.open_case(found.id.hex())
        if close is not None:
            known: tuple[Handling, ...] = (close_handling(desk, found, close),)
        else:
            known = list_handling(desk, found)
        names = {item.by: desk.connection.view.name(item.by) for item in known}
    if sitting.json:
        print_json({"handling": [{"room": item.room.hex(), "status": item.status} for item in known]})
        return
    if not known:
        print_lines("Nobody has opened a handling failure for this case.")
    for item in known:
        print_lines(f"Handling failure, opened by {names[item.by]}: {item.status}.")
        if item.status != CLOSED and item.closing is not None:
            print_lines("It is closed once another independent member gives the same command with --close.")
