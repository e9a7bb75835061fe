"""What is sent, and when: everything here follows from the hour, the address of the desk and the receiver alone."""

from __future__ import annotations

from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime
from quopri import encodestring
from typing import TYPE_CHECKING

from plaint.crypto.hashes import compute_hmac
from plaint.protocol.note import Note, encode_note, sign_note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plaint.crypto.signing import SigningKey

DAY_S = 86_400
HOUR_S = 3_600
CRLF = "\r\n"
HOOK_LINE = b"plaint/v1/hook\n"
SUBJECT = "Plaint: fixed reminder, feste Erinnerung, 定时提醒, تذكير ثابت"
# One text for everybody: who reads which language would be something a mail could tell.
BODY = """\
{desk}

This mail comes at fixed hours and always says the same, whether or not
there is anything for you. It knows nothing of any report. To see what
there is, open the desk yourself, at the address above. You asked for
these mails; at the desk, under "Reminders by mail", you can end them.

Diese Mail kommt zu festen Stunden und sagt immer dasselbe, ob etwas für
Sie da ist oder nicht. Sie weiß von keiner Meldung. Was da ist, sehen
Sie am Arbeitsplatz, unter der Adresse oben. Sie haben um diese Mails
gebeten; dort, unter „Erinnerungen per Mail“, beenden Sie sie.

这封邮件在固定时间发出，内容始终相同，不论是否有与您相关的事项。
它不涉及任何报告。请自行打开上面的地址，在工作台查看。
这些邮件是您要求接收的。您可以在工作台的“邮件提醒”中停止接收。

تصل هذه الرسالة في ساعات ثابتة وتقول الشيء نفسه دائمًا، سواء كان هناك ما يخصكم أم لا.
وهي لا تعرف شيئًا عن أي بلاغ. لمعرفة ما لديكم افتحوا مكتبكم بأنفسكم من العنوان أعلاه.
أنتم من طلب هذه الرسائل، ويمكنكم إيقافها من مكتبكم تحت «تذكيرات بالبريد».
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
        "Subject": Header(SUBJECT, "utf-8", header_name="Subject").encode(linesep=CRLF),
        "Date": format_datetime(datetime.fromtimestamp(at, UTC)),
        "Message-ID": message_id,
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "quoted-printable",
    }
    head = "".join(f"{name}: {value}{CRLF}" for name, value in headers.items()) + CRLF
    body = encodestring(BODY.format(desk=f"{url}/desk/").encode())
    return head.encode("ascii") + body.replace(b"\n", CRLF.encode("ascii"))


def encode_hook(*, org: bytes, at: int, key: SigningKey, name: str) -> bytes:
    """Return the body of a hook: a note by the receipt key that names the organisation and the mailing."""
    text = HOOK_LINE + f"org {org.hex()}\nat {at}\n".encode("ascii")
    return encode_note(Note(text, (sign_note(text, name=name, key=key),)))
