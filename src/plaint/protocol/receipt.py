"""Receipts: what a reporter keeps to show anybody what she was promised (spec/receipt.md)."""

from __future__ import annotations

from dataclasses import dataclass, field

from plaint.crypto.hashes import HASH_BYTES
from plaint.encoding.base64 import encode_base64, parse_base64
from plaint.encoding.lines import Line, LineReader, encode_lines, parse_hex, parse_lines
from plaint.errors import MalformedError
from plaint.protocol.room import LIMIT_BYTES as LIMIT_HEADER_BYTES
from plaint.protocol.room import Header, encode_header, parse_header
from plaint.protocol.state import LIMIT_NOTE_BYTES

FIRST_LINE = "plaint/v1/receipt"
LIMIT_RECEIPT_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Receipt:
    """The header of `open`, r of its content leaf, a state note and, once logged, the tlog-proof; nothing said."""

    header: Header
    opening: bytes = field(repr=False)
    note: bytes
    proof: bytes | None = None


def encode_receipt(receipt: Receipt) -> bytes:
    """Return the bytes of a receipt file."""
    pairs: list[Line] = [
        ("header", encode_base64(encode_header(receipt.header))),
        ("opening", receipt.opening.hex()),
        ("note", encode_base64(receipt.note)),
    ]
    if receipt.proof is not None:
        pairs.append(("proof", encode_base64(receipt.proof)))
    return encode_lines(FIRST_LINE, pairs)


def parse_receipt(data: bytes) -> Receipt:
    """Return a receipt, without trusting it.

    Raises: MalformedError "receipt-kind" when the header is not that of `open`, those of `parse_lines`, `parse_base64`,
            `parse_hex`, `parse_header`.
    """
    reader = LineReader(parse_lines(data, FIRST_LINE, limit_bytes=LIMIT_RECEIPT_BYTES))
    header = parse_header(parse_base64(reader.take("header"), limit_bytes=LIMIT_HEADER_BYTES))
    opening = parse_hex(reader.take("opening"), size_bytes=HASH_BYTES)
    note = parse_base64(reader.take("note"), limit_bytes=LIMIT_NOTE_BYTES)
    proof = reader.take_optional("proof")
    reader.finish()
    if header.kind != "open":
        raise MalformedError("receipt-kind")
    return Receipt(
        header, opening, note, None if proof is None else parse_base64(proof, limit_bytes=LIMIT_RECEIPT_BYTES)
    )
