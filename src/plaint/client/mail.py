"""Where a member wants mail: told to the server, which keeps it to itself."""

from __future__ import annotations

from dataclasses import dataclass

from plaint.client.session import Session
from plaint.encoding.fields import Fields
from plaint.errors import MalformedError

HOURS_A_DAY = 24
HEADER = "plaint-session"
CODE = "mail-form"


@dataclass(frozen=True, slots=True)
class MailWish:
    """Whether the server has an address of this member, and at which hours (UTC) it sends mail; none: it sends none."""

    kept: bool
    hours: tuple[int, ...]


def fetch_mail_wish(session: Session) -> MailWish:
    """Return what the server says of it; the address itself it never says.

    Raises: MalformedError "mail-form".
    """
    fields = Fields(session.connection.api.get_json("mail", headers={HEADER: session.token()}), CODE)
    kept, hours = fields.take("address"), fields.take_list("hours", int, limit=HOURS_A_DAY)
    fields.finish()
    if not isinstance(kept, bool) or not all(0 <= hour < HOURS_A_DAY for hour in hours):
        raise MalformedError(CODE)
    return MailWish(kept, tuple(hours))


def set_mail_address(session: Session, address: str | None) -> None:
    """Tell the server where to write from the next fixed hour on, or to write no more.

    Raises: MalformedError "mail-address"; UnavailableError "mail-off".
    """
    headers = {HEADER: session.token()}
    if address is None:
        session.connection.api.send("DELETE", "mail", headers=headers)
    else:
        session.connection.api.send_json("PUT", "mail", {"address": address}, headers=headers)
