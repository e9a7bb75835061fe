"""What the first N directory entries add up to: a pure function that refuses the whole for one bad entry.

Source: spec/directory.md, "Fold". Start at `fold_directory`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from plaint.errors import VerificationError
from plaint.protocol.directory import Entry, compute_org, parse_entry, verify_entry_signature
from plaint.protocol.directory_contents import (
    ADMINISTRATOR,
    INDEPENDENT,
    Channel,
    ChartDigest,
    Clock,
    Content,
    Effect,
    Genesis,
    Leave,
    Member,
    Suspend,
)
from plaint.protocol.directory_server import Cosigners, Origin, Succession, Upstream
from plaint.protocol.directory_state import (
    LEFT,
    SUSPENDED,
    DirectoryState,
    MemberState,
    Past,
    Released,
    check_whole,
    has_role,
)
from plaint.protocol.keys import compute_member_id
from plaint.protocol.packs import Pack, compute_pack_digest
from plaint.protocol.release import Release, verify_release
from plaint.protocol.request import verify_proof

LEAST_AFTER_SUSPEND = 2


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
            "directory-pack", "directory-suspend", "directory-leave", "directory-effect", "directory-succession",
            "directory-upstream", "directory-release", "release-signature".
    """
    if entry.index != (state.size if state else 0):
        raise VerificationError("directory-index")
    content = entry.content
    if isinstance(content, Genesis) != (entry.index == 0) or isinstance(content, Origin) != (entry.index == 1):
        raise VerificationError("directory-type")
    if state is None:
        return _found(entry, content)
    _check_signers(state, content, _verify_signatures(state, entry))
    return _add(replace(state, size=state.size + 1), entry)


def _add(state: DirectoryState, entry: Entry) -> DirectoryState:
    content = entry.content
    match content:
        case Origin():
            return _check_apart(replace(state, origin=content))
        case Release():
            return _release(state, content)
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
        upstream=content.upstream,
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
        case Release():
            enough = bool(administrators)
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
        case Upstream():
            _check_apart(replace(state, upstream=content.key))


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


def _check_apart(state: DirectoryState) -> DirectoryState:
    """Return the state when no server that serves or served holds the key that blesses what it serves."""
    used = [past.origin for past in state.past] + ([state.origin] if state.origin else [])
    if state.upstream is not None and any(state.upstream.public in _list_public(origin) for origin in used):
        raise VerificationError("directory-upstream")
    return state


def _release(state: DirectoryState, release: Release) -> DirectoryState:
    if state.upstream is None or any(release.version == other.release.version for other in state.releases):
        raise VerificationError("directory-release")
    verify_release(release, state.upstream)
    return replace(state, releases=(*state.releases, Released(state.size - 1, release, state.upstream)))


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
        case Upstream():
            return _check_apart(replace(state, upstream=content.key))
        case Succession() if state.origin is not None:
            past = (*state.past, Past(state.origin, content))
            return _check_apart(replace(state, origin=content.origin, past=past))
        case _:
            raise VerificationError("directory-type")


def _suspend(state: DirectoryState, member: bytes) -> DirectoryState:
    found = state.members.get(member)
    if found is None or not found.active:
        raise VerificationError("directory-suspend", "not active")
    changed = _stop(state, found.member, SUSPENDED)
    channels = [channel.roles for channel in state.channels.values() if has_role(found.member, channel.roles)]
    few = any(len(changed.find_active(roles)) < LEAST_AFTER_SUSPEND for roles in channels)
    groups = [*channels, *((role,) for role in (ADMINISTRATOR, INDEPENDENT) if role in found.member.roles)]
    stopped = [m.member for m in state.members.values() if m.status == SUSPENDED]
    if few or any(has_role(other, roles) for other in stopped for roles in groups):
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


def _keys_of(member: Member) -> tuple[bytes, bytes, bytes]:
    return member.age, member.author, member.sign
