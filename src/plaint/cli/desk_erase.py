"""`plaint desk erase`: two members sign to erase a case; the server deletes what it holds of it."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from plaint.cli.desk import EXIT_USAGE, CaseId, Sitting, Url, open_desk
from plaint.cli.output import CommandError, print_json, print_lines, print_notice
from plaint.client.erasing import confirm_erasure, find_wish, propose_erasure
from plaint.protocol.content import GROUNDS


def erase(
    url: Url,
    case: CaseId,
    text: str | None = None,
    *,
    ground: Annotated[str | None, Parameter(help=f"Why: {', '.join(GROUNDS)}.")] = None,
    sitting: Sitting,
) -> None:
    """Sign to erase a case. The first member gives a ground, a second one confirms with the same command without it.

    Whatever anybody writes in between takes the first signature back. What nobody has acknowledged cannot be erased.
    What members and the reporter keep on their own devices is not reached.

    Parameters
    ----------
    text
        More about the ground; the reporter reads it, and so does whoever is shown the certificate.

    """
    if ground is not None and ground not in GROUNDS:
        raise CommandError(f"--ground is one of {', '.join(GROUNDS)}.", exit_code=EXIT_USAGE)
    with open_desk(url, sitting) as desk:
        found = desk.open_case(case)
        if ground is not None:
            propose_erasure(desk, found, ground, text)
            state, said = "erasing", "Signed. It is erased once another member gives this command without --ground."
        else:
            wish = find_wish(found, found.room)
            if wish is None:
                raise CommandError("Nobody has signed to erase this case: give a --ground.", exit_code=EXIT_USAGE)
            confirm_erasure(desk, found)
            state, said = "erased", "Confirmed. The server has deleted what it held of this case."
            print_notice("Copies on members' devices are not reached. The server's backups cannot open it any more.")
        if sitting.json:
            print_json({"id": found.id.hex(), "status": state})
        else:
            print_lines(said)
