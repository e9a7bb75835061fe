"""What a member signed and the server would not take: kept sealed on the member's device, and sent again.

A handler whose acknowledgement is refused has done the duty, the server has not (SPEC, D13): the signed entry stays
as evidence until it is taken. File names say nothing; all files are for their owner only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plaint.client.files import make_private_directory, read_limited, replace_private
from plaint.crypto.hashes import compute_sha256
from plaint.protocol.room import encode_header
from plaint.protocol.write import LIMIT_WRITE_BYTES, Write, encode_write, parse_write

if TYPE_CHECKING:
    from pathlib import Path

PREFIX = "unsent-"
NAME_HEX = 16


@dataclass(frozen=True, slots=True)
class KeptWrites:
    """Sealed writes in one folder, each in a file of its own."""

    folder: Path

    def keep(self, write: Write) -> Path:
        """Keep a sealed write until it is sent and return its file."""
        make_private_directory(self.folder)
        path = self._find_path(write)
        replace_private(path, encode_write(write))
        return path

    def drop(self, write: Write) -> None:
        """Forget a write: it was taken."""
        self._find_path(write).unlink(missing_ok=True)

    def list_writes(self) -> list[Write]:
        """Return what waits, by file name.

        Raises: MalformedError "file-size", those of `parse_write`.
        """
        return [parse_write(read_limited(path, limit_bytes=LIMIT_WRITE_BYTES)) for path in self.list_files()]

    def list_files(self) -> list[Path]:
        """Return the files, by name."""
        return sorted(path for path in self.folder.glob(PREFIX + "*") if len(path.name) == len(PREFIX) + NAME_HEX)

    def _find_path(self, write: Write) -> Path:
        return self.folder / (PREFIX + compute_sha256(encode_header(write.header)).hex()[:NAME_HEX])
