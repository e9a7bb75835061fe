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
from plaint.protocol.directory_keys import Compromised, ReceiptKey, Rotate
from plaint.protocol.directory_server import Cosigners, Origin, Succession, Upstream
from plaint.protocol.directory_state import (
    COMPROMISED,
    DirectoryState,
    check_whole,
)
from plaint.protocol.fold_members import (
    check_member,
    check_rotation,
    dismiss_member,
    put_member,
    rotate_member,
    suspend_member,
    verify_member,
    void_member,
)
from plaint.protocol.fold_packs import check_channel, check_pack, put_channel
from plaint.protocol.fold_server import (
    add_release,
    change_clock,
    check_apart,
    check_receipts,
    check_succession,
    replace_receipts,
    succeed_origin,
    void_receipts,
)
from plaint.protocol.note import VerifierKey
from plaint.protocol.packs import Pack, compute_pack_digest
from plaint.protocol.release import Release


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
            "directory-pack", "directory-pack-version", "directory-suspend", "directory-leave", "directory-effect",
            "directory-succession", "directory-upstream", "directory-release", "release-signature", "directory-rotate",
            "directory-receipts", "directory-compromised", "directory-grace".
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
            return check_apart(replace(state, origin=content))
        case Release():
            return add_release(state, content)
        case Effect():
            return _take_effect(state, content)
        case Suspend() | Leave() | Compromised():
            return _stop(state, content)
        case _:
            _check_content(state, entry)
            first = (isinstance(content, ChartDigest) and state.chart is None) or (
                isinstance(content, Cosigners) and state.cosigners is None
            )
            return _change(state, entry) if first else replace(state, pending=(*state.pending, entry))


def _stop(state: DirectoryState, content: Suspend | Leave | Compromised) -> DirectoryState:
    match content:
        case Suspend(id=member):
            return suspend_member(state, member)
        case Leave(id=member):
            return dismiss_member(state, member)
        case Compromised(receipts=VerifierKey() as key):
            return void_receipts(state, key)
        case Compromised(id=member):
            return void_member(state, member or b"")


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
        verify_member(state, member)
        state = put_member(state, member)
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
        case Compromised(id=bytes() as member):
            enough = pair or any(m.id == member for m in signers)
        case Rotate(id=member):
            enough = any(m.id == member for m in signers)
        case Succession():
            enough = independents == {m.id for m in state.find_active((INDEPENDENT,))}
        case _:
            enough = pair
    if not enough:
        raise VerificationError("directory-signers")


def _check_content(state: DirectoryState, entry: Entry) -> None:
    content = entry.content
    match content:
        case Member():
            verify_member(state, content)
        case Rotate():
            check_rotation(state, entry, content)
        case ReceiptKey(key=key):
            check_receipts(state, key)
        case Channel():
            check_channel(state, content)
        case Clock():
            change_clock(state, content)
        case Pack():
            check_pack(state, content)
        case Succession():
            check_succession(state, content)
        case Upstream():
            check_apart(replace(state, upstream=content.key))


def _take_effect(state: DirectoryState, effect: Effect) -> DirectoryState:
    if not state.pending or state.pending[0].index != effect.of:
        raise VerificationError("directory-effect")
    entry, *rest = state.pending
    state = replace(state, pending=tuple(rest))
    try:
        _check_still_signed(state, entry)
        changed = _change(state, entry)
        check_whole(changed)
    except VerificationError:
        # Spent without effect: otherwise one impossible entry would hold up all that wait behind it.
        return replace(state, void=(*state.void, entry.index))
    return changed


def _check_still_signed(state: DirectoryState, entry: Entry) -> None:
    """Check that what waited is signed by enough without the keys that became void since, perhaps a thief's."""
    signers = [state.members[signature.id] for signature in entry.by]
    if any(signer.status == COMPROMISED for signer in signers):
        _check_signers(state, entry.content, [s.member for s in signers if s.status != COMPROMISED])


def _change(state: DirectoryState, entry: Entry) -> DirectoryState:  # noqa: PLR0911 -- one for each type
    content = entry.content
    match content:
        case Member():
            check_member(state, content)
            return put_member(state, content)
        case Rotate():
            return rotate_member(state, entry, content)
        case ReceiptKey(key=key):
            return replace_receipts(state, key)
        case Channel():
            return put_channel(state, content)
        case Pack():
            return replace(state, packs={**state.packs, compute_pack_digest(content): content})
        case ChartDigest():
            return replace(state, chart=content)
        case Clock():
            return change_clock(state, content)
        case Cosigners():
            return replace(state, cosigners=content)
        case Upstream():
            return check_apart(replace(state, upstream=content.key))
        case Succession():
            return succeed_origin(state, content)
        case _:
            raise VerificationError("directory-type")
