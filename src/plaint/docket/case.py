"""The state of a case: a pure fold over its opened entries (spec/content.md, "Status"). Start at `fold_case`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from plaint.docket.entries import HOLDER, REPORTER, OpenedEntry
from plaint.docket.obligations import Obligation, compute_obligations, name_event
from plaint.docket.records import Claim, HoldState, Risk, fold_claims, fold_holds, fold_risk
from plaint.protocol.content import CloseContent, EntryContent, EraseContent, OpenContent, ReopenContent, SlotsContent
from plaint.protocol.packs import Pack

RECEIVED, ACKNOWLEDGED, FEEDBACK = "received", "acknowledged", "feedback"
CLOSING, CLOSED, REOPENED, ERASING = "closing", "closed", "reopened", "erasing"
_PROGRESS = {"acknowledge": ACKNOWLEDGED, "feedback": FEEDBACK}
_ORDER = (RECEIVED, *_PROGRESS)


@dataclass(frozen=True, slots=True)
class Closing:
    """A member's wish to close; `second` is the other member who agreed, None until then."""

    hash: bytes
    first: bytes
    reason: str
    second: bytes | None = None


@dataclass(frozen=True, slots=True)
class Erasing:
    """A member's wish to erase the reporter's room; whatever is written after it takes it back."""

    hash: bytes
    first: bytes
    ground: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A member who can read a room of the case; `since` is the logged date of the entry that let them in.

    `told` says whether the reporter's room shows it: for rooms she cannot read, by a notice.
    """

    room: bytes
    label: str
    member: bytes
    since: int | None
    told: bool


@dataclass(frozen=True, slots=True)
class CaseView:
    """What everybody who reads the same rooms sees of a case."""

    status: str
    obligations: tuple[Obligation, ...]
    closing: Closing | None
    erasing: Erasing | None
    grants: tuple[Grant, ...]
    participants: tuple[bytes | str, ...]
    unproved: tuple[tuple[bytes, int], ...]
    holds: tuple[HoldState, ...] = ()
    claims: tuple[Claim, ...] = ()
    risk: Risk | None = None


def fold_case(entries: Iterable[OpenedEntry], *, pack: Pack, begin: int, now: int, grace_s: int) -> CaseView:
    """Return the state of the case whose rooms hold `entries`.

    `pack` is the one the report was received under, `begin` when that was. Of entries that do not count
    (`OpenedEntry.counts`) nothing follows; they are listed as unproved. The order of `entries` does not matter.
    """
    ordered = sorted(entries, key=lambda e: (e.label != REPORTER, e.room, e.seq))
    heard = _drop_conflicted(ordered)
    main = [e for e in heard if e.label == REPORTER]
    status, closing = _fold_status([e for e in main if e.counts])
    last = next((e for e in reversed(ordered) if e.label == REPORTER), None)
    erasing = find_erasing(last) if last in main else None
    return CaseView(
        status=status if erasing is None else ERASING,
        obligations=compute_obligations(pack, begin, main, now=now, grace_s=grace_s),
        closing=closing,
        erasing=erasing,
        grants=_fold_grants(ordered),
        participants=tuple(sorted(_find_participants(ordered), key=lambda who: (who != HOLDER, who))),
        unproved=tuple((e.room, e.seq) for e in ordered if not e.counts),
        holds=fold_holds(heard),
        claims=fold_claims(main),
        risk=fold_risk(heard),
    )


def find_erasing(last: OpenedEntry | None) -> Erasing | None:
    """Return the wish to erase a room that its last entry is, if it is one and a member's."""
    match last:
        case OpenedEntry(content=EraseContent(ground=str(ground)), member=bytes(member)):
            return Erasing(last.hash, member, ground)
    return None


def _drop_conflicted(entries: Sequence[OpenedEntry]) -> list[OpenedEntry]:
    """Leave out what members wrote whom the report itself keeps out: a friend can lend them a pen, not a say."""
    opened = (e.content for e in entries if e.label == REPORTER and isinstance(e.content, OpenContent))
    first = next(opened, None)
    conflicted = set(first.access.conflicted) if first is not None else set()
    return [e for e in entries if e.member not in conflicted]


def _fold_status(entries: Sequence[OpenedEntry]) -> tuple[str, Closing | None]:
    progress, waiting = RECEIVED, dict[bytes, Closing]()
    closed: Closing | None = None
    reopened = False
    for entry in entries:
        match entry.content:
            case CloseContent(reason=reason) if entry.member is not None and closed is None:
                waiting[entry.hash] = Closing(entry.hash, entry.member, reason)
            case EntryContent(confirms=bytes(confirms)) if entry.member is not None and confirms in waiting:
                closing = waiting[confirms]
                if entry.member != closing.first:
                    closed, waiting = replace(closing, second=entry.member), {}
            case ReopenContent() if closed is not None or waiting:
                closed, waiting, reopened = None, {}, True
        if entry.member is not None and entry.kind in _PROGRESS and name_event(entry) == entry.kind:
            progress = max(progress, entry.kind, key=_ORDER.index)
    if closed is not None:
        return CLOSED, closed
    if waiting:
        return CLOSING, list(waiting.values())[-1]
    return (REOPENED if reopened else _PROGRESS.get(progress, RECEIVED)), None


def _fold_grants(entries: Sequence[OpenedEntry]) -> tuple[Grant, ...]:
    notices = {
        (e.content.notice.room, e.content.notice.member)
        for e in entries
        if e.label == REPORTER and e.counts and isinstance(e.content, EntryContent) and e.content.notice is not None
    }
    since: dict[bytes, dict[bytes, int | None]] = {}
    labels: dict[bytes, str] = {}
    for entry in entries:
        if isinstance(entry.content, OpenContent | SlotsContent):
            # A slot set rules who reads, whoever sent it; so this counts even when its author is not proved. And
            # whoever is left off a later one keeps the key.
            readers = since.setdefault(entry.room, {})
            for member in entry.content.access.granted:
                readers.setdefault(member, entry.logged_at)
            labels[entry.room] = entry.label
    return tuple(
        Grant(room, labels[room], member, at, told=labels[room] == REPORTER or (room, member) in notices)
        for room, members in since.items()
        for member, at in sorted(members.items())
    )


def _find_participants(entries: Iterable[OpenedEntry]) -> set[bytes | str]:
    return {e.author for e in entries if e.counts and e.author is not None}
