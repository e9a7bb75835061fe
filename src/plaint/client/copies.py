"""Copies of the two logs for a verifier; nothing in them is trusted before it is hashed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from plaint.client.delays import ServedCheckpoints
from plaint.client.http import Api
from plaint.client.mirror import list_kept, open_copy, read_kept, read_latest
from plaint.client.view import fetch_entries
from plaint.errors import MalformedError, UnavailableError
from plaint.protocol.checkpoint import open_checkpoint
from plaint.protocol.merkle import Hash
from plaint.protocol.note import LIMIT_NOTE_BYTES, Note, parse_note
from plaint.protocol.signers import DirectoryCopy
from plaint.protocol.trust import Trust


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


def read_directory_copy(directory: Path) -> DirectoryCopy | None:
    """Return the directory log in a mirror's folder, or None where it was not copied."""
    if not (directory / "directory").is_dir():
        return None
    copy = open_copy(directory, "directory")
    try:
        entries = copy.tree.read_entries(0, copy.tree.size)
    finally:
        copy.close()
    latest = read_latest(directory, "directory")
    return DirectoryCopy(entries, [*_read_kept(directory), *([] if latest is None else [latest])])


def _read_kept(directory: Path) -> Iterator[Note]:
    """Yield the kept checkpoints that are signed notes: a file that is none vouches for nothing."""
    for size in list_kept(directory, "directory"):
        try:
            yield read_kept(directory, "directory", size)
        except MalformedError:
            continue


def fetch_directory_copy(api: Api, trust: Trust) -> DirectoryCopy:
    """Return the directory log as an organisation serves it now.

    Raises: those of `open_checkpoint`, `fetch_entries`; UnavailableError.
    """
    latest = parse_note(api.get("log/directory/checkpoint", limit_bytes=LIMIT_NOTE_BYTES)[0])
    entries = fetch_entries(api, open_checkpoint(latest, trust.directory))
    served = ServedCheckpoints(api)
    return DirectoryCopy(entries, [*(served.read(size) for size in served.list_sizes()), latest])
