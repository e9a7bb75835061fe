"""How entries change who may act and with which keys (spec/directory.md, "Fold")."""

from __future__ import annotations

from dataclasses import replace

from plaint.errors import VerificationError
from plaint.protocol.directory import Entry, verify_entry_signature
from plaint.protocol.directory_contents import ADMINISTRATOR, INDEPENDENT, Member
from plaint.protocol.directory_keys import Rotate, verify_rotation
from plaint.protocol.directory_state import (
    ACTIVE,
    COMPROMISED,
    LEFT,
    SUSPENDED,
    DirectoryState,
    MemberState,
    Term,
    check_whole,
    has_role,
)
from plaint.protocol.keys import compute_member_id
from plaint.protocol.request import verify_proof

LEAST_AFTER_SUSPEND = 2
LIMIT_ROTATIONS = 64


def check_member(state: DirectoryState, member: Member) -> None:
    """Check that a member entry has keys of its own, or those that its id has already.

    Raises: VerificationError "directory-request", "directory-member".
    """
    keys = _list_keys(member)
    known = state.members.get(member.id)
    if known is None and member.id != compute_member_id(*keys):
        raise VerificationError("directory-request", "id")
    if known is not None and (keys != _list_keys(known.member) or known.status == COMPROMISED):
        raise VerificationError("directory-member")
    others = {key for id_, found in state.members.items() if id_ != member.id for key in _list_all_keys(found)}
    if not others.isdisjoint(keys):
        raise VerificationError("directory-member")


def verify_member(state: DirectoryState, member: Member) -> None:
    """Check a member entry as `check_member`, and that the owner of the keys put them together. Raises: as that."""
    check_member(state, member)
    verify_proof(member.id, member.age, member.author, member.sign, member.name, member.pop)


def put_member(state: DirectoryState, member: Member, *, status: str = ACTIVE) -> DirectoryState:
    """Return the state with a member as the newest entry has it; what was before becomes a term."""
    known = state.members.get(member.id)
    begin = state.size - 1
    if known is None:
        return replace(state, members={**state.members, member.id: MemberState(member, status, begin)})
    term = Term(known.member, known.status, known.begin, begin)
    found = replace(known, member=member, status=status, begin=begin, terms=(*known.terms, term))
    return replace(state, members={**state.members, member.id: found})


def check_rotation(state: DirectoryState, entry: Entry, rotate: Rotate) -> MemberState:
    """Check that the key a member has now hands over to keys that nobody ever had.

    Raises: VerificationError "directory-rotate", "directory-request", "directory-member", "directory-signature".
    """
    known = state.members.get(rotate.id)
    signature = next((found for found in entry.by if found.id == rotate.id), None)
    # It takes one signature: of each member one at most waits, or one of them could fill the directory.
    waits = any(isinstance(other.content, Rotate) and other.content.id == rotate.id for other in state.pending)
    if known is None or not known.active or signature is None or waits or len(known.carries) >= LIMIT_ROTATIONS:
        raise VerificationError("directory-rotate")
    # Again when it takes effect: the key that signed must still be the member's.
    verify_entry_signature(state.org, entry, signature, known.member.sign)
    verify_rotation(state.org, rotate)
    keys = (rotate.age, rotate.author, rotate.sign)
    verify_proof(rotate.id, *keys, known.member.name, rotate.pop)
    used = {key for found in state.members.values() for key in _list_all_keys(found)}
    if len(set(keys)) != len(keys) or not used.isdisjoint(keys):
        raise VerificationError("directory-member")
    return known


def rotate_member(state: DirectoryState, entry: Entry, rotate: Rotate) -> DirectoryState:
    """Return the state with the new keys. Raises: as `check_rotation`."""
    known = check_rotation(state, entry, rotate)
    member = replace(known.member, age=rotate.age, author=rotate.author, sign=rotate.sign, pop=rotate.pop)
    changed = put_member(state, member)
    found = changed.members[rotate.id]
    found = replace(found, carries=(*found.carries, rotate.carry))
    return replace(changed, members={**changed.members, rotate.id: found})


def suspend_member(state: DirectoryState, member: bytes) -> DirectoryState:
    """Return the state after one signer stopped a member. Raises: VerificationError "directory-suspend"."""
    found = state.members.get(member)
    if found is None or not found.active:
        raise VerificationError("directory-suspend", "not active")
    changed = _stop(state, found.member, SUSPENDED)
    channels = [channel.roles for channel in state.channels.values() if has_role(found.member, channel.roles)]
    few = any(len(changed.find_active(roles)) < LEAST_AFTER_SUSPEND for roles in channels)
    groups = [*channels, *((role,) for role in (ADMINISTRATOR, INDEPENDENT) if role in found.member.roles)]
    stopped = [m.member for m in state.members.values() if m.status == SUSPENDED]
    if few or any(has_role(other, roles) for other in stopped for roles in groups):
        raise VerificationError("directory-suspend", "too few")
    _check_kept(changed, "directory-suspend")
    return changed


def dismiss_member(state: DirectoryState, member: bytes) -> DirectoryState:
    """Return the state after a member left. Raises: VerificationError "directory-leave"."""
    found = state.members.get(member)
    if found is None or found.status in {LEFT, COMPROMISED}:
        raise VerificationError("directory-leave", "not a member")
    changed = _stop(state, found.member, LEFT)
    _check_kept(changed, "directory-leave")
    return changed


def void_member(state: DirectoryState, member: bytes) -> DirectoryState:
    """Return the state after a member's keys became void. Raises: VerificationError "directory-compromised"."""
    found = state.members.get(member)
    if found is None or found.status == COMPROMISED:
        raise VerificationError("directory-compromised", "no such key")
    changed = _stop(state, found.member, COMPROMISED)
    _check_kept(changed, "directory-compromised")
    return changed


def _stop(state: DirectoryState, member: Member, status: str) -> DirectoryState:
    waiting = tuple(entry for entry in state.pending if not _is_about(entry, member.id))
    return put_member(replace(state, pending=waiting), member, status=status)


def _is_about(entry: Entry, member: bytes) -> bool:
    return isinstance(entry.content, Member | Rotate) and entry.content.id == member


def _check_kept(state: DirectoryState, code: str) -> None:
    try:
        check_whole(state)
    except VerificationError as error:
        raise VerificationError(code, "too few") from error


def _list_keys(member: Member) -> tuple[bytes, bytes, bytes]:
    return member.age, member.author, member.sign


def _list_all_keys(found: MemberState) -> set[bytes]:
    """Return the keys that a member has or had."""
    return {key for member in (found.member, *(term.member for term in found.terms)) for key in _list_keys(member)}
