"""What directory entries say: members, channels, clocks and the like, each with its JSON form (spec/directory.md)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from plaint.encoding.fields import Fields
from plaint.errors import MalformedError
from plaint.protocol.note import COSIGNATURE, ED25519, VerifierKey, encode_vkey, parse_vkey
from plaint.protocol.packs import ID_PATTERN, Pack, encode_pack, parse_pack
from plaint.protocol.trust import CASES_SUFFIX, DIRECTORY_SUFFIX

CODE = "directory-form"
LIMIT_LIST = 64
LIMIT_FOUNDERS = 256
LIMIT_PEOPLE = 250_000
RECEIPTS_SUFFIX = "/receipts"
ADMINISTRATOR, INDEPENDENT = "administrator", "independent"
# Members with these may be granted access later, whatever their channel.
HANDLING_ROLES = frozenset({"case-manager", "decision-maker", "intake-handler", "investigator", "reviewer"})
ROLES = HANDLING_ROLES | {ADMINISTRATOR, INDEPENDENT, "auditor"}
_ORIGIN_PATTERN = re.compile(r"[!-*,-~]{1,200}")
_URL_PATTERN = re.compile(r"https?://[!-~]{1,500}")


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
class Cosigner:
    """An outside party that countersigns and mirrors the logs."""

    name: str
    key: VerifierKey
    url: str


@dataclass(frozen=True, slots=True)
class Genesis:
    """Entry 0: the organisation as its founders sign it; in a `demo` all their keys were made on one machine."""

    name: str
    members: tuple[Member, ...]
    channels: tuple[Channel, ...]
    packs: tuple[Pack, ...]
    clock: Clock
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """Entry 1: the server's keys, vouched for by the trust file alone."""

    origin: str
    cases: VerifierKey
    directory: VerifierKey
    clock: VerifierKey
    receipts: VerifierKey


@dataclass(frozen=True, slots=True)
class Final:
    """The last checkpoint of a log that cannot go on."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Succession:
    """Both logs cannot go on from where they were: others take their place, under other keys."""

    cases: Final
    directory: Final
    origin: Origin


@dataclass(frozen=True, slots=True)
class ChartDigest:
    """The chart by which people are excluded."""

    digest: bytes
    people: int


@dataclass(frozen=True, slots=True)
class Cosigners:
    """The outside cosigners and how many of them a date needs."""

    cosigners: tuple[Cosigner, ...]
    quorum: int


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
    Genesis | Origin | Member | Channel | ChartDigest | Pack | Clock | Cosigners | Leave | Suspend | Succession | Effect
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
    }


def _encode_origin(origin: Origin) -> dict[str, Any]:
    keys = ("cases", "directory", "clock", "receipts")
    return {"keys": {key: encode_vkey(getattr(origin, key)) for key in keys}, "origin": origin.origin}


def _encode_succession(value: Succession) -> dict[str, Any]:
    finals = {"cases": value.cases, "directory": value.directory}
    old = {name: {"root": final.root.hex(), "size": final.size} for name, final in finals.items()}
    return {"old": old, **_encode_origin(value.origin)}


def _encode_cosigners(value: Cosigners) -> dict[str, Any]:
    cosigners = [{"name": c.name, "url": c.url, "vkey": encode_vkey(c.key)} for c in value.cosigners]
    return {"cosigners": cosigners, "quorum": value.quorum}


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
    )
    _check_sorted(fields, "members", (member.id for member in genesis.members))
    _check_sorted(fields, "channels", (channel.id for channel in genesis.channels))
    return genesis


def _parse_origin(fields: Fields) -> Origin:
    origin = fields.take_text("origin", pattern=_ORIGIN_PATTERN)
    keys = Fields(fields.take("keys"), CODE)
    found = Origin(
        origin,
        cases=_take_vkey(keys, "cases", ED25519, origin + CASES_SUFFIX),
        directory=_take_vkey(keys, "directory", ED25519, origin + DIRECTORY_SUFFIX),
        clock=_take_vkey(keys, "clock", COSIGNATURE),
        receipts=_take_vkey(keys, "receipts", ED25519, origin + RECEIPTS_SUFFIX),
    )
    keys.finish()
    return found


def _parse_succession(fields: Fields) -> Succession:
    old = Fields(fields.take("old"), CODE)
    finals = {name: _parse_final(old.take(name)) for name in ("cases", "directory")}
    old.finish()
    return Succession(finals["cases"], finals["directory"], _parse_origin(fields))


def _parse_final(value: Any) -> Final:
    fields = Fields(value, CODE)
    final = Final(fields.take_integer("size"), fields.take_hex("root", 32))
    fields.finish()
    return final


def _parse_cosigners(fields: Fields) -> Cosigners:
    cosigners = fields.take_list("cosigners", _parse_cosigner, limit=LIMIT_LIST)
    names = {cosigner.name for cosigner in cosigners}
    if len(names) != len(cosigners) or len({c.key.public for c in cosigners}) != len(cosigners):
        raise fields.refuse("cosigners")
    return Cosigners(cosigners, fields.take_integer("quorum", least=min(1, len(names)), most=len(names)))


def _parse_cosigner(value: Any) -> Cosigner:
    fields = Fields(value, CODE)
    cosigner = Cosigner(
        name=fields.take_text("name", pattern=ID_PATTERN),
        key=_take_vkey(fields, "vkey", COSIGNATURE),
        url=fields.take_text("url", limit=508, pattern=_URL_PATTERN),
    )
    fields.finish()
    return cosigner


def _parse_chart(fields: Fields) -> ChartDigest:
    return ChartDigest(fields.take_hex("digest", 32), fields.take_integer("people", most=LIMIT_PEOPLE))


def _take_vkey(fields: Fields, key: str, kind: int, name: str | None = None) -> VerifierKey:
    found = parse_vkey(fields.take_text(key, limit=400))
    if found.type != kind or name not in {None, found.name}:
        raise fields.refuse(key)
    return found


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
    Leave: "leave",
    Suspend: "suspend",
    Succession: "succession",
    Effect: "effect",
}
_ENCODERS: dict[type[Any], Callable[[Any], dict[str, Any]]] = {
    Genesis: _encode_genesis,
    Origin: _encode_origin,
    Member: lambda value: {"member": _encode_member(value)},
    Channel: lambda value: {"channel": _encode_channel(value)},
    ChartDigest: lambda value: {"digest": value.digest.hex(), "people": value.people},
    Pack: lambda value: {"pack": encode_pack(value)},
    Clock: lambda value: {"clock": _encode_clock(value)},
    Cosigners: _encode_cosigners,
    Leave: lambda value: {"id": value.id.hex()},
    Suspend: lambda value: {"id": value.id.hex()},
    Succession: _encode_succession,
    Effect: lambda value: {"of": value.of},
}
_CONTENTS: dict[str, Callable[[Fields], Content]] = {
    "genesis": _parse_genesis,
    "origin": _parse_origin,
    "member": lambda fields: _parse_member(fields.take("member")),
    "channel": lambda fields: _parse_channel(fields.take("channel")),
    "chart": _parse_chart,
    "pack": lambda fields: parse_pack(fields.take("pack")),
    "clock": lambda fields: _parse_clock(fields.take("clock")),
    "cosigners": _parse_cosigners,
    "leave": lambda fields: Leave(fields.take_hex("id", 16)),
    "suspend": lambda fields: Suspend(fields.take_hex("id", 16)),
    "succession": _parse_succession,
    "effect": lambda fields: Effect(fields.take_integer("of")),
}
