"""The state of a directory: who may act, who receives, under which keys (spec/directory.md, "Fold")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from plaint.errors import VerificationError
from plaint.protocol.directory import Entry
from plaint.protocol.directory_contents import ADMINISTRATOR, INDEPENDENT, Channel, ChartDigest, Clock, Member
from plaint.protocol.directory_server import Cosigners, Origin, Succession
from plaint.protocol.note import VerifierKey
from plaint.protocol.packs import Pack
from plaint.protocol.release import Release

ACTIVE, SUSPENDED, LEFT, COMPROMISED = "active", "suspended", "left", "compromised"


@dataclass(frozen=True, slots=True)
class Term:
    """What a member was from entry `begin` on, until entry `end` changed it."""

    member: Member
    status: str
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class MemberState:
    """A member and whether they may act; keys of those who left are kept, because what they signed stays.

    `begin` is the entry that made this so, `terms` what was before, oldest first; `carries` are those of every
    rotation (carry.py), oldest first.
    """

    member: Member
    status: str = ACTIVE
    begin: int = 0
    terms: tuple[Term, ...] = ()
    carries: tuple[bytes, ...] = ()

    @property
    def active(self) -> bool:
        """Whether the member may sign and receive."""
        return self.status == ACTIVE


@dataclass(frozen=True, slots=True)
class FormerReceipts:
    """A receipt key that no longer signs, and the entry that ended it; a `void` one may be in other hands."""

    key: VerifierKey
    end: int
    void: bool


@dataclass(frozen=True, slots=True)
class Past:
    """The server's keys before a succession, and what took their place."""

    origin: Origin
    succession: Succession
    receipts: tuple[FormerReceipts, ...] = ()


@dataclass(frozen=True, slots=True)
class Released:
    """A release, the entry that logged it, and the project's key that was held then."""

    index: int
    release: Release
    upstream: VerifierKey


@dataclass(frozen=True, slots=True)
class DirectoryState:
    """The directory after `size` entries; `pending` are delayed entries without effect yet, oldest first.

    `past` are origins that others succeeded, `releases` all that were logged, `receipts` the receipt keys that ended
    under the same origin, oldest first.
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
    upstream: VerifierKey | None = None
    releases: tuple[Released, ...] = ()
    receipts: tuple[FormerReceipts, ...] = ()

    def list_releases(self, pinned: VerifierKey | None) -> list[Released]:
        """Return the releases that count, oldest first: where a trust file pins a key, only that key's."""
        return [r for r in self.releases if pinned is None or r.upstream == pinned]

    def find_active(self, roles: Iterable[str]) -> list[Member]:
        """Return the active members who have one of `roles`, by id."""
        return [m.member for _, m in sorted(self.members.items()) if m.active and has_role(m.member, roles)]


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


def has_role(member: Member, roles: Iterable[str]) -> bool:
    """Tell whether the member has one of `roles`."""
    return not set(member.roles).isdisjoint(roles)
