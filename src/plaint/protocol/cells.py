"""Stream cells: a real slot or one made for nobody, alike without a key (spec/slots.md, "Stream")."""

from __future__ import annotations

from plaint.crypto.age_header import encode_fields
from plaint.crypto.agreement import AgreementKey, compute_agreement_public
from plaint.crypto.hashes import compute_hmac, derive, expand
from plaint.protocol.slots import SLOT_BYTES, Slot, open_slot

CELL_BYTES = SLOT_BYTES
_REST_BYTES = CELL_BYTES - 168


def synthesize_cell(seed: bytes, *, member: bytes, tick: int, index: int) -> bytes:
    """Return the cell `index` of `member` at `tick` for which no slot was waiting; never stored, always the same."""
    info = b"plaint/v1/cell\n" + member + tick.to_bytes(8, "big") + index.to_bytes(4, "big")
    secret = compute_hmac(seed, info)
    share = compute_agreement_public(derive(secret, "cell/share"))
    rest = expand(secret, b"plaint/v1/cell/rest", 64 + _REST_BYTES)
    return encode_fields(share, rest[:32], rest[32:64]) + rest[64:]


def split_cells(data: bytes) -> list[bytes]:
    """Return the cells of a stream answer; what is left over is not a cell and is dropped."""
    return [data[i : i + CELL_BYTES] for i in range(0, len(data) - CELL_BYTES + 1, CELL_BYTES)]


def open_cell(identity: AgreementKey, cell: bytes, *, member: bytes) -> Slot | None:
    """Return the slot in `cell` when it is for this member, else None: most cells are for nobody.

    Raises: those of `open_slot`.
    """
    return open_slot(identity, cell, member=member)
