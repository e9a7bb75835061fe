"""The log's own signatures: the checkpoint, and a dated cosignature by the operator's clock key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plaint.errors import ConflictError
from plaint.protocol.checkpoint import Checkpoint, encode_checkpoint
from plaint.protocol.merkle import EMPTY_ROOT
from plaint.protocol.note import (
    COSIGNATURE,
    ED25519,
    Note,
    NoteSignature,
    VerifierKey,
    cosign_note,
    sign_note,
)

if TYPE_CHECKING:
    from plaint.crypto.signing import SigningKey
    from plaint.protocol.merkle import Hash


class LogSigner:
    """Signs checkpoints of one origin; never two that contradict each other."""

    __slots__ = ("_clock", "_key", "_last", "clock_name", "origin")

    def __init__(self, *, origin: str, key: SigningKey, clock_name: str, clock: SigningKey) -> None:
        self.origin = origin
        self.clock_name = clock_name
        self._key = key
        self._clock = clock
        self._last = Checkpoint(origin, 0, EMPTY_ROOT)

    @property
    def log_key(self) -> VerifierKey:
        """The key that readers check checkpoints with."""
        return VerifierKey(self.origin, ED25519, self._key.public)

    @property
    def clock_key(self) -> VerifierKey:
        """The key of the operator's own cosignature: it dates, it does not count as an outside witness."""
        return VerifierKey(self.clock_name, COSIGNATURE, self._clock.public)

    def sign_checkpoint(self, size: int, root: Hash) -> Note:
        """Return the signed checkpoint, without extension lines and without cosignatures.

        Raises: ConflictError "checkpoint-rollback" when it would contradict one that this signer signed before.
        """
        checkpoint = Checkpoint(self.origin, size, root)
        if size < self._last.size or (size == self._last.size and root != self._last.root):
            raise ConflictError("checkpoint-rollback")
        text = encode_checkpoint(checkpoint)
        note = Note(text, (sign_note(text, name=self.origin, key=self._key),))
        self._last = checkpoint
        return note

    def cosign(self, note: Note, *, timestamp: int) -> NoteSignature:
        """Return the operator's own cosignature of `note` at `timestamp`."""
        return cosign_note(note.text, name=self.clock_name, key=self._clock, timestamp=timestamp)
