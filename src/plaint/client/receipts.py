"""Receipts as they grow: provisional at once, complete when the log holds the report (spec/receipt.md)."""

from __future__ import annotations

from dataclasses import replace

from plaint.client.leaves import CaseLeaves
from plaint.errors import VerificationError
from plaint.protocol.leaf import compute_content_leaf
from plaint.protocol.proof import encode_proof
from plaint.protocol.receipt import Receipt
from plaint.protocol.room import Header, encode_header


def make_receipt(header: Header, opening: bytes, note: bytes) -> Receipt:
    """Return the provisional receipt of a report."""
    return Receipt(header=header, opening=opening, note=note)


def complete_receipt(receipt: Receipt, leaves: CaseLeaves) -> Receipt:
    """Return the receipt with its proof, when the log holds the leaf and a quorum has dated it, else as it was.

    The copy in `leaves` must be updated; no leaf is ever asked for by itself.
    """
    if receipt.proof is not None:
        return receipt
    index = leaves.find(compute_content_leaf(receipt.opening, encode_header(receipt.header)))
    proof = None if index is None else leaves.prove(index)
    return receipt if proof is None else replace(receipt, proof=encode_proof(proof))


def check_same_report(receipt: Receipt, header: Header) -> None:
    """Check that a receipt is about the room whose first header this is.

    Raises: VerificationError "receipt-other".
    """
    if encode_header(receipt.header) != encode_header(header):
        raise VerificationError("receipt-other")
