"""Where a member wants mail: one plain address, or none."""

from __future__ import annotations

import re

from plaint.encoding.fields import Fields
from plaint.encoding.json import parse_json
from plaint.errors import MalformedError

LIMIT_MAIL_BYTES = 1024
LIMIT_ADDRESS = 254
CODE = "mail-form"
_LOCAL = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@){_LOCAL}@{_LABEL}(?:\.{_LABEL})*", re.IGNORECASE)


def parse_mail_request(data: bytes) -> str:
    """Return the address in the body of PUT mail.

    Raises: MalformedError "mail-form", "mail-address", "json-…".
    """
    fields = Fields(parse_json(data, limit_bytes=LIMIT_MAIL_BYTES), CODE)
    address = fields.take_text("address", limit=LIMIT_ADDRESS)
    fields.finish()
    return check_address(address)


def check_address(address: str) -> str:
    """Return `address` when it is one address in ASCII, without quotes, comments or a name: nothing can hide in it.

    Raises: MalformedError "mail-address".
    """
    if len(address) > LIMIT_ADDRESS or not _ADDRESS.fullmatch(address):
        raise MalformedError("mail-address")
    return address
