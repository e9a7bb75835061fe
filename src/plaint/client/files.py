"""Files that hold secrets or their traces: owner only, never overwritten by accident, whole or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from plaint.errors import MalformedError, RefusedError

if TYPE_CHECKING:
    from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_DIRECTORY = 0o700


def make_private_directory(path: Path) -> None:
    """Make a folder that only its owner can enter; one that exists stays as it is."""
    path.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)


def create_private(path: Path, data: bytes) -> None:
    """Write a new file for its owner only, and wait until it is on the disk.

    Raises: RefusedError "file-exists".
    """
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
    except FileExistsError as error:
        raise RefusedError("file-exists") from error
    _fill(file, data)


def replace_private(path: Path, data: bytes) -> None:
    """Put `data` in the place of a file, so that a reader or a crash sees the old bytes or the new ones."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    _fill(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE), data)
    fresh.replace(path)


def read_limited(path: Path, *, limit_bytes: int) -> bytes:
    """Return a file that is not larger than it can rightly be.

    Raises: MalformedError "file-size", "file-missing".
    """
    try:
        with path.open("rb") as file:
            data = file.read(limit_bytes + 1)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise MalformedError("file-missing") from error
    if len(data) > limit_bytes:
        raise MalformedError("file-size")
    return data


def begins_with(path: Path, line: str) -> bool:
    """Tell whether `line` is the first of a file; no more of it is read."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.readline(len(line) + 1) == line.encode() + b"\n"


def _fill(file: int, data: bytes) -> None:
    with os.fdopen(file, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
