"""Counter-proofs: an organisation with a directory, a report whose tokens are right or broken, and what is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from plaint.crypto.hashes import compute_sha256
from plaint.encoding.json import encode_json
from plaint.protocol.calendars import DAY_S
from plaint.protocol.checkpoint import Checkpoint, encode_checkpoint
from plaint.protocol.counter import (
    Confirmation,
    CounterProof,
    Reveal,
    Signed,
    encode_counter,
    encode_signed_message,
)
from plaint.protocol.directory_contents import Suspend
from plaint.protocol.leaf import compute_content_leaf, compute_token_leaf
from plaint.protocol.merkle import Frontier, compute_leaf_hash
from plaint.protocol.note import Note, cosign_note, encode_note, sign_note
from plaint.protocol.receipt import Receipt, encode_receipt
from plaint.protocol.room import Header, Until, compute_header_hash, compute_room_id, encode_header, encode_manifest
from plaint.protocol.state import Due, PendingLeaf, State, sign_state
from tests.support.directory_world import EU_INTERNAL, DirectoryWorld, find_id, make_keys
from tools.vectors.bodies import RANDOM
from tools.vectors.case import draw
from tools.vectors.notes import AT, HEADER, KEY, NAME, ROOM_KEYS
from tools.vectors.story import (
    BATCH,
    COSIGNERS,
    DIRECTORY_KEY,
    DUES,
    INCLUDE_BY,
    PROMISE,
    TICK_S,
    TRUST,
    Story,
    make_trust,
)
from tools.vectors.world import MANIFEST, SECRET

MOVABLE = replace(
    EU_INTERNAL,
    id="movable",
    duties=tuple(
        replace(EU_INTERNAL.duties[i], unit="days", count=1, extend=extend) for i, extend in ((0, None), (1, 2))
    ),
)
PROMISED = DUES[1].at - DAY_S  # under that pack, whose answer may take two days
WORLD = DirectoryWorld().change(MOVABLE)
SUSPENDED = DirectoryWorld().change(MOVABLE).append(Suspend(find_id("ben")), "ada")
ORG = WORLD.state.org
OWN = replace(TRUST, org=ORG)
ROOM_TEXT = encode_manifest(replace(MANIFEST, org=ORG))
ROOM = compute_room_id(ROOM_TEXT)
LOGGED = 3


@dataclass(frozen=True, slots=True)
class Told:
    """A report of this organisation; `token` replaces the hash of its acknowledgement, which breaks it."""

    token: bytes | None = None
    at: int = PROMISED

    @property
    def header(self) -> Header:
        """The header of `open`."""
        return replace(HEADER, org=ORG, room=ROOM, acknowledge=self.token or HEADER.acknowledge)

    @property
    def promise(self) -> State:
        """The state note of the receipt."""
        dues = tuple(Due(due.kind, due.at, getattr(self.header, due.kind)) for due in DUES)
        leaves = tuple(PendingLeaf(leaf, INCLUDE_BY) for leaf in self.leaves)
        head = compute_header_hash(encode_header(self.header))
        return replace(PROMISE, at=self.at, org=ORG, room=ROOM, head=head, dues=dues, leaves=leaves)

    @property
    def leaves(self) -> tuple[bytes, ...]:
        """Its content leaf and the token of its arrival."""
        return (
            compute_content_leaf(RANDOM.opening, encode_header(self.header)),
            compute_token_leaf(ROOM_KEYS.compute_token("open")),
        )

    def make_note(self, **changes: Any) -> str:
        """Return a later state note of the room."""
        return sign_state(replace(self.promise, leaves=(), **changes), KEY, name=NAME).decode()

    def make_receipt(self, story: Story) -> str:
        """Return the complete receipt."""
        proof = story.make_proof(self.leaves[0], BATCH * (LOGGED + 1))
        note = sign_state(self.promise, KEY, name=NAME)
        return encode_receipt(Receipt(self.header, RANDOM.opening, note, proof)).decode()


@dataclass(frozen=True, slots=True)
class Said:
    """A member's entry in that room, logged in `tick`; how it is shown can be made wrong."""

    kind: str
    tick: int
    seq: int = 1
    member: str = "ben"
    until: Until | None = None
    confirms: bytes | None = None
    reveal: Reveal | None = None
    key: str | None = None
    told: Told = field(default_factory=Told)

    @property
    def header(self) -> Header:
        """The entry's header."""
        body, prev = draw(f"body {self.kind} {self.seq} {self.member}"), draw(f"prev {self.seq}")
        prev = compute_header_hash(encode_header(self.told.header)) if self.seq == 1 else prev
        return Header(ORG, ROOM, self.seq, prev, self.kind, body, None, until=self.until)

    @property
    def hash(self) -> bytes:
        """H(header)."""
        return compute_header_hash(encode_header(self.header))

    @property
    def opening(self) -> bytes:
        """What opens its leaf."""
        return draw(f"opening {self.kind} {self.seq}")

    @property
    def leaf(self) -> bytes:
        """Its content leaf."""
        return compute_content_leaf(self.opening, encode_header(self.header))

    def make(self, story: Story, *, size: int | None = None, **changes: Any) -> str:
        """Return its counter-proof under the checkpoint of its tick."""
        proof = story.make_proof(self.leaf, size or BATCH * (self.tick + 1))
        salt = draw(f"salt {self.kind} {self.seq}")
        content = encode_json({"confirms": (self.confirms or b"").hex(), "v": 1} if self.confirms else {"v": 1})
        counter = CounterProof(
            self.header,
            self.opening,
            proof,
            confirms=None if self.confirms is None else Confirmation(self.confirms, salt),
            reveal=self.reveal,
        )
        if self.kind != "reopen":
            signed = Signed(compute_sha256(salt, content), find_id(self.member), bytes(64))
            signature = make_keys(self.key or self.member).sign.sign(encode_signed_message(counter, signed))
            counter = replace(counter, signed=replace(signed, signature=signature))
        return encode_counter(replace(counter, **changes)).decode()


def tell(*said: Said, told: Told | None = None, events: Mapping[int, Sequence[bytes]] | None = None) -> Story:
    """Return the log in which the report and these entries are logged, each in its tick."""
    found: dict[int, list[bytes]] = {LOGGED: list((told or Told()).leaves)}
    for entry in said:
        found.setdefault(entry.tick, []).append(entry.leaf)
    for tick, leaves in (events or {}).items():
        found.setdefault(tick, []).extend(leaves)
    return Story(found)


def copy_directory(*steps: tuple[int, int], world: DirectoryWorld = WORLD) -> dict[str, Any]:
    """Return a copy of the directory with checkpoints of (size, tick)."""
    checkpoints = []
    for size, tick in steps:
        frontier = Frontier()
        for entry in world.entries[:size]:
            frontier.append(compute_leaf_hash(entry))
        name = TRUST.directory.name
        text = encode_checkpoint(Checkpoint(name, size, frontier.compute_root()))
        time = AT + (tick - 1) * TICK_S + 5
        cosigned = [cosign_note(text, name=w, key=key, timestamp=time) for w, key in COSIGNERS.items()]
        note = encode_note(Note(text, (sign_note(text, name=name, key=DIRECTORY_KEY), *cosigned)))
        checkpoints.append(note.decode())
    return {"entries": [entry.decode() for entry in world.entries], "checkpoints": checkpoints}


LONG_BEFORE = -300
STEADY = copy_directory((4, LONG_BEFORE), (4, 21))
BROKEN = Told(draw("broken token"))
REVEAL = Reveal(ROOM_TEXT, SECRET)
TRUST_TEXT = make_trust(OWN)
