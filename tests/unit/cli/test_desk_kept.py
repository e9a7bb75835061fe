"""What a member signed and the server did not take is kept sealed, said, and sent by the next command."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from plaint.client.desk import Desk, sign_in
from plaint.client.kept import KeptWrites
from plaint.client.writing import seal_entry
from plaint.errors import UnavailableError, VerificationError
from plaint.protocol.authorship import MemberWriter
from plaint.protocol.content import Content
from tests.support.directory_world import find_id, make_keys
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "world") as made:
        yield made


class Refusing(httpx.BaseTransport):
    """The way to a server that takes no entries: it refuses them, or answers without a promise to log them."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self.refusing = True
        self.answer: bytes | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.refusing and request.method == "POST" and "/rooms/" in request.url.path:
            if self.answer is not None:
                return httpx.Response(201, content=self.answer)
            return httpx.Response(503, content=b'{"code":"admission"}')
        return self._inner.handle_request(request)


def open_desk(world: World, name: str, folder: Path) -> Desk:
    desk = sign_in(world.connect(), make_keys(name), kept=folder)
    desk.scan()
    return desk


def refuse(world: World) -> Refusing:
    wire = Refusing(world.client._transport)
    world.client = httpx.Client(transport=wire, base_url=f"{world.url}/")
    return wire


def acknowledge_in_vain(world: World, room: bytes, folder: Path) -> None:
    desk = open_desk(world, "ben", folder)
    with pytest.raises(UnavailableError) as caught:
        desk.acknowledge(desk.open_case(room.hex()), "We have it.")
    assert caught.value.code == "admission"


def report_and_keep(world: World, folder: Path) -> tuple[bytes, Refusing, Path]:
    """Return the room of a report, the line that refused Ben's acknowledgement, and the folder that keeps it."""
    _, sent = world.report("First.")
    room = sent.state.room
    world.tick(12)
    wire, kept = refuse(world), folder / "ben"
    acknowledge_in_vain(world, room, kept)
    return room, wire, kept


def read_texts(world: World, room: bytes, folder: Path) -> list[tuple[str, str | None]]:
    case = open_desk(world, "cai", folder / "other").open_case(room.hex())
    return [(entry.header.kind, entry.content.text) for entry in case.room.entries if entry.content is not None]


def test_a_refused_acknowledgement_is_kept_signed_and_sent_by_the_next_command(world: World, tmp_path: Path) -> None:
    room, wire, folder = report_and_keep(world, tmp_path)
    (file,) = KeptWrites(folder).list_files()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (write,) = KeptWrites(folder).list_writes()
    assert (write.header.kind, write.header.room) == ("acknowledge", room)
    assert open_desk(world, "ben", folder).send_kept() == 1
    assert KeptWrites(folder).list_files() == [file]
    wire.refusing = False
    assert open_desk(world, "ben", folder).send_kept() == 0
    assert KeptWrites(folder).list_files() == []
    assert read_texts(world, room, folder) == [("open", "First."), ("acknowledge", "We have it.")]


def test_where_others_wrote_since_it_is_sealed_anew(world: World, tmp_path: Path) -> None:
    room, wire, folder = report_and_keep(world, tmp_path)
    wire.refusing = False
    cai = open_desk(world, "cai", tmp_path / "cai")
    cai.reply(cai.open_case(room.hex()), "A question.")
    wire.refusing = True
    assert open_desk(world, "ben", folder).send_kept() == 1
    (write,) = KeptWrites(folder).list_writes()
    assert write.header.seq == 2
    wire.refusing = False
    assert open_desk(world, "ben", folder).send_kept() == 0
    assert read_texts(world, room, folder)[1:] == [("entry", "A question."), ("acknowledge", "We have it.")]


def test_what_was_taken_after_all_is_not_sent_twice(world: World, tmp_path: Path) -> None:
    room, wire, folder = report_and_keep(world, tmp_path)
    wire.refusing = False
    desk = open_desk(world, "ben", folder)
    desk.acknowledge(desk.open_case(room.hex()), "We have it.")
    assert open_desk(world, "ben", folder).send_kept() == 0
    assert len(read_texts(world, room, folder)) == 2


def test_a_forgery_with_the_same_words_is_not_what_was_kept(world: World, tmp_path: Path) -> None:
    """The server hands what it did not take to Cai, who reads the room: in Ben's name it proves nothing."""
    room, wire, folder = report_and_keep(world, tmp_path)
    wire.refusing = False
    cai = open_desk(world, "cai", tmp_path / "cai")
    case = cai.open_case(room.hex())
    forger = MemberWriter(find_id("ben"), make_keys("cai").sign)
    write = seal_entry(case.room, "acknowledge", Content(text="We have it."), forger).write
    cai.connection.send(write, cap=case.room.cap, session=cai.session.token())
    assert open_desk(world, "ben", folder).send_kept() == 0
    case = open_desk(world, "cai", folder / "other").open_case(room.hex())
    assert [entry.authorship for entry in case.room.entries[1:]] == ["unproved", "proved"]


def test_a_server_that_takes_it_and_promises_nothing_is_an_alarm_and_it_is_kept(world: World, tmp_path: Path) -> None:
    _, sent = world.report("First.")
    room = sent.state.room
    world.tick(12)
    wire, folder = refuse(world), tmp_path / "ben"
    wire.answer = sent.receipt.note
    desk = open_desk(world, "ben", folder)
    with pytest.raises(VerificationError) as caught:
        desk.acknowledge(desk.open_case(room.hex()), "We have it.")
    assert caught.value.code == "state-leaf"
    assert len(KeptWrites(folder).list_files()) == 1
