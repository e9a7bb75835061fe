"""Signed notes and the verifier keys they are checked with (C2SP signed-note v1.0.0)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plaint.crypto.hashes import compute_sha256
from plaint.crypto.signing import verify_signature
from plaint.encoding.base64 import encode_base64, parse_base64
from plaint.encoding.lines import parse_hex
from plaint.errors import MalformedError, PlaintError, VerificationError
from plaint.protocol.cosignature import encode_cosignature, make_cosignature, parse_cosignature, verify_cosignature

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from plaint.crypto.signing import SigningKey

ED25519 = 0x01
COSIGNATURE = 0x04
LIMIT_NOTE_BYTES = 131_072
LIMIT_SIGNATURES = 64
LIMIT_SIGNATURE_BYTES = 8_192
LIMIT_NAME_CHARACTERS = 255
_CONTROLS = re.compile(rb"[\x00-\x09\x0b-\x1f]")
# The White_Space property of Unicode, written out so that every implementation refuses the same names.
_SPACES = frozenset("\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") | {chr(c) for c in range(0x2000, 0x200B)}


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key, the name its owner signs with and the kind of signature it makes."""

    name: str
    type: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes that, with the name, announce this key in a signature line."""
        return compute_key_id(self.name, self.type, self.public)


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line; `signature` is what follows the key id."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text, with its final newline, and the signatures under it; parsed does not mean verified."""

    text: bytes
    signatures: tuple[NoteSignature, ...]


def compute_key_id(name: str, kind: int, public: bytes) -> bytes:
    """Return SHA-256(name ‖ 0x0A ‖ type ‖ public key), its first 4 bytes."""
    return compute_sha256(name.encode(), b"\n", bytes([kind]), public)[:4]


def encode_vkey(key: VerifierKey) -> str:
    """Return `name+hex key id+base64(type ‖ public key)`."""
    return f"{key.name}+{key.key_id.hex()}+{encode_base64(bytes([key.type]) + key.public)}"


def parse_vkey(text: str) -> VerifierKey:
    """Return the key of a vkey line: Ed25519 note keys (0x01) and cosigner keys (0x04) only.

    Raises: MalformedError "vkey-form", "vkey-name", "vkey-type", "vkey-id" and those of `parse_base64`, `parse_hex`.
    """
    parts = text.split("+", 2)
    if len(text) > LIMIT_NAME_CHARACTERS + 64 or len(parts) != 3:
        raise MalformedError("vkey-form")
    name, key_id, encoded = parts
    if not _is_key_name(name):
        raise MalformedError("vkey-name")
    data = parse_base64(encoded, limit_bytes=33, size_bytes=33)
    if data[0] not in {ED25519, COSIGNATURE}:
        raise MalformedError("vkey-type")
    key = VerifierKey(name, data[0], data[1:])
    if parse_hex(key_id, size_bytes=4) != key.key_id:
        raise MalformedError("vkey-id")
    return key


def sign_note(text: bytes, *, name: str, key: SigningKey) -> NoteSignature:
    """Sign `text` as `name` with an Ed25519 note key (0x01)."""
    return NoteSignature(name, compute_key_id(name, ED25519, key.public), key.sign(text))


def cosign_note(text: bytes, *, name: str, key: SigningKey, timestamp: int) -> NoteSignature:
    """Cosign the checkpoint `text` as `name` at `timestamp` (0x04)."""
    blob = encode_cosignature(make_cosignature(key, text, timestamp=timestamp))
    return NoteSignature(name, compute_key_id(name, COSIGNATURE, key.public), blob)


def encode_signatures(signatures: Iterable[NoteSignature]) -> bytes:
    """Return signature lines."""
    return "".join(f"— {s.name} {encode_base64(s.key_id + s.signature)}\n" for s in signatures).encode()


def parse_signatures(data: bytes) -> tuple[NoteSignature, ...]:
    """Return signature lines as they stand under a note or in a cosigner's answer.

    Raises: MalformedError "note-size", "note-utf8", "note-signature", "note-signatures" and those of `parse_base64`.
    """
    if len(data) > LIMIT_NOTE_BYTES:
        raise MalformedError("note-size")
    lines = _decode(data).split("\n")
    if lines.pop() or not lines:
        raise MalformedError("note-signature")
    if len(lines) > LIMIT_SIGNATURES:
        raise MalformedError("note-signatures")
    return tuple(_parse_signature(line) for line in lines)


def encode_note(note: Note) -> bytes:
    """Return the bytes of a note: text, blank line, signature lines."""
    return note.text + b"\n" + encode_signatures(note.signatures)


def parse_note(data: bytes) -> Note:
    """Split a note at its last blank line, without trusting anything in it.

    Raises: MalformedError "note-size", "note-utf8", "note-control", "note-form" and those of `parse_signatures`.
    """
    if len(data) > LIMIT_NOTE_BYTES:
        raise MalformedError("note-size")
    if _CONTROLS.search(data):
        raise MalformedError("note-control")
    head, blank, tail = data.rpartition(b"\n\n")
    if not blank:
        raise MalformedError("note-form")
    _decode(head)
    return Note(head + b"\n", parse_signatures(tail))


def verify_note(note: Note, keys: Sequence[VerifierKey]) -> None:
    """Check that at least one of `keys` signed, and that no signature announcing one of them is false.

    Raises: VerificationError "note-known-key" (one false signature spoils the note), "note-no-known-key".
    Source: C2SP signed-note v1.0.0, "Signatures".
    """
    known = {(key.name, key.key_id): key for key in keys}
    found = False
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is not None:
            _verify(note.text, key, signature)
            found = True
    if not found:
        raise VerificationError("note-no-known-key")


def find_signatures(note: Note, key: VerifierKey) -> list[NoteSignature]:
    """Return the signatures that announce `key`; they mean something only after `verify_note` with it."""
    return [s for s in note.signatures if (s.name, s.key_id) == (key.name, key.key_id)]


def _verify(text: bytes, key: VerifierKey, signature: NoteSignature) -> None:
    try:
        if key.type == COSIGNATURE:
            verify_cosignature(key.public, text, parse_cosignature(signature.signature))
        else:
            verify_signature(key.public, text, signature.signature)
    except PlaintError as error:
        raise VerificationError("note-known-key") from error


def _parse_signature(line: str) -> NoteSignature:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "—" or not encoded or not _is_key_name(name):
        raise MalformedError("note-signature")
    data = parse_base64(encoded, limit_bytes=LIMIT_SIGNATURE_BYTES)
    if len(data) < 5:
        raise MalformedError("note-signature")
    return NoteSignature(name, data[:4], data[4:])


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError("note-utf8") from error


def _is_key_name(name: str) -> bool:
    return 0 < len(name) <= LIMIT_NAME_CHARACTERS and "+" not in name and _SPACES.isdisjoint(name)
