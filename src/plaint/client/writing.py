"""Entries on their way out: content sealed, bound, tagged or signed, with the leaves that will be logged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from plaint.client.rooms import OpenedRoom, compute_full_members
from plaint.client.view import View
from plaint.crypto.hashes import compute_sha256
from plaint.protocol.access import Access, Roster
from plaint.protocol.authorship import HolderWriter, MemberWriter
from plaint.protocol.body import BodyRandom, seal_body, with_body
from plaint.protocol.content import (
    Attachment,
    Content,
    OpenContent,
    Person,
    SlotsContent,
    encode_content,
    parse_content,
)
from plaint.protocol.keys import HolderKeys, compute_room_keys
from plaint.protocol.leaf import TOKEN_KINDS, compute_content_leaf, compute_token_leaf
from plaint.protocol.records import Disclosure
from plaint.protocol.room import (
    ZERO_HASH,
    Header,
    Manifest,
    Until,
    compute_room_id,
    encode_header,
    encode_manifest,
)
from plaint.protocol.slots import compute_slot_set, compute_token_hashes
from plaint.protocol.write import Opening, Write

Writer = MemberWriter | HolderWriter


@dataclass(frozen=True, slots=True)
class NewRoom:
    """What a room is opened with; `unique` for rooms of which a case has one."""

    secret: bytes = field(repr=False)
    manifest: Manifest
    roster: Roster
    access: Access
    text: str | None = None
    lang: str | None = None
    people: tuple[Person, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    disclosure: Disclosure | None = None
    unique: bytes | None = None


@dataclass(frozen=True, slots=True)
class SealedWrite:
    """A write and the opening of its content leaf, which only readers of the body know."""

    write: Write
    opening: bytes = field(repr=False)


def make_manifest(
    view: View,
    *,
    channel: str,
    secret: bytes,
    label: str,
    holder: HolderKeys | None = None,
    parent: bytes | None = None,
) -> Manifest:
    """Return the manifest of a new room at the directory's present size."""
    return Manifest(
        org=view.org,
        channel=channel,
        roster=view.size,
        pack=view.state.channels[channel].pack,
        recipient=compute_room_keys(secret).identity.public,
        author=holder.author.public if holder else None,
        holder=holder.age.public if holder else None,
        parent=parent,
        label=label,
    )


def make_holder_writer(view: View, keys: HolderKeys, members: Sequence[bytes], *, roster: int) -> HolderWriter:
    """Return a holder who convinces exactly `members`, under the keys they had at the room's directory size."""
    authors = view.authors(roster)
    return HolderWriter(keys.author, {member: authors[member] for member in members})


def seal_open(new: NewRoom, writer: Writer, *, holder: HolderKeys | None = None) -> SealedWrite:
    """Return the write that opens a room; without its proof of work.

    Raises: MalformedError "content-size", "content-form", "access-…"; VerificationError "key-agreement".
    """
    manifest = encode_manifest(new.manifest)
    room = compute_room_id(manifest)
    keys = compute_room_keys(new.secret)
    tokens = compute_token_hashes(new.secret)
    slots = compute_slot_set(new.secret, new.manifest, new.roster, new.access, seq=0)
    content = OpenContent(
        room=manifest,
        access=new.access,
        people=new.people,
        text=new.text,
        lang=new.lang,
        attachments=new.attachments,
        disclosure=new.disclosure,
    )
    header = Header(
        org=new.manifest.org,
        room=room,
        seq=0,
        prev=ZERO_HASH,
        kind="open",
        body=ZERO_HASH,
        slots=None,
        tally=compute_sha256(keys.tally),
        acknowledge=tokens.acknowledge,
        feedback=tokens.feedback,
    )
    opening = Opening(
        channel=new.manifest.channel,
        pack=new.manifest.pack,
        roster=new.manifest.roster,
        cap_hash=compute_sha256(keys.cap),
        tally=keys.tally,
        locator_hash=compute_sha256(holder.locator) if holder else None,
        unique=new.unique,
    )
    sealed = _seal(header, content, writer, recipient=new.manifest.recipient, slots=slots)
    leaves = (*sealed.write.leaves, compute_token_leaf(keys.compute_token("open")))
    write = replace(sealed.write, leaves=leaves, opening=opening)
    return SealedWrite(write, sealed.opening)


def seal_entry(
    room: OpenedRoom, kind: str, content: Content, writer: Writer, *, until: Until | None = None
) -> SealedWrite:
    """Return the next entry of a room; an `extend` says `until` when.

    Raises: MalformedError "content-size", "content-form"; VerificationError "key-agreement".
    """
    return _seal_next(room, kind, content, writer, slots=None, until=until)


def seal_slots(room: OpenedRoom, content: SlotsContent, writer: Writer) -> SealedWrite:
    """Return the entry that gives a room a new slot set, as `content.access` names it."""
    slots = compute_slot_set(room.secret, room.manifest, room.roster, content.access, seq=len(room.entries))
    return _seal_next(room, "slots", content, writer, slots=slots)


def list_readers(room: OpenedRoom, access: Access | None = None) -> list[bytes]:
    """Return the members whom a holder's entry must convince."""
    return compute_full_members(room.roster, room.manifest, access or room.access)


def _seal_next(
    room: OpenedRoom,
    kind: str,
    content: Content,
    writer: Writer,
    *,
    slots: bytes | None,
    until: Until | None = None,
) -> SealedWrite:
    header = Header(
        org=room.manifest.org,
        room=room.id,
        seq=len(room.entries),
        prev=room.head,
        kind=kind,
        body=ZERO_HASH,
        slots=None,
        until=until,
    )
    sealed = _seal(header, content, writer, recipient=room.manifest.recipient, slots=slots)
    if kind not in TOKEN_KINDS:
        return sealed
    count = 1 + sum(entry.header.kind == kind for entry in room.entries)
    token = compute_room_keys(room.secret).compute_token(kind, count)
    write = replace(sealed.write, leaves=(*sealed.write.leaves, compute_token_leaf(token)))
    return SealedWrite(write, sealed.opening)


def _seal(header: Header, content: Content, writer: Writer, *, recipient: bytes, slots: bytes | None) -> SealedWrite:
    random, data = BodyRandom(), encode_content(content)
    parse_content(header.kind, data)  # what nobody could open, its author neither, would stand there for ever
    body = seal_body(recipient, header, data, writer, random=random)
    full = with_body(header, body, slots)
    leaf = compute_content_leaf(random.opening, encode_header(full))
    blobs = tuple(attachment.id for attachment in content.attachments)
    return SealedWrite(Write(full, body, (leaf,), slots or b"", blobs=blobs), random.opening)
