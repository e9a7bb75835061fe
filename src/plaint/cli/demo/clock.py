"""The demo's time: wound while the story is told, the machine's own from then on."""

from __future__ import annotations

import time


class DemoClock:
    """Seconds since 1970 as the demo's server, cosigners and people see them; never runs backwards."""

    def __init__(self, start: float | None = None) -> None:
        """Stand still at `start`, or show the machine's time when there is nothing left to tell."""
        self._at = start

    def __call__(self) -> float:
        """Return the time."""
        return time.time() if self._at is None else self._at

    @property
    def live(self) -> bool:
        """Whether the machine's time is shown."""
        return self._at is None

    def wind(self, to: float) -> None:
        """Set the time forward; a moment that has passed changes nothing."""
        if self._at is not None:
            self._at = max(self._at, to)

    def go_live(self) -> None:
        """Show the machine's time from now on."""
        self._at = None
