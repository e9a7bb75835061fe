"""Text objects: ASCII lines `key SP value LF` in a fixed order, one spelling (spec/README.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from plaint.errors import MalformedError

Line = tuple[str, str]


def encode_lines(first: str, pairs: Iterable[Line]) -> bytes:
    """Return the text object with first line `first` and one line for each (key, value)."""
    return "".join([first + "\n", *(f"{key} {value}\n" for key, value in pairs)]).encode("ascii")


def parse_lines(data: bytes, first: str, *, limit_bytes: int) -> list[Line]:
    """Split a text object into its (key, value) lines after checking size, alphabet and first line.

    Raises: MalformedError "text-size", "text-ascii", "text-first-line", "text-line".
    """
    if len(data) > limit_bytes:
        raise MalformedError("text-size")
    if not data.isascii() or b"\r" in data or b"\0" in data:
        raise MalformedError("text-ascii")
    if not data.endswith(b"\n"):
        raise MalformedError("text-line", "no final newline")
    head, *rest = data.decode("ascii")[:-1].split("\n")
    if head != first:
        raise MalformedError("text-first-line")
    pairs: list[Line] = []
    for line in rest:
        key, space, value = line.partition(" ")
        if not key or not space or not value or value != value.strip() or not value.isprintable():
            raise MalformedError("text-line")
        pairs.append((key, value))
    return pairs


class LineReader:
    """Takes lines in their fixed order; every method names the check that failed."""

    def __init__(self, pairs: Sequence[Line]) -> None:
        self._pairs = pairs
        self._at = 0

    def peek(self) -> str | None:
        """Return the key of the next line, or None at the end."""
        return self._pairs[self._at][0] if self._at < len(self._pairs) else None

    def take(self, key: str) -> str:
        """Return the value of the next line, which must have `key`."""
        if self.peek() != key:
            raise MalformedError("text-order", key)
        self._at += 1
        return self._pairs[self._at - 1][1]

    def take_optional(self, key: str) -> str | None:
        """Return the value of the next line when it has `key`, else None."""
        return self.take(key) if self.peek() == key else None

    def take_many(self, key: str) -> list[str]:
        """Return the values of all directly following lines with `key`."""
        values: list[str] = []
        while self.peek() == key:
            values.append(self.take(key))
        return values

    def finish(self) -> None:
        """Check that no line is left."""
        if self.peek() is not None:
            raise MalformedError("text-order", "unknown line")


def parse_integer(text: str, *, limit: int = 2**53) -> int:
    """Return a decimal without sign or leading zeros, below `limit`.

    Raises: MalformedError "text-integer".
    """
    if len(text) > 16 or not (text.isascii() and text.isdigit()) or (len(text) > 1 and text[0] == "0"):
        raise MalformedError("text-integer")
    value = int(text)
    if value >= limit:
        raise MalformedError("text-integer")
    return value


def parse_hex(text: str, *, size_bytes: int) -> bytes:
    """Return the bytes of lower-case hex of exactly `size_bytes`.

    Raises: MalformedError "text-hex".
    """
    if len(text) != 2 * size_bytes:
        raise MalformedError("text-hex")
    try:
        data = bytes.fromhex(text)
    except ValueError as error:
        raise MalformedError("text-hex") from error
    if data.hex() != text:
        raise MalformedError("text-hex")
    return data
