"""What the vectors of exports say: JSON in, JSON out."""

from __future__ import annotations

from collections import Counter
from typing import Any

from plaint.client.described import describe_content, load_export_words
from plaint.client.export import HTML_NAME, JSON_NAME, LOG_NAME, TEXT_NAME, Choice, Export, ExportedEntry, encode_export
from plaint.client.redact import Redactor, find_left, is_named, list_pieces
from plaint.encoding.json import encode_json
from plaint.protocol.content import parse_content
from tests.support.operations_keys import Value


def export_redact(value: Value) -> Value:
    redactor = Redactor(value["names"], load_export_words(value["language"]))
    text = redactor.redact(value["text"])
    left = find_left([redactor.strip(text)], value["names"], allowed=value["allowed"])
    named = [name for name in value["people"] if is_named(name, [text])]
    counts, pieces = [redactor.counts[name] for name in value["names"]], list(map(list_pieces, value["people"]))
    return {"text": text, "counts": counts, "left": left, "named": named, "pieces": pieces}


def export_describe(value: Value) -> Value:
    content = parse_content(value["kind"], encode_json(value["content"]))
    return {"text": describe_content(content, load_export_words(value["language"]))}


def export_write(value: Value) -> Value:
    entries = tuple(_read_entry(entry) for entry in value["entries"])
    counts = Counter(dict(zip(value["redact"], value["counts"], strict=True)))
    redactor = Redactor(value["redact"], load_export_words(value["language"]), counts)
    choice = Choice(
        value["for"],
        tuple(entry.name for entry in entries),
        tuple(value["redact"]),
        tuple(value["leave"]),
        value["language"],
    )
    made = encode_export(Export(entries, redactor), choice)
    return {"html": made[HTML_NAME], "text": made[TEXT_NAME], "json": made[JSON_NAME], "log": made[LOG_NAME]}


def _read_entry(value: Value) -> ExportedEntry:
    given: dict[str, Any] = {**value, "files": tuple(value["files"])}
    return ExportedEntry(**given)
