"""JSON in one spelling: RFC 8785 out; in, no duplicate keys, no floats, no integers outside ±2^53."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import rfc8785

from plaint.errors import MalformedError

LIMIT_INTEGER = 2**53


def encode_json(value: Any) -> bytes:
    """Return the RFC 8785 bytes of `value`.

    Raises: MalformedError "json-value".
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise MalformedError("json-value") from error


def parse_json(data: bytes, *, limit_bytes: int) -> Any:
    """Return the value of strict JSON in any spelling of white space.

    Raises: MalformedError "json-size", "json-form", "json-duplicate-key", "json-number".
    """
    if len(data) > limit_bytes:
        raise MalformedError("json-size")
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_float=_refuse,
            parse_constant=_refuse,
            parse_int=_integer,
        )
    except (ValueError, RecursionError) as error:
        raise MalformedError("json-form") from error


def parse_canonical_json(data: bytes, *, limit_bytes: int) -> Any:
    """Return the value of JSON that is already in RFC 8785 form.

    Raises: MalformedError "json-canonical" and those of `parse_json`.
    """
    value = parse_json(data, limit_bytes=limit_bytes)
    if encode_json(value) != data:
        raise MalformedError("json-canonical")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise MalformedError("json-duplicate-key")
    return value


def _refuse(_text: str) -> Any:
    raise MalformedError("json-number")


def _integer(text: str) -> int:
    value = int(text) if len(text) < 20 else LIMIT_INTEGER
    if abs(value) >= LIMIT_INTEGER:
        raise MalformedError("json-number")
    return value
