"""`plaint desk erase`: two members sign to erase a case; the server deletes what it holds of it."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from plaint.cli.desk import EXIT_USAGE, CaseId, Sitting, Url, open_desk
from plaint.cli.output import CommandError, print_json, print_lines, print_notice
from plaint.client.cases import Case
from plaint.client.desk import Desk
from plaint.client.erasing import Wish, confirm_erasure, find_wish, propose_erasure
from plaint.protocol.content import GROUNDS

NUMBER_DIGITS = 16


def erase(
    url: Url,
    case: CaseId,
    text: str | None = None,
    *,
    ground: Annotated[str | None, Parameter(help=f"Why: {', '.join(GROUNDS)}.")] = None,
    confirm: str | None = None,
    sitting: Sitting,
) -> None:
    """Sign to erase a case. The first member gives a ground; a second one reads it, without options, and confirms.

    Whatever anybody writes in between takes the first signature back. What nobody has acknowledged cannot be erased.
    What members and the reporter keep on their own devices is not reached.

    Parameters
    ----------
    text
        More about the ground; the reporter reads it, and so does whoever is shown the certificate.
    confirm
        The number of the signature that was read: nobody agrees to another one.

    """
    if ground is not None and ground not in GROUNDS:
        raise CommandError(f"--ground is one of {', '.join(GROUNDS)}.", exit_code=EXIT_USAGE)
    with open_desk(url, sitting) as desk:
        found = desk.open_case(case)
        if ground is not None:
            propose_erasure(desk, found, ground, text)
            _say(found, "erasing", "Signed. It is erased once another member has read why, and confirms.", sitting)
            return
        wish = find_wish(found, found.room)
        if wish is None:
            raise CommandError("Nobody has signed to erase this case: give a --ground.", exit_code=EXIT_USAGE)
        if confirm is None:
            _show(desk, found, wish, sitting)
        elif confirm != _number(wish):
            raise CommandError("This is another signature: read it, and confirm that one.", exit_code=EXIT_USAGE)
        else:
            confirm_erasure(desk, found)
            print_notice("Copies on members' devices are not reached. The server's backups cannot open it any more.")
            _say(found, "erased", "Confirmed. The server has deleted what it held of this case.", sitting)


def _show(desk: Desk, case: Case, wish: Wish, sitting: Sitting) -> None:
    """Show what the other member signed: nobody agrees to what was not shown."""
    name = desk.connection.view.name(wish.member)
    if sitting.json:
        facts = {"by": name, "ground": wish.ground, "text": wish.text, "confirm": _number(wish)}
        print_json({"id": case.id.hex(), "status": "erasing", **facts})
        return
    print_lines(f"{name} signed to erase this case: {wish.ground}", *([f"  {wish.text}"] if wish.text else []))
    print_notice(f"Nothing was erased. Whoever agrees adds --confirm {_number(wish)}")


def _say(case: Case, status: str, words: str, sitting: Sitting) -> None:
    if sitting.json:
        print_json({"id": case.id.hex(), "status": status})
    else:
        print_lines(words)


def _number(wish: Wish) -> str:
    return wish.hash.hex()[:NUMBER_DIGITS]
