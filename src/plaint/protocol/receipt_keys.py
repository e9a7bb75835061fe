"""Which key signed a state note, and whether that still counts (spec/receipt.md, "Former keys")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from plaint.errors import MalformedError, PlaintError, VerificationError
from plaint.protocol.directory_state import FormerReceipts
from plaint.protocol.note import Note, VerifierKey, parse_note, verify_note
from plaint.protocol.signers import DirectoryCopy, DirectoryPast
from plaint.protocol.state import LIMIT_NOTE_BYTES, State, open_state
from plaint.protocol.trust import FormerKey, Trust, add_former

SLACK_TICKS = 2


def date_former(known: FormerReceipts, date: int, *, tick_s: int) -> FormerKey:
    """Return a receipt key that ended by an entry of that date, as a trust file says it.

    A retired key signs on until the server has come to the entry, and notes begin with their tick: they have two ticks.
    A void key has none, it may be in other hands.
    """
    return FormerKey(known.key, date if known.void else date + SLACK_TICKS * tick_s, known.void)


def learn_receipt_keys(trust: Trust, directory: DirectoryCopy | None, *, now: int) -> Trust:
    """Return `trust` with the receipt keys that the newest directory of a copy names, where it is of the same logs.

    A copy that does not hold changes nothing, nor does one that never heard of the trust file's receipt key: it is of
    other logs, or older.
    """
    if directory is None:
        return trust
    try:
        past = DirectoryPast(directory, trust)
        state = past.find_last(now)
        dated = [(known, past.compute_date(known.end, now)) for known in state.receipts]
    except PlaintError:
        return trust
    origin = state.origin
    if origin is None or (origin.cases, origin.directory) != (trust.cases, trust.directory):
        return trust
    if trust.receipts not in [origin.receipts, *(known.key for known in state.receipts)]:
        return trust
    found = [date_former(known, date, tick_s=state.clock.tick) for known, date in dated]
    return add_former(replace(trust, receipts=origin.receipts), found)


def open_trusted_state(data: bytes, trust: Trust) -> tuple[State, FormerKey | None]:
    """Return the state in a note, and the former receipt key that signed it; None for the key of now.

    Raises: VerificationError "receipt-retired" when a retired key signed it after its time; those of `open_state`.
    """
    if len(data) > LIMIT_NOTE_BYTES:
        raise MalformedError("note-size")
    signer = find_signer(parse_note(data), [trust.receipts, *(known.key for known in trust.former)])
    former = next((known for known in trust.former if known.key == signer), None)
    state = open_state(data, signer)
    if former is not None and not former.void and state.at >= former.until:
        raise VerificationError("receipt-retired")
    return state, former


def find_signer(note: Note, keys: Sequence[VerifierKey]) -> VerifierKey:
    """Return the first key that signed, and the first of all when none did: it says what is wrong.

    A line that announces a key and is not that key's signature hides no other.
    """
    return next((key for key in keys if _is_signed(note, key)), keys[0])


def _is_signed(note: Note, key: VerifierKey) -> bool:
    try:
        verify_note(note, [key])
    except VerificationError:
        return False
    return True
