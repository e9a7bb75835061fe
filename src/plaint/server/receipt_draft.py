"""Drafts the entry by which another key signs state notes, once an administrator and an independent have signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plaint.crypto.hashes import random_bytes
from plaint.crypto.signing import SigningKey
from plaint.errors import VerificationError
from plaint.protocol.directory import Entry
from plaint.protocol.directory_keys import ReceiptKey
from plaint.protocol.draft import Draft, encode_draft
from plaint.protocol.fold_server import check_receipts
from plaint.protocol.note import ED25519, VerifierKey
from plaint.server.clock.forward import fold_entries
from plaint.server.keys import read_keys
from plaint.server.maintain import open_database
from plaint.server.receipts import read_seeds, write_seeds
from plaint.store import directory as directory_store

if TYPE_CHECKING:
    from plaint.protocol.directory_state import DirectoryState
    from plaint.server.config import Config


async def draft_receipt_key(config: Config, slug: str) -> bytes:
    """Return the draft of a `receipt-key` entry with its place in the directory; the service may run meanwhile.

    A key is drawn once and waits until the directory names it.
    Raises: VerificationError "directory-receipts" while the directory names no origin of these keys; those of
            `read_keys`, `read_seeds`.
    """
    keys, path = read_keys(config.keys_path(slug)), config.receipts_path(slug)
    async with open_database(config) as database:
        entries = await database.read(lambda c: directory_store.list_entries(c, keys.org, 0))
    state, name = fold_entries(entries, keys.org), keys.verifiers.receipts.name
    seeds = read_seeds(path)
    key = _make_verifier(name, seeds[-1]) if seeds else None
    if key is None or not _is_new(state, key):
        seed = random_bytes(32)
        key = _make_verifier(name, seed)
        check_receipts(state, key)
        write_seeds(path, (*seeds, seed))
    content = ReceiptKey(key)
    return encode_draft(Draft(content, {}, None, keys.org, Entry(state.size, content)))


def _make_verifier(name: str, seed: bytes) -> VerifierKey:
    return VerifierKey(name, ED25519, SigningKey(seed).public)


def _is_new(state: DirectoryState, key: VerifierKey) -> bool:
    try:
        check_receipts(state, key)
    except VerificationError:
        return False
    return True
