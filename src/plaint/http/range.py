"""One byte range of an answer (RFC 9110, section 14)."""

from __future__ import annotations

import re

_RANGE = re.compile(r"bytes=([0-9]{0,16})-([0-9]{0,16})", re.ASCII)


def parse_range(text: str | None, size: int) -> tuple[int, int] | None:
    """Return [start, end) of a request for one range, or None when the whole is the answer.

    A range that makes no sense, several ranges and other units are answered with the whole, as the RFC allows.
    """
    match = _RANGE.fullmatch(text or "")
    if match is None or match[1] == match[2] == "":
        return None
    if not match[1]:
        start, end = max(0, size - int(match[2])), size
    else:
        start, end = int(match[1]), min(size, int(match[2]) + 1 if match[2] else size)
    return (start, end) if start < end else None
