"""What an organisation holds of one person in a case, for that person: chosen entries, other people blacked out.

Made on a member's device, from what that member can read. Start at `prepare_export`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from plaint.client.cases import Case
from plaint.client.casework import compute_logged_at
from plaint.client.connection import Connection
from plaint.client.described import RIGHT_TO_LEFT, ExportWords, describe_content, load_export_words
from plaint.client.files import create_private, make_private_directory
from plaint.client.redact import Redactor, find_left, fold, is_named, list_pieces
from plaint.client.rooms import OpenedEntry, OpenedRoom
from plaint.client.sheet.words import format_date
from plaint.crypto.hashes import compute_sha256
from plaint.errors import RefusedError
from plaint.protocol.authorship import OWN, PROVED
from plaint.protocol.content import Attachment, EntryContent, OpenContent, SlotsContent

HTML_NAME, TEXT_NAME, JSON_NAME, LOG_NAME = "export.html", "export.txt", "export.json", "log.json"
REPORTER = "reporter"
_TYPES = frozenset(json.loads(files("plaint.client").joinpath("file_types.json").read_bytes()))
STYLE = (
    "body{font:1rem/1.5 sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}"
    "article{border-top:1px solid;padding:1rem 0}pre{white-space:pre-wrap;font:inherit}"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """Whose data it is, which entries (`name_entries`), whom to black out, and what may stay that names somebody."""

    subject: str
    entries: tuple[str, ...]
    redact: tuple[str, ...]
    leave: tuple[str, ...] = ()
    language: str = "en"


@dataclass(frozen=True, slots=True)
class ExportedEntry:
    """An entry as handed over; `original` is H(header), which binds the sealed original and shows nothing of it.

    `authorship` is what its reader could show of its author (spec/room.md), `proved` for what the reader wrote.
    """

    name: str
    kind: str
    author: str
    authorship: str
    logged_at: int | None
    text: str
    files: tuple[str, ...]
    original: str
    before: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Export:
    """What is handed over, and how often each name was blacked out."""

    entries: tuple[ExportedEntry, ...]
    redactor: Redactor


def name_entries(case: Case) -> list[tuple[str, OpenedRoom, OpenedEntry]]:
    """Return every entry of a case with the name by which it is chosen: its room's and its number there."""
    names = _name_rooms(case)
    return [(f"{names[room.id]}:{entry.header.seq}", room, entry) for room in case.rooms for entry in room.entries]


def prepare_export(connection: Connection, case: Case, choice: Choice) -> Export:
    """Return the chosen entries without the people to black out, in the words of the chosen language.

    Raises: RefusedError "export-entry" for one that is not there or was not opened, "export-subject" when the person
            themself would be blacked out, "export-left" (detail: words) while somebody else may still be named.
    """
    known = {name: entry for name, _, entry in name_entries(case)}
    if not choice.entries or any(name not in known or known[name].content is None for name in choice.entries):
        raise RefusedError("export-entry")
    if fold(choice.subject) in {fold(name) for name in choice.redact}:
        raise RefusedError("export-subject")
    words = load_export_words(choice.language)
    redactor = Redactor(choice.redact, words)
    exported = [_export(connection, name, known[name], redactor, words) for name in choice.entries]
    left = _find_named(connection, case, choice, exported, redactor)
    if left:
        raise RefusedError("export-left", ", ".join(left))
    return Export(tuple(exported), redactor)


def write_export(export: Export, choice: Choice, folder: Path) -> list[Path]:
    """Write three files to hand over and one to keep, all for their owner only; names of files say nothing.

    Raises: ConflictError "file-exists" of `create_private`.
    """
    make_private_directory(folder)
    made = encode_export(export, choice)
    for name, text in made.items():
        create_private(folder / name, text.encode())
    return [folder / name for name in made]


def encode_export(export: Export, choice: Choice) -> dict[str, str]:
    """Return the files by their names."""
    entries, words = [_encode(entry) for entry in export.entries], load_export_words(choice.language)
    log = {
        "for": choice.subject,
        "redacted": [{"name": name, "count": export.redactor.counts[name]} for name in choice.redact],
        "left": list(choice.leave),
        "entries": [
            {
                "entry": entry.name,
                "original": entry.original,
                "text_sha256": compute_sha256(entry.before.encode()).hex(),
            }
            for entry in export.entries
        ],
    }
    return {
        HTML_NAME: _write_html(export.entries, words),
        TEXT_NAME: _write_text(export.entries, words),
        JSON_NAME: json.dumps({"v": 1, "entries": entries}, ensure_ascii=False, indent=1) + "\n",
        LOG_NAME: json.dumps({"v": 1, **log}, ensure_ascii=False, indent=1) + "\n",
    }


def _export(
    connection: Connection,
    name: str,
    entry: OpenedEntry,
    redactor: Redactor,
    words: ExportWords,
) -> ExportedEntry:
    said = "" if entry.content is None else describe_content(entry.content, words)
    author = _name_author(connection, entry)
    attached = entry.content.attachments if entry.content else ()
    return ExportedEntry(
        name=name,
        kind=entry.header.kind,
        author=redactor.redact(author),
        authorship=PROVED if entry.authorship == OWN else entry.authorship,
        logged_at=compute_logged_at(connection, entry),
        text=redactor.redact(said),
        # A file's own name may name somebody, as may a type that nobody knows; files are not part of an export.
        files=tuple(_describe_file(item, words) for item in attached),
        original=entry.hash.hex(),
        before=said,
    )


def _describe_file(file: Attachment, words: ExportWords) -> str:
    type_ = file.type if file.type in _TYPES else words.say("file-untyped")
    return words.say("file-size", type=type_, size=str(file.size))


def _find_named(
    connection: Connection, case: Case, choice: Choice, exported: Sequence[ExportedEntry], redactor: Redactor
) -> list[str]:
    """Return what may still name somebody else: whole names, and pieces of those blacked out or named in a report.

    Whoever reports about "Rafe Ostellan, Teldane Stores" writes of Rafe.
    """
    texts = [text for entry in exported for text in (entry.text, entry.author)]
    allowed = [choice.subject, *choice.leave]
    free = {fold(name) for name in allowed}
    whole = {name for name in _list_people(connection, case) if fold(name) not in free and is_named(name, texts)}
    named = {name for name in _list_named(case) - whole if fold(name) not in free}
    pieces = [piece for name in sorted(named) for piece in list_pieces(name)]
    return [*sorted(whole), *find_left(map(redactor.strip, texts), [*choice.redact, *pieces], allowed=allowed)]


def _name_rooms(case: Case) -> dict[bytes, str]:
    """Return the labels by room; of rooms that share one, all but the first by their ids have a number as well."""
    names: dict[bytes, str] = {}
    counts: Counter[str] = Counter()
    for room in (case.room, *sorted(case.others, key=lambda room: room.id)):
        label = room.manifest.label
        counts[label] += 1
        names[room.id] = label if counts[label] == 1 else f"{label}-{counts[label]}"
    return names


def _list_people(connection: Connection, case: Case) -> set[str]:
    """Return everybody the case or the directory knows by name."""
    found = set(connection.view.names.values())
    for room in case.rooms:
        for entry in room.entries:
            match entry.content:
                case OpenContent(people=people, access=access, disclosure=told):
                    found |= {person.name for person in people} | {one.name for one in access.excluded}
                    found |= {told.name} if told is not None and told.name else set()
                case SlotsContent(granted=granted) if granted is not None:
                    found.add(granted.name)
                case EntryContent(notice=notice) if notice is not None:
                    found.add(notice.name)
                case EntryContent(disclosure=told) if told is not None and told.name:
                    found.add(told.name)
    return found


def _list_named(case: Case) -> set[str]:
    """Return everybody whom its rooms were opened about, or without."""
    found: set[str] = set()
    for content in (entry.content for room in case.rooms for entry in room.entries):
        if isinstance(content, OpenContent):
            found |= {person.name for person in content.people} | {one.name for one in content.access.excluded}
    return found


def _name_author(connection: Connection, entry: OpenedEntry) -> str:
    return REPORTER if entry.author is None else connection.view.name(entry.author)


def _encode(entry: ExportedEntry) -> dict[str, Any]:
    who = {"author": entry.author, "authorship": entry.authorship}
    said = {"entry": entry.name, "kind": entry.kind, **who, "logged_at": entry.logged_at}
    return {**said, "text": entry.text, "files": list(entry.files), "original": entry.original}


def _list_lines(entry: ExportedEntry, words: ExportWords) -> Iterable[str]:
    author = words.say("reporter") if entry.author == REPORTER else entry.author
    when = words.say("unlogged") if entry.logged_at is None else format_date(entry.logged_at)
    yield f"{words.say(f'kind-{entry.kind}')} · {author} · {when}"
    if entry.authorship != PROVED:
        yield words.say(f"author-{entry.authorship}")
    yield words.say("original", hash=entry.original)
    yield from (words.say("file", file=item) for item in entry.files)


def _write_text(entries: Iterable[ExportedEntry], words: ExportWords) -> str:
    return "\n".join("\n".join([*_list_lines(entry, words), "", entry.text, "", "-" * 40]) for entry in entries) + "\n"


def _write_html(entries: Iterable[ExportedEntry], words: ExportWords) -> str:
    way = "rtl" if words.language in RIGHT_TO_LEFT else "ltr"
    parts = [
        "<!doctype html>",
        f'<html lang="{words.language}" dir="{way}"><meta charset="utf-8"><title>{escape(words.say("title"))}</title>',
        f"<style>{STYLE}</style>",
    ]
    for entry in entries:
        lines = "<br>".join(escape(line) for line in _list_lines(entry, words))
        parts.append(
            f'<article><p><small dir="auto">{lines}</small></p><pre dir="auto">{escape(entry.text)}</pre></article>'
        )
    return "\n".join([*parts, "</html>"]) + "\n"
