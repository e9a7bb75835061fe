"""The receipt keys a server holds: the first stands with its other keys, those that take its place beside them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from plaint.crypto.signing import SigningKey
from plaint.encoding.fields import Fields
from plaint.encoding.json import encode_json, parse_json
from plaint.errors import MalformedError, UnavailableError
from plaint.log.column import sync_directory
from plaint.protocol.note import ED25519, VerifierKey
from plaint.server.keys import LIMIT_KEYS_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from plaint.server.keys import ServerKeys

LIMIT_SEEDS = 2
"""The key that signs and the one that waits; those before are not kept."""


class ReceiptKeys:
    """Finds the key that the directory names; a key drawn while the service runs is found as well."""

    def __init__(self, path: Path, keys: ServerKeys) -> None:
        self._path = path
        self._name = keys.verifiers.receipts.name
        self._known = {keys.receipts.public: keys.receipts}

    def find(self, key: VerifierKey) -> SigningKey | None:
        """Return what signs under `key`, if it is held here. Raises: those of `read_seeds`."""
        if key.name != self._name or key.type != ED25519:
            return None
        if key.public not in self._known:
            self._known |= {held.public: held for held in map(SigningKey, read_seeds(self._path))}
        return self._known.get(key.public)

    def take(self, key: VerifierKey) -> SigningKey:
        """Return what signs under `key`. Raises: UnavailableError "keys-receipts" when it is not here."""
        found = self.find(key)
        if found is None:
            raise UnavailableError("keys-receipts")
        return found


def read_seeds(path: Path) -> tuple[bytes, ...]:
    """Return the seeds that wait or serve in `path`, oldest first; none without the file.

    Raises: MalformedError "keys-form", "keys-open" when others may read the file.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return ()
    with file:
        if os.fstat(file.fileno()).st_mode & 0o077:
            raise MalformedError("keys-open")
        data = file.read(LIMIT_KEYS_BYTES + 1)
    fields = Fields(parse_json(data, limit_bytes=LIMIT_KEYS_BYTES), "keys-form")
    fields.take_exactly("v", 1)
    seeds = fields.take_hex_list("seeds", 32, limit=LIMIT_SEEDS)
    fields.finish()
    return seeds


def write_seeds(path: Path, seeds: Sequence[bytes]) -> None:
    """Keep the last of `seeds` for their owner alone, so that a crash leaves the old file or the new one."""
    value = {"seeds": [seed.hex() for seed in seeds[-LIMIT_SEEDS:]], "v": 1}
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(encode_json(value) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_directory(path.parent)
