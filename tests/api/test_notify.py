"""Fixed notices against real mail servers: the same for everybody whatever happened, once each, through every fault."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from contextlib import ExitStack
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from plaint.protocol.directory_contents import Leave
from plaint.protocol.note import parse_note, verify_note
from plaint.server.notify.mailing import DAY_S, HOUR_S, compute_mailing
from plaint.server.notify.settings import Smtp
from plaint.store import outbox
from plaint.store.outbox import LEASE_S
from tests.support.directory_world import find_id
from tests.support.mail_server import Mailbox, make_smtp, serve_mailbox, serve_script
from tests.support.mailing import HOURS, NAMES, PUBLIC, configure, give_address, pass_hour, prepare, run, start_another
from tests.support.patience import PATIENCE_S
from tests.support.ports import find_port
from tests.support.sealed import get_code
from tests.support.world import World

MESSAGE_ID = re.compile(rb"[0-9a-f]{32}@")


def test_only_a_member_can_say_where_mail_goes_and_it_cannot_be_read_back(
    world: World, post: tuple[Mailbox, Smtp]
) -> None:
    configure(world, post[1])
    for method in ("get", "put", "delete"):
        assert get_code(world.client.request(method, "mail"), 403) == "session"
    headers = {"plaint-session": world.session("ben")}
    assert world.client.get("mail", headers=headers).json() == {"address": False, "hours": [7]}
    assert give_address(world, "ben").content == b""
    told = world.client.get("mail", headers=headers)
    assert told.json() == {"address": True, "hours": [7]}
    for _ in range(2):
        answer = world.client.delete("mail", headers=headers)
        assert (answer.status_code, answer.content) == (204, b"")
    assert world.client.get("mail", headers=headers).json()["address"] is False


def test_what_is_no_plain_address_is_refused_and_not_kept(world: World, post: tuple[Mailbox, Smtp]) -> None:
    configure(world, post[1])
    headers = {"plaint-session": world.session("ben")}
    for address in ("ben", "Ben <ben@x.invalid>"):
        assert get_code(give_address(world, "ben", address), 400) == "mail-address"
    for body in ({}, {"address": 1}, {"address": "a@x.invalid", "more": 1}):
        assert get_code(world.client.put("mail", json=body, headers=headers), 400) == "mail-form"
    assert get_code(world.client.put("mail", content=b" " * 1025, headers=headers), 413) == "body-size"
    assert world.client.get("mail", headers=headers).json()["address"] is False


def test_where_no_mail_is_sent_no_address_is_kept(world: World) -> None:
    assert get_code(give_address(world, "ben"), 503) == "mail-off"
    headers = {"plaint-session": world.session("ben")}
    assert world.client.get("mail", headers=headers).json() == {"address": False, "hours": []}


def live(folder: Path, *, with_case: bool) -> list[bytes]:
    """Return the mails of four days: in them a case came, was handled and missed a date, or nothing at all happened."""
    with serve_mailbox() as (mailbox, smtp), World(folder, seed=7) as world:
        prepare(world, smtp, "ben", "dov")
        for day in range(4):
            if with_case and day == 0:
                world.report("Something happened.")
            if with_case and day == 2:
                desk = world.desk("ben")
                desk.scan()
                desk.note(desk.list_cases()[0], "Let us talk.")
            world.now += 3 * DAY_S
            pass_hour(world)
            world.tick(6)
            run(world)
        return sorted(MESSAGE_ID.sub(lambda found: b"?" * len(found[0]), mail) for mail in mailbox.raw)


def test_mails_are_the_same_with_and_without_a_case(tmp_path: Path) -> None:
    without, with_case = live(tmp_path / "without", with_case=False), live(tmp_path / "with", with_case=True)
    assert len(without) == 8
    assert without == with_case
    assert len({len(mail) for mail in without}) == 1
    assert len({mail.partition(b"\r\n\r\n")[2] for mail in without}) == 1


def test_a_mail_says_where_the_desk_is_and_nothing_else(world: World, post: tuple[Mailbox, Smtp]) -> None:
    mailbox, smtp = post
    prepare(world, smtp, "ben")
    run(world)
    (mail,) = mailbox.mails
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    body = payload.decode()
    assert body.startswith(f"{PUBLIC}/o/demo/desk/\r\n")
    assert mailbox.receivers == ["ben@example.invalid"]
    assert mail["To"] == "ben@example.invalid"
    assert world.services.organisation.state.name not in f"{mail}{body}"
    assert find_id("ben").hex() not in str(mail)
    assert not [character for character in body.replace(PUBLIC, "") if character.isdigit()]


def test_each_member_gets_one_mail_an_hour_that_is_set(any_world: World, post: tuple[Mailbox, Smtp]) -> None:
    mailbox, smtp = post
    prepare(any_world, smtp)
    for _ in range(4):
        run(any_world)
        any_world.now += 60
    assert sorted(mailbox.receivers) == [f"{name}@example.invalid" for name in NAMES]
    pass_hour(any_world, 6)
    run(any_world)
    assert len(mailbox.raw) == 3
    any_world.now += HOUR_S
    run(any_world)
    assert len(mailbox.raw) == len(set(mailbox.ids)) == 6


def test_an_address_given_after_the_hour_waits_for_the_next_one(world: World, post: tuple[Mailbox, Smtp]) -> None:
    mailbox, smtp = post
    prepare(world, smtp, "ben")
    run(world)
    give_address(world, "cai")
    run(world)
    assert mailbox.receivers == ["ben@example.invalid"]
    pass_hour(world)
    run(world)
    assert sorted(mailbox.receivers) == ["ben@example.invalid", "ben@example.invalid", "cai@example.invalid"]


def test_who_takes_the_address_back_gets_nothing_of_what_was_laid_out(world: World, post: tuple[Mailbox, Smtp]) -> None:
    mailbox, smtp = post
    prepare(world, make_smtp(find_port()), "ben", "cai")
    run(world)
    world.client.delete("mail", headers={"plaint-session": world.session("ben")})
    configure(world, smtp)
    world.now += 60
    run(world)
    assert mailbox.receivers == ["cai@example.invalid"]


def test_who_left_gets_no_mail_and_is_forgotten(world: World, post: tuple[Mailbox, Smtp]) -> None:
    mailbox, smtp = post
    prepare(world, smtp, "ben", "cai")
    world.submit(Leave(find_id("ben")), "ben")
    run(world)
    assert mailbox.receivers == ["cai@example.invalid"]
    assert not world.loop.run(world.services.notices.has_address(find_id("ben")))


def test_a_month_asleep_is_one_mail(world: World, post: tuple[Mailbox, Smtp]) -> None:
    mailbox, smtp = post
    prepare(world, smtp, "ben")
    run(world)
    world.now += 31 * DAY_S
    world.restart()
    run(world)
    run(world)
    assert len(mailbox.raw) == len(set(mailbox.ids)) == 2


@pytest.mark.parametrize("jump", [-400 * DAY_S, -3 * DAY_S, -HOUR_S, HOUR_S, 400 * DAY_S])
def test_a_clock_that_jumps_and_comes_back_repeats_and_skips_nothing(
    world: World, post: tuple[Mailbox, Smtp], jump: int
) -> None:
    mailbox, smtp = post
    prepare(world, smtp, "ben")
    for _ in range(5):
        run(world)
        world.now += DAY_S
    run(world)
    assert len(mailbox.raw) == 6
    world.now += jump
    run(world)
    world.restart()
    run(world)
    world.now -= jump
    run(world)
    assert len(set(mailbox.ids)) == len(mailbox.raw) <= 7
    before = len(mailbox.raw)
    pass_hour(world)
    run(world)
    assert len(set(mailbox.ids)) == len(mailbox.raw) == before + 1


def test_a_mail_server_that_is_away_is_tried_again_and_gets_everything_once(
    world: World, post: tuple[Mailbox, Smtp]
) -> None:
    mailbox, smtp = post
    prepare(world, make_smtp(find_port()))
    for _ in range(5):
        run(world)
        world.now += 3_600
    configure(world, smtp)
    run(world)
    run(world)
    assert len(mailbox.raw) == len(set(mailbox.ids)) == 3


def test_a_mail_server_that_is_away_for_days_gets_the_last_mailing(world: World, post: tuple[Mailbox, Smtp]) -> None:
    mailbox, smtp = post
    prepare(world, make_smtp(find_port()), "ben")
    for _ in range(3):
        run(world)
        world.now += DAY_S
    configure(world, smtp)
    run(world)
    last = datetime.fromtimestamp(compute_mailing(int(world.now), HOURS), UTC)
    assert [parsedate_to_datetime(str(mail["Date"])) for mail in mailbox.mails] == [last]


def test_a_passing_refusal_is_tried_again_a_final_one_waits_for_the_next_hour(
    world: World, post: tuple[Mailbox, Smtp]
) -> None:
    mailbox, smtp = post
    prepare(world, smtp, "ben")
    mailbox.refusals = ["451 try again later"]
    mailbox.rejections = ["452 full"]
    for _ in range(3):
        run(world)
        world.now += HOUR_S
    assert len(mailbox.raw) == 1
    pass_hour(world)
    mailbox.refusals = ["550 no such person"]
    for _ in range(3):
        run(world)
        world.now += HOUR_S
    assert len(mailbox.raw) == 1
    pass_hour(world)
    mailbox.rejections = ["554 it looks like spam"]
    run(world)
    world.now += HOUR_S
    run(world)
    pass_hour(world)
    run(world)
    assert len(mailbox.raw) == len(set(mailbox.ids)) == 2


def test_a_crash_between_laying_out_and_sending_loses_nothing(any_world: World, post: tuple[Mailbox, Smtp]) -> None:
    mailbox, smtp = post
    world = any_world
    prepare(world, smtp)
    notices = world.services.notices
    org, now = world.services.organisation.org, int(world.now)

    async def die() -> None:
        """Do all that comes before the first byte to the mail server, and no more."""
        await notices._store.write(lambda c: notices._lay_out(c, now))
        await notices._store.write(lambda c: outbox.claim(c, org, b"x" * 16, now=now, limit=2))

    world.loop.run(die())
    world.restart()
    run(world)
    assert len(mailbox.raw) == 1
    world.now += LEASE_S
    run(world)
    run(world)
    assert len(mailbox.raw) == len(set(mailbox.ids)) == 3


def test_a_crash_before_the_mail_is_marked_repeats_the_same_bytes(
    world: World, post: tuple[Mailbox, Smtp], monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox, smtp = post
    prepare(world, smtp, "ben")
    notices = world.services.notices

    async def die(_notice: object) -> None:
        raise SystemError("the process ends here")

    async def leave_all_as_it_is() -> None:
        """A process that dies lays nothing back."""

    monkeypatch.setattr(notices, "_finish", die)
    monkeypatch.setattr(notices, "close", leave_all_as_it_is)
    with pytest.raises(SystemError):
        run(world)
    world.restart()
    run(world)
    assert len(mailbox.raw) == 1
    world.now += LEASE_S
    run(world)
    run(world)
    assert len(mailbox.raw) == 2
    assert mailbox.raw[0] == mailbox.raw[1]


def test_a_stop_in_the_middle_lays_the_mail_back(world: World, post: tuple[Mailbox, Smtp]) -> None:
    mailbox, smtp = post
    begun = threading.Event()

    def hang(connection: socket.socket) -> None:
        begun.set()
        connection.recv(1)

    with serve_script(hang) as bad:
        prepare(world, bad, "ben")
        notices = world.services.notices

        async def stop() -> None:
            task = asyncio.create_task(notices.run())
            assert await asyncio.to_thread(begun.wait, PATIENCE_S)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        world.loop.run(stop())
    configure(world, smtp)
    run(world)
    assert len(mailbox.raw) == 1


def test_two_processes_send_each_mail_once(any_world: World, post: tuple[Mailbox, Smtp]) -> None:
    mailbox, smtp = post
    world = any_world
    prepare(world, smtp)
    others = [start_another(world) for _ in range(2)]

    async def race() -> None:
        found = [world.deployment, *others]
        for _ in range(5):
            services = [await deployment.find(world.slug) for deployment in found]
            await asyncio.gather(*(each.notices.run() for each in services for _ in range(2)))
            world.now += DAY_S

    world.loop.run(race())
    for deployment in others:
        world.loop.run(deployment.close())
    assert len(mailbox.raw) == len(set(mailbox.ids)) == 5 * len(NAMES)


def test_one_mail_refused_for_good_holds_up_nobody_else(world: World, post: tuple[Mailbox, Smtp]) -> None:
    mailbox, smtp = post
    prepare(world, smtp)
    mailbox.refusals = ["550 no"]
    run(world)
    assert len(mailbox.raw) == 2


class Hook:
    """A web server on this machine that keeps what is posted to it."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.bodies: list[bytes] = []

    def __call__(self, connection: socket.socket) -> None:
        file = connection.makefile("rb")
        size = 0
        while (line := file.readline().strip()) != b"":
            name, _, value = line.partition(b":")
            size = int(value) if name.lower() == b"content-length" else size
        self.bodies.append(file.read(size))
        status = self.statuses.pop(0) if self.statuses else 204
        connection.sendall(b"HTTP/1.1 %d x\r\nconnection: close\r\n\r\n" % status)


def test_a_hook_is_a_note_that_tells_the_hour_alone_and_is_tried_again(world: World) -> None:
    hook = Hook(500, 302)
    with ExitStack() as stack:
        smtp = stack.enter_context(serve_script(hook))
        configure(world, None, hook=f"http://127.0.0.1:{smtp.port}/called")
        run(world)
        for _ in range(4):
            world.now += HOUR_S
            run(world)
        world.report("Something happened.")
        pass_hour(world)
        run(world)
    first, second, third, later = hook.bodies
    assert first == second == third
    assert len(later) == len(first)
    organisation = world.services.organisation
    for body in (first, later):
        note = parse_note(body)
        verify_note(note, [organisation.keys.verifiers.receipts])
        lines = note.text.decode().splitlines()
        assert lines[:2] == ["plaint/v1/hook", f"org {organisation.org.hex()}"]
        assert [line.split()[0] for line in lines[2:]] == ["at"]


def test_a_hook_that_nobody_answers_waits(world: World) -> None:
    configure(world, None, hook=f"http://127.0.0.1:{find_port()}/")
    run(world)
    hook = Hook()
    with serve_script(hook) as smtp:
        configure(world, None, hook=f"http://127.0.0.1:{smtp.port}/")
        world.now += HOUR_S
        run(world)
        run(world)
    assert len(hook.bodies) == 1
