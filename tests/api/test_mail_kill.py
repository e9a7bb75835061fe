"""kill -9 of the server that sends, in the middle of a mail, while a second one runs: nothing skipped or moved."""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
from datetime import UTC, datetime
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection

from plaint.server.config import Config
from plaint.store import outbox
from plaint.store.database import Database
from plaint.store.outbox import LEASE_S
from tests.support.directory_world import find_id
from tests.support.mail_server import serve_mailbox, serve_script
from tests.support.mailing_process import make_config, run_server
from tests.support.patience import PATIENCE_S, wait_until
from tests.support.process import create

pytestmark = pytest.mark.postgres

NAMES = ("ben", "cai", "dov")
HOUR_S = 3_600
LOOKS = 10


class Mouth:
    """A mail server that hears a mail to its end, or not, and never answers it."""

    def __init__(self, *, to_the_end: bool) -> None:
        self._to_the_end = to_the_end
        self.heard: list[bytes] = []
        self.in_the_middle = threading.Event()
        self.let_go = threading.Event()

    def __call__(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE_S)
        connection.sendall(b"220 x\r\n")
        file, mail, in_mail = connection.makefile("rb"), b"", False
        for line in file:
            if in_mail and (line == b".\r\n" or not self._to_the_end):
                self.heard += [mail] if self._to_the_end else []
                self.in_the_middle.set()
                self.let_go.wait(PATIENCE_S)
                return
            mail += line if in_mail else b""
            if line.startswith(b"DATA"):
                in_mail = True
            if not in_mail or line.startswith(b"DATA"):
                connection.sendall(b"354 go on\r\n" if in_mail else b"250 x\r\n")


def give_address(org: bytes, name: str, connection: Connection) -> None:
    outbox.replace_address(connection, org, find_id(name), f"{name}@example.invalid")


def give_addresses(config: Config, org: bytes) -> None:
    database = Database(config.database)
    for name in NAMES:
        asyncio.run(database.write(partial(give_address, org, name)))
    database.close()


@pytest.mark.parametrize("to_the_end", [False, True], ids=["in-the-middle", "before-the-answer"])
def test_the_second_server_sends_what_the_killed_one_had_in_hand(
    tmp_path: Path, postgres_url: str, *, to_the_end: bool
) -> None:
    ahead, mouth = tmp_path / "ahead", Mouth(to_the_end=to_the_end)
    hour = (datetime.now(UTC).hour - 2) % 24  # long enough ago: no other mailing may come before this one is over
    ahead.write_text("0", "ascii")
    with serve_script(mouth) as bad, serve_mailbox() as (mailbox, good):
        one = make_config(tmp_path / "one", bad.port, hour, database_url=postgres_url)
        keys_url = f"sqlite:///{one.keystore.database}"
        two = make_config(tmp_path / "two", good.port, hour, database_url=postgres_url, keys_url=keys_url)
        org = create(one.data_dir, database_url=postgres_url)
        shutil.copytree(one.data_dir / "keys", two.data_dir / "keys")
        give_addresses(one, org)
        with run_server(one, ahead) as first, run_server(two, ahead):
            assert mouth.in_the_middle.wait(PATIENCE_S)
            first.kill()
            first.wait()
            mouth.let_go.set()
            for _ in range(LOOKS):  # the lease is not over: the second may not take what the first may still send
                threading.Event().wait(0.2)
                assert not set(mailbox.receivers) & {bad_receiver(mail) for mail in mouth.heard}
            ahead.write_text(str(LEASE_S + 1), "ascii")
            wait_until(lambda: len(mailbox.raw) == len(NAMES))
            threading.Event().wait(1)
        assert sorted(mailbox.receivers) == [f"{name}@example.invalid" for name in NAMES]
        assert len(set(mailbox.ids)) == len(NAMES)
        assert len(mouth.heard) == int(to_the_end)
        # What both servers handed over is the same mail, so that whoever keeps it keeps it once.
        assert all(mail in mailbox.raw for mail in mouth.heard)
        dates = {parsedate_to_datetime(str(mail["Date"])) for mail in mailbox.mails}
        assert len(dates) == 1
        (date,) = dates
        assert date.timestamp() % HOUR_S == 0
        assert date.hour == hour


def bad_receiver(mail: bytes) -> str:
    return str(message_from_bytes(mail)["To"])
