"""Handling-failure rooms: what independents found out about a missed date; the line neither reads nor closes them.

Source: spec/content.md, "Handling failures".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from plaint.docket.case import CLOSED, CLOSING, Closing
from plaint.docket.entries import OpenedEntry
from plaint.protocol.content import CloseContent, EntryContent, OpenContent, ReopenContent

HANDLING = "handling"
OPENED = "open"


@dataclass(frozen=True, slots=True)
class Handling:
    """A room about how a case was handled; `status` is open, closing or closed."""

    room: bytes
    by: bytes
    at: int | None
    status: str
    closing: Closing | None


def fold_handling(entries: Iterable[OpenedEntry], *, independents: Collection[bytes]) -> tuple[Handling, ...]:
    """Return the handling-failure rooms among `entries`; `independents` are those whom the report does not keep out.

    A room that none of them opened is not one, whatever its label. Two of them close it, or the one there is.
    """
    rooms: dict[bytes, list[OpenedEntry]] = {}
    for entry in sorted(entries, key=lambda e: (e.room, e.seq)):
        if entry.label == HANDLING and entry.member in independents:
            rooms.setdefault(entry.room, []).append(entry)
    found = [_fold_room(own, alone=len(independents) == 1) for own in rooms.values() if _is_opening(own[0])]
    return tuple(sorted(found, key=lambda item: item.room))


def _is_opening(entry: OpenedEntry) -> bool:
    return entry.seq == 0 and isinstance(entry.content, OpenContent)


def _fold_room(entries: Sequence[OpenedEntry], *, alone: bool) -> Handling:
    first, closing = entries[0], None
    for entry in entries:
        if entry.member is None:
            continue
        match entry.content:
            case CloseContent(reason=reason) if closing is None:
                closing = Closing(entry.hash, entry.member, reason, entry.member if alone else None)
            case EntryContent(confirms=bytes(confirms)) if closing is not None and closing.second is None:
                if confirms == closing.hash and entry.member != closing.first:
                    closing = replace(closing, second=entry.member)
            case ReopenContent():
                closing = None
    status = OPENED if closing is None else CLOSING if closing.second is None else CLOSED
    return Handling(first.room, first.member or b"", first.logged_at, status, closing)
