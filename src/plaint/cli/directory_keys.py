"""`plaint directory draft key-compromised`: keys that count no more."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from plaint.cli.directory_place import Target, finish_draft
from plaint.cli.output import CommandError
from plaint.client.drafts import draft_content
from plaint.encoding.lines import parse_hex
from plaint.errors import MalformedError
from plaint.protocol.directory_keys import Compromised
from plaint.protocol.note import parse_vkey

Flag = Annotated[bool, Parameter(negative=())]


def key_compromised(
    member_id: str | None = None,
    *,
    receipts: str | None = None,
    target: Target,
) -> None:
    """Declare that somebody else may hold a key: it counts no more, at once and for good.

    A member's key may say so itself, with one signature; else an administrator and an independent member sign.

    Parameters
    ----------
    member_id
        The member whose key it is.
    receipts
        The server's receipt key, instead of a member.

    """
    if (member_id is None) == (receipts is None):
        raise CommandError("Give a member's id, or --receipts VKEY.")
    content = Compromised(receipts=parse_vkey(receipts)) if receipts else Compromised(_parse_id(member_id or ""))
    finish_draft(draft_content(content), target)


def _parse_id(text: str) -> bytes:
    try:
        return parse_hex(text, size_bytes=16)
    except MalformedError as error:
        raise CommandError(f"{text} is not a member id: 32 characters 0-9, a-f.") from error
