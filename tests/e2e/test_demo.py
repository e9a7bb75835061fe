"""The demo: a shortened story is told through the client, then served by a real process that goes on from there."""

from __future__ import annotations

import asyncio
import json
import stat
import subprocess
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from itertools import product
from pathlib import Path

import pytest

from plaint.cli.demo.folder import Folder
from plaint.cli.demo.mail import DOMAIN
from plaint.cli.demo.run import Demo
from plaint.cli.demo.story import CHANNEL_ROLES, HOUR_S, Case, load_cases, load_members
from plaint.client.casework import REVIEW
from plaint.client.connection import Connection, connect
from plaint.client.desk import Desk, sign_in
from plaint.client.follow import find_report
from plaint.client.handling import list_handling
from plaint.client.left import list_left
from plaint.client.overdue import list_overdue
from plaint.client.trust import load_trust
from plaint.client.words_file import read_words
from plaint.protocol.keys import compute_holder_keys
from tests.support.browser import open_browser
from tests.support.desk_pages import visit_desk
from tests.support.patience import wait_until
from tests.support.plaint_processes import Processes
from tests.support.ports import find_port
from tests.support.reporter_pages import visit

pytestmark = pytest.mark.e2e

TOLD = (
    "bus-without-belts",
    "chief-card",
    "client-dinner",
    "late-messages",
    "leave-withdrawn",
    "loose-step",
    "payroll-look-up",
    "remarks-at-the-line",
    "sprueche-an-der-rampe",
    "supplier-gift-cards",
    "tested-lift",
    "train-photo",
    "wahl-des-betriebsrats",
    "wrong-house",
    "year-end-toasts",
)
ERASED = "wrong-house"
KEPT = tuple(slug for slug in TOLD if slug != ERASED)
LAST_LINE = "Ctrl-C stops"


@dataclass(frozen=True, slots=True)
class Living:
    """A demo that a process serves."""

    folder: Folder
    url: str
    printed: str
    opened: list[Connection] = field(default_factory=list)

    def connect(self) -> Connection:
        self.opened.append(connect(self.url, trust=load_trust(self.folder.trust)))
        return self.opened[-1]

    def sign_in(self, name: str) -> Desk:
        desk = sign_in(self.connect(), self.folder.keys(name))
        desk.scan()
        return desk


def cases() -> list[Case]:
    return [case for case in load_cases() if case.slug in TOLD]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    folder = Folder(tmp_path_factory.mktemp("demo") / "data")
    start = Demo(folder, cases=cases(), port=find_port(), between_s=8 * HOUR_S)
    shown: list[int] = []
    assert asyncio.run(start.run(on_live=start.stop, progress=lambda done, _total: shown.append(done)))
    assert shown == sorted(shown)
    return folder


@pytest.fixture(scope="module")
def living(told: Folder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    port = find_port()
    with Processes(tmp_path_factory.mktemp("state")) as processes:
        process = processes.start("demo", "--data", told.path, "--port", port)
        printed = read_until_live(process)
        found = Living(told, f"http://127.0.0.1:{port}/o/demo", printed)
        yield found
        for connection in found.opened:
            connection.close()
        processes.stop(process)
        assert process.returncode == 0


def read_until_live(process: subprocess.Popen[str]) -> str:
    lines: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        if LAST_LINE in line:
            return "".join(lines)
    raise AssertionError(f"it ended: {lines}")


def room_of(living: Living, slug: str) -> bytes:
    receipt = living.folder.outbox(slug).read_receipt()
    assert receipt is not None
    return receipt.header.room


def test_every_case_stands_as_the_story_says_at_the_desks(living: Living) -> None:
    found: dict[bytes, tuple[str, str]] = {}
    for name in ("Maren Oduvale", "Tobin Ashgrave", "Judit Amsellin"):
        desk = living.sign_in(name)
        for case in desk.list_cases():
            assert not [problem for room in case.rooms for problem in room.problems]
            assert {entry.authorship for room in case.rooms for entry in room.entries} <= {"proved", "own", "earlier"}
            first = desk.list_due_dates(case)[0]
            stands = (desk.fold(case).status, first.state)
            assert found.setdefault(case.id, stands) == stands
    told = [case for case in cases() if case.slug in KEPT]
    assert found == {room_of(living, case.slug): (case.ends.status, case.ends.acknowledge) for case in told}


def test_whom_a_report_shuts_out_sees_all_others_and_not_this_one(living: Living) -> None:
    seen = {case.id for case in living.sign_in("Sabine Rothvane").list_cases()}
    assert seen == {room_of(living, slug) for slug in KEPT} - {
        room_of(living, s) for s in ("client-dinner", "chief-card")
    }


def test_the_administrator_sees_nothing(living: Living) -> None:
    assert living.sign_in("Bastian Ekelhorne").list_cases() == []


def test_independents_hold_what_was_missed_and_what_nobody_else_may_read(living: Living) -> None:
    seen = {case.id for case in living.sign_in("Ilse Karvonde").list_cases()}
    # The date that was given more time lets them in all the same: the promised one stands in the receipt.
    slugs = ("chief-card", "client-dinner", "leave-withdrawn", "tested-lift", "year-end-toasts")
    assert seen == {room_of(living, slug) for slug in slugs}


def test_a_handling_failure_waits_for_the_second_independent_and_nobody_else_reads_it(living: Living) -> None:
    ilse, tobin = living.sign_in("Ilse Karvonde"), living.sign_in("Tobin Ashgrave")
    typed = room_of(living, "client-dinner").hex()
    (known,) = list_handling(ilse, ilse.open_case(typed))
    assert (known.status, ilse.connection.view.name(known.by)) == ("closing", "Judit Amsellin")
    assert list_handling(tobin, tobin.open_case(typed)) == ()


def test_a_result_is_missing_for_who_watches_and_a_hold_is_over_for_who_reads(living: Living) -> None:
    watched = [item for item in list_overdue(living.sign_in("Judit Amsellin")) if not item.reads]
    found = {(item.room, item.due.what, item.due.state) for item in watched}
    assert found == {(room_of(living, "remarks-at-the-line"), "outcome", "missed")}
    over = {item.room for item in list_overdue(living.sign_in("Tobin Ashgrave")) if item.due.what == REVIEW}
    assert over == {room_of(living, "sprueche-an-der-rampe")}


def test_more_time_has_its_reason_and_is_not_over(living: Living) -> None:
    desk = living.sign_in("Maren Oduvale")
    case = desk.open_case(room_of(living, "tested-lift").hex())
    (feedback,) = (duty for duty in desk.fold(case).obligations if duty.kind == "feedback")
    assert (feedback.state, feedback.extension is not None) == ("open", True)


def test_what_was_erased_is_said_and_a_room_is_left_of_it(living: Living) -> None:
    desk = living.sign_in("Tobin Ashgrave")
    assert room_of(living, ERASED) not in {case.id for case in desk.list_cases()}
    (left,) = list_left(desk)
    assert (left.report.room, left.room.manifest.label) == (room_of(living, ERASED), "internal")

    def list_codes() -> list[str]:
        case = desk.open_case(room_of(living, "supplier-gift-cards").hex())
        return [alarm.partition(" ")[0] for alarm in desk.list_alarms(case)]

    # That a busy machine is late with cosignatures is said as well, and passes.
    assert wait_until(lambda: list_codes() == ["room-erased"])


def test_a_case_manager_reads_the_story_with_its_files(living: Living) -> None:
    desk = living.sign_in("Tobin Ashgrave")
    case = desk.open_case(room_of(living, "client-dinner").hex())
    assert [room.manifest.label for room in case.rooms] == ["reporter", "internal"]
    contents = [entry.content for room in case.rooms for entry in room.entries]
    names = {file.name for content in contents if content is not None for file in content.attachments}
    assert names == {"bar-bill.jpg", "group-chat.png", "hotel-bill.pdf", "lobby-clip.mp4", "voice-note.m4a"}


def test_a_reporter_comes_back_and_is_told_who_reads(living: Living) -> None:
    connection = living.connect()
    words = read_words(living.folder.outbox("client-dinner").words)
    report = find_report(connection, compute_holder_keys(words.entropy))
    readers = {reader.name for reader in report.list_access()}
    assert {"Judit Amsellin", "Ruvan Thandiwell", "Tobin Ashgrave"} <= readers
    assert not readers & {"Sabine Rothvane", "Bastian Ekelhorne"}
    receipt = living.folder.outbox("client-dinner").read_receipt()

    def is_whole() -> bool:
        report.refresh()
        return report.list_warnings(receipt) == []

    assert wait_until(is_whole)


def test_the_clock_runs_on_by_itself(living: Living) -> None:
    connection = living.connect()
    before = connection.fetch_tick()
    assert wait_until(lambda: connection.fetch_tick() >= before + 2)
    assert connection.view.state.demo


def test_silence_is_proved_without_the_server(living: Living, tmp_path: Path) -> None:
    trust, copy = living.folder.trust, tmp_path / "copy"
    with Processes(tmp_path) as processes:
        processes.run("log", "mirror", living.url, copy, "--trust", trust)
        for slug, code, verdict in (
            ("leave-withdrawn", 3, "silent"),
            ("client-dinner", 3, "late"),
            ("train-photo", 0, "holds"),
        ):
            receipt = living.folder.outbox(slug).receipt
            judged = processes.run("verify", receipt, "--trust", trust, "--leaves", copy, "--json", code=code)
            assert judged.value["verdict"] == verdict


def test_what_is_printed_lets_somebody_in_and_says_that_it_is_a_demo(living: Living) -> None:
    assert "invented" in living.printed.splitlines()[0]
    for member in load_members():
        assert member.name in living.printed
        assert read_words(living.folder.words(member.name)).text in living.printed
    assert "/o/demo/desk/" in living.printed
    assert str(living.folder.outbox("leave-withdrawn").receipt) in living.printed


def test_every_member_gets_the_same_mail_and_it_stays_in_the_folder(living: Living) -> None:
    assert str(living.folder.mail) in living.printed
    receivers = {f"{member.file}@{DOMAIN}" for member in load_members()}

    def are_all_there() -> bool:
        found = len(list(living.folder.mail.iterdir()))
        return (
            found > 0 and found % len(receivers) == 0
        )  # an hour of mail may pass meanwhile: then everybody gets another

    assert wait_until(are_all_there)
    mails = [message_from_bytes(path.read_bytes()) for path in living.folder.mail.iterdir()]
    sent = Counter((str(mail["To"]), str(mail["Date"])) for mail in mails)
    assert set(sent) == set(product(receivers, {date for _, date in sent}))
    assert set(sent.values()) == {1}
    assert len({mail.get_payload() for mail in mails}) == 1
    assert "/o/demo/desk/" in str(mails[0].get_payload())


def test_words_are_for_their_owner_alone(told: Folder) -> None:
    files = [*told.members.iterdir(), *told.reporters.glob("*/words.txt")]
    assert len(files) == len(load_members()) + len(TOLD)
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert json.loads(told.mark.read_bytes())["told"] is True


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", "utf-8")
    with Processes(tmp_path / "state") as processes:
        refused = processes.run("demo", "--data", tmp_path, "--port", find_port(), code=1)
    assert "choose an empty folder" in refused.err
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_telling_cut_short_begins_anew_and_a_told_one_never_does(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data")
    short = [case for case in cases() if case.slug == "wahl-des-betriebsrats"]

    async def run(*, cut: bool) -> bool:
        loop, start = asyncio.get_running_loop(), Demo(folder, cases=short, port=find_port(), between_s=24 * HOUR_S)

        def show(_done: int, _total: int) -> None:
            if cut:
                loop.call_soon_threadsafe(start.stop)

        return await start.run(on_live=start.stop, progress=show)

    assert not asyncio.run(run(cut=True))
    assert json.loads(folder.mark.read_bytes())["told"] is False
    before = folder.words("Tobin Ashgrave").read_bytes()
    assert asyncio.run(run(cut=False))
    told = folder.words("Tobin Ashgrave").read_bytes()
    assert told != before
    assert asyncio.run(run(cut=True))
    assert folder.words("Tobin Ashgrave").read_bytes() == told


def test_members_get_reports_by_their_roles() -> None:
    readers = {member.name for member in load_members() if set(member.roles) & set(CHANNEL_ROLES)}
    assert readers == {"Maren Oduvale", "Sabine Rothvane", "Tobin Ashgrave", "Lowenna Farrowick"}


def test_somebody_whom_nobody_answered_is_told_so_and_what_she_can_do(living: Living, tmp_path: Path) -> None:
    words = (living.folder.reporters / "leave-withdrawn" / "words.txt").read_text("utf-8")

    async def come_back() -> None:
        async with open_browser() as browser, visit(browser, living.url, scheme="dark") as walk:
            await walk.come_back(words)
            await walk.arrive("Nobody answered in time")
            await walk.page.get_by_text("This is not your fault.").wait_for()
            missed = walk.page.get_by_role("region", name="You should have heard from us by")
            await missed.get_by_text("A person has read it and tells you so").wait_for()
            await walk.check_access()
            await walk.press("Open")
            await walk.arrive("Save the proof")
            await walk.page.get_by_role("button", name="Save the file", exact=True).wait_for()
            await walk.check_access()
            proof = await walk.save("Save the file", tmp_path)
            with zipfile.ZipFile(proof) as bundle:
                assert bundle.read("receipt.txt").startswith(b"plaint/v1/receipt\n")
            await walk.press("Back")
            await walk.press("See where")
            await walk.arrive("Where else you can turn")
            await walk.check_access()
            await walk.page.go_back()
            await walk.press("Call")
            await walk.arrive("If you need help right now")
            await walk.page.go_back()
            await walk.press("Write")
            await walk.arrive("Your conversation")
            await walk.check_access()

    asyncio.run(come_back())


def test_a_missing_result_is_told_to_who_watches_and_to_her(living: Living) -> None:
    words = {name: living.folder.words(name).read_text("utf-8") for name in ("Judit Amsellin", "Tobin Ashgrave")}
    hers = (living.folder.reporters / "remarks-at-the-line" / "words.txt").read_text("utf-8")

    async def walk() -> None:
        async with open_browser() as browser:
            async with visit_desk(browser, living.url) as judit:
                await judit.sign_in(words["Judit Amsellin"])
                await judit.press("Overdue")
                row = judit.page.get_by_role("row", name="Give the result in writing")
                await row.get_by_text("Ask those who handle it").wait_for()
                await judit.look()
            async with visit_desk(browser, living.url, dark=True) as tobin:
                await tobin.sign_in(words["Tobin Ashgrave"])
                await tobin.open_case("An der Rampe")
                await tobin.press("All dates and their law")
                over = tobin.page.get_by_role("row", name="Look at a hold again")
                await over.get_by_text("Zwei weitere Gespr\u00e4che stehen aus").wait_for()
                await tobin.look()
            async with visit(browser, living.url) as walk:
                await walk.come_back(hers)
                await walk.arrive("A date was missed")
                await walk.page.get_by_text("Tobin Ashgrave: You were contacted").wait_for()
                await walk.check_access()

    asyncio.run(walk())
