"""The cosigner's own name and key, made once and never shown."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plaint.crypto.hashes import random_bytes
from plaint.crypto.signing import SigningKey
from plaint.errors import MalformedError
from plaint.log.column import sync_directory, write_durably
from plaint.protocol.note import COSIGNATURE, VerifierKey, encode_vkey, parse_vkey

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Identity:
    """Who cosigns."""

    name: str
    key: SigningKey

    @property
    def verifier_key(self) -> VerifierKey:
        """What readers put into their policies."""
        return VerifierKey(self.name, COSIGNATURE, self.key.public)


def load_identity(directory: Path, *, name: str | None = None) -> Identity:
    """Return the identity in `directory`, made on the first call; the name never changes afterwards.

    Raises: MalformedError "cosigner-name" when `name` is not the one the key was made for, or no key name at all.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    seed, vkey = directory / "seed", directory / "vkey"
    if not seed.exists():
        _write_secret(seed, random_bytes(32))
    key = SigningKey(seed.read_bytes())
    if not vkey.exists():
        chosen = name or f"cosigner-{key.public[:4].hex()}.invalid"
        text = encode_vkey(VerifierKey(chosen, COSIGNATURE, key.public))
        parse_vkey(text)
        write_durably(vkey, text.encode() + b"\n")
    known = parse_vkey(vkey.read_text("utf-8").removesuffix("\n"))
    if known.public != key.public or (name is not None and name != known.name):
        raise MalformedError("cosigner-name")
    return Identity(known.name, key)


def _write_secret(path: Path, data: bytes) -> None:
    fresh = path.with_name(path.name + ".new")
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(file, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(path)
    sync_directory(path.parent)
