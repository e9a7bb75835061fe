"""What the docket folds: entries that a client opened, judged and dated. It cannot be made from sealed ones."""

from __future__ import annotations

from dataclasses import dataclass

from plaint.protocol.authorship import EARLIER, OWN, PROVED
from plaint.protocol.content import Content
from plaint.protocol.room import Until

HOLDER = "holder"
REPORTER = "reporter"


@dataclass(frozen=True, slots=True)
class OpenedEntry:
    """One entry of one room of a case.

    `author` is a member id, "holder", or None when the body did not open; `proved` an authorship (spec/room.md);
    `logged_at` the date a quorum gave its leaf, None while it has none; `hash` H(header); `until`
    is what an `extend` asks for.
    """

    room: bytes
    label: str
    seq: int
    kind: str
    hash: bytes
    author: bytes | str | None
    proved: str
    logged_at: int | None
    content: Content | None
    until: Until | None = None

    @property
    def member(self) -> bytes | None:
        """The member who certainly wrote it, else None."""
        return self.author if isinstance(self.author, bytes) and self.proved in {PROVED, OWN} else None

    @property
    def counts(self) -> bool:
        """Whether it may change the case: a member's when proved, a holder's unless it is shown to be another's.

        A holder's entry from before the reader was let in cannot be proved to this reader; it counts, because all who
        could read then could check it.
        """
        return self.member is not None or (self.author == HOLDER and self.proved in {PROVED, OWN, EARLIER})
