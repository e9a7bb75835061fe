"""What is said when an upload in parts is complete."""

from __future__ import annotations

from dataclasses import dataclass

from plaint.encoding.fields import Fields
from plaint.encoding.json import parse_json
from plaint.store.blobs import LIMIT_BLOB_BYTES, LIMIT_PARTS

LIMIT_COMPLETION_BYTES = 1024
CODE = "upload-form"


@dataclass(frozen=True, slots=True)
class Completion:
    """How many parts, how many bytes, and their SHA-256."""

    parts: int
    size: int
    sha256: bytes


def parse_completion(data: bytes) -> Completion:
    """Return the body of POST blobs/ID.

    Raises: MalformedError "upload-form", "json-…".
    """
    fields = Fields(parse_json(data, limit_bytes=LIMIT_COMPLETION_BYTES), CODE)
    completion = Completion(
        parts=fields.take_integer("parts", least=1, most=LIMIT_PARTS),
        size=fields.take_integer("size", least=1, most=LIMIT_BLOB_BYTES),
        sha256=fields.take_hex("sha256", 32),
    )
    fields.finish()
    return completion
