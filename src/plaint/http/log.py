"""The service's own log: JSON lines on standard error without addresses, user agents, paths or ids."""

from __future__ import annotations

import sys
from threading import Event
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

_wanted = Event()


class Log(Protocol):
    """What the service may say of itself: an event's name and plain numbers or class names."""

    def info(self, event: str, **values: object) -> None:
        """Note that something happened."""

    def error(self, event: str, **values: object) -> None:
        """Note that something went wrong."""


def configure_log() -> None:
    """Send every event to standard error as one JSON line, from now on."""
    _wanted.set()


def get_log() -> Log:
    """Return the log; until `configure_log` ran it says nothing."""
    if not _wanted.is_set():
        return _Silence()
    # Loaded when there is something to say: a fifth of a second that a start need not pay.
    import structlog  # noqa: PLC0415

    if not structlog.is_configured():
        structlog.configure(
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(),
            ],
            # Whatever standard error is when something is said: who replaced it may have closed what it was.
            logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
            cache_logger_on_first_use=False,
        )
    log: FilteringBoundLogger = structlog.get_logger()
    return log


class _Silence:
    """Says nothing: a program that embeds the service decides itself what is written down."""

    def info(self, event: str, **values: object) -> None:
        """Say nothing."""

    def error(self, event: str, **values: object) -> None:
        """Say nothing."""
