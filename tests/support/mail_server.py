"""Mail servers on this machine: one that keeps what it gets (aiosmtpd), and some that a mail server should not be."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.smtp import SMTP

from plaint.server.notify.settings import Smtp
from tests.support.loop import LoopThread
from tests.support.patience import PATIENCE_S

HOST = "127.0.0.1"
SENDER = "plaint@reports.example.invalid"
Script = Callable[[socket.socket], None]


@dataclass(slots=True)
class Mailbox:
    """Everything that was accepted, as it came; `answers` are given instead to the first RCPT or DATA commands."""

    raw: list[bytes] = field(default_factory=list)
    receivers: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    rejections: list[str] = field(default_factory=list)
    waits_s: list[float] = field(default_factory=list)
    """How long the first mails wait for their answer, once they are kept."""

    @property
    def mails(self) -> list[Message]:
        """What was accepted, parsed."""
        return [message_from_bytes(raw) for raw in self.raw]

    @property
    def ids(self) -> list[str]:
        """The Message-ID of each."""
        return [str(mail["Message-ID"]) for mail in self.mails]

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if self.refusals:
            return self.refusals.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.rejections:
            return self.rejections.pop(0)
        self.raw.append(envelope.content)
        self.receivers += envelope.rcpt_tos
        if self.waits_s:
            await asyncio.sleep(self.waits_s.pop(0))
        return "250 OK"


@contextmanager
def serve_mailbox() -> Iterator[tuple[Mailbox, Smtp]]:
    """Run a mail server that keeps everything."""
    mailbox = Mailbox()

    async def start() -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: SMTP(mailbox, hostname="mail.invalid", loop=loop), HOST, 0)

    async def stop(server: asyncio.Server) -> None:
        server.close()
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}), return_exceptions=True)

    with LoopThread() as thread:
        server = thread.run(start())
        yield mailbox, make_smtp(server.sockets[0].getsockname()[1])
        thread.run(stop(server))


@contextmanager
def serve_script(script: Script) -> Iterator[Smtp]:
    """Run a server that does with each connection what `script` says."""
    listener = socket.create_server((HOST, 0))

    def work() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(PATIENCE_S)
                try:
                    script(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield make_smtp(listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(PATIENCE_S)


def make_smtp(port: int) -> Smtp:
    """Return the settings of a mail server on this machine."""
    return Smtp(host=HOST, port=port, sender=SENDER, tls=False, start_tls=False)
