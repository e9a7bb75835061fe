"""Reads the operator's file once, strictly; without one there is nothing added, and the answer has the same form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plaint.encoding.json import encode_json
from plaint.errors import MalformedError
from plaint.protocol.outside import LIMIT_OUTSIDE_BYTES, parse_additions

if TYPE_CHECKING:
    from pathlib import Path

NOTHING = encode_json({"entries": [], "type": "outside-additions", "v": 1})


def read_additions(path: Path) -> bytes:
    """Return the bytes of the operator's file, or those that add nothing.

    Raises: MalformedError "outside-form", "outside-size", "json-…": a file that is there must be right.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LIMIT_OUTSIDE_BYTES + 1)
    except FileNotFoundError:
        return NOTHING
    except IsADirectoryError as error:
        raise MalformedError("outside-form", "object") from error
    parse_additions(data)
    return data
