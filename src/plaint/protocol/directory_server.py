"""What directory entries say about the server: its keys, cosigners and releases (spec/directory.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from plaint.encoding.fields import Fields
from plaint.protocol.note import COSIGNATURE, ED25519, VerifierKey, encode_vkey, parse_vkey
from plaint.protocol.packs import ID_PATTERN
from plaint.protocol.release import VERSION_PATTERN, Release
from plaint.protocol.trust import CASES_SUFFIX, DIRECTORY_SUFFIX

CODE = "directory-form"
LIMIT_LIST = 64
RECEIPTS_SUFFIX = "/receipts"
_ORIGIN_PATTERN = re.compile(r"[!-*,-~]{1,200}")
_URL_PATTERN = re.compile(r"https?://[!-~]{1,500}")


@dataclass(frozen=True, slots=True)
class Cosigner:
    """An outside party that countersigns and mirrors the logs."""

    name: str
    key: VerifierKey
    url: str


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
class Cosigners:
    """The outside cosigners and how many of them a date needs."""

    cosigners: tuple[Cosigner, ...]
    quorum: int


@dataclass(frozen=True, slots=True)
class Upstream:
    """The key of the project that releases the client."""

    key: VerifierKey


def encode_origin(origin: Origin) -> dict[str, Any]:
    """Return the JSON keys of the server's keys."""
    keys = ("cases", "directory", "clock", "receipts")
    return {"keys": {key: encode_vkey(getattr(origin, key)) for key in keys}, "origin": origin.origin}


def encode_succession(value: Succession) -> dict[str, Any]:
    """Return the JSON keys of a succession."""
    finals = {"cases": value.cases, "directory": value.directory}
    old = {name: {"root": final.root.hex(), "size": final.size} for name, final in finals.items()}
    return {"old": old, **encode_origin(value.origin)}


def encode_cosigners(value: Cosigners) -> dict[str, Any]:
    """Return the JSON keys of the cosigners."""
    cosigners = [{"name": c.name, "url": c.url, "vkey": encode_vkey(c.key)} for c in value.cosigners]
    return {"cosigners": cosigners, "quorum": value.quorum}


def parse_origin(fields: Fields) -> Origin:
    """Return the server's keys, each under the name it must have."""
    origin = fields.take_text("origin", pattern=_ORIGIN_PATTERN)
    keys = Fields(fields.take("keys"), CODE)
    found = Origin(
        origin,
        cases=take_vkey(keys, "cases", ED25519, origin + CASES_SUFFIX),
        directory=take_vkey(keys, "directory", ED25519, origin + DIRECTORY_SUFFIX),
        clock=take_vkey(keys, "clock", COSIGNATURE),
        receipts=take_vkey(keys, "receipts", ED25519, origin + RECEIPTS_SUFFIX),
    )
    keys.finish()
    return found


def parse_succession(fields: Fields) -> Succession:
    """Return a succession."""
    old = Fields(fields.take("old"), CODE)
    finals = {name: _parse_final(old.take(name)) for name in ("cases", "directory")}
    old.finish()
    return Succession(finals["cases"], finals["directory"], parse_origin(fields))


def _parse_final(value: Any) -> Final:
    fields = Fields(value, CODE)
    final = Final(fields.take_integer("size"), fields.take_hex("root", 32))
    fields.finish()
    return final


def parse_cosigners(fields: Fields) -> Cosigners:
    """Return the cosigners, no name or key twice."""
    cosigners = fields.take_list("cosigners", _parse_cosigner, limit=LIMIT_LIST)
    names = {cosigner.name for cosigner in cosigners}
    if len(names) != len(cosigners) or len({c.key.public for c in cosigners}) != len(cosigners):
        raise fields.refuse("cosigners")
    return Cosigners(cosigners, fields.take_integer("quorum", least=min(1, len(names)), most=len(names)))


def _parse_cosigner(value: Any) -> Cosigner:
    fields = Fields(value, CODE)
    cosigner = Cosigner(
        name=fields.take_text("name", pattern=ID_PATTERN),
        key=take_vkey(fields, "vkey", COSIGNATURE),
        url=fields.take_text("url", limit=508, pattern=_URL_PATTERN),
    )
    fields.finish()
    return cosigner


def take_vkey(fields: Fields, key: str, kind: int, name: str | None = None) -> VerifierKey:
    """Return a verifier key of one kind, with `name` when that is fixed."""
    found = parse_vkey(fields.take_text(key, limit=400))
    if found.type != kind or name not in {None, found.name}:
        raise fields.refuse(key)
    return found


def encode_release(release: Release) -> dict[str, Any]:
    """Return the JSON keys of a release."""
    return {"manifest": release.manifest.hex(), "upstream": release.upstream.hex(), "version": release.version}


def parse_release(fields: Fields) -> Release:
    """Return a release whose signature nobody has checked yet."""
    version = fields.take_text("version", limit=64, pattern=VERSION_PATTERN)
    return Release(version, fields.take_hex("manifest", 32), fields.take_hex("upstream", 64))


def parse_upstream(fields: Fields) -> Upstream:
    """Return the key that releases are signed with."""
    return Upstream(take_vkey(fields, "vkey", ED25519))
