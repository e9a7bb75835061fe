"""Releases of the client: what the project that makes it signs, once for everybody (spec/directory.md, "Release").

The same signature stands in a note beside the released files and in the directory of every organisation that runs them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from plaint.crypto.signing import SigningKey, verify_signature
from plaint.encoding.lines import LineReader, encode_lines, parse_hex, parse_lines
from plaint.errors import MalformedError, VerificationError
from plaint.protocol.note import (
    ED25519,
    Note,
    NoteSignature,
    VerifierKey,
    encode_note,
    find_signatures,
    parse_note,
    verify_note,
)

FIRST_LINE = "plaint/v1/release"
LIMIT_TEXT_BYTES = 512
VERSION_PATTERN = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,63}")


@dataclass(frozen=True, slots=True)
class Release:
    """A release of the client: `manifest` is H(manifest.json), `upstream` the project's signature."""

    version: str
    manifest: bytes
    upstream: bytes


def compute_release_text(version: str, manifest: bytes) -> bytes:
    """Return the text that the project signs: three lines."""
    return encode_lines(FIRST_LINE, [("version", version), ("manifest", manifest.hex())])


def sign_release(version: str, manifest: bytes, key: SigningKey) -> Release:
    """Return the signed release.

    Raises: MalformedError "release-version".
    """
    if not VERSION_PATTERN.fullmatch(version):
        raise MalformedError("release-version")
    return Release(version, manifest, key.sign(compute_release_text(version, manifest)))


def verify_release(release: Release, key: VerifierKey) -> None:
    """Check the project's signature.

    Raises: VerificationError "release-signature".
    """
    try:
        verify_signature(key.public, compute_release_text(release.version, release.manifest), release.upstream)
    except VerificationError as error:
        raise VerificationError("release-signature") from error


def encode_release_note(release: Release, key: VerifierKey) -> bytes:
    """Return the release as the signed note that is published beside its files."""
    signature = NoteSignature(key.name, key.key_id, release.upstream)
    return encode_note(Note(compute_release_text(release.version, release.manifest), (signature,)))


def open_release_note(data: bytes, key: VerifierKey) -> Release:
    """Return the release of a note that `key` signed; other signatures are left aside.

    Raises: VerificationError "note-no-known-key", "note-known-key"; MalformedError "release-version", those of
            `parse_note` and `parse_lines`.
    """
    note = parse_note(data)
    verify_note(note, [key])
    reader = LineReader(parse_lines(note.text, FIRST_LINE, limit_bytes=LIMIT_TEXT_BYTES))
    version, manifest = reader.take("version"), parse_hex(reader.take("manifest"), size_bytes=32)
    reader.finish()
    if key.type != ED25519 or not VERSION_PATTERN.fullmatch(version):
        raise MalformedError("release-version")
    return Release(version, manifest, find_signatures(note, key)[0].signature)
