"""`plaint desk erase`: two members sign to erase a case; the server deletes what it holds of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from cyclopts import Parameter

from plaint.cli.desk import EXIT_USAGE, CaseId, Sitting, Url, open_desk
from plaint.cli.left import describe_staying
from plaint.cli.output import CommandError, print_json, print_lines, print_notice
from plaint.client.desk import Desk
from plaint.client.erasing import Wish, confirm_erasure, find_wish, propose_erasure
from plaint.client.left import confirm_left, find_left, find_left_wish, propose_left
from plaint.errors import RefusedError
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
    """Sign to erase a case, or a room that is left of one. The first member gives a ground; a second confirms.

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
        act = _find(desk, case)
        if ground is not None:
            act.propose(ground, text)
            _say(act, "erasing", "Signed. It is erased once another member has read why, and confirms.", sitting)
            return
        wish = act.find_wish()
        if wish is None:
            raise CommandError("Nobody has signed to erase this: give a --ground.", exit_code=EXIT_USAGE)
        if confirm is None:
            _show(desk, act, wish, sitting)
        elif confirm != _number(wish):
            raise CommandError("This is another signature: read it, and confirm that one.", exit_code=EXIT_USAGE)
        else:
            act.confirm()
            print_notice("Copies on members' devices are not reached. The server's backups cannot open it any more.")
            _say(act, "erased", "Confirmed. The server has deleted what it held of this.", sitting)


@dataclass(frozen=True, slots=True)
class _Erasing:
    """What is to be erased: a case, or a room that is left of one; `staying` says what then stays."""

    id: bytes
    find_wish: Callable[[], Wish | None]
    propose: Callable[[str, str | None], None]
    confirm: Callable[[], None]
    staying: tuple[str, ...] = ()

    def encode(self) -> dict[str, Any]:
        """Return `staying` as `--json` shows it, where something does."""
        return {"staying": list(self.staying)} if self.staying else {}


def _find(desk: Desk, typed: str) -> _Erasing:
    try:
        case = desk.open_case(typed)
    except RefusedError:
        left = find_left(desk, typed)
        if left is None:
            raise
        find, propose = partial(find_left_wish, left), partial(propose_left, desk, left)
        return _Erasing(left.room.id, find, propose, partial(confirm_left, desk, left))
    find, propose = partial(find_wish, case, case.room), partial(propose_erasure, desk, case)
    staying = tuple(describe_staying(desk, case))
    return _Erasing(case.id, find, propose, partial(confirm_erasure, desk, case), staying)


def _show(desk: Desk, act: _Erasing, wish: Wish, sitting: Sitting) -> None:
    """Show what the other member signed: nobody agrees to what was not shown."""
    name = desk.connection.view.name(wish.member)
    if sitting.json:
        facts = {"by": name, "ground": wish.ground, "text": wish.text, "confirm": _number(wish)}
        print_json({"id": act.id.hex(), "status": "erasing", **facts, **act.encode()})
        return
    print_lines(f"{name} signed to erase this: {wish.ground}", *([f"  {wish.text}"] if wish.text else []))
    print_lines(*act.staying)
    print_notice(f"Nothing was erased. Whoever agrees adds --confirm {_number(wish)}")


def _say(act: _Erasing, status: str, words: str, sitting: Sitting) -> None:
    if sitting.json:
        print_json({"id": act.id.hex(), "status": status, **act.encode()})
    else:
        print_lines(words, *act.staying)


def _number(wish: Wish) -> str:
    return wish.hash.hex()[:NUMBER_DIGITS]
