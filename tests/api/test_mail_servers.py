"""Mail servers that hang, lie, refuse to speak or are slow: each costs a while, and no mail."""

from __future__ import annotations

import asyncio
import socket
import threading
from dataclasses import replace

import pytest

from plaint.errors import UnavailableError
from plaint.server.notify import sending
from plaint.server.notify.mailing import HOUR_S
from plaint.server.notify.settings import Smtp
from tests.support.mail_server import Mailbox, serve_script
from tests.support.mailing import configure, pass_hour, prepare, run
from tests.support.patience import PATIENCE_S
from tests.support.world import World


def hang_at_once(connection: socket.socket) -> None:
    connection.recv(1)


def hang_after_the_mail(connection: socket.socket) -> None:
    connection.sendall(b"220 x\r\n")
    file = connection.makefile("rb")
    for line in file:
        if line.startswith(b"DATA"):
            connection.sendall(b"354 go on\r\n")
        elif line == b".\r\n":
            connection.recv(1)
        elif line.split(b" ")[0].strip() in {b"EHLO", b"MAIL", b"RCPT"}:
            connection.sendall(b"250 x\r\n")


def leave_in_the_middle_of_the_mail(connection: socket.socket) -> None:
    connection.sendall(b"220 x\r\n")
    for line in connection.makefile("rb"):
        if line.startswith(b"From:"):
            return
        connection.sendall(b"354 go on\r\n" if line.startswith(b"DATA") else b"250 x\r\n")


def say_yes_and_leave(connection: socket.socket) -> None:
    connection.sendall(b"220 x\r\n")
    connection.recv(100)
    connection.sendall(b"250 x\r\n")


def speak_another_language(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")


def talk_without_end(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"220-" + b"x" * 60_000)


@pytest.mark.parametrize(
    "script",
    [
        hang_at_once,
        hang_after_the_mail,
        leave_in_the_middle_of_the_mail,
        say_yes_and_leave,
        speak_another_language,
        talk_without_end,
    ],
)
def test_a_mail_server_that_misbehaves_costs_a_while_and_no_mail(
    world: World, post: tuple[Mailbox, Smtp], monkeypatch: pytest.MonkeyPatch, script: object
) -> None:
    mailbox, smtp = post
    with serve_script(script) as bad, monkeypatch.context() as impatient:  # type: ignore[arg-type]
        impatient.setattr(sending, "REPLY_S", 0.3)
        impatient.setattr(sending, "LAST_REPLY_S", 0.3)
        prepare(world, bad, "ben")
        run(world)
        world.now += HOUR_S
    configure(world, smtp)
    run(world)
    run(world)
    assert len(mailbox.raw) == 1


def test_a_mail_server_that_says_yes_too_late_gets_the_same_bytes_again(
    world: World, post: tuple[Mailbox, Smtp], monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox, smtp = post
    mailbox.waits_s = [PATIENCE_S]
    prepare(world, smtp, "ben")
    with monkeypatch.context() as impatient:
        impatient.setattr(sending, "LAST_REPLY_S", 0.3)
        run(world)
    assert len(mailbox.raw) == 1
    world.now += HOUR_S
    run(world)
    run(world)
    assert len(mailbox.raw) == 2
    assert mailbox.raw[0] == mailbox.raw[1]
    pass_hour(world)
    run(world)
    assert len(mailbox.raw) == 3


def test_a_slow_mail_server_is_left_at_the_limit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "LIMIT_S", 0.5)

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"220 x\r\n")
        while True:
            connection.sendall(b"250-x\r\n")
            threading.Event().wait(0.1)

    async def deliver(smtp: Smtp) -> None:
        async with sending.deliver_mail(smtp, address="ben@example.invalid", mail=b"x\r\n"):
            raise AssertionError("accepted")

    with serve_script(drip) as smtp, pytest.raises(UnavailableError) as caught:
        asyncio.run(asyncio.wait_for(deliver(smtp), PATIENCE_S))
    assert caught.value.code == "mail-server"


def test_a_password_never_goes_over_an_open_line() -> None:
    seen: list[bytes] = []

    def listen(connection: socket.socket) -> None:
        connection.sendall(b"220 x\r\n")
        for line in connection.makefile("rb"):
            seen.append(line)
            connection.sendall(b"250-x\r\n250 AUTH PLAIN LOGIN\r\n")

    async def deliver(smtp: Smtp) -> None:
        remote = replace(smtp, start_tls=True, user="plaint", password="correct horse")
        async with sending.deliver_mail(remote, address="ben@example.invalid", mail=b"x\r\n"):
            raise AssertionError("accepted")

    with serve_script(listen) as smtp, pytest.raises(UnavailableError) as caught:
        asyncio.run(deliver(smtp))
    assert caught.value.code == "mail-server"
    assert seen
    assert not [line for line in seen if line.startswith((b"AUTH", b"MAIL", b"RCPT"))]
