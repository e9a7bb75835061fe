"""New words for a member: keys that take the place of the old ones and carry them (spec/directory.md, "Rotation")."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from plaint.errors import RefusedError
from plaint.protocol.carry import seal_carry
from plaint.protocol.directory_keys import Rotate, sign_rotation
from plaint.protocol.keys import compute_member_keys
from plaint.protocol.request import prove_member
from plaint.protocol.ring import find_owner

if TYPE_CHECKING:
    from plaint.protocol.directory_state import DirectoryState


def make_rotation(state: DirectoryState, *, old: bytes, new: bytes) -> Rotate:
    """Return the entry by which the member with the words' entropy `old` takes the keys of `new`.

    It is signed with the old key afterwards, like every entry.
    Raises: RefusedError "not-found", "member-inactive"; MalformedError "words-entropy".
    """
    found = find_owner(state, compute_member_keys(old))
    if found is None:
        raise RefusedError("not-found")
    if not found.active:
        raise RefusedError("member-inactive")
    keys = compute_member_keys(new)
    public = (keys.age.public, keys.author.public, keys.sign.public)
    pop = prove_member(keys.sign, found.member.id, public, found.member.name)
    carry = seal_carry(keys.age.public, old)
    rotate = Rotate(found.member.id, *public, pop=pop, proof=b"", carry=carry)
    return replace(rotate, proof=sign_rotation(state.org, rotate, keys.sign))
