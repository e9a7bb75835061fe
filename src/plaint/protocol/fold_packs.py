"""How entries change the deadlines of channels: versions only grow (spec/directory.md, "Fold")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from plaint.errors import VerificationError
from plaint.protocol.directory_contents import Channel
from plaint.protocol.directory_state import DirectoryState
from plaint.protocol.packs import Pack, compute_pack_digest


def check_pack(state: DirectoryState, pack: Pack) -> None:
    """Check that deadlines are newer than all of the same id that are listed or wait.

    Raises: VerificationError "directory-pack-version".
    """
    if any(known.id == pack.id and known.version >= pack.version for known in _list_known(state).values()):
        raise VerificationError("directory-pack-version")


def check_channel(state: DirectoryState, channel: Channel) -> None:
    """Check that a channel names deadlines that are listed or wait: those it has, or the newest of their id.

    Raises: VerificationError "directory-pack", "directory-pack-version".
    """
    waiting = [e.content for e in state.pending if isinstance(e.content, Channel) and e.content.id == channel.id]
    now = waiting[-1] if waiting else state.channels.get(channel.id)
    _check_newest(_list_known(state), now, channel)


def put_channel(state: DirectoryState, channel: Channel) -> DirectoryState:
    """Return the state with a channel; what waits behind it does not count yet. Raises: as `check_channel`."""
    _check_newest(state.packs, state.channels.get(channel.id), channel)
    return replace(state, channels={**state.channels, channel.id: channel})


def _check_newest(packs: Mapping[bytes, Pack], now: Channel | None, channel: Channel) -> None:
    pack = packs.get(channel.pack)
    if pack is None:
        raise VerificationError("directory-pack")
    kept = now is not None and now.pack == channel.pack
    if not kept and any(other.id == pack.id and other.version > pack.version for other in packs.values()):
        raise VerificationError("directory-pack-version")


def _list_known(state: DirectoryState) -> dict[bytes, Pack]:
    waiting = [entry.content for entry in state.pending if isinstance(entry.content, Pack)]
    return {**state.packs, **{compute_pack_digest(pack): pack for pack in waiting}}
