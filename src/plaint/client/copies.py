"""A mirrored case log as something a verifier may search; nothing in it is trusted before it is hashed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from plaint.client.mirror import list_kept, open_copy, read_kept
from plaint.errors import UnavailableError
from plaint.protocol.merkle import Hash
from plaint.protocol.note import Note


class MirrorLeaves:
    """The leaves and kept checkpoints in the folder that `plaint log mirror` made; give it back with `close`."""

    first = 0
    before: tuple[Hash, ...] = ()

    def __init__(self, directory: Path) -> None:
        """Open the copy. Raises: UnavailableError "leaves-missing" when there is none."""
        if not (directory / "cases").is_dir():
            raise UnavailableError("leaves-missing")
        self._directory = directory
        self._copy = open_copy(directory, "cases")

    @property
    def size(self) -> int:
        """How many leaves the copy has."""
        return self._copy.tree.size

    def read_leaves(self, start: int, count: int) -> Sequence[bytes]:
        """Return `count` leaves from `start`."""
        return self._copy.tree.read_entries(start, count)

    def list_kept(self) -> Sequence[int]:
        """Return the sizes of the kept checkpoints, ascending."""
        return list_kept(self._directory, "cases")

    def read_kept(self, size: int) -> Note:
        """Return the checkpoint kept at `size`."""
        return read_kept(self._directory, "cases", size)

    def close(self) -> None:
        """Give the files back."""
        self._copy.close()
