"""What directory entries say: members, channels, clocks and the like, each with its JSON form (spec/directory.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from plaint.encoding.fields import Fields
from plaint.errors import MalformedError
from plaint.protocol.directory_keys import (
    Compromised,
    ReceiptKey,
    Rotate,
    encode_compromised,
    encode_rotate,
    parse_compromised,
    parse_receipt_key,
    parse_rotate,
)
from plaint.protocol.directory_server import (
    CODE,
    LIMIT_LIST,
    Cosigners,
    Origin,
    Succession,
    Upstream,
    encode_cosigners,
    encode_origin,
    encode_release,
    encode_succession,
    parse_cosigners,
    parse_origin,
    parse_release,
    parse_succession,
    parse_upstream,
    take_vkey,
)
from plaint.protocol.note import ED25519, VerifierKey, encode_vkey
from plaint.protocol.packs import ID_PATTERN, Pack, encode_pack, parse_pack
from plaint.protocol.release import Release

LIMIT_FOUNDERS = 256
LIMIT_PEOPLE = 250_000
ADMINISTRATOR, INDEPENDENT = "administrator", "independent"
# Members with these may be granted access later, whatever their channel.
HANDLING_ROLES = frozenset({"case-manager", "decision-maker", "intake-handler", "investigator", "reviewer"})
ROLES = HANDLING_ROLES | {ADMINISTRATOR, INDEPENDENT, "auditor"}


@dataclass(frozen=True, slots=True)
class Member:
    """Public keys and roles under an id; `name` is a hash, `pop` the proof that the keys belong together."""

    id: bytes
    name: bytes
    age: bytes
    author: bytes
    sign: bytes
    roles: tuple[str, ...]
    pop: bytes


@dataclass(frozen=True, slots=True)
class Channel:
    """Where reports arrive: active members with one of the roles, under the deadlines of a pack."""

    id: str
    title: str
    roles: tuple[str, ...]
    pack: bytes


@dataclass(frozen=True, slots=True)
class Clock:
    """How the case log grows; seconds, except batch (positions), cells, grace (ticks) and work_bits."""

    tick: int
    batch: int
    cells: int
    grace: int
    window: int
    work_bits: int
    delay: int


@dataclass(frozen=True, slots=True)
class Genesis:
    """Entry 0: the organisation as its founders sign it; in a `demo` all their keys were made on one machine."""

    name: str
    members: tuple[Member, ...]
    channels: tuple[Channel, ...]
    packs: tuple[Pack, ...]
    clock: Clock
    demo: bool = False
    upstream: VerifierKey | None = None


@dataclass(frozen=True, slots=True)
class ChartDigest:
    """The chart by which people are excluded."""

    digest: bytes
    people: int


@dataclass(frozen=True, slots=True)
class Leave:
    """A member goes."""

    id: bytes


@dataclass(frozen=True, slots=True)
class Suspend:
    """A member is stopped at once."""

    id: bytes


@dataclass(frozen=True, slots=True)
class Effect:
    """The delay of the entry at index `of` has passed."""

    of: int


Content = (
    Genesis
    | Origin
    | Member
    | Channel
    | ChartDigest
    | Pack
    | Clock
    | Cosigners
    | Upstream
    | Rotate
    | Compromised
    | ReceiptKey
    | Release
    | Leave
    | Suspend
    | Succession
    | Effect
)


def parse_content(kind: Any, fields: Fields) -> Content:
    """Return what an entry of type `kind` says; takes every key that is left.

    Raises: as `parse_entry`.
    """
    parse = _CONTENTS.get(kind) if isinstance(kind, str) else None
    if parse is None:
        raise MalformedError(CODE, "type")
    content = parse(fields)
    fields.finish()
    return content


def get_entry_type(content: Content) -> str:
    """Return the entry's `type`."""
    return _TYPES[type(content)]


def encode_content(content: Content) -> dict[str, Any]:
    """Return the JSON keys of what an entry says, without index, type and signatures."""
    return _ENCODERS[type(content)](content)


def _encode_member(member: Member) -> dict[str, Any]:
    return {
        "age": member.age.hex(),
        "author": member.author.hex(),
        "id": member.id.hex(),
        "name": member.name.hex(),
        "pop": member.pop.hex(),
        "roles": list(member.roles),
        "sign": member.sign.hex(),
    }


def _encode_channel(channel: Channel) -> dict[str, Any]:
    return {"id": channel.id, "pack": channel.pack.hex(), "roles": list(channel.roles), "title": channel.title}


def _encode_clock(clock: Clock) -> dict[str, Any]:
    return {key: getattr(clock, key) for key in ("tick", "batch", "cells", "grace", "window", "work_bits", "delay")}


def _encode_genesis(genesis: Genesis) -> dict[str, Any]:
    return {
        "channels": [_encode_channel(channel) for channel in genesis.channels],
        "clock": _encode_clock(genesis.clock),
        "members": [_encode_member(member) for member in genesis.members],
        "name": genesis.name,
        "packs": [encode_pack(pack) for pack in genesis.packs],
        **({"demo": True} if genesis.demo else {}),
        **({"upstream": encode_vkey(genesis.upstream)} if genesis.upstream else {}),
    }


def _parse_roles(fields: Fields) -> tuple[str, ...]:
    roles = fields.take_list("roles", str, limit=len(ROLES))
    if not roles or list(roles) != sorted(set(roles)) or not ROLES.issuperset(roles):
        raise fields.refuse("roles")
    return roles


def _parse_member(value: Any) -> Member:
    fields = Fields(value, CODE)
    member = Member(
        id=fields.take_hex("id", 16),
        name=fields.take_hex("name", 32),
        age=fields.take_hex("age", 32),
        author=fields.take_hex("author", 32),
        sign=fields.take_hex("sign", 32),
        roles=_parse_roles(fields),
        pop=fields.take_hex("pop", 64),
    )
    fields.finish()
    return member


def _parse_channel(value: Any) -> Channel:
    fields = Fields(value, CODE)
    channel = Channel(
        id=fields.take_text("id", pattern=ID_PATTERN),
        title=fields.take_text("title"),
        roles=_parse_roles(fields),
        pack=fields.take_hex("pack", 32),
    )
    fields.finish()
    return channel


def _parse_clock(value: Any) -> Clock:
    fields = Fields(value, CODE)
    tick = fields.take_integer("tick", least=1, most=86_400)
    clock = Clock(
        tick=tick,
        batch=fields.take_integer("batch", least=1, most=4_096),
        cells=fields.take_integer("cells", least=1, most=64),
        grace=fields.take_integer("grace", least=1, most=1_000),
        window=fields.take_integer("window", least=tick, most=2_592_000),
        work_bits=fields.take_integer("work_bits", most=40),
        delay=fields.take_integer("delay", most=31_536_000),
    )
    fields.finish()
    return clock


def _parse_genesis(fields: Fields) -> Genesis:
    genesis = Genesis(
        name=fields.take_text("name"),
        members=fields.take_list("members", _parse_member, limit=LIMIT_FOUNDERS),
        channels=fields.take_list("channels", _parse_channel, limit=LIMIT_LIST),
        packs=fields.take_list("packs", parse_pack, limit=LIMIT_LIST),
        clock=_parse_clock(fields.take("clock")),
        demo=fields.has("demo") and fields.take_flag("demo"),
        upstream=fields.take_optional("upstream", lambda key: take_vkey(fields, key, ED25519)),
    )
    _check_sorted(fields, "members", (member.id for member in genesis.members))
    _check_sorted(fields, "channels", (channel.id for channel in genesis.channels))
    return genesis


def _parse_chart(fields: Fields) -> ChartDigest:
    return ChartDigest(fields.take_hex("digest", 32), fields.take_integer("people", most=LIMIT_PEOPLE))


def _check_sorted(fields: Fields, key: str, ids: Iterable[bytes] | Iterable[str]) -> None:
    found: list[Any] = list(ids)
    if found != sorted(set(found)):
        raise fields.refuse(key)


_TYPES: dict[type[Any], str] = {
    Genesis: "genesis",
    Origin: "origin",
    Member: "member",
    Channel: "channel",
    ChartDigest: "chart",
    Pack: "pack",
    Clock: "clock",
    Cosigners: "cosigners",
    Upstream: "upstream",
    Release: "release",
    Rotate: "rotate",
    Compromised: "key-compromised",
    ReceiptKey: "receipt-key",
    Leave: "leave",
    Suspend: "suspend",
    Succession: "succession",
    Effect: "effect",
}
_ENCODERS: dict[type[Any], Callable[[Any], dict[str, Any]]] = {
    Genesis: _encode_genesis,
    Origin: encode_origin,
    Member: lambda value: {"member": _encode_member(value)},
    Channel: lambda value: {"channel": _encode_channel(value)},
    ChartDigest: lambda value: {"digest": value.digest.hex(), "people": value.people},
    Pack: lambda value: {"pack": encode_pack(value)},
    Clock: lambda value: {"clock": _encode_clock(value)},
    Cosigners: encode_cosigners,
    Upstream: lambda value: {"vkey": encode_vkey(value.key)},
    Release: encode_release,
    Rotate: encode_rotate,
    Compromised: encode_compromised,
    ReceiptKey: lambda value: {"receipts": encode_vkey(value.key)},
    Leave: lambda value: {"id": value.id.hex()},
    Suspend: lambda value: {"id": value.id.hex()},
    Succession: encode_succession,
    Effect: lambda value: {"of": value.of},
}
_CONTENTS: dict[str, Callable[[Fields], Content]] = {
    "genesis": _parse_genesis,
    "origin": parse_origin,
    "member": lambda fields: _parse_member(fields.take("member")),
    "channel": lambda fields: _parse_channel(fields.take("channel")),
    "chart": _parse_chart,
    "pack": lambda fields: parse_pack(fields.take("pack")),
    "clock": lambda fields: _parse_clock(fields.take("clock")),
    "cosigners": parse_cosigners,
    "upstream": parse_upstream,
    "release": parse_release,
    "rotate": parse_rotate,
    "key-compromised": parse_compromised,
    "receipt-key": parse_receipt_key,
    "leave": lambda fields: Leave(fields.take_hex("id", 16)),
    "suspend": lambda fields: Suspend(fields.take_hex("id", 16)),
    "succession": parse_succession,
    "effect": lambda fields: Effect(fields.take_integer("of")),
}
