"""A member's stream: every cell fetched and tried, what opens is kept, sealed under a key only the words give."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from plaint.client.connection import Connection
from plaint.client.files import make_private_directory, read_limited, replace_private
from plaint.crypto.age import open_age, seal_age
from plaint.crypto.agreement import AgreementKey
from plaint.encoding.fields import Fields
from plaint.encoding.json import encode_json, parse_json
from plaint.encoding.lines import parse_hex, parse_integer
from plaint.errors import MalformedError, PlaintError, VerificationError
from plaint.protocol.cells import CELL_BYTES, open_cell, split_cells
from plaint.protocol.keys import MemberKeys
from plaint.protocol.slots import FULL, WATCH, Slot, encode_slot, parse_slot

LIMIT_STATE_BYTES = 256 * 1024 * 1024
LIMIT_SLOTS = 100_000
LIMIT_TICKS = 4_320
STATE_NAME = "desk"
LIMIT_LABEL = 32
CODE = "state-form"


@dataclass(frozen=True, slots=True)
class Place:
    """What a room is: of which case by its `parent`, None for a report itself, and what it is called."""

    parent: bytes | None
    label: str


@dataclass(slots=True)
class Stream:
    """What a member's cells held up to `tick`, the room heads seen so far, and what those rooms were."""

    tick: int = 0
    slots: list[Slot] = field(default_factory=list, repr=False)
    heads: dict[bytes, tuple[int, bytes]] = field(default_factory=dict)
    places: dict[bytes, Place] = field(default_factory=dict)

    def add(self, slots: Iterable[Slot]) -> None:
        """Keep slots that are new."""
        known = {encode_slot(slot) for slot in self.slots}
        self.slots += [slot for slot in slots if encode_slot(slot) not in known]

    def list_open(self) -> dict[bytes, list[Slot]]:
        """Return one slot for each secret that slots name for a room, the newest first.

        A room has one secret, but whoever knows its id can seal others a false one: which is right, only the room says.
        """
        keys = {(slot.room, slot.secret): slot for slot in self.slots if slot.mode == FULL}
        return _group(keys.values())

    def list_watched(self) -> dict[bytes, list[Slot]]:
        """Return the watching slots of each room, the newest first; they may contradict each other."""
        return _group(slot for slot in self.slots if slot.mode == WATCH)


def scan_stream(
    connection: Connection,
    stream: Stream,
    keys: MemberKeys,
    *,
    member: bytes,
    session: str,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Fetch and try every cell since `stream.tick`.

    A cell that opens and is no slot for this member is somebody's mistake and is dropped.
    Raises: VerificationError "stream-size", "stream-tick".
    """
    while True:
        start = stream.tick
        limit = LIMIT_TICKS * connection.view.state.clock.cells * CELL_BYTES
        data, headers = connection.api.get(
            "stream", params={"from": str(start)}, headers={"plaint-session": session}, limit_bytes=limit
        )
        tick = parse_integer(headers.get("plaint-tick", ""))
        if not start <= tick <= start + LIMIT_TICKS:
            raise VerificationError("stream-tick")
        if len(data) != (tick - start) * connection.view.state.clock.cells * CELL_BYTES:
            raise VerificationError("stream-size")
        for each in keys.ring:
            stream.add(_open_cells(each.age, data, member=member, org=connection.view.org))
        stream.tick = tick
        if progress:
            progress(tick)
        if tick - start < LIMIT_TICKS:
            return


def load_stream(folder: Path | None, keys: MemberKeys) -> Stream:
    """Return what was kept in `folder`, or an empty stream.

    Raises: VerificationError "age-no-identity" for somebody else's folder; MalformedError "state-form".
    """
    path = None if folder is None else folder / STATE_NAME
    if path is None or not path.exists():
        return Stream()
    sealed = read_limited(path, limit_bytes=LIMIT_STATE_BYTES)
    fields = Fields(parse_json(_open_state(keys, sealed), limit_bytes=LIMIT_STATE_BYTES), CODE)
    fields.take_exactly("v", 1)
    return Stream(
        tick=fields.take_integer("tick"),
        slots=[parse_slot(slot) for slot in fields.take_list("slots", _parse_bytes, limit=LIMIT_SLOTS)],
        heads=dict(fields.take_list("heads", _parse_head, limit=LIMIT_SLOTS)),
        places=dict(fields.take_optional("places", _take_places(fields)) or ()),
    )


def _open_state(keys: MemberKeys, sealed: bytes) -> bytes:
    """Open what was kept under these keys, or under those before them."""
    for each in keys.earlier:
        try:
            return open_age(_cache_key(each), sealed)
        except VerificationError:
            continue
    return open_age(_cache_key(keys), sealed)


def save_stream(folder: Path | None, stream: Stream, keys: MemberKeys) -> None:
    """Keep the stream in `folder`, sealed; without a folder nothing is kept."""
    if folder is None:
        return
    value = {
        "v": 1,
        "tick": stream.tick,
        "slots": [encode_slot(slot).hex() for slot in stream.slots],
        "heads": [[room.hex(), entries, head.hex()] for room, (entries, head) in sorted(stream.heads.items())],
        "places": [_encode_place(room, place) for room, place in sorted(stream.places.items())],
    }
    make_private_directory(folder)
    replace_private(folder / STATE_NAME, seal_age(_cache_key(keys).public, encode_json(value)))


def _open_cells(identity: AgreementKey, data: bytes, *, member: bytes, org: bytes) -> list[Slot]:
    found: list[Slot] = []
    for cell in split_cells(data):
        try:
            slot = open_cell(identity, cell, member=member)
        except PlaintError:
            continue
        if slot is not None and slot.org == org:
            found.append(slot)
    return found


def _group(slots: Iterable[Slot]) -> dict[bytes, list[Slot]]:
    found: dict[bytes, list[Slot]] = {}
    for slot in sorted(slots, key=lambda slot: slot.seq, reverse=True):
        found.setdefault(slot.room, []).append(slot)
    return found


def _cache_key(keys: MemberKeys) -> AgreementKey:
    return AgreementKey(keys.cache)


def _parse_bytes(value: object) -> bytes:
    if not isinstance(value, str):
        raise MalformedError(CODE)
    return parse_hex(value, size_bytes=len(value) // 2)


def _parse_head(value: object) -> tuple[bytes, tuple[int, bytes]]:
    match value:
        case [str(room), int(entries), str(head)]:
            return parse_hex(room, size_bytes=32), (entries, parse_hex(head, size_bytes=32))
    raise MalformedError(CODE)


def _encode_place(room: bytes, place: Place) -> list[str | None]:
    return [room.hex(), None if place.parent is None else place.parent.hex(), place.label]


def _take_places(fields: Fields) -> Callable[[str], tuple[tuple[bytes, Place], ...]]:
    """Return how the places are taken: what was kept before they were has none."""
    return lambda key: fields.take_list(key, _parse_place, limit=LIMIT_SLOTS)


def _parse_place(value: object) -> tuple[bytes, Place]:
    match value:
        case [str(room), (str() | None) as parent, str(label)] if len(label) <= LIMIT_LABEL:
            above = None if parent is None else parse_hex(parent, size_bytes=32)
            return parse_hex(room, size_bytes=32), Place(above, label)
    raise MalformedError(CODE)
