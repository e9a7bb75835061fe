"""What a signer's device remembers: which organisation its members belong to and where that is.

A signature names the organisation and the position of the entry. This memory is why `sign` and `draft` need no address
each time. It holds nothing secret, and reporters' commands never touch it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from plaint.client.files import make_private_directory, read_limited, replace_private
from plaint.encoding.lines import parse_hex
from plaint.errors import MalformedError

LIMIT_PLACE_BYTES = 1024
LIMIT_HISTORY_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Places:
    """A folder with one small file for each member and each organisation."""

    folder: Path

    def find_org(self, member: bytes) -> bytes | None:
        """Return the organisation whose entries `member` signed last on this device."""
        text = self._read(f"member-{member.hex()}")
        return None if text is None else parse_hex(text, size_bytes=16)

    def find_url(self, org: bytes) -> str | None:
        """Return the address under which entries of `org` were sent last."""
        return self._read(f"org-{org.hex()}")

    def find_id(self, first: bytes) -> bytes | None:
        """Return the id of the member who took keys under which alone the id would be `first`."""
        text = self._read(f"id-{first.hex()}")
        return None if text is None else parse_hex(text, size_bytes=16)

    def remember_id(self, first: bytes, member: bytes) -> None:
        """Keep the id of a member whose keys were replaced."""
        self._write(f"id-{first.hex()}", member.hex())

    def remember_member(self, member: bytes, org: bytes) -> None:
        """Keep where `member` belongs."""
        self._write(f"member-{member.hex()}", org.hex())

    def remember_url(self, org: bytes, url: str) -> None:
        """Keep where `org` is."""
        self._write(f"org-{org.hex()}", url)

    def list_entries(self, member: bytes) -> set[bytes]:
        """Return the digests of directory entries that `member` signed here, or said were right."""
        try:
            text = read_limited(self.folder / f"history-{member.hex()}", limit_bytes=LIMIT_HISTORY_BYTES)
        except (MalformedError, PermissionError):
            return set()
        return {parse_hex(line, size_bytes=32) for line in text.decode("ascii").split()}

    def remember_entries(self, member: bytes, digests: Iterable[bytes]) -> None:
        """Keep the digests of entries that `member` knows."""
        known = self.list_entries(member) | set(digests)
        make_private_directory(self.folder)
        text = "".join(digest.hex() + "\n" for digest in sorted(known))
        replace_private(self.folder / f"history-{member.hex()}", text.encode("ascii"))

    def _read(self, name: str) -> str | None:
        try:
            return read_limited(self.folder / name, limit_bytes=LIMIT_PLACE_BYTES).decode("utf-8")
        except (MalformedError, PermissionError):
            return None

    def _write(self, name: str, text: str) -> None:
        make_private_directory(self.folder)
        replace_private(self.folder / name, text.encode("utf-8"))


def find_places_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder: PLAINT_STATE, else `plaint` in the place the system has for such things."""
    if environment.get("PLAINT_STATE"):
        return Path(environment["PLAINT_STATE"])
    base = environment.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "plaint"
