"""Which key of a trust file signed a state note, and whether that still counts (spec/receipt.md, "Former keys")."""

from __future__ import annotations

from plaint.errors import MalformedError, VerificationError
from plaint.protocol.note import find_signatures, parse_note
from plaint.protocol.state import LIMIT_NOTE_BYTES, State, open_state
from plaint.protocol.trust import FormerKey, Trust


def open_trusted_state(data: bytes, trust: Trust) -> tuple[State, FormerKey | None]:
    """Return the state in a note, and the former receipt key that signed it; None for the key of now.

    Raises: VerificationError "receipt-retired" when a retired key signed it after its time; those of `open_state`.
    """
    if len(data) > LIMIT_NOTE_BYTES:
        raise MalformedError("note-size")
    note = parse_note(data)
    former = next((known for known in trust.former if find_signatures(note, known.key)), None)
    state = open_state(data, trust.receipts if former is None else former.key)
    if former is not None and not former.void and state.at >= former.until:
        raise VerificationError("receipt-retired")
    return state, former
