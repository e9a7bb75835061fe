"""Slot sets: one 456-byte age file for every position, alike for granted, watching and excluded (spec/slots.md)."""

from __future__ import annotations

from dataclasses import dataclass, field

from plaint.crypto.age import seal_age, try_open_small
from plaint.crypto.agreement import AgreementKey, compute_agreement_public
from plaint.crypto.hashes import HASH_BYTES, compute_sha256, expand
from plaint.errors import MalformedError, VerificationError
from plaint.protocol.access import Access, Roster, RosterMember, check_access
from plaint.protocol.keys import MEMBER_ID_BYTES, SECRET_BYTES, ZERO_MEMBER, compute_room_keys
from plaint.protocol.room import ORG_BYTES, Manifest, compute_room_id, encode_manifest

SLOT_BYTES = 456
PLAINTEXT_BYTES = 256
PACK_BYTES = 16
FULL, WATCH, VOID = "F", "W", "V"
_TOKEN_KINDS = ("open", "acknowledge", "feedback", "decide")


@dataclass(frozen=True, slots=True)
class TokenHashes:
    """H(tok(kind, 1)) of the four events that a member can look for in the log."""

    open: bytes
    acknowledge: bytes
    feedback: bytes
    decide: bytes


@dataclass(frozen=True, slots=True)
class Slot:
    """What a slot says to its owner; `secret` in mode F, `tokens` and `pack` (first 16 bytes) in modes F and W."""

    mode: str
    org: bytes
    member: bytes
    room: bytes
    seq: int
    secret: bytes | None = field(default=None, repr=False)
    tokens: TokenHashes | None = None
    pack: bytes | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the set: the holder's (no member), a delivered or a held one."""

    member: RosterMember | None
    held: bool


def compute_token_hashes(secret: bytes) -> TokenHashes:
    """Return the hashes of the four first tokens of the room with this secret."""
    keys = compute_room_keys(secret)
    return TokenHashes(*(compute_sha256(keys.compute_token(kind)) for kind in _TOKEN_KINDS))


def compute_positions(roster: Roster) -> tuple[Position, ...]:
    """Return the positions of a slot set in their order."""
    delivered = [Position(member, held=False) for member in roster.delivered]
    held = [Position(member, held=True) for member in roster.held]
    return (Position(None, held=False), *delivered, *held)


def compute_mode(position: Position, manifest: Manifest, access: Access) -> str:
    """Return F, W or V for one position. Source: spec/slots.md, "Access"."""
    member = position.member
    if member is None:
        return FULL if manifest.holder is not None else VOID
    watches = manifest.label == "reporter" and member.id not in access.conflicted
    if position.held:
        return FULL if watches else VOID
    if member.id in access.granted:
        return FULL
    return WATCH if watches and member.independent else VOID


def compute_full_members(manifest: Manifest, roster: Roster, access: Access) -> dict[bytes, RosterMember]:
    """Return, by id, every member with mode full in a delivered or held slot: those a holder makes tags for."""
    full = [p.member for p in compute_positions(roster) if compute_mode(p, manifest, access) == FULL]
    return {member.id: member for member in full if member is not None}


def compute_slot_set(secret: bytes, manifest: Manifest, roster: Roster, access: Access, *, seq: int) -> bytes:
    """Return the whole set, the same bytes for everybody who knows the room's `secret`.

    Raises: MalformedError "access-order", "access-conflict", "access-unknown".
    """
    check_access(access)
    if set(access.granted) - roster.places:
        raise MalformedError("access-unknown")
    tokens = compute_token_hashes(secret)
    key = compute_room_keys(secret).slots
    room = compute_room_id(encode_manifest(manifest))
    sealed: list[bytes] = []
    for index, position in enumerate(compute_positions(roster)):
        mode = compute_mode(position, manifest, access)
        full = Slot(
            mode=mode,
            org=manifest.org,
            member=ZERO_MEMBER if position.member is None else position.member.id,
            room=room,
            seq=seq,
            secret=secret if mode == FULL else None,
            tokens=None if mode == VOID else tokens,
            pack=None if mode == VOID else manifest.pack[:PACK_BYTES],
        )
        owner = manifest.holder if position.member is None else position.member.age
        sealed.append(_seal_slot(key, full, None if mode == VOID else owner, position=index))
    return b"".join(sealed)


def verify_slot_set(
    slot_set: bytes, secret: bytes, manifest: Manifest, roster: Roster, access: Access, *, seq: int
) -> None:
    """Check that `slot_set` is exactly what the access named in the room makes it.

    Raises: VerificationError "slots-position" (detail: the first that differs) and those of `compute_slot_set`.
    """
    expected = compute_slot_set(secret, manifest, roster, access, seq=seq)
    if slot_set == expected:
        return
    count = max(len(slot_set), len(expected)) // SLOT_BYTES + 1
    parts = (slice(i * SLOT_BYTES, (i + 1) * SLOT_BYTES) for i in range(count))
    first = next(i for i, part in enumerate(parts) if slot_set[part] != expected[part])
    raise VerificationError("slots-position", str(first))


def split_slot_set(slot_set: bytes) -> list[bytes]:
    """Return the slots of a set.

    Raises: MalformedError "slots-size".
    """
    if not slot_set or len(slot_set) % SLOT_BYTES:
        raise MalformedError("slots-size")
    return [slot_set[i : i + SLOT_BYTES] for i in range(0, len(slot_set), SLOT_BYTES)]


def open_slot(identity: AgreementKey, slot: bytes, *, member: bytes = ZERO_MEMBER) -> Slot | None:
    """Return what `slot` says to the owner of `identity`, or None when it is not for them.

    Raises: MalformedError "slot-form"; VerificationError "slot-member" when it names somebody else.
    """
    if len(slot) != SLOT_BYTES:
        return None
    plaintext = try_open_small(identity, slot)
    if plaintext is None:
        return None
    opened = parse_slot(plaintext)
    if opened.member != member:
        raise VerificationError("slot-member")
    return opened


def encode_slot(slot: Slot) -> bytes:
    """Return the 256 bytes of a slot's plaintext."""
    tokens = slot.tokens
    data = b"".join(
        [
            slot.mode.encode("ascii"),
            slot.org,
            slot.member,
            slot.room,
            slot.seq.to_bytes(4, "big"),
            slot.secret or bytes(SECRET_BYTES),
            tokens.open + tokens.acknowledge + tokens.feedback + tokens.decide if tokens else bytes(4 * HASH_BYTES),
            slot.pack or bytes(PACK_BYTES),
        ]
    )
    return data + bytes(PLAINTEXT_BYTES - len(data))


def parse_slot(data: bytes) -> Slot:
    """Return the slot in 256 bytes.

    Raises: MalformedError "slot-form".
    """
    if len(data) != PLAINTEXT_BYTES or data[:1] not in {b"F", b"W", b"V"}:
        raise MalformedError("slot-form")
    take = _Taker(data)
    mode, org, member = take(1).decode("ascii"), take(ORG_BYTES), take(MEMBER_ID_BYTES)
    room, seq = take(HASH_BYTES), int.from_bytes(take(4), "big")
    secret, tokens = take(SECRET_BYTES), TokenHashes(*(take(HASH_BYTES) for _ in _TOKEN_KINDS))
    pack = take(PACK_BYTES)
    slot = Slot(
        mode, org, member, room, seq,
        secret if mode == FULL else None,
        None if mode == VOID else tokens,
        None if mode == VOID else pack,
    )  # fmt: skip
    if encode_slot(slot) != data:
        raise MalformedError("slot-form")
    return slot


def _seal_slot(key: bytes, slot: Slot, owner: bytes | None, *, position: int) -> bytes:
    plaintext = encode_slot(slot)
    place = slot.seq.to_bytes(4, "big") + position.to_bytes(4, "big")
    if owner is None:
        owner = compute_agreement_public(expand(key, b"plaint/v1/slots/void" + place))
    info = b"plaint/v1/slots/slot" + place + owner + compute_sha256(plaintext)
    random = expand(key, info, 64)
    return seal_age(owner, plaintext, esk=random[:32], file_key=random[32:48], nonce=random[48:])


class _Taker:
    """Hands out the next bytes of `data`."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __call__(self, count: int) -> bytes:
        self._at += count
        return self._data[self._at - count : self._at]
