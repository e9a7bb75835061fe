"""The invented organisation of the vectors: six members, two of them independent, and one holder."""

from __future__ import annotations

from typing import Any

from plaint.protocol.access import Access, Excluded, Roster, RosterMember
from plaint.protocol.content import encode_access
from plaint.protocol.keys import HolderKeys, MemberKeys, compute_holder_keys, compute_member_keys, compute_room_keys
from plaint.protocol.room import Manifest, compute_room_id, encode_manifest
from tools.vectors.case import draw

ORG = draw("org", 16)
PACK = draw("pack")
HOLDER: HolderKeys = compute_holder_keys(draw("holder", 16))
MEMBERS: dict[str, MemberKeys] = {
    name: compute_member_keys(draw(f"member {name}", 16)) for name in ("ada", "ben", "cai", "dov", "eva", "fay")
}
INDEPENDENT = {"dov", "eva"}
CHANNEL = {"ada", "ben", "cai"}


def make_member(name: str) -> RosterMember:
    """Return a member as the directory would hold them."""
    keys = MEMBERS[name]
    return RosterMember(
        keys.id,
        keys.age.public,
        keys.author.public,
        keys.sign.public,
        independent=name in INDEPENDENT,
        channel=name in CHANNEL,
    )


def find_id(name: str) -> bytes:
    """Return the member's id."""
    return MEMBERS[name].id


def _sort(names: set[str] | dict[str, MemberKeys]) -> tuple[RosterMember, ...]:
    return tuple(sorted((make_member(name) for name in names), key=lambda member: member.id))


ROSTER = Roster(delivered=_sort(MEMBERS), held=_sort(INDEPENDENT))
SECRET = HOLDER.room
ROOM_KEYS = compute_room_keys(SECRET)
MANIFEST = Manifest(
    org=ORG,
    channel="intake",
    roster=12,
    pack=PACK,
    recipient=ROOM_KEYS.identity.public,
    author=HOLDER.author.public,
    holder=HOLDER.age.public,
    parent=None,
    label="reporter",
)
ROOM = compute_room_id(encode_manifest(MANIFEST))
INTERNAL_SECRET = draw("internal secret")
INTERNAL = Manifest(
    org=ORG,
    channel="intake",
    roster=12,
    pack=PACK,
    recipient=compute_room_keys(INTERNAL_SECRET).identity.public,
    author=None,
    holder=None,
    parent=ROOM,
    label="internal",
)
INTERNAL_ROOM = compute_room_id(encode_manifest(INTERNAL))
ACCESS = Access(
    granted=tuple(sorted([find_id("ada"), find_id("ben")])),
    conflicted=tuple(sorted([find_id("cai"), find_id("eva")])),
    excluded=(
        Excluded("Caius Invented", "p-7", find_id("cai"), "named", None),
        Excluded("Eva Madeup", "p-9", find_id("eva"), "chosen", None),
    ),
)
INTERNAL_ACCESS = Access(granted=(find_id("ada"),), conflicted=tuple(sorted([find_id("cai"), find_id("eva")])))


def encode_roster(roster: Roster) -> dict[str, Any]:
    """Return a roster as the vectors write it."""

    def encode(member: RosterMember) -> dict[str, Any]:
        return {
            "id": member.id.hex(),
            "age": member.age.hex(),
            "author": member.author.hex(),
            "sign": member.sign.hex(),
            "independent": member.independent,
            "channel": member.channel,
        }

    return {"delivered": [encode(m) for m in roster.delivered], "held": [encode(m) for m in roster.held]}


def encode_set_input(
    secret: bytes = SECRET,
    manifest: Manifest = MANIFEST,
    access: Access = ACCESS,
    *,
    seq: int = 0,
    roster: Roster = ROSTER,
) -> dict[str, Any]:
    """Return the input of a slot set."""
    return {
        "secret": secret.hex(),
        "manifest": encode_manifest(manifest).decode(),
        "roster": encode_roster(roster),
        "access": encode_access(access),
        "seq": seq,
    }
