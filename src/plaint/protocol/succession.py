"""What becomes of a trust file when other logs took the place of those it names (spec/directory.md, "Succession")."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from plaint.errors import VerificationError
from plaint.protocol.policy import PolicyLog

if TYPE_CHECKING:
    from plaint.protocol.directory_state import DirectoryState
    from plaint.protocol.trust import Trust


def succeed_trust(trust: Trust, state: DirectoryState) -> Trust:
    """Return `trust` with the keys that are in effect; organisation, cosigners, quorum and grace stay what they were.

    Raises: VerificationError "trust-succession" when the directory does not say that its logs were succeeded.
    """
    keys = (trust.cases, trust.directory, trust.receipts)
    past = next((p.origin for p in state.past if (p.origin.cases, p.origin.directory, p.origin.receipts) == keys), None)
    origin = state.origin
    if past is None or origin is None or state.org != trust.org:
        raise VerificationError("trust-succession")
    # Where nobody outside vouches for the dates, the operator's own clock goes on under its new key.
    witnesses = tuple(replace(w, key=origin.clock) if w.key == past.clock else w for w in trust.policy.witnesses)
    logs = (PolicyLog(origin.cases), PolicyLog(origin.directory))
    policy = replace(trust.policy, logs=logs, witnesses=witnesses)
    # Former receipt keys belong to the origin that was succeeded, and so to the old trust file.
    return replace(trust, receipts=origin.receipts, policy=policy, former=())
