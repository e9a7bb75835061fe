"""For properties of the form "refused, or else …"."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from plaint.errors import PlaintError

T = TypeVar("T")


def attempt(run: Callable[[], T]) -> T | PlaintError:
    """Return what `run` returns, or the error with which it refuses."""
    try:
        return run()
    except PlaintError as error:
        return error
