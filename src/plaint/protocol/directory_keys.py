"""Directory entries by which keys change or become void (spec/directory.md, "Rotation", "Compromised keys")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from plaint.crypto.hashes import compute_sha256
from plaint.crypto.signing import SigningKey, verify_signature
from plaint.encoding.fields import Fields
from plaint.errors import VerificationError
from plaint.protocol.carry import CARRY_BYTES
from plaint.protocol.directory_server import take_vkey
from plaint.protocol.note import ED25519, VerifierKey, encode_vkey


@dataclass(frozen=True, slots=True)
class Rotate:
    """A member's next keys; `carry` opens to the entropy before them, for whoever has the new ones."""

    id: bytes
    age: bytes
    author: bytes
    sign: bytes
    pop: bytes
    proof: bytes
    carry: bytes


@dataclass(frozen=True, slots=True)
class Compromised:
    """A key that somebody else may hold: a member's, by the member's id, or the server's receipt key."""

    id: bytes | None = None
    receipts: VerifierKey | None = None


@dataclass(frozen=True, slots=True)
class ReceiptKey:
    """The key that signs state notes from then on."""

    key: VerifierKey


def sign_rotation(org: bytes, rotate: Rotate, key: SigningKey) -> bytes:
    """Return the proof of the new `sign` key that it takes the place of the old one, here and for this member."""
    return key.sign(_compute_message(org, rotate))


def verify_rotation(org: bytes, rotate: Rotate) -> None:
    """Check that proof.

    Raises: VerificationError "directory-rotate".
    """
    try:
        verify_signature(rotate.sign, _compute_message(org, rotate), rotate.proof)
    except VerificationError as error:
        raise VerificationError("directory-rotate", "proof") from error


def encode_rotate(rotate: Rotate) -> dict[str, Any]:
    """Return the JSON keys of a rotation."""
    return {key: getattr(rotate, key).hex() for key in Rotate.__slots__}


def parse_rotate(fields: Fields) -> Rotate:
    """Return a rotation of which nothing is verified yet."""
    return Rotate(
        id=fields.take_hex("id", 16),
        age=fields.take_hex("age", 32),
        author=fields.take_hex("author", 32),
        sign=fields.take_hex("sign", 32),
        pop=fields.take_hex("pop", 64),
        proof=fields.take_hex("proof", 64),
        carry=fields.take_hex("carry", CARRY_BYTES),
    )


def encode_compromised(value: Compromised) -> dict[str, Any]:
    """Return the JSON key that says which key is void."""
    return {"receipts": encode_vkey(value.receipts)} if value.receipts else {"id": (value.id or b"").hex()}


def parse_compromised(fields: Fields) -> Compromised:
    """Return what says which key is void: a member's or the server's."""
    if fields.has("receipts"):
        return Compromised(receipts=take_vkey(fields, "receipts", ED25519))
    return Compromised(id=fields.take_hex("id", 16))


def parse_receipt_key(fields: Fields) -> ReceiptKey:
    """Return the next receipt key."""
    return ReceiptKey(take_vkey(fields, "receipts", ED25519))


def _compute_message(org: bytes, rotate: Rotate) -> bytes:
    keys = rotate.age + rotate.author + rotate.sign
    return b"plaint/v1/rotate\n" + org + rotate.id + keys + compute_sha256(rotate.carry)
