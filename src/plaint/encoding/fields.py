"""JSON objects with exactly the keys of their form: take each with its check, then `finish`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any, TypeVar

from plaint.errors import MalformedError

_T = TypeVar("_T")
_HEX = re.compile(r"[0-9a-f]*")


class Fields:
    """Takes the keys of one JSON object; every method names the key that failed under the `code` of the form."""

    def __init__(self, value: Any, code: str) -> None:
        if not isinstance(value, dict):
            raise MalformedError(code, "object")
        self._left = dict(value)
        self._code = code

    def take(self, key: str) -> Any:
        """Return the value of `key`, whatever it is."""
        if key not in self._left:
            raise MalformedError(self._code, key)
        return self._left.pop(key)

    def peek(self, key: str) -> Any:
        """Return the value of `key`, or None when it is not there, and leave it."""
        return self._left.get(key)

    def take_text(self, key: str, *, least: int = 1, limit: int = 200, pattern: re.Pattern[str] | None = None) -> str:
        """Return a string of `least` to `limit` characters without controls, that is all `pattern`."""
        value = self.take(key)
        if not isinstance(value, str) or not least <= len(value) <= limit or has_controls(value):
            raise MalformedError(self._code, key)
        if pattern is not None and not pattern.fullmatch(value):
            raise MalformedError(self._code, key)
        return value

    def take_hex(self, key: str, size_bytes: int) -> bytes:
        """Return the bytes of lower-case hex."""
        value = self.take(key)
        if not isinstance(value, str) or len(value) != 2 * size_bytes or not _HEX.fullmatch(value):
            raise MalformedError(self._code, key)
        return bytes.fromhex(value)

    def take_integer(self, key: str, *, least: int = 0, most: int = 2**53 - 1) -> int:
        """Return an integer from `least` to `most`."""
        value = self.take(key)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise MalformedError(self._code, key)
        return value

    def take_list(self, key: str, parse: Callable[[Any], _T], *, limit: int) -> tuple[_T, ...]:
        """Return each item of an array of at most `limit`, parsed."""
        value = self.take(key)
        if not isinstance(value, list) or len(value) > limit:
            raise MalformedError(self._code, key)
        return tuple(parse(item) for item in value)

    def take_string(self, key: str, *, least: int = 1, limit: int = 2**20) -> str:
        """Return a string of `least` to `limit` characters, line ends and all."""
        value = self.take(key)
        if not isinstance(value, str) or not least <= len(value) <= limit:
            raise MalformedError(self._code, key)
        return value

    def take_one_of(self, key: str, allowed: tuple[str, ...]) -> str:
        """Return one of the `allowed` strings."""
        value = self.take_string(key)
        if value not in allowed:
            raise MalformedError(self._code, key)
        return value

    def take_hex_list(self, key: str, size_bytes: int, *, limit: int) -> tuple[bytes, ...]:
        """Return each item of an array of at most `limit` byte strings in lower-case hex."""
        return self.take_list(key, lambda item: Fields({key: item}, self._code).take_hex(key, size_bytes), limit=limit)

    def take_null(self, key: str, take: Callable[[str], _T]) -> _T | None:
        """Return None for null, else what `take` returns for `key`, which must be there."""
        if self.has(key) and self._left[key] is None:
            del self._left[key]
            return None
        return take(key)

    def take_optional(self, key: str, take: Callable[[str], _T]) -> _T | None:
        """Return None when `key` is not there, else what `take` returns for it."""
        return take(key) if self.has(key) else None

    def take_rest(self) -> dict[str, Any]:
        """Return everything that is left, for forms that keep unknown keys."""
        rest, self._left = self._left, {}
        return rest

    def take_exactly(self, key: str, expected: str | int) -> None:
        """Check that `key` has the one value it can have."""
        value = self.take(key)
        if value != expected or type(value) is not type(expected):
            raise MalformedError(self._code, key)

    def take_flag(self, key: str) -> bool:
        """Return true, the one value of a flag: what is not so is left out."""
        if self.take(key) is not True:
            raise MalformedError(self._code, key)
        return True

    def has(self, key: str) -> bool:
        """Say whether `key` is still there."""
        return key in self._left

    def refuse(self, key: str) -> MalformedError:
        """Return the error that names `key`."""
        return MalformedError(self._code, key)

    def finish(self) -> None:
        """Check that no key is left."""
        if self._left:
            raise MalformedError(self._code, "unknown key")


def has_controls(text: str) -> bool:
    """Say whether `text` holds control characters or lone surrogates."""
    return not text.isprintable() and any(unicodedata.category(c) in {"Cc", "Cs"} for c in text)
