"""People as somebody types them, found in the chart and among the members; all on this device."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from plaint.client.view import View
from plaint.errors import RefusedError
from plaint.protocol.chart import Person as ChartPerson
from plaint.protocol.chart import find_people
from plaint.protocol.conflicts import Target
from plaint.protocol.content import Person

INSIDE, OUTSIDE = "inside", "outside"


def find_targets(view: View, typed: str) -> list[Target]:
    """Return everybody whom `typed`, a name, a chart id or a member id, may mean."""
    people: Sequence[ChartPerson] = find_people(view.chart, typed) if view.chart else ()
    found = [Target(person.name, person.id, person.member) for person in people]
    linked = {target.member for target in found if target.member}
    wanted = _fold(typed)
    for member, name in view.names.items():
        if member not in linked and (wanted == _fold(name) or typed == member.hex()):
            found.append(Target(name, None, member))
    return found


def find_one(view: View, typed: str) -> Target | None:
    """Return the one person `typed` means, or None when nobody is called so.

    Raises: RefusedError "people-several": ask for an id instead.
    """
    found = find_targets(view, typed)
    if len(found) > 1:
        raise RefusedError("people-several")
    return found[0] if found else None


def describe_target(target: Target) -> str:
    """Return an id that says whom alone is meant."""
    return target.person or (target.member or b"").hex()


def make_person(target: Target | None, typed: str) -> Person:
    """Return how a report names somebody: from the chart, or as free text, which excludes nobody."""
    if target is None:
        return Person(typed.strip(), None, OUTSIDE)
    return Person(target.name, target.person, INSIDE)


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip()).casefold()
