"""A local copy of one log: its files, and the last checkpoint that vouched for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plaint.log.column import write_durably
from plaint.log.pull import pull_log
from plaint.log.tree import LogTree
from plaint.protocol.checkpoint import parse_checkpoint
from plaint.protocol.note import encode_note, parse_note

if TYPE_CHECKING:
    from pathlib import Path

    from plaint.log.pull import Fetch, Progress
    from plaint.protocol.note import Note


class LogCopy:
    """Grows only under checkpoints; the caller verifies their signatures first."""

    def __init__(self, directory: Path, *, leaf_bytes: int | None) -> None:
        self.tree = LogTree(directory, leaf_bytes=leaf_bytes)
        self._path = directory / "checkpoint"

    def read_checkpoint(self) -> Note | None:
        """Return the last checkpoint this copy was brought to."""
        return parse_note(self._path.read_bytes()) if self._path.exists() else None

    @property
    def vouched(self) -> int:
        """The size of the last checkpoint this copy was brought to, 0 before the first."""
        last = self.read_checkpoint()
        return parse_checkpoint(last.text).size if last else 0

    async def advance(self, fetch: Fetch, note: Note, progress: Progress | None = None) -> None:
        """Bring the copy to the verified checkpoint `note`; an older one is only compared.

        Raises: those of `pull_log`.
        """
        checkpoint = parse_checkpoint(note.text)
        vouched = min(self.vouched, self.tree.size)
        await pull_log(fetch, self.tree, checkpoint, vouched=vouched, progress=progress)
        if checkpoint.size >= vouched:
            write_durably(self._path, encode_note(note))

    def close(self) -> None:
        """Give the files back."""
        self.tree.close()
