"""The keys an organisation's server holds: they date, promise and sign in; none of them opens anything."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plaint.crypto.hashes import random_bytes
from plaint.crypto.signing import SigningKey
from plaint.encoding.fields import Fields
from plaint.encoding.json import encode_json, parse_json
from plaint.errors import ConflictError, MalformedError
from plaint.log.column import sync_directory
from plaint.protocol.directory_server import RECEIPTS_SUFFIX, Origin
from plaint.protocol.note import COSIGNATURE, ED25519, VerifierKey
from plaint.protocol.trust import CASES_SUFFIX, DIRECTORY_SUFFIX

if TYPE_CHECKING:
    from pathlib import Path

CLOCK_SUFFIX = "/clock"
LIMIT_KEYS_BYTES = 4096
_SEEDS = ("cases", "directory", "clock", "receipts", "session", "prf")


@dataclass(frozen=True, slots=True)
class ServerKeys:
    """`origin` is random and fixed: what a log is called never depends on where it is served."""

    org: bytes
    origin: str
    cases: SigningKey
    directory: SigningKey
    clock: SigningKey
    receipts: SigningKey
    session: bytes
    prf: bytes
    verifiers: Origin
    """The public keys as the directory's origin entry lists them."""


def draw_keys(org: bytes) -> ServerKeys:
    """Return fresh keys for the organisation `org`."""
    return _make(org, f"plaint.invalid/{random_bytes(16).hex()}", {name: random_bytes(32) for name in _SEEDS})


def write_keys(path: Path, keys: ServerKeys) -> None:
    """Keep keys in a new file that only its owner reads.

    Raises: ConflictError "org-slug" when there is one.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    seeds = {
        "cases": keys.cases.seed,
        "directory": keys.directory.seed,
        "clock": keys.clock.seed,
        "receipts": keys.receipts.seed,
        "session": keys.session,
        "prf": keys.prf,
    }
    value = {"org": keys.org.hex(), "origin": keys.origin, "v": 1} | {name: seeds[name].hex() for name in _SEEDS}
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError as error:
        raise ConflictError("org-slug") from error
    with os.fdopen(handle, "wb") as file:
        file.write(encode_json(value) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    sync_directory(path.parent)


def read_keys(path: Path) -> ServerKeys:
    """Return the keys in `path`.

    Raises: MalformedError "keys-form", "keys-open" when others may read the file.
    """
    if path.stat().st_mode & 0o077:
        raise MalformedError("keys-open")
    fields = Fields(parse_json(path.read_bytes(), limit_bytes=LIMIT_KEYS_BYTES), "keys-form")
    fields.take_exactly("v", 1)
    org, origin = fields.take_hex("org", 16), fields.take_text("origin")
    seeds = {name: fields.take_hex(name, 32) for name in _SEEDS}
    fields.finish()
    return _make(org, origin, seeds)


def _make(org: bytes, origin: str, seeds: dict[str, bytes]) -> ServerKeys:
    signing = {name: SigningKey(seeds[name]) for name in ("cases", "directory", "clock", "receipts")}
    verifiers = Origin(
        origin=origin,
        cases=VerifierKey(origin + CASES_SUFFIX, ED25519, signing["cases"].public),
        directory=VerifierKey(origin + DIRECTORY_SUFFIX, ED25519, signing["directory"].public),
        clock=VerifierKey(origin + CLOCK_SUFFIX, COSIGNATURE, signing["clock"].public),
        receipts=VerifierKey(origin + RECEIPTS_SUFFIX, ED25519, signing["receipts"].public),
    )
    return ServerKeys(org, origin, **signing, session=seeds["session"], prf=seeds["prf"], verifiers=verifiers)
