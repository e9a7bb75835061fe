"""What the vectors of kits say that a page carries."""

from __future__ import annotations

from plaint.encoding.json import encode_json
from plaint.protocol.kit import Kit, embed_kit, encode_kit, parse_kit
from tests.support.operations_keys import Value


def encode_parts(kit: Kit) -> Value:
    copy = kit.copy
    answers = None if copy is None else {path: body.decode() for path, body in sorted(copy.answers.items())}
    return {"api": kit.api, "org": kit.trust.org.hex(), "at": None if copy is None else copy.at, "answers": answers}


def kit_parse(value: Value) -> Value:
    kit = parse_kit(value["text"].encode())
    return {**encode_parts(kit), "encoded": encode_kit(kit).decode()}


def kit_embed(value: Value) -> Value:
    return {"page": embed_kit(value["page"], parse_kit(encode_json(value["kit"])))}
