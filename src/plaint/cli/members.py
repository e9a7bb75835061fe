"""A member by the name that somebody typed."""

from __future__ import annotations

from plaint.cli.output import CommandError
from plaint.client.people import describe_target, find_targets
from plaint.client.view import View

EXIT_USAGE = 2


def find_member(view: View, typed: str) -> bytes:
    """Return the id of the one member called `typed`. Raises: CommandError."""
    found = [target for target in find_targets(view, typed) if target.member is not None]
    if len(found) > 1:
        ids = ", ".join(describe_target(target) for target in found)
        raise CommandError(f"More than one member is called “{typed}”: {ids}. Give an id.", exit_code=EXIT_USAGE)
    if not found or found[0].member is None:
        raise CommandError(f"No member is called “{typed}”.", exit_code=EXIT_USAGE)
    return found[0].member
