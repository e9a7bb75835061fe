"""Counter-proofs made on a member's device and judged from files alone, in a whole deployment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from plaint.cli import desk as desk_command
from plaint.cli.app import run
from plaint.cli.desk_prove import list_given_away
from plaint.client.desk import Desk
from plaint.client.files import create_private
from plaint.client.follow import find_report
from plaint.client.law.shipped import NO_HOLIDAYS, load_pack
from plaint.client.mirror import mirror_log
from plaint.client.proving import prove_entry
from plaint.client.writing import NewRoom, make_holder_writer, make_manifest, seal_entry, seal_open
from plaint.crypto.hashes import random_bytes
from plaint.errors import PlaintError
from plaint.protocol.access import Access
from plaint.protocol.body import BodyRandom, open_body, seal_body, with_body
from plaint.protocol.content import Content
from plaint.protocol.counter import encode_counter
from plaint.protocol.directory_contents import Channel, Suspend
from plaint.protocol.keys import HolderKeys, compute_room_keys
from plaint.protocol.leaf import compute_content_leaf
from plaint.protocol.packs import compute_pack_digest
from plaint.protocol.receipt import Receipt, encode_receipt
from plaint.protocol.room import ZERO_HASH, Until, encode_header
from plaint.protocol.trust import encode_trust
from plaint.protocol.words import encode_words
from plaint.protocol.write import encode_write
from tests.support.directory_world import draw, find_id
from tests.support.sealed import with_work
from tests.support.world import CLOCK, World

DAY = 86_400


@dataclass
class Dispute:
    """A report, and what both sides bring to whoever judges."""

    world: World
    folder: Path
    keys: HolderKeys
    receipt: Receipt

    @property
    def case(self) -> str:
        return self.receipt.header.room.hex()

    def desk(self, name: str) -> Desk:
        desk = self.world.desk(name)
        desk.scan()
        return desk

    def write(self, name: str, kind: str, content: Content, *, until: Until | None = None) -> None:
        desk = self.desk(name)
        room = desk.open_case(self.case).room
        write = seal_entry(room, kind, content, desk.writer, until=until).write
        desk.connection.send(write, cap=room.cap, session=desk.session.token())

    def prove(self, name: str, seq: int, *, with_secret: bool = False) -> Path:
        desk = self.desk(name)
        counter = prove_entry(desk.connection, desk.open_case(self.case).room, seq, with_secret=with_secret)
        path = self.folder / f"counter-{seq}"
        path.write_bytes(encode_counter(counter))
        assert len(list_given_away(counter)) == (2 if with_secret else 1)
        return path

    def judge(self, *arguments: object, code: int, capsys: pytest.CaptureFixture[str], copy: bool = True) -> Any:
        report = find_report(self.world.connect(), self.keys)
        receipt, trust = self.folder / "receipt", self.folder / "trust"
        receipt.write_bytes(encode_receipt(report.update_receipt(self.receipt)))
        trust.write_bytes(encode_trust(report.connection.trust))
        given: list[object] = [receipt, "--trust", trust, "--at", int(self.world.now), *arguments]
        if copy:
            self.world.loop.run(self.mirror())
            given += ["--leaves", self.folder / "copy"]
        capsys.readouterr()
        assert run(["verify", *map(str, given), "--json"]) == code
        found = json.loads(capsys.readouterr().out)
        assert run(["verify", *map(str, given)]) == code
        self.words = capsys.readouterr().out
        return found

    async def mirror(self) -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.world.app)) as client:  # type: ignore[arg-type]
            await mirror_log(self.world.url, self.folder / "copy", client=client)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "world", clock=replace(CLOCK, delay=0)) as made:
        yield made


@pytest.fixture
def movable(world: World) -> World:
    """An organisation whose law gives an answer more time."""
    pack = load_pack("eu-authority", NO_HOLIDAYS)
    for content in (pack, Channel("reports", "Reports", ("intake-handler",), compute_pack_digest(pack))):
        world.submit(content, "ada", "dov")
        world.tick(3)
    return world


@pytest.fixture
def dispute(world: World, tmp_path: Path) -> Dispute:
    keys, sent = world.report("Is anybody there?")
    world.tick(12)
    return Dispute(world, tmp_path, keys, sent.receipt)


def states(verdict: Any) -> list[str]:
    return [item["state"] for item in verdict["due"]]


def test_an_extension_that_no_law_gives_moves_nothing(dispute: Dispute, capsys: pytest.CaptureFixture[str]) -> None:
    world, due = dispute.world, find_report(dispute.world.connect(), dispute.keys).room.state.dues[1]
    dispute.write("ben", "extend", Content(text="We are busy."), until=Until("feedback", due.at + DAY))
    world.tick(12)
    counter = dispute.prove("ben", 1)
    world.now = due.at + 6 * 600
    world.tick(2)
    verdict = dispute.judge("--counter", counter, code=3, capsys=capsys)
    assert (verdict["verdict"], states(verdict)) == ("silent", ["silent", "silent"])
    assert [item["reason"] for item in verdict["counters"]] == ["counter-extend"]


@pytest.mark.usefixtures("movable")
def test_an_extension_moves_the_date_for_whoever_judges(dispute: Dispute, capsys: pytest.CaptureFixture[str]) -> None:
    world, due = dispute.world, find_report(dispute.world.connect(), dispute.keys).room.state.dues[1]
    desk = dispute.desk("ben")
    desk.acknowledge(desk.open_case(dispute.case))
    dispute.write(
        "ben", "extend", Content(text="The only one who can answer is ill."), until=Until("feedback", due.at + DAY)
    )
    world.tick(12)
    counter = dispute.prove("ben", 2)
    world.now = due.at + 6 * 600
    world.tick(2)
    assert dispute.judge(code=3, capsys=capsys)["verdict"] == "silent"
    verdict = dispute.judge("--counter", counter, code=0, capsys=capsys)
    assert (states(verdict), verdict["due"][1]["until"]) == (["met", "open"], due.at + DAY)
    assert verdict["counters"][0]["reason"] is None
    assert "moved to" in dispute.words
    assert "A later date" in dispute.words
    verdict = dispute.judge("--counter", counter, code=2, capsys=capsys, copy=False)
    assert [item["reason"] for item in verdict["counters"]] == ["counter-directory"]
    world.now += DAY
    world.tick(2)
    assert states(dispute.judge("--counter", counter, code=3, capsys=capsys)) == ["met", "silent"]


def test_a_closing_with_its_confirmation_is_shown_and_ends_no_duty(
    dispute: Dispute, capsys: pytest.CaptureFixture[str]
) -> None:
    world = dispute.world
    first = dispute.desk("ben")
    first.close(first.open_case(dispute.case), "Nothing in it.")
    second = dispute.desk("cai")
    case = second.open_case(dispute.case)
    closing = second.fold(case).closing
    assert closing is not None
    second.confirm(case, closing.hash)
    world.tick(20)
    close, confirm = dispute.prove("ida", 1), dispute.prove("ben", 2)
    world.now += 9 * DAY
    world.tick(2)
    verdict = dispute.judge("--counter", close, code=3, capsys=capsys)
    assert (verdict["verdict"], verdict["counters"][0]["reason"]) == ("silent", "counter-close")
    verdict = dispute.judge("--counter", close, "--counter", confirm, code=3, capsys=capsys)
    assert (verdict["verdict"], states(verdict)) == ("silent", ["silent", "open"])
    assert [item["reason"] for item in verdict["counters"]] == [None, None]
    assert "that anybody answered" in dispute.words
    report = find_report(world.connect(), dispute.keys)
    report.send(report.seal_reopen("It is not nothing."))
    world.tick(20)
    given = [part for path in (close, confirm, dispute.prove("ben", 3)) for part in ("--counter", path)]
    verdict = dispute.judge(*given, code=3, capsys=capsys)
    assert [item["reason"] for item in verdict["counters"]] == ["counter-close", "counter-close", None]


def test_who_was_suspended_before_shows_nothing(dispute: Dispute, capsys: pytest.CaptureFixture[str]) -> None:
    world = dispute.world
    dispute.write("ben", "decide", Content())
    world.tick(12)
    before = dispute.prove("ben", 1)
    desk = dispute.desk("ben")
    world.submit(Suspend(find_id("ben")), "ada")
    world.tick(2)
    room = desk.open_case(dispute.case).room
    write = seal_entry(room, "decide", Content(), desk.writer).write
    desk.connection.send(write, cap=room.cap, session=world.session("cai"))
    world.tick(12)
    after = dispute.prove("cai", 2)
    verdict = dispute.judge("--counter", before, "--counter", after, code=0, capsys=capsys)
    assert [item["reason"] for item in verdict["counters"]] == [None, "counter-key"]


def test_the_command_writes_the_file_and_says_what_it_gives_away(
    dispute: Dispute, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_command, "connect", lambda *_args, **_options: dispute.world.connect())
    words, out = dispute.folder / "words", dispute.folder / "decided"
    create_private(words, encode_words(draw("member ben", 16), "english").encode())
    dispute.write("ben", "decide", Content())
    dispute.world.tick(12)
    command = ["desk", "prove", dispute.world.url, dispute.case, "1", "--words", str(words), "--out", str(out)]
    assert run(command) == 0
    said = capsys.readouterr()
    assert str(out) in said.out
    assert "can show it to anybody, for ever" in said.err
    verdict = dispute.judge("--counter", out, code=0, capsys=capsys)
    assert [(item["what"], item["reason"]) for item in verdict["counters"]] == [("decide", None)]
    assert run(command) == 1
    assert "file-exists" in capsys.readouterr().err


def test_a_report_with_its_own_tokens_needs_no_counter_proof(dispute: Dispute) -> None:
    desk = dispute.desk("ben")
    desk.acknowledge(desk.open_case(dispute.case))
    with pytest.raises(PlaintError) as unlogged:
        dispute.prove("ben", 1)
    assert unlogged.value.code == "leaves-missing"
    dispute.world.tick(12)
    with pytest.raises(PlaintError) as refused:
        dispute.prove("ben", 1, with_secret=True)
    assert refused.value.code == "counter-tokens"
    for seq, code in ((0, "counter-kind"), (9, "not-found")):
        with pytest.raises(PlaintError) as nothing:
            dispute.prove("ben", seq)
        assert nothing.value.code == code


def test_a_message_is_never_shown(dispute: Dispute) -> None:
    desk = dispute.desk("ben")
    desk.reply(desk.open_case(dispute.case), "Please tell me more.")
    report = find_report(dispute.world.connect(), dispute.keys)
    report.send(report.seal_text("There is no more."))
    dispute.world.tick(20)
    for seq in (1, 2):
        with pytest.raises(PlaintError) as refused:
            dispute.prove("ben", seq)
        assert refused.value.code == "counter-kind"


def test_an_organisation_shows_its_answer_to_a_report_with_broken_tokens(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dispute = send_broken(world, tmp_path)
    desk = dispute.desk("ben")
    desk.acknowledge(desk.open_case(dispute.case), "I have read it.")
    world.tick(20)
    with pytest.raises(PlaintError) as refused:
        dispute.prove("ben", 1)
    assert refused.value.code == "counter-secret"
    counter = dispute.prove("ben", 1, with_secret=True)
    world.now += 8 * DAY
    world.tick(2)
    assert states(dispute.judge(code=3, capsys=capsys)) == ["silent", "open"]
    verdict = dispute.judge("--counter", counter, code=0, capsys=capsys)
    assert (states(verdict), verdict["due"][0]["countered"]) == (["met", "open"], True)
    assert "its token was broken" in dispute.words


def send_broken(world: World, folder: Path) -> Dispute:
    """Send a report that announces another token for its acknowledgement than its own."""
    keys, view = world.draw_holder(), world.connect().view
    channel = next(iter(view.state.channels))
    roster = view.roster(channel, view.size)
    granted = tuple(sorted(member.id for member in roster.delivered if member.channel))
    manifest = make_manifest(view, channel=channel, secret=keys.room, label="reporter", holder=keys)
    writer = make_holder_writer(view, keys, granted, roster=view.size)
    honest = seal_open(NewRoom(keys.room, manifest, roster, Access(granted, ()), "Rubbish."), writer, holder=keys).write
    content = open_body(compute_room_keys(keys.room).identity, honest.header, honest.body).content
    header = replace(honest.header, acknowledge=random_bytes(32), body=ZERO_HASH, slots=None)
    random = BodyRandom()
    sealed = seal_body(manifest.recipient, header, content, writer, random=random)
    header = with_body(header, sealed, honest.slots)
    leaves = (compute_content_leaf(random.opening, encode_header(header)), *honest.leaves[1:])
    write = with_work(world, replace(honest, header=header, body=sealed, leaves=leaves))
    answer = world.client.post("rooms", content=encode_write(write))
    assert answer.status_code == 201, answer.text
    world.tick(12)
    return Dispute(world, folder, keys, Receipt(header, random.opening, answer.content))
