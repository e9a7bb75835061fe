"""How long a connection to PostgreSQL waits for a machine that vanished: half a minute instead of two hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import URL

_SETTINGS = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def choose_session_settings(url: URL) -> dict[str, int]:
    """Return the settings that `url` does not say itself, in seconds but for `tcp_user_timeout`, in milliseconds."""
    return {name: value for name, value in _SETTINGS.items() if name not in url.query}
