"""The date is the least time at which the quorum is met, by definition and by search."""

from __future__ import annotations

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from plaint.protocol.checkpoint import Checkpoint, encode_checkpoint
from plaint.protocol.merkle import EMPTY_ROOT
from plaint.protocol.note import COSIGNATURE, ED25519, Note, NoteSignature, VerifierKey, cosign_note, sign_note
from plaint.protocol.policy import Group, Policy, PolicyLog, Witness, compute_date, encode_policy, parse_policy
from tests.support.toy_log import make_key

NAMES = ("a", "b", "c", "d", "e")
LOG = VerifierKey("log.example", ED25519, make_key(1).public)
TEXT = encode_checkpoint(Checkpoint("log.example", 0, EMPTY_ROOT))
WITNESSES = tuple(Witness(n, VerifierKey(n, COSIGNATURE, make_key(10 + i).public)) for i, n in enumerate(NAMES))

signed = st.lists(st.tuples(st.integers(0, len(NAMES) - 1), st.integers(1, 6)), max_size=8)


@cache
def cosignature(witness: int, time: int) -> NoteSignature:
    return cosign_note(TEXT, name=NAMES[witness], key=make_key(10 + witness), timestamp=time)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Groups of what is defined and not yet a member; the quorum is any name."""
    free, groups = list(NAMES), []
    for number in range(draw(st.integers(0, 3))):
        members = draw(st.lists(st.sampled_from(free), min_size=1, max_size=3, unique=True))
        groups.append(Group(f"g{number}", draw(st.integers(1, len(members))), tuple(members)))
        free = [name for name in free if name not in members] + [f"g{number}"]
    quorum = draw(st.sampled_from(["none", *NAMES, *(group.name for group in groups)]))
    return Policy((PolicyLog(LOG),), WITNESSES, tuple(groups), quorum)


def is_met(policy: Policy, name: str, present: set[str]) -> bool:
    group = next((group for group in policy.groups if group.name == name), None)
    if group is None:
        return name in present
    return sum(is_met(policy, member, present) for member in group.members) >= group.threshold


@given(policies(), signed)
@settings(max_examples=150)
def test_date_is_the_least_time_that_satisfies_the_quorum(policy: Policy, lines: list[tuple[int, int]]) -> None:
    log = sign_note(TEXT, name="log.example", key=make_key(1))
    note = Note(TEXT, (log, *(cosignature(*line) for line in lines)))
    moments = [t for t in range(8) if is_met(policy, policy.quorum, {NAMES[w] for w, time in lines if time <= t})]
    assert compute_date(policy, note) == (moments[0] if moments else None)


@given(policies())
@settings(max_examples=50)
def test_a_policy_reads_back(policy: Policy) -> None:
    assert parse_policy(encode_policy(policy)) == policy
