"""The case log as a client keeps it: copied whole, checked against cosigned roots, searched at home.

Asking the server about one leaf would tell which report somebody holds; so all leaves are downloaded, checkpoints in
runs of 32, and everything is looked up here.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path

from plaint.client.http import Api
from plaint.crypto.hashes import compute_sha256
from plaint.encoding.lines import parse_integer
from plaint.errors import MalformedError, RefusedError, VerificationError
from plaint.log.copy import LogCopy
from plaint.log.pull import Progress
from plaint.log.sequence import LEAF_BYTES
from plaint.protocol.checkpoint import LIMIT_RUN_BYTES, RUN, Checkpoint, open_checkpoint, parse_checkpoint, parse_run
from plaint.protocol.merkle import Hash
from plaint.protocol.note import LIMIT_NOTE_BYTES, Note, parse_note
from plaint.protocol.policy import compute_date
from plaint.protocol.proof import LogProof
from plaint.protocol.tiles import compute_inclusion
from plaint.protocol.trust import Trust

LIMIT_TILE_BYTES = 256 * (LEAF_BYTES + 2)
LIMIT_SIZES_BYTES = 32 * 1024 * 1024
READ_LEAVES = 65_536


class CaseLeaves:
    """A checked copy of the case log in a folder, or in a temporary one that `close` removes."""

    first = 0
    before: tuple[Hash, ...] = ()

    def __init__(self, api: Api, trust: Trust, directory: Path | None = None) -> None:
        self._api = api
        self._trust = trust
        made = None if directory else Path(tempfile.mkdtemp(prefix="plaint-"))
        folder = (directory or made or Path()) / "cases"
        folder.mkdir(parents=True, exist_ok=True)
        self._copy = LogCopy(folder, leaf_bytes=LEAF_BYTES)
        self._give_back = weakref.finalize(self, _give_back, self._copy, made)
        self._indexes: dict[bytes, int] = {}
        self._indexed = 0
        self._sizes: list[int] = []
        self._notes: dict[int, Note] = {}
        self.date: int | None = None

    @property
    def size(self) -> int:
        """How many leaves the copy has."""
        return self._copy.tree.size

    def close(self) -> None:
        """Give the files back."""
        self._give_back()

    def update(self, progress: Progress | None = None) -> Checkpoint:
        """Bring the copy to the newest checkpoint and return that; what was read when it was stopped is not read again.

        Raises: VerificationError "log-fork" when the log is not what it was, grown; those of `open_checkpoint`.
        """
        note = parse_note(self._get("checkpoint", LIMIT_NOTE_BYTES))
        checkpoint = open_checkpoint(note, self._trust.cases)
        self.date = compute_date(self._trust.policy, note)

        async def fetch(path: str) -> bytes:
            return self._get(path, LIMIT_TILE_BYTES)

        asyncio.run(self._copy.advance(fetch, note, progress))
        self._notes[checkpoint.size] = note
        self._sizes = _parse_sizes(self._get("at", LIMIT_SIZES_BYTES))
        return checkpoint

    def find(self, leaf: bytes) -> int | None:
        """Return the first index of a leaf of 33 bytes, or None."""
        self._index()
        return self._indexes.get(compute_sha256(leaf[1:]))

    def find_token(self, digest: bytes) -> int | None:
        """Return the first index of the leaf whose 32 bytes hash to `digest`, or None."""
        self._index()
        return self._indexes.get(digest)

    def compute_date(self, index: int) -> int | None:
        """Return the least time by which a quorum had vouched for leaf `index`, or None when none has yet."""
        return next((date for date, _ in self._dated(index)), None)

    def prove(self, index: int) -> LogProof | None:
        """Return the proof with the earliest date for leaf `index`, or None while no quorum has vouched for it."""
        for _, note in self._dated(index):
            size = open_checkpoint(note, self._trust.cases).size
            hashes = [Hash(node) for node in compute_inclusion(self._copy.tree, index, size)]
            return LogProof(index, tuple(hashes), note)
        return None

    def read_leaves(self, start: int, count: int) -> list[bytes]:
        """Return `count` leaves from `start`."""
        return self._copy.tree.read_entries(start, count)

    def list_kept(self) -> list[int]:
        """Return the sizes of the kept checkpoints, ascending, as far as this copy goes."""
        return [size for size in self._sizes if size <= self.size]

    def read_kept(self, size: int) -> Note:
        """Return the kept checkpoint of `size`, after checking it against this copy."""
        if size not in self._notes:
            self._fetch_run(size)
        return self._notes[size]

    def _dated(self, index: int) -> Iterator[tuple[int, Note]]:
        for size in self.list_kept():
            if size > index:
                date = compute_date(self._trust.policy, self.read_kept(size))
                if date is not None:
                    yield date, self.read_kept(size)

    def _fetch_run(self, size: int) -> None:
        position = self._sizes.index(size) // RUN * RUN
        wanted = [one for one in self._sizes[position : position + RUN] if one <= self.size]
        for one, note in zip(wanted, self._get_run(wanted), strict=True):
            if self._copy.tree.root_at(one) != open_checkpoint(note, self._trust.cases).root:
                raise VerificationError("log-fork")
            self._notes.setdefault(one, note)

    def _get_run(self, sizes: Sequence[int]) -> list[Note]:
        """Return the kept checkpoints of `sizes`; others, dated since those were listed, may stand between them."""
        try:
            notes = parse_run(self._get(f"at/{sizes[0]}-{sizes[-1]}", LIMIT_RUN_BYTES))
        except RefusedError as error:
            middle = len(sizes) // 2
            if error.code != "not-found" or middle == 0:
                raise
            return self._get_run(sizes[:middle]) + self._get_run(sizes[middle:])  # so many that they are no run
        found = {parse_checkpoint(note.text).size: note for note in notes}
        if not set(sizes) <= set(found):
            raise MalformedError("run-form")
        return [found[size] for size in sizes]

    def _index(self) -> None:
        while self._indexed < self.size:
            count = min(READ_LEAVES, self.size - self._indexed)
            for offset, leaf in enumerate(self.read_leaves(self._indexed, count)):
                self._indexes.setdefault(compute_sha256(leaf[1:]), self._indexed + offset)
            self._indexed += count

    def _get(self, path: str, limit_bytes: int) -> bytes:
        return self._api.get(f"log/cases/{path}", limit_bytes=limit_bytes)[0]


def _give_back(copy: LogCopy, folder: Path | None) -> None:
    copy.close()
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def _parse_sizes(data: bytes) -> list[int]:
    if not data.isascii() or (data and not data.endswith(b"\n")):
        raise MalformedError("kept-form")
    sizes = [parse_integer(line) for line in data.decode("ascii").split("\n")[:-1]]
    if sizes != sorted(set(sizes)):
        raise MalformedError("kept-form")
    return sizes
