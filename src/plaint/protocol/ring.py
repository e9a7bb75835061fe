"""Whose keys these are by the directory, and all that were the same member's before (spec/directory.md, "Rotation")."""

from __future__ import annotations

from dataclasses import replace

from plaint.errors import PlaintError, VerificationError
from plaint.protocol.carry import open_carry
from plaint.protocol.directory_contents import Member
from plaint.protocol.directory_state import DirectoryState, MemberState
from plaint.protocol.keys import MemberKeys, compute_member_keys


def find_owner(state: DirectoryState, keys: MemberKeys) -> MemberState | None:
    """Return the member whose keys of now, or whose last ones, these are."""
    return next((found for found in state.members.values() if _list_public(found.member) == _list_own(keys)), None)


def find_former_owner(state: DirectoryState, keys: MemberKeys) -> MemberState | None:
    """Return the member who had these keys before they were replaced by others."""
    own = _list_own(keys)
    return next((m for m in state.members.values() if any(_list_public(t.member) == own for t in m.terms)), None)


def identify_keys(found: MemberState, keys: MemberKeys) -> MemberKeys:
    """Return the keys under their member's id, with all that the member had before them, the latest first.

    Raises: VerificationError "ring-carry" when a rotation does not carry the keys of before: an alarm.
    """
    earlier: list[MemberKeys] = []
    known = {term.member.sign: _list_public(term.member) for term in found.terms}
    newest = keys
    for carry in reversed(found.carries):
        try:
            before = compute_member_keys(open_carry(newest.age, carry))
        except PlaintError as error:
            raise VerificationError("ring-carry") from error
        if known.get(before.sign.public) != _list_own(before):
            raise VerificationError("ring-carry")
        newest = replace(before, member=found.member.id)
        earlier.append(newest)
    return replace(keys, member=found.member.id, earlier=tuple(earlier))


def _list_own(keys: MemberKeys) -> tuple[bytes, bytes, bytes]:
    return keys.age.public, keys.author.public, keys.sign.public


def _list_public(member: Member) -> tuple[bytes, bytes, bytes]:
    return member.age, member.author, member.sign
