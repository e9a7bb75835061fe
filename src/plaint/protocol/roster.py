"""Rosters: the members a slot set has places for, from the directory alone (spec/directory.md, "Roster")."""

from __future__ import annotations

from plaint.errors import VerificationError
from plaint.protocol.access import Roster, RosterMember
from plaint.protocol.directory_contents import HANDLING_ROLES, INDEPENDENT
from plaint.protocol.directory_state import DirectoryState


def compute_roster(state: DirectoryState, channel: str) -> Roster:
    """Return the roster of `channel` at the size of `state`.

    Raises: VerificationError "roster-channel".
    """
    found = state.channels.get(channel)
    if found is None:
        raise VerificationError("roster-channel")
    roles = HANDLING_ROLES | {INDEPENDENT} | set(found.roles)
    members = tuple(
        RosterMember(
            id=member.id,
            age=member.age,
            author=member.author,
            sign=member.sign,
            independent=INDEPENDENT in member.roles,
            channel=not set(member.roles).isdisjoint(found.roles),
        )
        for member in state.find_active(roles)
    )
    return Roster(delivered=members, held=tuple(member for member in members if member.independent))
