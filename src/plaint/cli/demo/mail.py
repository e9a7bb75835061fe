"""The demo's mail server: it takes every mail and puts it into a folder; nothing leaves the machine."""

from __future__ import annotations

import asyncio
import re
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from plaint.cli.output import create_file
from plaint.server.notify.settings import NoticeSettings, Smtp

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOST = "127.0.0.1"
DOMAIN = "orvane.invalid"
HOURS = (7, 16)
LIMIT_MAIL_BYTES = 65_536
SILENCE_S = 30.0
_PLAIN = re.compile(r"[a-z0-9.-]{1,64}")


class MailServer:
    """Listens on a free port from the start, so that the service can be told where, and answers from `open` on."""

    def __init__(self, folder: Path, *, clock: Callable[[], float]) -> None:
        """Prepare to write into `folder`, naming each mail by the hour of `clock` and by its receiver."""
        self._folder = folder
        self._clock = clock
        self._socket = socket.create_server((HOST, 0))
        self._server: asyncio.Server | None = None

    @property
    def settings(self) -> NoticeSettings:
        """What the service is told: mail twice a day, by this server."""
        port = int(self._socket.getsockname()[1])
        sender = f"reports@{DOMAIN}"
        return NoticeSettings(HOURS, Smtp(HOST, port, sender, tls=False, start_tls=False))

    async def open(self) -> None:
        """Begin to answer."""
        from aiosmtpd.smtp import SMTP  # noqa: PLC0415 -- only a demo needs it

        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        loop = asyncio.get_running_loop()

        def make() -> Any:
            return SMTP(self, hostname=DOMAIN, data_size_limit=LIMIT_MAIL_BYTES, timeout=SILENCE_S, loop=loop)

        self._server = await loop.create_server(make, sock=self._socket)

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
        self._socket.close()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep a mail; called by the SMTP conversation."""
        to = str(envelope.rcpt_tos[0]).partition("@")[0].lower()
        create_file(self._find_place(to if _PLAIN.fullmatch(to) else "somebody"), envelope.content, private=True)
        return "250 OK"

    def _find_place(self, receiver: str) -> Path:
        at = datetime.fromtimestamp(self._clock(), UTC).strftime("%Y-%m-%dT%H%M")
        number = 1
        while True:
            path = self._folder / (f"{at}-{receiver}.eml" if number == 1 else f"{at}-{receiver}-{number}.eml")
            if not path.exists():
                return path
            number += 1
