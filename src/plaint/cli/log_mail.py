"""Mails of `plaint log watch`: one for each look that found something new, by the mail server of the environment."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from plaint.cli.messages import MESSAGES
from plaint.cli.output import make_harmless
from plaint.client.watch import Finding
from plaint.errors import MalformedError, PlaintError
from plaint.server.notify.schema import check_address
from plaint.server.notify.sending import deliver_mail
from plaint.server.notify.settings import MAIL_FROM, SMTP_URL, Smtp, parse_smtp

SUBJECT = "Plaint watch: something is not as it should be"


@dataclass(frozen=True, slots=True)
class Mailer:
    """Writes to one address."""

    smtp: Smtp
    address: str

    def send(self, url: str, at: int, found: Sequence[Finding]) -> bool:
        """Write what was found and return whether the mail server took it."""
        try:
            asyncio.run(self._deliver(self._write(url, at, found)))
        except PlaintError:
            return False
        return True

    def _write(self, url: str, at: int, found: Sequence[Finding]) -> bytes:
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = self.smtp.sender, self.address, SUBJECT
        mail["Date"] = format_datetime(datetime.fromtimestamp(at, UTC))
        mail["Message-ID"] = make_msgid(domain=self.smtp.sender.rpartition("@")[2])
        lines = [f"{one.code} {one.detail}\n    {MESSAGES.get(one.code, '')}".rstrip() for one in found]
        mail["Auto-Submitted"] = "auto-generated"
        text = "\n".join([f"At {url}:", "", *lines, "", "What proves it is in the folder of the watcher.", ""])
        mail.set_content(make_harmless(text))
        return mail.as_bytes()

    async def _deliver(self, mail: bytes) -> None:
        async with deliver_mail(self.smtp, address=self.address, mail=mail):
            return


def make_mailer(address: str) -> Mailer:
    """Return the way to `address` by PLAINT_SMTP_URL and PLAINT_MAIL_FROM.

    Raises: MalformedError "mail-address", "watch-mail" without these variables, those of `parse_smtp`.
    """
    url, sender = os.environ.get(SMTP_URL), os.environ.get(MAIL_FROM)
    if not url or not sender:
        raise MalformedError("watch-mail")
    return Mailer(parse_smtp(url, sender=sender), check_address(address))
