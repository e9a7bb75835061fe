"""Takes typed values out of parsed JSON objects, so that every parser refuses wrong shapes alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from plaint.encoding.lines import parse_hex
from plaint.errors import MalformedError

T = TypeVar("T")


class Fields:
    """An object whose values are checked as they are taken; `code` names the format in errors."""

    def __init__(self, value: Any, *, code: str) -> None:
        if not isinstance(value, dict):
            raise MalformedError(code)
        self._rest: dict[str, Any] = dict(value)
        self._code = code

    def take(self, key: str) -> Any:
        """Return the value of `key`, which must be there."""
        if key not in self._rest:
            raise MalformedError(self._code, key)
        return self._rest.pop(key)

    def has(self, key: str) -> bool:
        """Tell whether `key` is there and not yet taken."""
        return key in self._rest

    def take_text(self, key: str, *, limit: int = 2**20, empty: bool = False) -> str:
        """Return a string of at most `limit` characters, not empty unless `empty`."""
        value = self.take(key)
        if not isinstance(value, str) or len(value) > limit or not (value or empty):
            raise MalformedError(self._code, key)
        return value

    def take_integer(self, key: str, *, least: int = 0) -> int:
        """Return an integer of at least `least`."""
        value = self.take(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise MalformedError(self._code, key)
        return value

    def take_hex(self, key: str, *, size_bytes: int) -> bytes:
        """Return bytes written in lower-case hex."""
        return self._parse_hex(self.take(key), key, size_bytes)

    def take_one_of(self, key: str, allowed: tuple[str, ...]) -> str:
        """Return one of the `allowed` strings."""
        value = self.take_text(key)
        if value not in allowed:
            raise MalformedError(self._code, key)
        return value

    def take_null(self, key: str, take: Callable[[str], T]) -> T | None:
        """Return None for null, else what `take` returns for `key`."""
        if self.has(key) and self._rest[key] is None:
            del self._rest[key]
            return None
        return take(key)

    def take_optional(self, key: str, take: Callable[[str], T]) -> T | None:
        """Return None when `key` is absent, else what `take` returns for it."""
        return take(key) if self.has(key) else None

    def take_list(self, key: str, parse: Callable[[Any], T], *, limit: int) -> tuple[T, ...]:
        """Return a list of at most `limit` parsed values."""
        value = self.take(key)
        if not isinstance(value, list) or len(value) > limit:
            raise MalformedError(self._code, key)
        return tuple(parse(item) for item in value)

    def take_hex_list(self, key: str, *, size_bytes: int, limit: int) -> tuple[bytes, ...]:
        """Return a list of at most `limit` byte strings in hex."""
        return self.take_list(key, lambda item: self._parse_hex(item, key, size_bytes), limit=limit)

    def take_rest(self) -> Mapping[str, Any]:
        """Return what nobody took."""
        rest, self._rest = self._rest, {}
        return rest

    def finish(self) -> None:
        """Check that nothing is left."""
        if self._rest:
            raise MalformedError(self._code, "unknown key")

    def _parse_hex(self, value: Any, key: str, size_bytes: int) -> bytes:
        if not isinstance(value, str):
            raise MalformedError(self._code, key)
        try:
            return parse_hex(value, size_bytes=size_bytes)
        except MalformedError as error:
            raise MalformedError(self._code, key) from error
