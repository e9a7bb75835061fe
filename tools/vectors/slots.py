"""Cases of slots and cells."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from plaint.crypto.age import seal_age
from plaint.protocol.access import Access, Roster, RosterMember
from plaint.protocol.cells import synthesize_cell
from plaint.protocol.content import encode_access
from plaint.protocol.slots import Slot, compute_slot_set, encode_slot, split_slot_set
from tools.vectors.case import Case, draw
from tools.vectors.world import (
    ACCESS,
    HOLDER,
    INTERNAL,
    INTERNAL_ACCESS,
    INTERNAL_SECRET,
    MANIFEST,
    MEMBERS,
    ORG,
    ROOM,
    ROSTER,
    SECRET,
    encode_roster,
    encode_set_input,
    find_id,
)

SET = compute_slot_set(SECRET, MANIFEST, ROSTER, ACCESS, seq=0)
SLOTS = [slot.hex() for slot in split_slot_set(SET)]
NAMES = {keys.id: name for name, keys in MEMBERS.items()}
GRANT = replace(ACCESS, granted=tuple(sorted([*ACCESS.granted, find_id("fay")])))
ZEROS = bytes(16).hex()


def find_position(name: str) -> int:
    """Return the delivered position of a member."""
    return 1 + [member.id for member in ROSTER.delivered].index(find_id(name))


def _make_sets() -> list[Case]:
    outsider = Access(granted=(bytes(16),), conflicted=())
    both = {**encode_access(ACCESS), "conflicted": encode_access(ACCESS)["granted"]}
    order = {**encode_access(ACCESS), "granted": encode_access(ACCESS)["granted"][::-1]}
    small = Roster(delivered=ROSTER.delivered[:1], held=())
    internal = encode_set_input(INTERNAL_SECRET, INTERNAL, INTERNAL_ACCESS)

    def case(name: str, about: str, given: dict[str, Any], **more: Any) -> Case:
        return Case("slots", name, "set", about, given, **more)

    return [
        case("set-reporter", "granted, watching, conflicted and held", encode_set_input()),
        case("set-internal", "no holder, nobody watches, nothing is held", internal),
        case("set-grant", "one more member, seq 3", encode_set_input(access=GRANT, seq=3)),
        case("set-nobody", "nobody granted", encode_set_input(access=Access((), ()))),
        case("set-small", "one member", encode_set_input(access=Access((), ()), roster=small)),
        case("set-unknown", "granted to a stranger", encode_set_input(access=outsider), error="access-unknown"),
        case("set-conflict", "granted and conflicted", {**encode_set_input(), "access": both}, error="access-conflict"),
        case("set-order", "ids not sorted", {**encode_set_input(), "access": order}, error="access-order"),
    ]


def _make_verify() -> list[Case]:
    def case(name: str, about: str, slots: list[str], **more: Any) -> Case:
        return Case("slots", name, "verify", about, {**encode_set_input(), "slots": slots}, **more)

    cai, fay = find_position("cai"), find_position("fay")
    hidden = Access(granted=tuple(sorted([*ACCESS.granted, find_id("cai")])), conflicted=(find_id("eva"),))
    lying = split_slot_set(compute_slot_set(SECRET, MANIFEST, ROSTER, hidden, seq=0))
    flipped = bytearray.fromhex(SLOTS[fay])
    flipped[-1] ^= 1
    wrong = "slots-position"
    return [
        case("verify", "as it should be", SLOTS),
        case(
            "verify-hidden",
            "the named man got a real slot",
            [*SLOTS[:cai], lying[cai].hex(), *SLOTS[cai + 1 :]],
            error=wrong,
        ),
        case("verify-garbage", "one bit", [*SLOTS[:fay], flipped.hex(), *SLOTS[fay + 1 :]], error=wrong),
        case("verify-short", "the last slot is missing", SLOTS[:-1], error=wrong),
        case("verify-long", "one slot too many", [*SLOTS, SLOTS[0]], error=wrong),
        case("verify-none", "no slots", [], error=wrong),
        case("verify-swapped", "two slots swapped", [SLOTS[1], SLOTS[0], *SLOTS[2:]], error=wrong),
    ]


def _make_open() -> list[Case]:
    def case(name: str, about: str, identity: bytes, slot: str, member: str, **more: Any) -> Case:
        given = {"identity": identity.hex(), "slot": slot, "member": member}
        return Case("slots", name, "open", about, given, **more)

    def member(name: str) -> tuple[bytes, str, str]:
        return MEMBERS[name].age.secret, SLOTS[find_position(name)], find_id(name).hex()

    held = 1 + len(ROSTER.delivered) + [m.id for m in ROSTER.held].index(find_id("dov"))
    ada = MEMBERS["ada"]
    full = Slot("F", ORG, ada.id, ROOM, 0, secret=SECRET)
    noise = seal_age(ada.age.public, encode_slot(full)[:-1] + b"\x01", **_secrets("noise"))
    mode = seal_age(ada.age.public, b"X" + encode_slot(full)[1:], **_secrets("mode"))
    return [
        case("open-holder", "the holder's", HOLDER.age.secret, SLOTS[0], ZEROS),
        case("open-full", "a granted member's", *member("ada")),
        case("open-watch", "an independent member's", *member("dov")),
        case("open-held", "the same member's, held", MEMBERS["dov"].age.secret, SLOTS[held], find_id("dov").hex()),
        case("open-void", "a conflicted member's opens for nobody", *member("cai"), expect={"opened": None}),
        case("open-other", "somebody else's", ada.age.secret, SLOTS[0], find_id("ada").hex(), expect={"opened": None}),
        case(
            "open-member", "says another name", ada.age.secret, SLOTS[find_position("ada")], ZEROS, error="slot-member"
        ),
        case("open-noise", "not zeros at the end", ada.age.secret, noise.hex(), ada.id.hex(), error="slot-form"),
        case("open-mode", "no such mode", ada.age.secret, mode.hex(), ada.id.hex(), error="slot-form"),
        Case("slots", "tokens", "tokens", "hashes of the first tokens", {"secret": SECRET.hex()}),
    ]


def _secrets(label: str) -> dict[str, bytes]:
    return {"esk": draw(f"{label} esk"), "file_key": draw(f"{label} key", 16), "nonce": draw(f"{label} nonce", 16)}


def _make_granted() -> list[Case]:
    def case(name: str, about: str, names: list[str], roster: Roster = ROSTER, **more: Any) -> Case:
        given = {"roster": encode_roster(roster), "conflicted": sorted(find_id(x).hex() for x in names)}
        return Case("slots", name, "granted", about, given, **more)

    def pick(keep: str) -> tuple[RosterMember, ...]:
        return tuple(m for m in ROSTER.delivered if NAMES[m.id] in keep.split())

    return [
        case("granted-all", "nobody is in conflict", []),
        case("granted-two", "two of the channel remain", ["cai", "dov"]),
        case("granted-one", "one remains: the independents as well", ["cai", "ada"]),
        case("granted-independent", "only the independents remain", ["ada", "ben", "cai"]),
        case("granted-last", "one independent remains", ["ada", "ben", "cai", "dov"]),
        case("granted-nobody", "nobody remains", ["ada", "ben", "cai", "dov", "eva"], error="access-nobody"),
        case("granted-small", "a channel of one", [], Roster(pick("ada eva"), pick("eva"))),
    ]


def _make_cells() -> list[Case]:
    seed, ada = draw("cell seed"), MEMBERS["ada"]

    def made(name: str, tick: int, index: int) -> Case:
        given = {"seed": seed.hex(), "member": ada.id.hex(), "tick": tick, "index": index}
        return Case("cells", name, "synthesize", "a cell for nobody", given)

    def opened(name: str, about: str, cell: bytes, **more: Any) -> Case:
        given = {"identity": ada.age.secret.hex(), "cell": cell.hex(), "member": ada.id.hex()}
        return Case("cells", name, "open", about, given, **more)

    cell = synthesize_cell(seed, member=ada.id, tick=7, index=1)
    slot = bytes.fromhex(SLOTS[find_position("ada")])
    nobody = {"opened": None}
    return [
        made("made-1", 0, 0),
        made("made-2", 7, 1),
        made("made-3", 2**40, 63),
        opened("open-slot", "a waiting slot", slot),
        opened("open-made", "a cell for nobody", cell, expect=nobody),
        opened("open-short", "455 bytes", slot[:-1], expect=nobody),
        opened("open-share", "a share of low order", cell[:32] + b"A" * 43 + cell[75:], expect=nobody),
        opened("open-zeros", "zeros", bytes(456), expect=nobody),
    ]


CASES = [*_make_sets(), *_make_verify(), *_make_open(), *_make_granted(), *_make_cells()]
