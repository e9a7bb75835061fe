"""Who may read a room, as every body that carries a slot set names it, and the roster it is chosen from.

Source: spec/slots.md, "Access"; spec/content.md.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from plaint.errors import MalformedError, RefusedError

WHYS = ("named", "line", "chosen")
LEAST_CHANNEL_GRANTS = 2


@dataclass(frozen=True, slots=True)
class RosterMember:
    """A member as the directory held them: id (16 bytes), three public keys (32 bytes), and where they belong."""

    id: bytes
    age: bytes
    author: bytes
    sign: bytes
    independent: bool
    channel: bool


@dataclass(frozen=True, slots=True)
class Roster:
    """Both parts sorted by id: `delivered` the channel and the independents, `held` the independents."""

    delivered: tuple[RosterMember, ...]
    held: tuple[RosterMember, ...]

    @property
    def places(self) -> frozenset[bytes]:
        """The ids of those who can be let in: whoever has no place in the slot set is given no key."""
        return frozenset(member.id for member in self.delivered)


@dataclass(frozen=True, slots=True)
class Excluded:
    """Somebody the author kept out, why, and for `line` and `named`, because of whom."""

    name: str
    person: str | None
    member: bytes | None
    why: str
    of: str | None


@dataclass(frozen=True, slots=True)
class Access:
    """Sorted member ids; nobody stands in both lists."""

    granted: tuple[bytes, ...]
    conflicted: tuple[bytes, ...]
    excluded: tuple[Excluded, ...] = ()


def check_access(access: Access) -> None:
    """Check that both lists are sorted and that nobody stands in both.

    Raises: MalformedError "access-order", "access-conflict".
    """
    for members in (access.granted, access.conflicted):
        if list(members) != sorted(set(members)):
            raise MalformedError("access-order")
    if set(access.granted) & set(access.conflicted):
        raise MalformedError("access-conflict")


def list_standing_accesses(named: Sequence[Access], roster: Roster) -> list[Access]:
    """Return what counts once each access was named, that of `open` first: who was let in by then, and who is kept out.

    Nobody is kept out later, and nobody who was let in is left out again: they have the key (docs/adr/0054). Whoever
    has no place in the roster was given none.
    """
    places, granted = roster.places, set[bytes]()
    found: list[Access] = []
    for access in named:
        granted |= places.intersection(access.granted)
        conflicted = tuple(member for member in named[0].conflicted if member not in granted)
        found.append(Access(tuple(sorted(granted)), conflicted, named[0].excluded))
    return found


def compute_granted(roster: Roster, conflicted: Collection[bytes]) -> tuple[bytes, ...]:
    """Return whom a report is granted to: the channel without the conflicted, and the independents if that is too few.

    Raises: RefusedError "access-nobody".
    """
    free = [member for member in roster.delivered if member.id not in conflicted]
    granted = [member.id for member in free if member.channel]
    if len(granted) < LEAST_CHANNEL_GRANTS:
        granted = [member.id for member in free if member.channel or member.independent]
    if not granted:
        raise RefusedError("access-nobody")
    return tuple(sorted(granted))
