"""What the first N directory entries add up to: a pure function that refuses the whole for one bad entry.

Source: spec/directory.md, "Fold". Start at `fold_directory`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from plaint.errors import VerificationError
from plaint.protocol.directory import Entry, compute_org, parse_entry, verify_entry_signature
from plaint.protocol.directory_contents import (
    ADMINISTRATOR,
    INDEPENDENT,
    Channel,
    ChartDigest,
    Clock,
    Content,
    Cosigners,
    Effect,
    Genesis,
    Leave,
    Member,
    Origin,
    Succession,
    Suspend,
)
from plaint.protocol.keys import compute_member_id
from plaint.protocol.packs import Pack, compute_pack_digest
from plaint.protocol.request import verify_proof

ACTIVE, SUSPENDED, LEFT = "active", "suspended", "left"
LEAST_AFTER_SUSPEND = 2


@dataclass(frozen=True, slots=True)
class MemberState:
    """A member and whether they may act; keys of those who left are kept, because what they signed stays."""

    member: Member
    status: str = ACTIVE

    @property
    def active(self) -> bool:
        """Whether the member may sign and receive."""
        return self.status == ACTIVE


@dataclass(frozen=True, slots=True)
class Past:
    """The server's keys before a succession, and what took their place."""

    origin: Origin
    succession: Succession


@dataclass(frozen=True, slots=True)
class DirectoryState:
    """The directory after `size` entries; `pending` are delayed entries without effect yet, oldest first.

    `past` are origins that others succeeded, oldest first.
    """

    size: int
    org: bytes
    name: str
    members: Mapping[bytes, MemberState]
    channels: Mapping[str, Channel]
    packs: Mapping[bytes, Pack]
    clock: Clock
    origin: Origin | None = None
    chart: ChartDigest | None = None
    cosigners: Cosigners | None = None
    pending: tuple[Entry, ...] = ()
    void: tuple[int, ...] = ()
    past: tuple[Past, ...] = ()
    demo: bool = False

    def find_active(self, roles: Iterable[str]) -> list[Member]:
        """Return the active members who have one of `roles`, by id."""
        return [m.member for _, m in sorted(self.members.items()) if m.active and _has_role(m.member, roles)]


def fold_directory(entries: Iterable[bytes], *, org: bytes | None = None) -> DirectoryState:
    """Return the state after all `entries`, which start with genesis; `org`, when known, must be theirs.

    Raises: VerificationError "directory-…"; MalformedError of `parse_entry`.
    """
    state: DirectoryState | None = None
    for data in entries:
        state = apply_entry(state, parse_entry(data))
        if org is not None and state.org != org:
            raise VerificationError("directory-org")
    if state is None:
        raise VerificationError("directory-empty")
    return state


def apply_entry(state: DirectoryState | None, entry: Entry) -> DirectoryState:
    """Return the state after one more entry; None is the empty directory.

    Raises: VerificationError "directory-index", "directory-type", "directory-signer", "directory-signature",
            "directory-signers", "directory-request", "directory-member", "directory-founders", "directory-channel",
            "directory-pack", "directory-suspend", "directory-leave", "directory-effect", "directory-succession".
    """
    if entry.index != (state.size if state else 0):
        raise VerificationError("directory-index")
    content = entry.content
    if isinstance(content, Genesis) != (entry.index == 0) or isinstance(content, Origin) != (entry.index == 1):
        raise VerificationError("directory-type")
    if state is None:
        return _found(entry, content)
    signers = _verify_signatures(state, entry)
    _check_signers(state, content, signers)
    state = replace(state, size=state.size + 1)
    match content:
        case Origin():
            return replace(state, origin=content)
        case Effect():
            return _take_effect(state, content)
        case Suspend():
            return _suspend(state, content.id)
        case Leave():
            return _leave(state, content.id)
        case _:
            _check_content(state, content)
            first = (isinstance(content, ChartDigest) and state.chart is None) or (
                isinstance(content, Cosigners) and state.cosigners is None
            )
            return _change(state, content) if first else replace(state, pending=(*state.pending, entry))


def check_whole(state: DirectoryState) -> None:
    """Check what must hold at all times: two people can change the directory, every channel has members and a pack.

    Raises: VerificationError "directory-founders", "directory-channel", "directory-pack".
    """
    administrators = {m.id for m in state.find_active((ADMINISTRATOR,))}
    independents = {m.id for m in state.find_active((INDEPENDENT,))}
    if not administrators or not independents or len(administrators | independents) < 2:
        raise VerificationError("directory-founders")
    for channel in state.channels.values():
        if channel.pack not in state.packs:
            raise VerificationError("directory-pack")
        if not state.find_active(channel.roles):
            raise VerificationError("directory-channel")


def _found(entry: Entry, content: Content) -> DirectoryState:
    if not isinstance(content, Genesis):
        raise VerificationError("directory-type")
    org = compute_org(entry)
    if [s.id for s in entry.by] != [m.id for m in content.members]:
        raise VerificationError("directory-signers")
    for signature, member in zip(entry.by, content.members, strict=True):
        verify_entry_signature(org, entry, signature, member.sign)
    state = DirectoryState(
        size=1,
        org=org,
        name=content.name,
        members={},
        channels={channel.id: channel for channel in content.channels},
        packs={compute_pack_digest(pack): pack for pack in content.packs},
        clock=content.clock,
        demo=content.demo,
    )
    if not state.channels:
        raise VerificationError("directory-channel")
    for member in content.members:
        _check_content(state, member)
        state = _change(state, member)
    check_whole(state)
    return state


def _verify_signatures(state: DirectoryState, entry: Entry) -> list[Member]:
    signers: list[Member] = []
    for signature in entry.by:
        signer = state.members.get(signature.id)
        if signer is None or not signer.active:
            raise VerificationError("directory-signer")
        verify_entry_signature(state.org, entry, signature, signer.member.sign)
        signers.append(signer.member)
    return signers


def _check_signers(state: DirectoryState, content: Content, signers: list[Member]) -> None:
    administrators = {m.id for m in signers if ADMINISTRATOR in m.roles}
    independents = {m.id for m in signers if INDEPENDENT in m.roles}
    pair = bool(administrators) and bool(independents) and len(administrators | independents) > 1
    match content:
        case Origin() | Effect():
            enough = not signers
        case Suspend():
            enough = bool(administrators | independents)
        case Leave(id=member):
            enough = pair or any(m.id == member for m in signers)
        case Succession():
            enough = independents == {m.id for m in state.find_active((INDEPENDENT,))}
        case _:
            enough = pair
    if not enough:
        raise VerificationError("directory-signers")


def _check_content(state: DirectoryState, content: Content) -> None:
    match content:
        case Member():
            _check_keys(state, content)
            verify_proof(content.id, content.age, content.author, content.sign, content.name, content.pop)
        case Channel(pack=digest):
            waiting = {compute_pack_digest(e.content) for e in state.pending if isinstance(e.content, Pack)}
            if digest not in state.packs and digest not in waiting:
                raise VerificationError("directory-pack")
        case Succession():
            _check_succession(state, content)


def _check_keys(state: DirectoryState, member: Member) -> None:
    keys = (member.age, member.author, member.sign)
    known = state.members.get(member.id)
    if known is None and member.id != compute_member_id(*keys):
        raise VerificationError("directory-request", "id")
    if known is not None and keys != (known.member.age, known.member.author, known.member.sign):
        raise VerificationError("directory-member")
    others = {k for m in state.members.values() if m.member.id != member.id for k in _keys_of(m.member)}
    if not others.isdisjoint(keys):
        raise VerificationError("directory-member")


def _check_succession(state: DirectoryState, succession: Succession) -> None:
    """Check that neither name nor keys served before: what was signed then must not pass for what is signed now."""
    if state.origin is None:
        raise VerificationError("directory-succession")
    used = [state.origin, *(past.origin for past in state.past)]
    keys = {key for origin in used for key in _list_public(origin)}
    names = {origin.origin for origin in used}
    if succession.origin.origin in names or not keys.isdisjoint(_list_public(succession.origin)):
        raise VerificationError("directory-succession")


def _list_public(origin: Origin) -> list[bytes]:
    return [key.public for key in (origin.cases, origin.directory, origin.clock, origin.receipts)]


def _take_effect(state: DirectoryState, effect: Effect) -> DirectoryState:
    if not state.pending or state.pending[0].index != effect.of:
        raise VerificationError("directory-effect")
    entry, *rest = state.pending
    state = replace(state, pending=tuple(rest))
    try:
        if isinstance(entry.content, Member):
            _check_keys(state, entry.content)
        elif isinstance(entry.content, Succession):
            _check_succession(state, entry.content)
        changed = _change(state, entry.content)
        check_whole(changed)
    except VerificationError:
        # Spent without effect: otherwise one impossible entry would hold up all that wait behind it.
        return replace(state, void=(*state.void, entry.index))
    return changed


def _change(state: DirectoryState, content: Content) -> DirectoryState:  # noqa: PLR0911 -- one for each type
    match content:
        case Member():
            return replace(state, members={**state.members, content.id: MemberState(content)})
        case Channel():
            return replace(state, channels={**state.channels, content.id: content})
        case Pack():
            return replace(state, packs={**state.packs, compute_pack_digest(content): content})
        case ChartDigest():
            return replace(state, chart=content)
        case Clock():
            return replace(state, clock=content)
        case Cosigners():
            return replace(state, cosigners=content)
        case Succession() if state.origin is not None:
            return replace(state, origin=content.origin, past=(*state.past, Past(state.origin, content)))
        case _:
            raise VerificationError("directory-type")


def _suspend(state: DirectoryState, member: bytes) -> DirectoryState:
    found = state.members.get(member)
    if found is None or not found.active:
        raise VerificationError("directory-suspend", "not active")
    changed = _stop(state, found.member, SUSPENDED)
    channels = [channel.roles for channel in state.channels.values() if _has_role(found.member, channel.roles)]
    few = any(len(changed.find_active(roles)) < LEAST_AFTER_SUSPEND for roles in channels)
    groups = [*channels, *((role,) for role in (ADMINISTRATOR, INDEPENDENT) if role in found.member.roles)]
    stopped = [m.member for m in state.members.values() if m.status == SUSPENDED]
    if few or any(_has_role(other, roles) for other in stopped for roles in groups):
        raise VerificationError("directory-suspend", "too few")
    _check_kept(changed, "directory-suspend")
    return changed


def _leave(state: DirectoryState, member: bytes) -> DirectoryState:
    found = state.members.get(member)
    if found is None or found.status == LEFT:
        raise VerificationError("directory-leave", "not a member")
    changed = _stop(state, found.member, LEFT)
    _check_kept(changed, "directory-leave")
    return changed


def _stop(state: DirectoryState, member: Member, status: str) -> DirectoryState:
    waiting = tuple(e for e in state.pending if not (isinstance(e.content, Member) and e.content.id == member.id))
    return replace(state, members={**state.members, member.id: MemberState(member, status)}, pending=waiting)


def _check_kept(state: DirectoryState, code: str) -> None:
    try:
        check_whole(state)
    except VerificationError as error:
        raise VerificationError(code, "too few") from error


def _has_role(member: Member, roles: Iterable[str]) -> bool:
    return not set(member.roles).isdisjoint(roles)


def _keys_of(member: Member) -> tuple[bytes, bytes, bytes]:
    return member.age, member.author, member.sign
