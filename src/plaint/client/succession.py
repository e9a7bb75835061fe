"""Follows an organisation whose logs could not go on to those that took their place (spec/directory.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plaint.client.drafts import LIMIT_DIRECTORY_BYTES, fetch_directory
from plaint.client.view import fetch_view
from plaint.protocol.fold import fold_directory
from plaint.protocol.succession import succeed_trust

if TYPE_CHECKING:
    from collections.abc import Callable

    from plaint.client.http import Api
    from plaint.protocol.trust import Trust


def fetch_full_trust(api: Api, trust: Trust, *, now: Callable[[], float]) -> Trust:
    """Return `trust` with the receipt keys that ended, and the dates the cosigners gave to it.

    Raises: those of `fetch_view` when there are any.
    """
    if not fetch_directory(api)[0].receipts:
        return trust
    return fetch_view(api, now=now, trust=trust).full_trust


def follow_succession(api: Api, trust: Trust, *, now: Callable[[], float]) -> Trust:
    """Return the trust file that follows `trust`, whose logs were succeeded, after every check of a client.

    Raises: VerificationError "trust-succession" when they were not, or not yet; those of `fetch_view`.
    """
    data = api.get("directory", params={"from": "0"}, limit_bytes=LIMIT_DIRECTORY_BYTES)[0]
    state = fold_directory((line for line in data.split(b"\n") if line), org=trust.org)
    succeeded = succeed_trust(trust, state)
    fetch_view(api, now=now, trust=succeeded)
    return succeeded
