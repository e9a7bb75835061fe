"""Headers of age v1 files: ours with one X25519 stanza, and anybody's read strictly. Source: C2SP age.md, "Header"."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from plaint.crypto.agreement import AgreementKey, agree_once
from plaint.crypto.hashes import compute_hmac, expand, extract, same_bytes
from plaint.errors import MalformedError, PlaintError, VerificationError

FIRST_LINE = b"age-encryption.org/v1\n"
HEADER_BYTES = 168
LIMIT_HEADER_BYTES = 16_384
_STANZA = b"-> X25519 "
_WRAP_INFO = b"age-encryption.org/v1/X25519"
_ZERO_NONCE = bytes(12)
_OWN = re.compile(
    rb"age-encryption\.org/v1\n-> X25519 ([A-Za-z0-9+/]{43})\n([A-Za-z0-9+/]{43})\n--- ([A-Za-z0-9+/]{43})\n"
)
_ARGUMENTS = re.compile(rb"[!-~]+(?: [!-~]+)*")
_MAC_LINE = re.compile(rb"\n--- [^\n]*\n")


def encode_header(recipient: bytes, esk: bytes, file_key: bytes) -> bytes:
    """Return the 168 bytes of a header with one X25519 stanza; `esk` is the ephemeral secret, never used again.

    Raises: VerificationError "key-agreement"; MalformedError "key-length".
    """
    share, shared = agree_once(esk, recipient)
    wrap_key = _compute_wrap_key(shared, share, recipient)
    head = _encode_head(share, ChaCha20Poly1305(wrap_key).encrypt(_ZERO_NONCE, file_key, None))
    return head + b" " + _encode(compute_hmac(_compute_mac_key(file_key), head)) + b"\n"


def encode_fields(share: bytes, body: bytes, mac: bytes) -> bytes:
    """Return a header of these three 32-byte fields, whatever they hold: the form of a cell for nobody."""
    return _encode_head(share, body) + b" " + _encode(mac) + b"\n"


def find_header_end(data: bytes) -> int | None:
    """Return where the payload's nonce begins, or None when the header is not complete.

    Raises: MalformedError "age-form" when it cannot become one.
    """
    if data[: len(FIRST_LINE)] != FIRST_LINE[: len(data)]:
        raise MalformedError("age-form")
    found = _MAC_LINE.search(data[:LIMIT_HEADER_BYTES])
    return found.end() if found else None


def open_header(identity: AgreementKey, header: bytes) -> bytes:
    """Return the file key of a header with an X25519 stanza for `identity`.

    Raises: MalformedError "age-form"; VerificationError "age-no-identity", "age-payload" for a false MAC.
    """
    at = header.index(b"\n---") + 4
    mac = _decode(header[at + 1 : -1], size_bytes=32)
    for arguments, body in _parse_stanzas(header[len(FIRST_LINE) : at - 3]):
        if arguments[0] != b"X25519":
            continue
        if len(arguments) != 2 or len(body) != 32:
            raise MalformedError("age-form")
        file_key = _unwrap(identity, _decode(arguments[1], size_bytes=32), body)
        if file_key is not None:
            if not same_bytes(compute_hmac(_compute_mac_key(file_key), header[:at]), mac):
                raise VerificationError("age-payload")
            return file_key
    raise VerificationError("age-no-identity")


def unwrap_own_header(identity: AgreementKey, header: bytes) -> bytes | None:
    """Return the file key of a header in our own form, or None when it is not for `identity`.

    Raises: MalformedError "age-form"; VerificationError "age-payload".
    """
    found = _OWN.fullmatch(header)
    if found is None:
        return None
    share, body, mac = (_decode(group, size_bytes=32) for group in found.groups())
    file_key = _unwrap(identity, share, body)
    if file_key is not None and not same_bytes(compute_hmac(_compute_mac_key(file_key), header[:-45]), mac):
        raise VerificationError("age-payload")
    return file_key


def _encode_head(share: bytes, body: bytes) -> bytes:
    return FIRST_LINE + _STANZA + _encode(share) + b"\n" + _encode(body) + b"\n---"


def _unwrap(identity: AgreementKey, share: bytes, body: bytes) -> bytes | None:
    try:
        wrap_key = _compute_wrap_key(identity.agree(share), share, identity.public)
        return ChaCha20Poly1305(wrap_key).decrypt(_ZERO_NONCE, body, None)
    except InvalidTag:
        return None
    except PlaintError as error:
        raise MalformedError("age-form") from error


def _compute_wrap_key(shared: bytes, share: bytes, recipient: bytes) -> bytes:
    return expand(extract(share + recipient, shared), _WRAP_INFO)


def _compute_mac_key(file_key: bytes) -> bytes:
    return expand(extract(b"", file_key), b"header")


def _parse_stanzas(data: bytes) -> Iterator[tuple[list[bytes], bytes]]:
    lines = data.split(b"\n")
    if lines.pop():
        raise MalformedError("age-form")
    at = 0
    while at < len(lines):
        head = lines[at]
        if not head.startswith(b"-> ") or not _ARGUMENTS.fullmatch(head[3:]):
            raise MalformedError("age-form")
        end = at + 1
        while end < len(lines) and len(lines[end]) == 64:
            end += 1
        if end == len(lines) or len(lines[end]) > 64:  # a body ends with a short line, perhaps an empty one
            raise MalformedError("age-form")
        yield head[3:].split(b" "), _decode(b"".join(lines[at + 1 : end + 1]))
        at = end + 1


def _encode(data: bytes) -> bytes:
    return binascii.b2a_base64(data, newline=False).rstrip(b"=")


def _decode(text: bytes, *, size_bytes: int | None = None) -> bytes:
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise MalformedError("age-form") from error
    if _encode(data) != text or (size_bytes is not None and len(data) != size_bytes):
        raise MalformedError("age-form")
    return data
