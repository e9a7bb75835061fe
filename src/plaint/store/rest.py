"""Rows that rest sealed under a key of their room, which rests in another store (spec/rest.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from plaint.crypto.rest import open_at_rest, seal_at_rest

FIRST_LINE = b"plaint/v1/rest\n"


@dataclass(frozen=True, slots=True)
class RestKey:
    """A key under which rows rest, and the name by which rows say which one it is."""

    id: bytes
    secret: bytes = field(repr=False)

    def seal(self, data: bytes, *place: bytes) -> bytes:
        """Return `data` sealed; `place` says where it stands."""
        return seal_at_rest(self.secret, data, place=FIRST_LINE + b"".join(place))

    def open(self, sealed: bytes, *place: bytes) -> bytes:
        """Return what was sealed. Raises: VerificationError "rest-sealed"."""
        return open_at_rest(self.secret, sealed, place=FIRST_LINE + b"".join(place))


class RestKeys(Protocol):
    """Where keys are found."""

    def find(self, key_id: bytes | None) -> RestKey | None:
        """Return the key called `key_id`, None when it is gone."""

    def find_cells_key(self, org: bytes) -> RestKey:
        """Return the key that hides whose cell is whose."""
