"""How entries change the keys of the server and the releases it may serve (spec/directory.md, "Fold")."""

from __future__ import annotations

from dataclasses import replace

from plaint.errors import VerificationError
from plaint.protocol.directory_contents import Clock
from plaint.protocol.directory_server import Origin, Succession
from plaint.protocol.directory_state import DirectoryState, FormerReceipts, Past, Released
from plaint.protocol.note import VerifierKey
from plaint.protocol.release import Release, verify_release


def change_clock(state: DirectoryState, clock: Clock) -> DirectoryState:
    """Return the state under another clock, whose grace is no longer: it would make old late answers punctual.

    Raises: VerificationError "directory-grace".
    """
    if clock.grace * clock.tick > state.clock.grace * state.clock.tick:
        raise VerificationError("directory-grace")
    return replace(state, clock=clock)


def check_succession(state: DirectoryState, succession: Succession) -> None:
    """Check that neither name nor keys served before: what was signed then must not pass for what is signed now.

    Raises: VerificationError "directory-succession".
    """
    names = {origin.origin for origin in _list_origins(state)}
    reused = not _list_used(state).isdisjoint(_list_public(succession.origin))
    if state.origin is None or succession.origin.origin in names or reused:
        raise VerificationError("directory-succession")


def succeed_origin(state: DirectoryState, succession: Succession) -> DirectoryState:
    """Return the state in which other logs took the place of both. Raises: as `check_succession`."""
    check_succession(state, succession)
    if state.origin is None:
        raise VerificationError("directory-succession")
    past = (*state.past, Past(state.origin, succession, state.receipts))
    return check_apart(replace(state, origin=succession.origin, past=past, receipts=()))


def check_receipts(state: DirectoryState, key: VerifierKey) -> Origin:
    """Check that a receipt key has the name of the one it replaces and was nobody's before.

    Raises: VerificationError "directory-receipts", "directory-upstream".
    """
    if state.origin is None or key.name != state.origin.receipts.name or key.public in _list_used(state):
        raise VerificationError("directory-receipts")
    origin = replace(state.origin, receipts=key)
    check_apart(replace(state, origin=origin))
    return origin


def replace_receipts(state: DirectoryState, key: VerifierKey) -> DirectoryState:
    """Return the state in which `key` signs state notes. Raises: as `check_receipts`."""
    origin = check_receipts(state, key)
    old = state.origin.receipts if state.origin else key
    former = state.receipts
    if old not in [known.key for known in former]:
        former = (*former, FormerReceipts(old, state.size - 1, void=False))
    return replace(state, origin=origin, receipts=former)


def void_receipts(state: DirectoryState, key: VerifierKey) -> DirectoryState:
    """Return the state in which notes under `key` count only behind leaves that were logged before.

    Raises: VerificationError "directory-compromised" for a key that never signed, or is void already.
    """
    known = next((former for former in state.receipts if former.key == key), None)
    serving = state.origin is not None and key == state.origin.receipts
    if not (serving or known) or (known is not None and known.void):
        raise VerificationError("directory-compromised", "no such key")
    others = tuple(former for former in state.receipts if former != known)
    return replace(state, receipts=(*others, FormerReceipts(key, state.size - 1, void=True)))


def check_apart(state: DirectoryState) -> DirectoryState:
    """Return the state when no server that serves or served holds the key that blesses what it serves.

    Raises: VerificationError "directory-upstream".
    """
    if state.upstream is not None and state.upstream.public in _list_used(state):
        raise VerificationError("directory-upstream")
    return state


def add_release(state: DirectoryState, release: Release) -> DirectoryState:
    """Return the state with one more release. Raises: VerificationError "directory-release", "release-signature"."""
    if state.upstream is None or any(release.version == other.release.version for other in state.releases):
        raise VerificationError("directory-release")
    verify_release(release, state.upstream)
    return replace(state, releases=(*state.releases, Released(state.size - 1, release, state.upstream)))


def _list_origins(state: DirectoryState) -> list[Origin]:
    return [past.origin for past in state.past] + ([state.origin] if state.origin else [])


def _list_used(state: DirectoryState) -> set[bytes]:
    """Return every key that a server of the organisation has or had."""
    former = [*state.receipts, *(known for past in state.past for known in past.receipts)]
    keys = {key for origin in _list_origins(state) for key in _list_public(origin)}
    return keys | {known.key.public for known in former}


def _list_public(origin: Origin) -> list[bytes]:
    return [key.public for key in (origin.cases, origin.directory, origin.clock, origin.receipts)]
