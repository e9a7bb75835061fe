"""Whether a member's key counted at a logged date: entries of members who have gone stay, later ones do not count.

Source: spec/room.md, "Former members".
"""

from __future__ import annotations

from collections.abc import Mapping

from plaint.protocol.directory_state import ACTIVE, DirectoryState, MemberState


def list_signing_keys(found: MemberState) -> tuple[bytes, ...]:
    """Return every key that a member's signatures were ever under, that of now first."""
    return tuple(dict.fromkeys([found.member.sign, *(term.member.sign for term in reversed(found.terms))]))


def list_turns(state: DirectoryState) -> list[int]:
    """Return the index of every entry that ended what a member or a receipt key was: their dates decide what counts."""
    members = {term.end for found in state.members.values() for term in found.terms}
    return sorted(members | {known.end for known in state.receipts})


def was_in_force(
    found: MemberState, sign: bytes, at: int | None, dates: Mapping[int, int | None], *, slack_s: int
) -> bool:
    """Tell whether `sign` was an active member's key at the logged date `at`; None means not logged, so by now.

    `dates` are those of `list_turns`. The two logs are dated apart: a key may count `slack_s` before its entry's date,
    and never at or after the date of the entry that ended it.
    """
    if at is None:
        return found.active and found.member.sign == sign
    terms = [(term.member.sign, term.status, term.begin, term.end) for term in found.terms]
    now = (found.member.sign, found.status, found.begin, None)
    for key, status, begin, end in (*terms, now):
        first = dates.get(begin)
        last = None if end is None else dates.get(end)
        began = first is None or at >= first - slack_s
        if key == sign and status == ACTIVE and began and (end is None or (last is not None and at < last)):
            return True
    return False
