"""The two ways out: one SMTP conversation, one HTTP request; each ends within a limit, whatever the other side does."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from plaint.errors import RefusedError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiosmtplib
    import httpx

    from plaint.server.notify.settings import Smtp

LIMIT_S = 600
REPLY_S = 30.0
LAST_REPLY_S = 300.0  # a server that took the mail and is slow to say so would get it twice (RFC 5321, 4.5.3.2.6)
LEAVE_S = 5.0
HOOK_S = 30.0
HOOK_TYPE = "text/plain; charset=utf-8"


@asynccontextmanager
async def deliver_mail(smtp: Smtp, *, address: str, mail: bytes) -> AsyncIterator[None]:
    """Hand a mail to the server; inside, it has been accepted, and nothing but the farewell is still to come.

    Raises: UnavailableError "mail-server" when it should be tried again; RefusedError "mail-refused" when it need not.
    """
    import aiosmtplib  # noqa: PLC0415 -- loaded only where mail is sent

    client = aiosmtplib.SMTP(
        hostname=smtp.host,
        port=smtp.port,
        username=smtp.user,
        password=smtp.password,
        local_hostname=smtp.sender.rpartition("@")[2],
        use_tls=smtp.tls,
        start_tls=smtp.start_tls,
        timeout=REPLY_S,
    )
    try:
        try:
            async with asyncio.timeout(LIMIT_S):
                await _hand_over(client, smtp.sender, address, mail)
        except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as error:
            if 500 <= error.code < 600:
                raise RefusedError("mail-refused") from error
            raise UnavailableError("mail-server") from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise UnavailableError("mail-server") from error
        yield
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            await client.quit(timeout=LEAVE_S)
    finally:
        client.close()


async def call_hook(client: httpx.AsyncClient, url: str, body: bytes) -> None:
    """Post a hook's body; any answer of success will do, and none is read.

    Raises: UnavailableError "hook".
    """
    import httpx  # noqa: PLC0415 -- loaded only where a hook is called

    headers = {"content-type": HOOK_TYPE, "user-agent": "plaint"}
    try:
        async with asyncio.timeout(HOOK_S), client.stream("POST", url, content=body, headers=headers) as answer:
            if not answer.is_success:
                raise UnavailableError("hook")
    except (httpx.HTTPError, TimeoutError) as error:
        raise UnavailableError("hook") from error


async def _hand_over(client: aiosmtplib.SMTP, sender: str, address: str, mail: bytes) -> None:
    await client.connect()
    await client.mail(sender)
    await client.rcpt(address)
    await client.data(mail, timeout=LAST_REPLY_S)
