"""The trust file an organisation's server offers, from its directory."""

from __future__ import annotations

from plaint.errors import UnavailableError
from plaint.protocol.fold import DirectoryState
from plaint.protocol.policy import Group, Policy, PolicyLog, Witness
from plaint.protocol.trust import Trust

OPERATOR = "operator"
QUORUM = "QUORUM"  # no name a cosigner can have


def make_trust(state: DirectoryState) -> Trust:
    """Return keys and policy; without outside cosigners the dates are the operator's own word.

    Raises: UnavailableError "directory-origin" before the server's keys are logged.
    """
    if state.origin is None:
        raise UnavailableError("directory-origin")
    logs = (PolicyLog(state.origin.cases), PolicyLog(state.origin.directory))
    cosigners = state.cosigners
    if cosigners is None or not cosigners.cosigners:
        policy = Policy(logs, (Witness(OPERATOR, state.origin.clock),), (), OPERATOR)
    else:
        witnesses = tuple(Witness(c.name, c.key, c.url) for c in cosigners.cosigners)
        group = Group(QUORUM, cosigners.quorum, tuple(w.name for w in witnesses))
        policy = Policy(logs, witnesses, (group,), QUORUM)
    return Trust(state.org, state.origin.receipts, policy, grace_s=state.clock.grace * state.clock.tick)
