"""Base64 with one spelling: standard alphabet, padding required, no white space, canonical last bits."""

from __future__ import annotations

import base64
import binascii

from plaint.errors import MalformedError


def encode_base64(data: bytes) -> str:
    """Return standard base64 with padding. Source: RFC 4648, section 4."""
    return base64.b64encode(data).decode("ascii")


def parse_base64(text: str, *, limit_bytes: int, size_bytes: int | None = None) -> bytes:
    """Return the bytes of canonical standard base64.

    Raises: MalformedError "base64-size", "base64-form".
    """
    if len(text) > (limit_bytes + 2) // 3 * 4:
        raise MalformedError("base64-size")
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise MalformedError("base64-form") from error
    if encode_base64(data) != text:
        raise MalformedError("base64-form")
    if len(data) > limit_bytes or (size_bytes is not None and len(data) != size_bytes):
        raise MalformedError("base64-size")
    return data
