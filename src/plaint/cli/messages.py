"""Sentences for error codes; a code without its own sentence gets that of its family."""

from __future__ import annotations

from plaint.errors import (
    ConflictError,
    MalformedError,
    PlaintError,
    RefusedError,
    UnavailableError,
    VerificationError,
)

FAMILIES: tuple[tuple[type[PlaintError], str], ...] = (
    (MalformedError, "What was given does not have the form it should have."),
    (VerificationError, "A check failed: do not trust what was received."),
    (RefusedError, "This is not allowed."),
    (ConflictError, "Somebody else was first: read again, then decide again."),
    (UnavailableError, "Not possible right now; nothing was lost, try again later."),
)

MESSAGES = {
    "words-count": "There must be 12 words.",
    "words-unknown": "One of the words stands in no word list; its position follows.",
    "words-checksum": "The words are known, but one of them is wrong or two are exchanged.",
    "not-found": "There is nothing at this address for these words.",
    "key-agreement": "A public key is not valid.",
}


def describe_error(error: PlaintError) -> str:
    """Return one sentence for the person at the keyboard."""
    if error.code in MESSAGES:
        return MESSAGES[error.code]
    return next((text for family, text in FAMILIES if isinstance(error, family)), "This did not work.")
