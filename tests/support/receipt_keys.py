"""Trust files under which the receipt key of the day is one of before."""

from __future__ import annotations

from dataclasses import replace

from plaint.protocol.trust import FormerKey, Trust
from tests.support.directory_world import make_vkey


def make_void(trust: Trust, *, until: int) -> Trust:
    """Return the trust file that declares the receipt key void since `until`, another in its place."""
    former = FormerKey(trust.receipts, until, void=True)
    return replace(trust, receipts=make_vkey(trust.receipts.name), former=(former,))
