"""Cases of handling failures: which rooms are some, and who closes them."""

from __future__ import annotations

from typing import Any

from plaint.protocol.content import encode_access
from plaint.protocol.room import encode_manifest
from tools.vectors.case import Case, draw
from tools.vectors.docket import ADA, BEN, Writer
from tools.vectors.world import ACCESS, MANIFEST, find_id

DOV, EVA = find_id("dov").hex(), find_id("eva").hex()
ROOM = draw("handling room")
OPEN = {"room": encode_manifest(MANIFEST).decode(), "access": encode_access(ACCESS), "people": []}


def open_room(author: str = DOV, **more: Any) -> Writer:
    """Return a handling-failure room that `author` opened."""
    return Writer(ROOM, "handling").add("open", author, {**OPEN, "text": "Nobody acknowledged it."}, **more)


def _case(name: str, about: str, writer: Writer, *status: str, independents: tuple[str, ...] = (DOV, EVA)) -> Case:
    given = {"entries": writer.entries, "independents": list(independents)}
    made = Case("case", f"handling-{name}", "handling", about, given)
    found = [item["status"] for item in made.compute()["expect"]["handling"]]
    if found != list(status):
        raise AssertionError((name, found))
    return made


def _close(writer: Writer, author: str, **more: Any) -> Writer:
    return writer.add("close", author, {"reason": "A stand-in was named."}, **more)


CASES = [
    _case("open", "an independent opened it", open_room(), "open"),
    _case("line", "a handler opened it: there is none", open_room(ADA)),
    _case("unproved", "nobody is shown to have opened it", open_room(proved="unproved")),
    _case("closing", "one signed", _close(open_room(), DOV), "closing"),
    _case("closed", "two signed", _close(open_room(), DOV).confirm(1, EVA), "closed"),
    _case("same", "one signed twice", _close(open_room(), DOV).confirm(1, DOV), "closing"),
    _case("handler-closes", "a handler signed first", _close(open_room(), BEN).confirm(1, EVA), "open"),
    _case("handler-confirms", "a handler confirmed", _close(open_room(), DOV).confirm(1, BEN), "closing"),
    _case("unproved-confirms", "nobody is shown to have confirmed",
          _close(open_room(), DOV).confirm(1, EVA, proved="unproved"), "closing"),
    _case("alone", "the one there is signed", _close(open_room(), DOV), "closed", independents=(DOV,)),
    _case("reopened", "taken back", _close(open_room(), DOV).confirm(1, EVA).add("reopen", EVA), "open"),
    _case("again", "closed, taken back and closed",
          _close(_close(open_room(), DOV).confirm(1, EVA).add("reopen", EVA), EVA).confirm(4, DOV), "closed"),
]  # fmt: skip
