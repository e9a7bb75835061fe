"""The trust file an organisation's server offers, from its directory."""

from __future__ import annotations

from plaint.errors import UnavailableError
from plaint.protocol.directory_server import Origin
from plaint.protocol.directory_state import DirectoryState
from plaint.protocol.policy import Group, Policy, PolicyLog, Witness
from plaint.protocol.trust import Trust

OPERATOR = "operator"
QUORUM = "QUORUM"  # no name a cosigner can have


def make_trust(state: DirectoryState, origin: Origin) -> Trust:
    """Return the server's own keys and the policy; without outside cosigners the dates are the operator's own word.

    The keys are those the server signs with; while a succession waits, the directory's are still others.
    Raises: UnavailableError "directory-origin" before the server's keys are logged.
    """
    if state.origin is None:
        raise UnavailableError("directory-origin")
    logs = (PolicyLog(origin.cases), PolicyLog(origin.directory))
    cosigners = state.cosigners
    if cosigners is None or not cosigners.cosigners:
        policy = Policy(logs, (Witness(OPERATOR, origin.clock),), (), OPERATOR)
    else:
        witnesses = tuple(Witness(c.name, c.key, c.url) for c in cosigners.cosigners)
        group = Group(QUORUM, cosigners.quorum, tuple(w.name for w in witnesses))
        policy = Policy(logs, witnesses, (group,), QUORUM)
    return Trust(state.org, origin.receipts, policy, grace_s=state.clock.grace * state.clock.tick)
