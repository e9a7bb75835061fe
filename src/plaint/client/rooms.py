"""Rooms as a client reads them: entries chained, opened and judged, slots computed again. Start at `open_room`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from plaint.client.view import View
from plaint.crypto.agreement import AgreementKey
from plaint.crypto.hashes import compute_sha256
from plaint.errors import PlaintError, RefusedError, VerificationError
from plaint.protocol.access import Access, Roster, list_standing_accesses
from plaint.protocol.authorship import OWN, PROVED, UNADMITTED, UNPROVED, HolderReader, MemberReader, find_signer
from plaint.protocol.body import Body, open_body
from plaint.protocol.content import Content, EntryContent, OpenContent, SlotsContent, parse_content
from plaint.protocol.keys import HolderKeys, MemberKeys, RoomKeys, compute_room_keys
from plaint.protocol.leaf import TOKEN_KINDS, compute_content_leaf, compute_token_leaf
from plaint.protocol.note import parse_note
from plaint.protocol.room import (
    Header,
    Manifest,
    compute_header_hash,
    compute_room_id,
    encode_header,
    parse_manifest,
)
from plaint.protocol.slots import (
    FULL,
    compute_mode,
    compute_positions,
    compute_slot_set,
    compute_token_hashes,
    verify_slot_set,
)
from plaint.protocol.state import State, parse_state, verify_headers
from plaint.protocol.write import RoomAnswer

LIFTED, SHUT, DROPPED = "access-lifted", "access-shut", "access-dropped"
UNTOLD, EARLIER_SLOTS = "grant-untold", "slots-digest"


@dataclass(frozen=True, slots=True)
class OpenedEntry:
    """One entry. What could not be opened has no content and names the check that failed in `problem`."""

    header: Header
    content: Content | None = None
    author: bytes | None = None
    authorship: str = UNPROVED
    opening: bytes | None = field(default=None, repr=False)
    leaves: tuple[bytes, ...] = ()
    problem: str | None = None
    signer: bytes | None = None
    """The key of its author that signed it: whether that counted, its date says."""

    @property
    def hash(self) -> bytes:
        """H(header)."""
        return compute_header_hash(encode_header(self.header))

    @property
    def signed(self) -> bool:
        """Whether a member certainly wrote it."""
        return self.author is not None and self.authorship in {PROVED, OWN}


@dataclass(frozen=True, slots=True)
class OpenedRoom:
    """A room after all checks.

    `access` is what counts of the last one named (`list_standing_accesses`). `begin` is when its first entry arrived,
    as the server signed; `problems` are codes of what does not hold and is shown, not hidden.
    """

    id: bytes
    manifest: Manifest
    secret: bytes = field(repr=False)
    roster: Roster
    access: Access
    entries: tuple[OpenedEntry, ...]
    state: State
    begin: int
    problems: tuple[str, ...] = ()

    @property
    def head(self) -> bytes:
        """H(last header)."""
        return self.entries[-1].hash

    @property
    def accesses(self) -> list[Access]:
        """What each entry with a slot set said of who may read."""
        return [e.content.access for e in self.entries if isinstance(e.content, OpenContent | SlotsContent)]

    @property
    def kept_out(self) -> tuple[bytes, ...]:
        """Whom its first entry keeps out, sorted: nobody comes to that list later, and nobody off it."""
        return self.accesses[0].conflicted

    @property
    def cap(self) -> bytes:
        """The capability of the room."""
        return compute_room_keys(self.secret).cap

    @property
    def erasing(self) -> bool:
        """Whether somebody signed to erase it: the server takes what comes next from its holder and members alone."""
        return self.entries[-1].header.kind == "erase"


class Eyes(Protocol):
    """Somebody who reads: judges who wrote what."""

    def judge(self, body: Body, *, seq: int, manifest: Manifest, full: Sequence[bytes], granted_seq: int) -> str:
        """Return an authorship of spec/room.md."""

    def has_part_in(self, full: Sequence[bytes]) -> bool:
        """Tell whether a slot set with these members in mode full lets this reader in."""


@dataclass(frozen=True, slots=True)
class HolderEyes:
    """The holder reads: her own entries are those whose tags she can make again."""

    keys: HolderKeys
    view: View

    def judge(
        self,
        body: Body,
        *,
        seq: int,
        manifest: Manifest,
        full: Sequence[bytes],
        granted_seq: int,  # noqa: ARG002
    ) -> str:
        authors = self.view.authors(manifest.roster)
        members = {member: authors[member] for member in full}
        return HolderReader(self.keys.author, members, self.view.ever_signers).judge(
            body.proof.author, body.message, seq=seq
        )

    def has_part_in(self, full: Sequence[bytes]) -> bool:  # noqa: ARG002 -- her slot stands in every set
        return True


@dataclass(frozen=True, slots=True)
class MemberEyes:
    """A member reads: signatures under the directory's keys, and the one tag that is meant for this member."""

    id: bytes
    keys: MemberKeys
    view: View

    def judge(
        self,
        body: Body,
        *,
        seq: int,
        manifest: Manifest,
        full: Sequence[bytes],  # noqa: ARG002 -- the other tags convince others
        granted_seq: int,
    ) -> str:
        key = self.keys.find_author(self.view.authors(manifest.roster).get(self.id, b""))
        reader = MemberReader(self.id, key, manifest.author, self.view.ever_signers, granted_seq)
        return reader.judge(body.proof.author, body.message, seq=seq)

    def has_part_in(self, full: Sequence[bytes]) -> bool:
        return self.id in full


def open_room(answer: RoomAnswer, state: State, *, secret: bytes, eyes: Eyes, view: View) -> OpenedRoom:
    """Return the room after checking chain, manifest, bodies, authors and the whole current slot set.

    `answer` is the room from its first entry on, its notes verified; `state` is the one of now. A broken chain, or a
    manifest that is not the room's, means that the server handed out something else than the room: that raises. A body,
    an author or a slot that does not hold is one person's doing: it stands in the result.
    Raises: VerificationError "state-fork", "room-manifest", "room-slots"; MalformedError of `parse_manifest`.
    """
    headers = [entry.header for entry in answer.entries]
    verify_headers(state, headers)
    opening = parse_state(parse_note(answer.opening).text)
    verify_headers(opening, headers[:1])
    keys = compute_room_keys(secret)
    bodies, broken = _open_bodies(answer, keys.identity)
    content = _parse(headers[0], bodies[0]) if 0 in bodies else None
    if not isinstance(content, OpenContent) or compute_room_id(content.room) != state.room:
        raise VerificationError("room-manifest")
    manifest = parse_manifest(content.room)
    if manifest.org != view.org or keys.identity.public != manifest.recipient:
        raise VerificationError("room-manifest")
    place = (manifest, view.roster(manifest.channel, manifest.roster))
    # The server was told the channel's pack and compared: a manifest with another one was never told so.
    if view.fold_at(manifest.roster).channels[manifest.channel].pack != manifest.pack:
        raise VerificationError("room-manifest")
    timeline = _compute_timeline(headers, bodies)
    named, first = timeline[max(timeline)], timeline[0]
    standing = dict(zip(timeline, list_standing_accesses(list(timeline.values()), place[1]), strict=True))
    entries = _judge(headers, (bodies, broken), keys, place, standing, eyes)
    entries = tuple(_find_signer(entry, bodies.get(entry.header.seq), view) for entry in entries)
    problems = [
        *_check_tokens(headers[0], secret),
        *_check_slots(answer, secret, (*place, named)),
        *_check_earlier_slots(headers, secret, place, timeline),
        *check_lifted(first, timeline.values()),
        *check_shut(first, timeline.values()),
        *check_dropped(list(timeline.values()), place[1]),
    ]
    access = standing[max(standing)]
    return OpenedRoom(state.room, manifest, secret, place[1], access, entries, state, opening.at, tuple(problems))


def check_lifted(first: Access, later: Iterable[Access]) -> list[str]:
    """Name everybody kept out by `first` whom some `later` access no longer keeps out."""
    lifted = {member for access in later for member in first.conflicted if member not in access.conflicted}
    return [f"{LIFTED} {member.hex()}" for member in sorted(lifted)]


def check_shut(first: Access, later: Iterable[Access]) -> list[str]:
    """Name everybody whom some `later` access keeps out and `first` does not: nobody is kept out later."""
    shut = {member for access in later for member in access.conflicted if member not in first.conflicted}
    return [f"{SHUT} {member.hex()}" for member in sorted(shut)]


def check_dropped(named: Sequence[Access], roster: Roster) -> list[str]:
    """Name everybody who was let in and whom some later access no longer names: they have the key all the same.

    Whoever has no place in the roster never had it.
    """
    places, granted, dropped = roster.places, set[bytes](), set[bytes]()
    for access in named:
        dropped |= granted.difference(access.granted)
        granted |= places.intersection(access.granted)
    return [f"{DROPPED} {member.hex()}" for member in sorted(dropped)]


def check_grant(room: OpenedRoom, member: bytes, view: View) -> bool:
    """Tell whether a member may be let into a room and is not in it yet.

    Raises: RefusedError "grant-conflict", "grant-roster", "grant-left" for somebody who is no active member any more.
    """
    if member in room.kept_out:
        raise RefusedError("grant-conflict")
    if member not in room.roster.places:
        raise RefusedError("grant-roster")
    if not view.is_active(member):
        raise RefusedError("grant-left")
    return member not in room.access.granted


def check_told(main: OpenedRoom, other: OpenedRoom) -> list[str]:
    """Name everybody ever let into `other` of whom `main`, the reporter's room, says nothing: no key, no notice."""
    readers = {m for access in main.accesses for m in compute_full_members(main.roster, main.manifest, access)}
    notices = {
        entry.content.notice.member
        for entry in main.entries
        if isinstance(entry.content, EntryContent)
        and entry.content.notice is not None
        and entry.content.notice.room == other.id
        and entry.signed
    }
    let_in = {member for access in other.accesses for member in access.granted} & other.roster.places
    untold = let_in - readers - notices
    return [f"{UNTOLD} {member.hex()}" for member in sorted(untold)]


def compute_full_members(roster: Roster, manifest: Manifest, access: Access) -> list[bytes]:
    """Return the members with mode full in a slot set, delivered or held, sorted: those a holder's tags are for."""
    positions = compute_positions(roster)
    full = [p.member.id for p in positions if p.member and compute_mode(p, manifest, access) == FULL]
    return sorted(set(full))


def _open_bodies(answer: RoomAnswer, identity: AgreementKey) -> tuple[dict[int, Body], dict[int, str]]:
    """Return by seq what opens and says something, and why what does not."""
    bodies: dict[int, Body] = {}
    broken: dict[int, str] = {}
    for entry in answer.entries:
        header = entry.header
        try:
            body = open_body(identity, header, entry.body)
            parse_content(header.kind, body.content)
        except PlaintError as error:
            broken[header.seq] = error.code
            continue
        bodies[header.seq] = body
    return bodies, broken


def _judge(
    headers: Sequence[Header],
    opened: tuple[Mapping[int, Body], Mapping[int, str]],
    keys: RoomKeys,
    place: tuple[Manifest, Roster],
    timeline: Mapping[int, Access],
    eyes: Eyes,
) -> tuple[OpenedEntry, ...]:
    bodies, broken = opened
    manifest, roster = place
    lists = {seq: compute_full_members(roster, manifest, access) for seq, access in timeline.items()}
    granted_seq = min((seq for seq, full in lists.items() if eyes.has_part_in(full)), default=0)
    counts: Counter[str] = Counter()
    entries: list[OpenedEntry] = []
    for header in headers:
        counts[header.kind] += 1
        body = bodies.get(header.seq)
        if body is None:
            entries.append(OpenedEntry(header, problem=broken.get(header.seq)))
            continue
        full = lists[max(seq for seq in lists if seq <= header.seq)]
        leaves = [compute_content_leaf(body.proof.opening, encode_header(header))]
        if header.kind in TOKEN_KINDS:
            leaves.append(compute_token_leaf(keys.compute_token(header.kind, counts[header.kind])))
        author = body.proof.author.id
        judged = eyes.judge(body, seq=header.seq, manifest=manifest, full=full, granted_seq=granted_seq)
        # Whoever reads a room can lend others its key: what they sign with it is theirs, and changes nothing.
        strange = author is not None and author not in full and judged in {PROVED, OWN}
        entries.append(
            OpenedEntry(
                header=header,
                content=parse_content(header.kind, body.content),
                author=author,
                authorship=UNADMITTED if strange else judged,
                opening=body.proof.opening,
                leaves=tuple(leaves),
            )
        )
    return tuple(entries)


def _find_signer(entry: OpenedEntry, body: Body | None, view: View) -> OpenedEntry:
    if body is None or body.proof.author.signature is None:
        return entry
    return replace(entry, signer=find_signer(body.proof.author, body.message, view.ever_signers))


def _compute_timeline(headers: Sequence[Header], bodies: Mapping[int, Body]) -> dict[int, Access]:
    """Return the access that each entry with a slot set names."""
    timeline: dict[int, Access] = {}
    for header in headers:
        body = bodies.get(header.seq)
        content = _parse(header, body) if body else None
        if isinstance(content, OpenContent | SlotsContent):
            timeline[header.seq] = content.access
    return timeline


def _check_tokens(first: Header, secret: bytes) -> list[str]:
    """A report whose due hashes are not those of its own tokens could never be shown to be answered."""
    tokens = compute_token_hashes(secret)
    right = (first.acknowledge, first.feedback) == (tokens.acknowledge, tokens.feedback)
    return [] if right else ["room-tokens"]


def _check_slots(answer: RoomAnswer, secret: bytes, place: tuple[Manifest, Roster, Access]) -> list[str]:
    """Compute the current slot set again and name the position that lies."""
    header = next(entry.header for entry in reversed(answer.entries) if entry.header.slots is not None)
    if answer.slots_seq != header.seq or header.slots != compute_sha256(answer.slots):
        raise VerificationError("room-slots")
    try:
        verify_slot_set(answer.slots, secret, *place, seq=header.seq)
    except PlaintError as error:
        return [f"{error.code} {error.detail}".strip()]
    return []


def _check_earlier_slots(
    headers: Sequence[Header],
    secret: bytes,
    place: tuple[Manifest, Roster],
    timeline: Mapping[int, Access],
) -> list[str]:
    """Compute the slot sets before the current one again: a true set sent after a lying one takes no key back."""
    found: list[str] = []
    for header in [header for header in headers if header.slots is not None][:-1]:
        access = timeline.get(header.seq)
        try:
            right = access is not None and header.slots == compute_sha256(
                compute_slot_set(secret, *place, access, seq=header.seq)
            )
        except PlaintError:
            right = False
        if not right:
            found.append(f"{EARLIER_SLOTS} {header.seq}")
    return found


def _parse(header: Header, body: Body) -> Content | None:
    try:
        return parse_content(header.kind, body.content)
    except PlaintError:
        return None
