"""Whether changes of the directory waited as long as they must, by dated checkpoints (spec/directory.md, "Fold").

A server could apply a change the moment two members signed it; nobody else would have had the time to object.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from plaint.client.http import Api
from plaint.encoding.lines import parse_integer
from plaint.errors import MalformedError, VerificationError
from plaint.protocol.checkpoint import open_checkpoint
from plaint.protocol.directory import parse_entry
from plaint.protocol.directory_contents import Effect
from plaint.protocol.directory_server import Succession
from plaint.protocol.directory_state import DirectoryState
from plaint.protocol.fold import apply_entry
from plaint.protocol.merkle import Frontier, compute_leaf_hash
from plaint.protocol.note import LIMIT_NOTE_BYTES, Note, parse_note
from plaint.protocol.policy import compute_date
from plaint.protocol.trust import Trust

LIMIT_SIZES_BYTES = 16 * 1024 * 1024


class Checkpoints(Protocol):
    """Where kept checkpoints of the directory log come from: an organisation, or a copy."""

    def list_sizes(self) -> Sequence[int]:
        """Return the sizes of the kept checkpoints, ascending."""

    def read(self, size: int) -> Note:
        """Return the checkpoint kept at `size`, which nobody has checked yet."""


class Dates(Protocol):
    """When entries of the directory log were first vouched for."""

    def compute(self, index: int) -> int | None:
        """Return the date of the first dated checkpoint that holds entry `index`."""

    def began_before(self, index: int) -> bool:
        """Tell whether the cosigners had signed before entry `index` was there."""


class ServedCheckpoints:
    """Those that the organisation serves."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def list_sizes(self) -> Sequence[int]:
        """Return the sizes. Raises: MalformedError "kept-form"; UnavailableError."""
        return _fetch_sizes(self._api)

    def read(self, size: int) -> Note:
        """Return the checkpoint at `size`. Raises: those of `parse_note`; UnavailableError."""
        return parse_note(self._api.get(f"log/directory/at/{size}", limit_bytes=LIMIT_NOTE_BYTES)[0])


def verify_dated_delays(checkpoints: Checkpoints, trust: Trust, entries: Sequence[bytes]) -> None:
    """Check the delays as `verify_delays`. Raises: as that, and what `checkpoints` raises."""
    if _list_effects(entries):
        verify_delays(EntryDates(checkpoints, trust, entries), entries)


def verify_delays(dates: Dates, entries: Sequence[bytes]) -> None:
    """Check that between the date of every delayed entry and that of its effect lies the delay then in force.

    What was logged before the trust file's cosigners began to sign has no date of theirs and is not judged, but for a
    succession: it is first logged in the log that it begins.
    Raises: VerificationError "view-delay", "view-root" and what `checkpoints` raises.
    """
    for index, of, delay_s, strict in _list_effects(entries):
        logged, applied = dates.compute(of), dates.compute(index)
        if logged is None or applied is None or not (strict or dates.began_before(of)):
            continue
        if applied < logged + delay_s:
            raise VerificationError("view-delay", str(index))


def _list_effects(entries: Sequence[bytes]) -> list[tuple[int, int, int, bool]]:
    """Return (index, index of the entry it is about, delay then in force, is that a succession) of every effect.

    Of several successions only the last begins the log that is there now.
    """
    state: DirectoryState | None = None
    found: list[tuple[int, int, int, bool]] = []
    for data in entries:
        entry, before = parse_entry(data), state
        state = apply_entry(state, entry)
        if before is not None and isinstance(entry.content, Effect) and before.clock.delay:
            last = isinstance(parse_entry(entries[entry.content.of]).content, Succession)
            found.append((entry.index, entry.content.of, before.clock.delay, last))
    latest = max((of for _, of, _, succession in found if succession), default=None)
    return [(index, of, delay_s, of == latest) for index, of, delay_s, _ in found]


class EntryDates:
    """Dates of the directory's entries, from its kept checkpoints, which are fetched when first needed."""

    def __init__(self, checkpoints: Checkpoints, trust: Trust, entries: Sequence[bytes]) -> None:
        self._checkpoints = checkpoints
        self._trust = trust
        self._entries = entries
        self._listed: tuple[Sequence[int], Sequence[bytes]] | None = None
        self._known: dict[int, int | None] = {}

    def compute(self, index: int) -> int | None:
        """Return the date of the first dated checkpoint that holds entry `index`."""
        above = (self._read(size) for size in self._list()[0] if size > index)
        return next((date for date in above if date is not None), None)

    def began_before(self, index: int) -> bool:
        """Tell whether the cosigners had signed before entry `index` was there."""
        return any(self._read(size) is not None for size in reversed(self._list()[0]) if size <= index)

    def _list(self) -> tuple[Sequence[int], Sequence[bytes]]:
        """Return the sizes of kept checkpoints and the roots that they must have."""
        if self._listed is None:
            sizes = [size for size in self._checkpoints.list_sizes() if size <= len(self._entries)]
            self._listed = (sizes, _compute_roots(self._entries))
        return self._listed

    def _read(self, size: int) -> int | None:
        if size not in self._known:
            note = self._checkpoints.read(size)
            checkpoint = open_checkpoint(note, self._trust.directory)
            if checkpoint.size != size or checkpoint.root != self._list()[1][size]:
                raise VerificationError("view-root")
            self._known[size] = compute_date(self._trust.policy, note)
        return self._known[size]


def _compute_roots(entries: Sequence[bytes]) -> list[bytes]:
    frontier = Frontier()
    roots: list[bytes] = [frontier.compute_root()]
    for entry in entries:
        frontier.append(compute_leaf_hash(entry))
        roots.append(frontier.compute_root())
    return roots


def _fetch_sizes(api: Api) -> list[int]:
    data, _ = api.get("log/directory/at", limit_bytes=LIMIT_SIZES_BYTES)
    if not data.isascii() or (data and not data.endswith(b"\n")):
        raise MalformedError("kept-form")
    return [parse_integer(line) for line in data.decode("ascii").split("\n")[:-1]]
