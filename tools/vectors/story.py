"""A case log in which a report is promised, logged and answered, or not: what the vectors of verify are cut from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from plaint.crypto.signing import SigningKey
from plaint.protocol.checkpoint import Checkpoint, encode_checkpoint
from plaint.protocol.leaf import compute_token_leaf
from plaint.protocol.merkle import Frontier, Hash, compute_inclusion_ranges, compute_leaf_hash
from plaint.protocol.note import (
    COSIGNATURE,
    ED25519,
    Note,
    VerifierKey,
    cosign_note,
    encode_note,
    parse_note,
    sign_note,
)
from plaint.protocol.policy import Group, Policy, PolicyLog, Witness
from plaint.protocol.proof import LogProof, encode_proof
from plaint.protocol.receipt import Receipt, encode_receipt
from plaint.protocol.state import Due, PendingLeaf, State, sign_state
from plaint.protocol.trust import Trust, encode_trust
from tools.vectors.bodies import RANDOM
from tools.vectors.case import draw
from tools.vectors.notes import AT, HEADER, KEY, LEAVES, NAME, ORIGIN, ROOM_KEYS, STATE, TOKENS, VKEY
from tools.vectors.world import ORG

TICK_S, BATCH, GRACE_S = 600, 4, 1_200
SLEPT_TICK = 3
INCLUDE_BY = AT + 4 * TICK_S
DUES = (Due("acknowledge", AT + 8 * TICK_S, TOKENS.acknowledge), Due("feedback", AT + 14 * TICK_S, TOKENS.feedback))
PROMISE = replace(
    STATE, at=AT, size=2 * BATCH, dues=DUES, leaves=tuple(PendingLeaf(leaf, INCLUDE_BY) for leaf in LEAVES)
)  # fmt: skip
LOG_KEY, DIRECTORY_KEY = SigningKey(draw("cases key")), SigningKey(draw("directory key"))
CASES = VerifierKey(f"{ORIGIN}/log/cases", ED25519, LOG_KEY.public)
COSIGNERS = {f"w{i}.example": SigningKey(draw(f"cosigner {i}")) for i in (1, 2, 3)}
TRUST = Trust(
    ORG,
    VKEY,
    Policy(
        (PolicyLog(CASES), PolicyLog(VerifierKey(f"{ORIGIN}/log/directory", ED25519, DIRECTORY_KEY.public))),
        tuple(Witness(name[:2], VerifierKey(name, COSIGNATURE, key.public)) for name, key in COSIGNERS.items()),
        (Group("outside", 2, ("w1", "w2", "w3")),),
        "outside",
    ),
    GRACE_S,
)
ACKNOWLEDGED = compute_token_leaf(ROOM_KEYS.compute_token("acknowledge"))
ANSWERED = compute_token_leaf(ROOM_KEYS.compute_token("feedback"))


@dataclass(frozen=True, slots=True)
class Story:
    """What is logged in which tick (from 0, two ticks before the report), and how far each cosigner's clock is off.

    `earlier` leaves stand before, of ticks whose checkpoints nobody kept; `slept_s` the server slept after tick 3.
    """

    events: Mapping[int, Sequence[bytes]] = field(default_factory=dict)
    ticks: int = 22
    offsets: Mapping[str, int] = field(default_factory=dict)
    absent: Mapping[int, Sequence[str]] = field(default_factory=dict)
    earlier: int = 0
    slept_s: int = 0

    def make_leaves(self) -> list[bytes]:
        """Return the leaves of all ticks; dummies fill up."""
        leaves = [b"\1" + draw(f"earlier {i}") for i in range(self.earlier)]
        for tick in range(self.ticks):
            real = list(self.events.get(tick, ()))
            dummies = [b"\1" + draw(f"dummy {tick} {i}") for i in range(BATCH - len(real))]
            leaves += [*dummies[:1], *real, *dummies[1:]]
        return leaves

    def make_note(self, size: int) -> bytes:
        """Return the checkpoint of `size` with the cosignatures of its tick."""
        frontier = Frontier()
        for leaf in self.make_leaves()[:size]:
            frontier.append(compute_leaf_hash(leaf))
        text = encode_checkpoint(Checkpoint(CASES.name, size, frontier.compute_root()))
        tick = (size - self.earlier) // BATCH - 1
        time = AT + (tick - 1) * TICK_S + (self.slept_s if tick > SLEPT_TICK else 0)
        names = [name for name in COSIGNERS if name not in self.absent.get(tick, ())]
        cosigned = [
            cosign_note(text, name=name, key=COSIGNERS[name], timestamp=time + self.offsets.get(name, 0) + 5)
            for name in names
        ]
        return encode_note(Note(text, (sign_note(text, name=CASES.name, key=LOG_KEY), *cosigned)))

    def make_proof(self, leaf: bytes, size: int, *, since: int = 0) -> bytes:
        """Return the tlog-proof of `leaf`, the first from `since` on, under the checkpoint of `size`."""
        leaves = self.make_leaves()
        index = leaves.index(leaf, since)
        hashes = []
        for start, end in compute_inclusion_ranges(index, size):
            frontier = Frontier()
            for one in leaves[start:end]:
                frontier.append(compute_leaf_hash(one))
            hashes.append(Hash(frontier.compute_root()))
        return encode_proof(LogProof(index, tuple(hashes), parse_note(self.make_note(size))))

    def make_copy(self) -> dict[str, Any]:
        """Return the leaves and kept checkpoints as a vector holds them."""
        sizes = [self.earlier + BATCH * (tick + 1) for tick in range(self.ticks)]
        return {
            "leaves": [leaf.hex() for leaf in self.make_leaves()],
            "kept": {str(size): self.make_note(size).decode() for size in sizes},
        }


def make_receipt(state: State = PROMISE, proof: bytes | None = None) -> str:
    """Return the reporter's receipt with the note of `state`."""
    return encode_receipt(Receipt(HEADER, RANDOM.opening, sign_state(state, KEY, name=NAME), proof)).decode()


def make_trust(trust: Trust = TRUST) -> str:
    """Return the verifier's trust file."""
    return encode_trust(trust).decode()
