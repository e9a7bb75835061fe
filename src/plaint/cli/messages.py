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
    "directory-channel": "A channel would have no member.",
    "directory-effect": "This entry does not wait for its effect.",
    "directory-founders": "There must be an administrator and an independent member, and they must be two people.",
    "directory-index": (
        "The directory has grown since this was signed; sign again: `plaint directory sign DRAFT --words FILE --again`."
    ),
    "directory-leave": "This member cannot leave now: too few would remain, or they left already.",
    "directory-member": "These keys are those of another member.",
    "directory-request": "The request was changed after it was made; ask for a new one.",
    "directory-signature": "A signature is false: the draft was changed after it was signed.",
    "directory-signer": "Somebody signed who is not an active member.",
    "directory-signers": "Signatures are missing: one administrator and one independent member, two different people.",
    "directory-suspend": "This member cannot be suspended: too few would remain, or one is suspended already.",
    "draft-place": "Nobody has signed this draft yet.",
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
