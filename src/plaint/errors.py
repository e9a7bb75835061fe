"""The one root error and its five families; a family tells the caller what to do next.

Every `code` is listed in `spec/errors.md` and shared with TypeScript. `detail` never holds plaintext, keys, words,
names or addresses.
"""

from __future__ import annotations


class PlaintError(Exception):
    """Anything Plaint refuses or cannot do, named by a stable `code`."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class MalformedError(PlaintError):
    """The bytes do not have the form they claim: send other bytes."""


class VerificationError(PlaintError):
    """The form is right and the claim is false: do not trust the sender."""


class RefusedError(PlaintError):
    """Well formed and true, but not allowed: ask somebody who may."""


class ConflictError(PlaintError):
    """Somebody else was first: read again, then decide again."""


class UnavailableError(PlaintError):
    """Not now: keep what you have and send the same bytes later."""
