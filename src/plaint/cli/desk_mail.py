"""`plaint desk mail`: say where the fixed reminders go."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from plaint.cli.output import CommandError, print_json, print_lines
from plaint.client.connection import connect
from plaint.client.desk import sign_in
from plaint.client.mail import MailWish, fetch_mail_wish, set_mail_address
from plaint.client.trust import load_trust
from plaint.client.words_file import read_member_keys

EXIT_USAGE = 2
Flag = Annotated[bool, Parameter(negative=())]


def mail(
    url: str,
    address: str | None = None,
    *,
    none: Flag = False,
    words: Path,
    trust: Path | None = None,
    json: Flag = False,
) -> None:
    """Say where you want mail: at fixed hours, always the same, whether or not there is anything for you.

    The server keeps the address to itself, outside the directory. Who runs your mail learns that you get these mails.

    Parameters
    ----------
    url
        Address of the organisation.
    address
        Where to write; without it and without --none the command tells whether mail goes to you.
    none
        Write no more, and forget the address.
    words
        File with your twelve words.
    trust
        Trust file.
    json
        Print one JSON object.

    """
    if none and address is not None:
        raise CommandError("Give an address or --none, not both.", exit_code=EXIT_USAGE)
    connection = connect(url, trust=load_trust(trust) if trust else None)
    try:
        session = sign_in(connection, read_member_keys(words)).session
        if none or address is not None:
            set_mail_address(session, address)
        wish = fetch_mail_wish(session)
    finally:
        connection.close()
    if json:
        print_json({"address": wish.kept, "hours": list(wish.hours)})
    else:
        print_lines(describe_wish(wish))


def describe_wish(wish: MailWish) -> str:
    """Return one sentence for a person."""
    if not wish.hours:
        return "This organisation sends no mail."
    hours = ", ".join(f"{hour:02}:00" for hour in wish.hours)
    if wish.kept:
        return f"A mail goes to you every day at {hours} UTC. It always says the same."
    return f"No mail goes to you. Those who want it get it at {hours} UTC."
