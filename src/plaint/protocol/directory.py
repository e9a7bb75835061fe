"""Directory entries: their bytes, their signatures, the organisation id (spec/directory.md). Start at `parse_entry`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from plaint.crypto.hashes import compute_sha256
from plaint.crypto.signing import SigningKey, verify_signature
from plaint.encoding.fields import Fields
from plaint.encoding.json import encode_json, parse_canonical_json
from plaint.errors import VerificationError
from plaint.protocol.directory_contents import Content, encode_content, get_entry_type, parse_content
from plaint.protocol.directory_server import CODE

LIMIT_ENTRY_BYTES = 65_536
LIMIT_SIGNATURES = 256


@dataclass(frozen=True, slots=True)
class Signature:
    """One member's signature of an entry."""

    id: bytes
    sig: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the directory log; `by` is sorted by member id."""

    index: int
    content: Content
    by: tuple[Signature, ...] = ()


def encode_entry(entry: Entry) -> bytes:
    """Return the JCS bytes of an entry: one leaf of the directory log."""
    by = [{"id": signature.id.hex(), "sig": signature.sig.hex()} for signature in entry.by]
    return encode_json(_encode_unsigned(entry) | {"by": by})


def parse_entry(data: bytes) -> Entry:
    """Return an entry in its one spelling; nothing is verified yet.

    Raises: MalformedError "directory-form" (detail: the key), "pack-form", "json-…", "vkey-…".
    """
    return parse_entry_value(parse_canonical_json(data, limit_bytes=LIMIT_ENTRY_BYTES))


def parse_entry_value(value: Any) -> Entry:
    """Return the entry of a JSON value. Raises: as `parse_entry`."""
    fields = Fields(value, CODE)
    fields.take_exactly("v", 1)
    index = fields.take_integer("index")
    kind = fields.take("type")
    by = fields.take_list("by", _parse_signature, limit=LIMIT_SIGNATURES)
    if [s.id for s in by] != sorted({s.id for s in by}):
        raise fields.refuse("by")
    return Entry(index, parse_content(kind, fields), by)


def compute_org(genesis: Entry) -> bytes:
    """Return the organisation's id: H(JCS of the genesis entry without "by")[:16]."""
    return compute_sha256(encode_json(_encode_unsigned(genesis)))[:16]


def compute_entry_message(org: bytes, entry: Entry) -> bytes:
    """Return the bytes that members sign."""
    return b"plaint/v1/directory\n" + org.hex().encode("ascii") + b"\n" + encode_json(_encode_unsigned(entry))


def sign_entry(org: bytes, entry: Entry, member: bytes, key: SigningKey) -> Entry:
    """Return the entry with the signature of `member` added or replaced."""
    signature = Signature(member, key.sign(compute_entry_message(org, entry)))
    others = [other for other in entry.by if other.id != member]
    return replace(entry, by=tuple(sorted([*others, signature], key=lambda s: s.id)))


def verify_entry_signature(org: bytes, entry: Entry, signature: Signature, sign: bytes) -> None:
    """Check one signature of `entry` under the member's public `sign` key.

    Raises: VerificationError "directory-signature".
    """
    try:
        verify_signature(sign, compute_entry_message(org, entry), signature.sig)
    except VerificationError as error:
        raise VerificationError("directory-signature") from error


def _encode_unsigned(entry: Entry) -> dict[str, Any]:
    head = {"index": entry.index, "type": get_entry_type(entry.content), "v": 1}
    return encode_content(entry.content) | head


def _parse_signature(value: Any) -> Signature:
    fields = Fields(value, CODE)
    signature = Signature(fields.take_hex("id", 16), fields.take_hex("sig", 64))
    fields.finish()
    return signature
