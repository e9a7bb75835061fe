"""Times as people write and read them; everything inside is Unix seconds."""

from __future__ import annotations

from datetime import UTC, datetime

from plaint.cli.output import CommandError

EXIT_USAGE = 2
LIMIT_TIME = 2**37


def parse_time(text: str) -> int:
    """Return Unix seconds from `2026-11-30`, `2026-11-30T09:00:00Z` (any offset; none means UTC) or a number.

    Raises: CommandError with the exit code for wrong usage.
    """
    if text.isascii() and text.isdigit() and len(text) < 13:
        return min(int(text), LIMIT_TIME)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(
            f"“{text}” is not a time; write 2026-11-30, 2026-11-30T09:00:00Z or Unix seconds.", exit_code=EXIT_USAGE
        ) from error
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def format_time(moment: int | None) -> str:
    """Return a time in the zone of this device, to the minute, with what it is ahead of UTC; or a dash."""
    if moment is None:
        return "–"
    local = datetime.fromtimestamp(moment).astimezone()
    ahead = local.strftime("%z")
    return local.strftime("%Y-%m-%d %H:%M UTC") + ("" if ahead == "+0000" else f"{ahead[:3]}:{ahead[3:5]}")
