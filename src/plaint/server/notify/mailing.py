"""What is sent, and when: everything here follows from the hour, the address of the desk and the receiver alone."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from plaint.crypto.hashes import compute_hmac
from plaint.protocol.note import Note, encode_note, sign_note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plaint.crypto.signing import SigningKey

DAY_S = 86_400
HOUR_S = 3_600
SUBJECT = "Plaint: a fixed reminder to look at the desk"
HOOK_LINE = b"plaint/v1/hook\n"
BODY = """\
This mail comes at fixed hours and always says the same, whether or not
there is anything for you. It knows nothing of any report.

To see what there is, open the desk yourself:

{desk}

You asked for these mails. This ends them:

plaint desk mail {url} --words FILE --none
"""


def compute_mailing(now: int, hours: Sequence[int]) -> int:
    """Return the last of the fixed `hours` (UTC) that is not after `now`."""
    midnight = now - now % DAY_S
    passed = [midnight + hour * HOUR_S for hour in hours if midnight + hour * HOUR_S <= now]
    return passed[-1] if passed else midnight - DAY_S + hours[-1] * HOUR_S


def compute_message_id(key: bytes, member: bytes, at: int, *, sender: str) -> str:
    """Return the id of a member's mail of a mailing: sent again it is the same, and to others it means nothing."""
    mac = compute_hmac(key, b"plaint/v1/server-mail\n", member, at.to_bytes(8, "big"))
    return f"<{mac[:16].hex()}@{sender.rpartition('@')[2]}>"


def encode_mail(*, sender: str, address: str, url: str, at: int, message_id: str) -> bytes:
    """Return a mail: but for the address, the hour and the id the same bytes for every member and every day."""
    headers = {
        "From": sender,
        "To": address,
        "Subject": SUBJECT,
        "Date": format_datetime(datetime.fromtimestamp(at, UTC)),
        "Message-ID": message_id,
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=us-ascii",
        "Content-Transfer-Encoding": "7bit",
    }
    lines = [*(f"{name}: {value}" for name, value in headers.items()), ""]
    lines += BODY.format(desk=f"{url}/desk/", url=url).splitlines()
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def encode_hook(*, org: bytes, at: int, key: SigningKey, name: str) -> bytes:
    """Return the body of a hook: a note by the receipt key that names the organisation and the mailing."""
    text = HOOK_LINE + f"org {org.hex()}\nat {at}\n".encode("ascii")
    return encode_note(Note(text, (sign_note(text, name=name, key=key),)))
