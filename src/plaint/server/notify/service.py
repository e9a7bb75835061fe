"""Lays a mailing out at its hour and sends it until it is gone; two processes may do so side by side."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from plaint.crypto.hashes import random_bytes
from plaint.errors import RefusedError, UnavailableError
from plaint.http.log import get_log
from plaint.protocol.directory_state import LEFT
from plaint.server.notify.mailing import compute_mailing, compute_message_id, encode_hook, encode_mail
from plaint.server.notify.sending import call_hook, deliver_mail
from plaint.store import outbox

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from sqlalchemy import Connection

    from plaint.server.notify.settings import NoticeSettings
    from plaint.server.organisation import Organisation
    from plaint.server.ports import Clock, Store
    from plaint.store.outbox import Notice

MAIL, HOOK = "mail", "hook"
NOBODY = b""
AT_ONCE = 8
FIRST_WAIT_S = 60


class NoticeService:
    """Mail to members and a hook, as an organisation's settings say; without settings it sends nothing."""

    def __init__(
        self,
        organisation: Organisation,
        store: Store,
        *,
        clock: Clock,
        settings: NoticeSettings | None,
        public_url: str | None,
        connect: Callable[[], httpx.AsyncClient],
    ) -> None:
        self._organisation = organisation
        self._store = store
        self._clock = clock
        self._settings = settings
        self._url = f"{(public_url or '').rstrip('/')}/o/{organisation.slug}"
        self._connect = connect
        self._holder = random_bytes(16)
        self._laid_out: int | None = None

    @property
    def sends(self) -> bool:
        """Whether there is anything to do at any hour."""
        return self._settings is not None

    @property
    def hours(self) -> tuple[int, ...]:
        """The hours at which mail goes, none when no mail is sent here."""
        return self._settings.hours if self._settings is not None and self._settings.smtp is not None else ()

    async def set_address(self, member: bytes, address: str | None) -> None:
        """Keep where a member wants mail from the next mailing on, or forget it.

        Raises: UnavailableError "mail-off" where no mail is sent: an address would be kept for nothing.
        """
        if address is not None and not self.hours:
            raise UnavailableError("mail-off")
        org = self._organisation.org
        await self._store.write(lambda c: outbox.replace_address(c, org, member, address))

    async def has_address(self, member: bytes) -> bool:
        """Tell whether a member gets mail."""
        return member in await self._store.read(lambda c: outbox.list_addresses(c, self._organisation.org))

    async def run(self) -> None:
        """Do what is to be done now: lay out the last mailing unless that was done, send what waits."""
        if self._settings is None:
            return
        at = compute_mailing(int(self._clock()), self._settings.hours)
        if at != self._laid_out:
            await self._store.write(lambda c: self._lay_out(c, at))
            self._laid_out = at
        while await self._send_some():
            pass

    async def close(self) -> None:
        """Lay back what was in hand when this process was stopped, so that nobody waits for its lease to end."""
        if self._settings is not None:
            await self._store.write(lambda c: outbox.release(c, self._organisation.org, self._holder))

    def _lay_out(self, connection: Connection, at: int) -> None:
        organisation, settings = self._organisation, self._settings
        members = organisation.state.members
        receivers: list[tuple[str, bytes]] = []
        for member in outbox.list_addresses(connection, organisation.org):
            found = members.get(member)
            if found is None:
                continue  # admitted through another process, whose directory is ahead
            if found.status == LEFT:
                outbox.replace_address(connection, organisation.org, member, None)
            elif found.active and self.hours:
                receivers.append((MAIL, member))
        if settings is not None and settings.hook is not None:
            receivers.append((HOOK, NOBODY))
        outbox.lay_out(connection, organisation.org, at, receivers, now=int(self._clock()))

    async def _send_some(self) -> bool:
        """Send a few notices; False when none is left that could be sent now."""
        org, now = self._organisation.org, int(self._clock())
        if not await self._store.read(lambda c: outbox.has_due(c, org, now=now)):
            return False
        notices = await self._store.write(lambda c: outbox.claim(c, org, self._holder, now=now, limit=AT_ONCE))
        outcomes = await asyncio.gather(*(self._send(notice) for notice in notices))
        if failed := outcomes.count(False):
            get_log().error("notices", failed=failed)
        return any(outcomes)

    async def _send(self, notice: Notice) -> bool:
        """Send one notice and say whether it left; otherwise it is laid back, or given up when nobody wants it."""
        try:
            if notice.kind == MAIL:
                await self._send_mail(notice)
            else:
                await self._send_hook(notice)
        except RefusedError:
            await self._finish(notice)
            return False
        except UnavailableError:
            wait_s = min(FIRST_WAIT_S << min(notice.tries - 1, 16), outbox.LONGEST_WAIT_S)
            await self._postpone(notice, int(self._clock()) + wait_s)
            return False
        return True

    async def _send_mail(self, notice: Notice) -> None:
        organisation, settings = self._organisation, self._settings
        addresses = await self._store.read(lambda c: outbox.list_addresses(c, organisation.org))
        address = addresses.get(notice.receiver)
        if settings is None or settings.smtp is None or address is None or not organisation.is_active(notice.receiver):
            await self._finish(notice)  # he changed his mind, or left, since the mailing was laid out
            return
        sender = settings.smtp.sender
        message_id = compute_message_id(organisation.keys.prf, notice.receiver, notice.at, sender=sender)
        mail = encode_mail(sender=sender, address=address, url=self._url, at=notice.at, message_id=message_id)
        async with deliver_mail(settings.smtp, address=address, mail=mail):
            await self._finish(notice)

    async def _send_hook(self, notice: Notice) -> None:
        organisation, settings = self._organisation, self._settings
        if settings is not None and settings.hook is not None:
            name = organisation.keys.verifiers.receipts.name
            body = encode_hook(org=organisation.org, at=notice.at, key=organisation.receipts_key, name=name)
            await call_hook(self._connect(), settings.hook, body)
        await self._finish(notice)

    async def _finish(self, notice: Notice) -> None:
        await self._store.write(lambda c: outbox.finish(c, self._organisation.org, self._holder, notice))

    async def _postpone(self, notice: Notice, until: int) -> None:
        await self._store.write(lambda c: outbox.postpone(c, self._organisation.org, self._holder, notice, until=until))
