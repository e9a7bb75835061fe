"""A member's own history, held against what this device remembers: who uses the key elsewhere is seen at sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plaint.client.drafts import fetch_directory, submit_draft
from plaint.errors import VerificationError
from plaint.protocol.directory_contents import INDEPENDENT
from plaint.protocol.directory_keys import Compromised
from plaint.protocol.draft import Draft, place_draft, sign_draft
from plaint.protocol.history import Event, list_events

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plaint.client.connection import Connection
    from plaint.client.places import Places
    from plaint.protocol.keys import MemberKeys


def list_history(connection: Connection, keys: MemberKeys) -> list[Event]:
    """Return every entry of the directory that the owner of `keys` must know of; `keys` are identified (ring.py)."""
    view = connection.view
    independent = INDEPENDENT in view.state.members[keys.id].member.roles
    return list_events(view.entries, org=view.org, member=keys.id, independent=independent)


def list_unknown(events: Iterable[Event], places: Places, member: bytes) -> list[Event]:
    """Return what this device does not remember."""
    known = places.list_entries(member)
    return [event for event in events if event.digest not in known]


def void_own_key(connection: Connection, keys: MemberKeys) -> int:
    """Let the key itself declare that somebody else may hold it, and return the entry's index: the alarm to all.

    Raises: ConflictError "directory-index" when the directory grew meanwhile; VerificationError "directory-org",
            "directory-compromised".
    """
    state, _ = fetch_directory(connection.api)
    if state.org != connection.view.org:
        raise VerificationError("directory-org")
    draft = place_draft(Draft(Compromised(keys.id), {}), org=state.org, index=state.size)
    return submit_draft(connection.api, sign_draft(draft, keys.id, keys.sign))
