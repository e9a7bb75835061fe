"""What the directory says that a member did, and what it says about the member (spec/directory.md, "Own history")."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from plaint.crypto.hashes import compute_sha256
from plaint.protocol.directory import Entry, compute_entry_message, parse_entry
from plaint.protocol.directory_contents import Leave, Member, Suspend
from plaint.protocol.directory_keys import Compromised, Rotate


@dataclass(frozen=True, slots=True)
class Event:
    """One entry that a member must know: it carries the member's signature, is about the member, or is an alarm."""

    entry: Entry
    digest: bytes
    signed: bool


def compute_entry_digest(org: bytes, entry: Entry) -> bytes:
    """Return what a device remembers of an entry: the same whoever else signs it."""
    return compute_sha256(compute_entry_message(org, entry))


def list_events(entries: Iterable[bytes], *, org: bytes, member: bytes, independent: bool) -> list[Event]:
    """Return the member's own history, oldest first; to independent members every void key is one of the events.

    Raises: those of `parse_entry`.
    """
    found = []
    for data in entries:
        entry = parse_entry(data)
        signed = any(signature.id == member for signature in entry.by)
        if signed or _is_about(entry, member, independent=independent):
            found.append(Event(entry, compute_entry_digest(org, entry), signed))
    return found


def _is_about(entry: Entry, member: bytes, *, independent: bool) -> bool:
    content = entry.content
    if isinstance(content, Compromised) and independent:
        return True
    return isinstance(content, Member | Rotate | Suspend | Leave | Compromised) and content.id == member
