"""Missed dates in Chromium, with a server that hands out no key: the board, evidence, and who may look into them."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from plaint.client.connection import Connection, connect
from plaint.client.desk import Desk, sign_in
from plaint.client.follow import find_report
from plaint.client.people import find_one
from plaint.client.reporter import prepare_report, seal_report, send_report
from plaint.protocol.keys import HolderKeys, compute_holder_keys
from tests.support.browser import open_browser
from tests.support.desk_pages import Visit, visit_desk
from tests.support.directory_world import draw, find_id, make_keys
from tests.support.false_rooms import make_false_handling
from tests.support.patience import wait_until
from tests.support.plaint_processes import Processes
from tests.support.serve_world import AHEAD_S

pytestmark = pytest.mark.e2e

KEPT, READ = "Nobody ever answered this.", "Nobody answered this either."
STUCK = "Nobody answered this, and somebody was first."
OVERDUE = {"ar": "ما فات موعده", "de": "Überfällig"}


@dataclass(frozen=True, slots=True)
class Served:
    """A server whose eight days have passed; `kept` is watched by Dov alone, both independents read the others."""

    url: str
    words: dict[str, str]
    kept: str
    read: str
    stuck: str


def report(connection: Connection, text: str, *, exclude: tuple[str, ...] = ()) -> tuple[HolderKeys, bytes]:
    keys = compute_holder_keys(draw(f"holder {text}", 16))
    chosen = [target for name in exclude if (target := find_one(connection.view, name)) is not None]
    preview = prepare_report(connection.view, about=[], exclude=chosen)
    sent = send_report(connection, keys, seal_report(connection.view, preview, keys, text=text))
    return keys, sent.receipt.header.room


def is_logged(connection: Connection, keys: HolderKeys) -> bool:
    """Tell whether every leaf of a report stands in the log."""
    found = find_report(connection, keys)
    return all(connection.leaves.find(leaf) is not None for entry in found.room.entries for leaf in entry.leaves)


def tell(url: str) -> list[str]:
    """Send three reports eight days ago, and return their ids once all of them is logged."""
    with closing(connect(url, now=lambda: time.time() - AHEAD_S)) as connection:
        kept = report(connection, KEPT, exclude=("Eva Invented",))
        sent = [kept, *(report(connection, text) for text in (READ, STUCK))]
        for (keys, _), name in product(sent[1:], ("dov", "eva")):
            found = find_report(connection, keys)
            found.send(found.seal_let_in(find_id(name)))
        for keys, _ in sent:
            wait_until(lambda: is_logged(connection, keys))  # noqa: B023 -- at once
    return [room.hex() for _, room in sent]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    command = [sys.executable, "-m", "tests.support.serve_world", "withholding"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        started = json.loads(process.stdout.readline())
        url = started["url"].rstrip("/")
        rooms = tell(url)
        process.stdin.write("pass\n")
        process.stdin.flush()
        assert process.stdout.readline() == "\n"
        yield Served(url, started["words"], *rooms)
        process.stdin.close()


@contextmanager
def open_desk(served: Served, name: str) -> Iterator[Desk]:
    with closing(connect(served.url)) as connection:
        desk = sign_in(connection, make_keys(name))
        desk.scan()
        yield desk


def take_the_mark(served: Served, case: str, *readers: str) -> None:
    """Open a room about a missed date as a handler, and wait until its readers have it."""
    with open_desk(served, "ben") as ben:
        ben.open_only(make_false_handling(ben, ben.open_case(case), ("ben", *readers)))

    def is_there(name: str) -> bool:
        with open_desk(served, name) as desk:
            return len(desk.open_case(case).others) == 1

    for name in readers:
        wait_until(lambda: is_there(name))  # noqa: B023 -- at once


async def open_board(visit: Visit, words: str) -> None:
    await visit.sign_in(words)
    await visit.press("Overdue")
    await visit.arrive("Overdue")
    await visit.page.locator("table.board, .empty").wait_for()


def test_the_board_shows_a_kept_key_and_saves_what_proves_it(served: Served, tmp_path: Path) -> None:
    async def walk() -> str:
        async with open_browser() as browser, visit_desk(browser, served.url) as dov:
            row = dov.page.get_by_role("row").filter(has_text=served.kept[:6].upper())
            await dov.sign_in(served.words["dov"])
            await row.get_by_text("Not released").wait_for()
            await dov.picture("queue")
            await open_board(dov, served.words["dov"])
            await row.get_by_text("Not released").wait_for()
            await row.get_by_text("the key that should have reached you within an hour did not").wait_for()
            assert await dov.page.get_by_text(KEPT).count() == 0
            await dov.look()
            await dov.picture("board")
            async with dov.page.expect_download() as taking:
                await dov.press("Save the evidence", inside=row)
            download = await taking.value
            await download.save_as(tmp_path / "evidence")
            await row.get_by_text("Saved as missed.txt.").wait_for()
            return download.suggested_filename

    assert asyncio.run(walk()) == "missed.txt"
    file, trust, copy = tmp_path / "evidence", tmp_path / "trust", tmp_path / "copy"
    assert not {served.kept, served.kept[:6], KEPT} & set(file.read_text("utf-8").split())
    with Processes(tmp_path) as processes:
        processes.run("trust", served.url, "--out", trust)
        processes.run("log", "mirror", served.url, copy, "--trust", trust)
        judged = processes.run("verify", file, "--trust", trust, "--leaves", copy, "--json", code=3).value
        assert (judged["verdict"], judged["due"][0]["what"]) == ("silent", "acknowledge")
        file.write_bytes(file.read_bytes().replace(b"kind acknowledge", b"kind feedback"))
        assert processes.run("verify", file, "--trust", trust, "--leaves", copy, "--json", code=1).value


def test_who_knows_nothing_of_a_report_sees_no_row_of_it_and_handlers_open_nothing(served: Served) -> None:
    async def see(browser: Browser, name: str) -> None:
        async with visit_desk(browser, served.url, dark=True) as visit:
            await open_board(visit, served.words[name])
            await visit.page.get_by_role("row").filter(has_text=READ).wait_for()
            kept = visit.page.get_by_role("row").filter(has_text=served.kept[:6].upper())
            await expect(kept).to_have_count(1 if name == "ben" else 0)
            offered = visit.page.get_by_role("button", name="Open a handling failure")
            await expect(offered).to_have_count(0 if name == "ben" else 2)
            await visit.look()

    async def walk() -> None:
        async with open_browser() as browser:
            for name in ("eva", "ben"):
                await see(browser, name)

    asyncio.run(walk())


def test_independents_open_a_room_about_it_and_close_it_together(served: Served) -> None:
    take_the_mark(served, served.read, "dov", "eva")

    async def walk() -> None:
        async with open_browser() as browser:
            async with visit_desk(browser, served.url) as dov:
                await open_board(dov, served.words["dov"])
                row = dov.page.get_by_role("row").filter(has_text=READ)
                await dov.press("Open a handling failure", inside=row)
                dialog = dov.page.get_by_role("dialog")
                await dov.press("Open a handling failure", inside=dialog)
                await dialog.get_by_text("Please write what was missed.").wait_for()
                await dialog.get_by_label("What was missed").fill("Who was on duty?")
                await dov.look()
                await dov.picture("open-handling")
                await dov.press("Open a handling failure", inside=dialog)
                await dov.page.get_by_role("heading", name="Handling failures").wait_for()
                await dov.page.locator("article").get_by_text("Opened by").wait_for()
                await dov.picture("handled")
                await dov.press("Open the case", inside=row)
                await dov.arrive(READ)
                room = dov.page.get_by_role("list", name="Handling failure (independents only)")
                await room.get_by_text("Who was on duty?").wait_for()
                await dov.press("Write in this room")
                await dialog.get_by_label("Your message").fill("Nobody knew whose turn it was.")
                assert await dialog.get_by_text("This makes a room").count() == 0
                await dov.press("Write in this room", inside=dialog)
                await room.get_by_text("Nobody knew whose turn it was.").wait_for()
                assert await room.get_by_text("All is well.").count() == 0
                await dov.look()
                await dov.picture("case")
            async with visit_desk(browser, served.url) as eva:
                await eva.sign_in(served.words["eva"])
                await eva.page.get_by_text("Handling failure: Open").wait_for()
                await eva.press("Overdue")
                await eva.press("Sign to close")
                dialog = eva.page.get_by_role("dialog")
                await eva.press("Sign to close", inside=dialog)
                await dialog.get_by_text("Please write a reason.").wait_for()
                await dialog.get_by_label("Reason").fill("A stand-in was named.")
                await eva.press("Sign to close", inside=dialog)
                await eva.page.get_by_text("Another independent member must confirm the closing.").wait_for()
                await eva.look()
            async with visit_desk(browser, served.url) as dov:
                await open_board(dov, served.words["dov"])
                await dov.page.get_by_text("A stand-in was named.").wait_for()
                await dov.press("Confirm the closing")
                dialog = dov.page.get_by_role("dialog")
                await dialog.get_by_text("A stand-in was named.").wait_for()
                await dialog.get_by_text("sees your name and the date").wait_for()
                await dov.look()
                await dov.picture("confirm-handling")
                await dov.press("Confirm the closing", inside=dialog)
                await dov.page.locator("article").get_by_text("Closed", exact=True).wait_for()
            async with visit_desk(browser, served.url) as ben:
                await ben.sign_in(served.words["ben"])
                await ben.open_case(READ)
                assert await ben.page.get_by_text("Who was on duty?").count() == 0
                assert await ben.page.get_by_role("list", name="Handling failure").count() == 0
                assert await ben.page.get_by_role("button", name="Sign to close").count() == 0
                await ben.press("Erase this case")
                dialog = ben.page.get_by_role("dialog")
                await dialog.get_by_text("The independent members look into a missed date").wait_for()
                assert await dialog.get_by_role("button").all_inner_texts() == ["Back"]
                await ben.look()

    asyncio.run(walk())


def test_a_key_that_a_handler_gives_nobody_keeps_no_room_from_being_opened(served: Served) -> None:
    take_the_mark(served, served.stuck)

    async def walk() -> None:
        async with open_browser() as browser, visit_desk(browser, served.url) as eva:
            await open_board(eva, served.words["eva"])
            row = eva.page.get_by_role("row").filter(has_text=STUCK)
            await eva.press("Open a handling failure", inside=row)
            dialog = eva.page.get_by_role("dialog")
            await dialog.get_by_label("What was missed").fill("Who was first?")
            await eva.press("Open a handling failure", inside=dialog)
            await dialog.get_by_text("Somebody made such a room before").wait_for()
            await eva.look()
            await eva.picture("stuck")
            await dialog.get_by_label("Its key never came.").check()
            await eva.press("Open a handling failure", inside=dialog)
            await eva.page.locator("article", has_text=STUCK).get_by_text("Opened by").wait_for()

    asyncio.run(walk())


@pytest.mark.parametrize("locale", OVERDUE)
def test_the_board_speaks(served: Served, locale: str) -> None:
    async def walk() -> None:
        async with open_browser() as browser, visit_desk(browser, served.url, locale=locale, dark=True) as dov:
            await dov.page.goto(dov.address)
            await dov.page.locator("#words").fill(served.words["dov"])
            await dov.page.locator("#words").press("Enter")
            await dov.press(OVERDUE[locale])
            await dov.arrive(OVERDUE[locale])
            await dov.page.locator("table.board").wait_for()
            await dov.look()
            await dov.picture(f"board-{locale}")

    asyncio.run(walk())
