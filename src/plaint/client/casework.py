"""Opened rooms, dated by the log and folded: status, due dates, who reads since when. Needs an updated case log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from plaint.client.connection import Connection
from plaint.client.rooms import OpenedEntry, OpenedRoom
from plaint.docket.case import CaseView, fold_case
from plaint.docket.entries import HOLDER
from plaint.docket.entries import OpenedEntry as DatedEntry
from plaint.docket.obligations import LAPSED, LATE, MET, MISSED, OPEN, Obligation, judge_duties
from plaint.docket.records import find_review
from plaint.protocol.authorship import FORMER, OWN, PROVED
from plaint.protocol.packs import PROMISED_KINDS, Pack, compute_due
from plaint.protocol.room import Header
from plaint.protocol.slots import PACK_BYTES, Slot, compute_token_hashes

WITHHELD, UNRELEASED = "withheld", "unreleased"
REVIEW, DECIDE = "review", "decide"
RELEASE_S = 3_600
BADNESS = (MET, LAPSED, OPEN, LATE, WITHHELD, MISSED, UNRELEASED)


@dataclass(frozen=True, slots=True)
class DueDate:
    """A date of a case, and what became of it: open, met, late, missed, lapsed or withheld.

    `duty` says the rest, for whoever reads the case; who only watches it has none.
    """

    what: str
    at: int
    state: str
    duty: Obligation | None = None
    source: str = ""


def compute_logged_at(connection: Connection, entry: OpenedEntry) -> int | None:
    """Return when a quorum first vouched for an entry's leaf, or None while none has."""
    index = connection.leaves.find(entry.leaves[0]) if entry.leaves else None
    return None if index is None else connection.leaves.compute_date(index)


def date_authors(connection: Connection, room: OpenedRoom) -> OpenedRoom:
    """Return the room with what members signed after their keys ended marked as such; needs an updated log."""
    return replace(room, entries=tuple(_date_author(connection, entry) for entry in room.entries))


def _date_author(connection: Connection, entry: OpenedEntry) -> OpenedEntry:
    if entry.author is None or entry.signer is None or entry.authorship not in {PROVED, OWN}:
        return entry
    if connection.view.counted(entry.author, entry.signer, compute_logged_at(connection, entry)):
        return entry
    return replace(entry, authorship=FORMER)


def fold_rooms(connection: Connection, rooms: Sequence[OpenedRoom], *, begin: int | None = None) -> CaseView:
    """Return the state of the case in `rooms`, the reporter's first; `begin` is when it arrived, by a receipt.

    Whoever is named as let in and has no place in a room's slot set was given no key to it.
    """
    view = fold_case(
        [entry for room in rooms for entry in date_entries(connection, room)],
        pack=connection.view.pack(rooms[0].manifest.pack),
        begin=begin or rooms[0].begin,
        now=int(connection.now()),
        grace_s=connection.trust.grace_s,
    )
    placed = {(room.id, place.id) for room in rooms for place in room.roster.delivered}
    return replace(view, grants=tuple(grant for grant in view.grants if (grant.room, grant.member) in placed))


def date_entries(connection: Connection, room: OpenedRoom) -> list[DatedEntry]:
    """Return the entries of a room as the docket folds them, dated by the log."""
    return [_date(connection, room, entry) for entry in room.entries]


def list_due_dates(connection: Connection, room: OpenedRoom, view: CaseView) -> list[DueDate]:
    """Return every date of a case; what the log holds and the room, read past date and grace, lacks is *withheld*."""
    sources = {duty.kind: duty.source for duty in connection.view.pack(room.manifest.pack).duties}
    return [
        DueDate(d.kind, d.at, WITHHELD if _is_withheld(connection, room, d) else d.state, d, sources[d.kind])
        for d in view.obligations
    ]


def list_reviews(connection: Connection, view: CaseView) -> list[DueDate]:
    """Return when somebody must next look at what a case waits for again: one date at most, met when all is lifted."""
    review = find_review(view.holds)
    if review is None:
        return []
    at, lifted = review
    return [DueDate(REVIEW, at, MET if lifted else OPEN if connection.now() <= at else MISSED)]


def find_let_in(connection: Connection, room: OpenedRoom, view: CaseView) -> int | None:
    """Return when the server let the independents in: when the first promised date was over without an answer.

    It goes by the date that was promised, whatever more time was given, and by the kind of an entry, whatever it says.
    Where an answer waits for the log, or the log holds one that the room lacks, nobody here knows: that counts as none.
    """
    grace_s, now = connection.trust.grace_s, int(connection.now())
    ends = []
    for duty in view.obligations:
        if duty.kind not in PROMISED_KINDS or _is_withheld(connection, room, duty):
            continue
        last = (duty.at if duty.extension is None else duty.extension.before) + grace_s
        dates = [compute_logged_at(connection, entry) for entry in room.entries if entry.header.kind == duty.kind]
        if None not in dates and min((date for date in dates if date is not None), default=now) > last:
            ends.append(last)
    return min(ends, default=None)


def list_held(room: OpenedRoom) -> list[bytes]:
    """Return the independents who have a waiting key to a room and no other."""
    out = {*room.kept_out, *room.access.granted}
    return [member.id for member in room.roster.held if member.id not in out]


def watch_room(connection: Connection, slot: Slot, *, keys: Sequence[Slot] = ()) -> list[DueDate]:
    """Return what becomes of the dates of a room that this member only watches: its tokens are in the slot.

    Empty while the report itself has no date. *unreleased*: the date was missed, the server should have handed out the
    key by now and has not. Where one of `keys` is the room's the date is missed and no more, also of an erased room.
    """
    tokens = slot.tokens
    packs = [pack for digest, pack in connection.view.state.packs.items() if digest[:PACK_BYTES] == slot.pack]
    begin = None if tokens is None else _date_token(connection, tokens.open)
    if tokens is None or begin is None or not packs:
        return []
    met = {"acknowledge": tokens.acknowledge, "feedback": tokens.feedback}
    dates = [_judge_watched(connection, kind, at, met[kind]) for kind, at in compute_due(packs[0], begin)]
    released = has_key(slot, keys)
    known = [replace(due, state=MISSED) if released and due.state == UNRELEASED else due for due in dates]
    return [*known, *_watch_result(connection, packs[0], begin, tokens.decide)]


def judge_watched_slots(
    connection: Connection, slots: Sequence[Slot], *, keys: Sequence[Slot] = ()
) -> tuple[Slot, list[DueDate]]:
    """Return the dates of a room that is only watched, and their slot; of slots that contradict another the worst."""
    distinct = {(slot.tokens, slot.pack): slot for slot in slots}
    judged = [(slot, watch_room(connection, slot, keys=keys)) for slot in distinct.values()]
    return max(judged, key=lambda item: rank_dates(item[1]))


def has_key(slot: Slot, keys: Sequence[Slot]) -> bool:
    """Tell whether one of `keys` is the first key of the room that `slot` watches: anybody can seal a false one."""
    return any(key.secret is not None and compute_token_hashes(key.secret) == slot.tokens for key in keys)


def _is_withheld(connection: Connection, room: OpenedRoom, duty: Obligation) -> bool:
    """Tell by the rule of spec/receipt.md: what was read before the token's date proves nothing about the server."""
    if duty.kind not in PROMISED_KINDS or duty.state not in {OPEN, MISSED}:
        return False
    if any(entry.header.kind == duty.kind and entry.content is not None for entry in room.entries):
        return False
    date = _date_token(connection, get_due_hash(room.entries[0].header, duty.kind))
    return date is not None and room.state.at >= max(date, duty.at + connection.trust.grace_s)


def rank_dates(dates: Sequence[DueDate]) -> list[int]:
    """Return how bad these dates are, the worst of them first; no dates are the least of all."""
    return sorted((BADNESS.index(due.state) for due in dates), reverse=True)


def _judge_watched(connection: Connection, kind: str, at: int, token: bytes) -> DueDate:
    date, last, now = _date_token(connection, token), at + connection.trust.grace_s, connection.now()
    if date is not None:
        return DueDate(kind, at, MET if date <= last else LATE)
    if now <= last:
        return DueDate(kind, at, OPEN)
    return DueDate(kind, at, MISSED if now <= last + RELEASE_S else UNRELEASED)


def _watch_result(connection: Connection, pack: Pack, begin: int, token: bytes) -> list[DueDate]:
    """Return until when the written result is due at the latest: what comes before it is not seen here.

    Nobody is let in when it is missed. Nothing is said where the pack extends a date: that is not seen either.
    """
    if any(duty.extend is not None for duty in pack.duties):
        return []
    date, now = _date_token(connection, token), int(connection.now())
    events = {} if date is None else {DECIDE: date}
    judged = judge_duties(pack, begin, events, (), now=now, grace_s=connection.trust.grace_s)
    results = {duty.kind for duty in pack.duties if duty.met == (DECIDE,)}
    return [DueDate(duty.kind, duty.at, duty.state) for duty in judged if duty.kind in results]


def _date_token(connection: Connection, digest: bytes) -> int | None:
    index = connection.leaves.find_token(digest)
    return None if index is None else connection.leaves.compute_date(index)


def get_due_hash(first: Header, kind: str) -> bytes:
    """Return the hash of the token that meets a duty, from the header of `open`."""
    return (first.acknowledge if kind == "acknowledge" else first.feedback) or b""


def _date(connection: Connection, room: OpenedRoom, entry: OpenedEntry) -> DatedEntry:
    return DatedEntry(
        room=room.id,
        label=room.manifest.label,
        seq=entry.header.seq,
        kind=entry.header.kind,
        hash=entry.hash,
        author=None if entry.content is None else entry.author or HOLDER,
        proved=entry.authorship,
        logged_at=compute_logged_at(connection, entry),
        content=entry.content,
        until=entry.header.until,
    )
