"""`plaint desk close` and `reopen`: two members close a case, and one takes it back."""

from __future__ import annotations

from plaint.cli.desk import CaseId, Sitting, Url, finish, open_desk
from plaint.cli.output import CommandError

DEFAULT_REASON = "Closed."


def close(url: Url, case: CaseId, text: str | None = None, *, sitting: Sitting) -> None:
    """Close a case. The first member signs, and a second one confirms with the same command.

    Parameters
    ----------
    text
        Why it is closed.

    """
    with open_desk(url, sitting) as desk:
        found = desk.open_case(case)
        closing = desk.fold(found).closing
        if closing is not None and closing.second is not None:
            raise CommandError("This case is closed already.")
        if closing is not None:
            if closing.first == desk.member:
                raise CommandError("You signed this closing; another member must confirm it with the same command.")
            desk.confirm(found, closing.hash)
            finish(desk, found, "Confirmed: the case is closed. The reporter can reopen it.", json=sitting.json)
            return
        desk.close(found, text or DEFAULT_REASON)
        finish(desk, found, "Signed. The case is closed once another member gives the same command.", json=sitting.json)


def reopen(url: Url, case: CaseId, text: str | None = None, *, sitting: Sitting) -> None:
    """Take a closing back.

    Parameters
    ----------
    text
        Why.

    """
    with open_desk(url, sitting) as desk:
        found = desk.open_case(case)
        if desk.fold(found).closing is None:
            raise CommandError("This case is not closed.")
        desk.reopen(found, text)
        finish(desk, found, "Reopened.", json=sitting.json)
