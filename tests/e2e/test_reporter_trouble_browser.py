"""What a reporter meets when something fails: lost words, a full or silent server, a stopped upload."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Response, Route, expect

from plaint.protocol.write import parse_write
from tests.support.browser import open_browser
from tests.support.founded import Org
from tests.support.patience import wait_until
from tests.support.reporter_pages import STORY, visit

pytestmark = pytest.mark.e2e

SECOND_PART = "**/parts/1"  # only the large file has one
MISTAKES = {
    "eleven": "That is not 12 words.",
    "misspelt": "Word 4 is in no word list.",
    "swapped": "These 12 words do not fit together.",
    "wrong": "Nothing opens with these words here.",
    "elsewhere": "Nothing opens with these words here.",
}


def find_blobs(org: Org) -> set[str]:
    folder = org.folder / "data" / "blobs" / "aurora"
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


async def refuse(route: Route) -> None:
    await route.fulfill(status=503, content_type="application/json", body='{"code":"admission"}')


@pytest.fixture(scope="module")
def lost_words(org: Org) -> dict[str, str]:
    """Words that open nothing here, each in another way."""
    words = org.words("ada").read_text("utf-8").split()
    return {
        "eleven": " ".join(words[:11]),
        "misspelt": " ".join([*words[:3], "mapple", *words[4:]]),
        "swapped": "abandon " * 12,
        "wrong": "abandon " * 11 + "about",
        "elsewhere": report_elsewhere(org),
    }


def report_elsewhere(org: Org) -> str:
    """Words of a report to another organisation on the same server."""
    folder = org.folder / "elsewhere"
    folder.mkdir()
    founders = [
        part for name, role in (("ada", "administrator"), ("dov", "independent"), ("cai", "intake-handler"))
        for part in ("--founder", f"{org.folder / name}={role}")
    ]  # fmt: skip
    draft = folder / "genesis"
    arguments = ["--tick", 1, "--delay", 0, "--work-bits", 8, "--out", draft]
    org.run("directory", "draft", "genesis", "--org-name", "Borea Invented", *founders, *arguments)
    for name in ("ada", "dov", "cai"):
        org.run("directory", "sign", draft, "--words", org.words(name))
    org.run("org", "create", "--data", org.folder / "data", "--slug", "borea", "--genesis", draft)
    url = org.url.replace("/aurora", "/borea")
    text = folder / "text"
    text.write_text("Elsewhere.", "utf-8")
    wait_until(lambda: org.run("trust", url, "--out", folder / "trust", code=None).code == 0)
    sent = wait_until(lambda: try_report(org, url, text, folder))
    return Path(sent["words"]).read_text("utf-8").strip()


def try_report(org: Org, url: str, text: Path, folder: Path) -> Any:
    result = org.run("report", url, "--text", text, "--out", folder / "mine", "--json", code=None)
    return result.value if result.code == 0 else None


@pytest.mark.parametrize("mistake", MISTAKES)
def test_words_that_open_nothing_are_answered_in_words(org: Org, lost_words: dict[str, str], mistake: str) -> None:
    async def try_them() -> None:
        async with open_browser() as browser, visit(browser, org.url) as walk:
            asked = len(walk.requests)
            await walk.come_back(lost_words[mistake])
            await walk.page.get_by_role("alert").get_by_text(MISTAKES[mistake]).wait_for()
            await expect(walk.page.locator("#words")).to_be_focused()
            await walk.check_access()
            told_here = mistake in {"eleven", "misspelt", "swapped"}
            asked_for = [request.url for request in walk.requests[asked:] if request.url.endswith("/locator")]
            assert (asked_for == []) is told_here

    asyncio.run(try_them())


def test_a_stopped_upload_leaves_nothing_behind(org: Org, files: list[Path]) -> None:
    before = find_blobs(org)

    async def stop_it() -> None:
        async with open_browser() as browser, visit(browser, org.url) as walk:
            await walk.walk_to_check(files=files)
            held: asyncio.Queue[Route] = asyncio.Queue()
            await walk.page.route(SECOND_PART, held.put)
            await walk.press("Lock and send")
            await walk.arrive("Locking and sending")
            await held.get()
            await walk.page.get_by_text("lobby video.mov (2 of 2)").first.wait_for()
            assert find_blobs(org) != before
            await walk.press("Stop")
            await walk.arrive("Check before you send")
            await asyncio.to_thread(wait_until, lambda: find_blobs(org) == before)
            await walk.page.get_by_text("2 files, 20 MB").wait_for()
            await walk.page.go_forward()
            await walk.arrive("Check before you send")
            await walk.page.unroute(SECOND_PART)
            await walk.press("Lock and send")
            assert len(await walk.read_words()) == 12

    asyncio.run(stop_it())
    assert len(find_blobs(org) - before) == 2


def test_a_refused_report_waits_can_be_carried_away_and_is_sent_by_itself(org: Org, tmp_path: Path) -> None:
    async def wait_it_out() -> None:
        async with open_browser() as browser, visit(browser, org.url) as walk:
            await walk.walk_to_check()
            await walk.page.route("**/o/aurora/rooms", refuse)
            await walk.press("Lock and send")
            await walk.arrive("Locked, and waiting to be sent")
            words = await walk.read_words()
            await walk.check_access()
            carried = parse_write((await walk.save("Save the locked report", tmp_path)).read_bytes())
            assert STORY.encode() not in carried.body
            await walk.page.get_by_role("button", name="Get help now").click()
            await walk.arrive("If you need help right now")
            await walk.page.go_back()
            assert await walk.read_words() == words
            await walk.page.unroute("**/o/aurora/rooms")
            await walk.arrive("It is sent")
            assert await walk.read_words() == words
            await walk.type_words_back(words)
            await walk.arrive("Your receipt")

    asyncio.run(wait_it_out())


def test_going_back_while_it_waits_takes_it_back(org: Org) -> None:
    known = len(org.desk("cai", "list")["cases"])
    taken: list[str] = []

    def note(answer: Response) -> None:
        if answer.status == HTTPStatus.CREATED and urlsplit(answer.url).path.endswith("/rooms"):
            taken.append(answer.url)

    async def go_back() -> None:
        async with open_browser() as browser, visit(browser, org.url) as walk:
            await walk.walk_to_check()
            walk.page.on("response", note)
            await walk.page.route("**/o/aurora/rooms", refuse)
            await walk.press("Lock and send")
            first = await walk.read_words()
            await walk.press("Stop and go back")
            await walk.arrive("Check before you send")
            await expect(walk.page.locator(".words")).to_have_count(0)
            await walk.page.unroute("**/o/aurora/rooms")
            await walk.press("Lock and send")
            await walk.arrive("It is sent")
            assert await walk.read_words() != first

    asyncio.run(go_back())
    assert len(taken) == 1  # counted here: a report of before may still be on its way to Cai
    assert wait_until(lambda: len(org.desk("cai", "list")["cases"]) > known)


@pytest.fixture
def stoppable(org: Org) -> Iterator[Org]:
    """The organisation, whose server runs again afterwards whatever happened."""
    yield org
    if org.server.poll() is not None:
        org.start_server()


def test_a_server_that_stops_while_files_go_loses_nothing(stoppable: Org, files: list[Path]) -> None:
    async def lose_it() -> None:
        async with open_browser() as browser, visit(browser, stoppable.url) as walk:
            await walk.walk_to_check(files=files)

            async def stop_first(route: Route) -> None:
                await asyncio.to_thread(stoppable.stop_server)
                await route.continue_()

            await walk.page.route(SECOND_PART, stop_first)
            await walk.press("Lock and send")
            await walk.arrive("It is not sent yet")
            await walk.page.unroute(SECOND_PART)
            await walk.page.get_by_text("This device cannot reach the server.").wait_for()
            await walk.page.get_by_text("Nothing was lost.").wait_for()
            await walk.check_access()
            await walk.press("Back, to check or change it")
            await walk.arrive("Check before you send")
            await walk.page.get_by_text("It happened on the second evening.").wait_for()
            await walk.page.get_by_text("2 files, 20 MB").wait_for()
            await asyncio.to_thread(stoppable.start_server)
            await walk.press("Lock and send")
            assert len(await walk.read_words()) == 12

    asyncio.run(lose_it())


def test_the_pages_say_when_the_server_cannot_be_reached(org: Org) -> None:
    async def be_offline() -> None:
        async with open_browser() as browser, visit(browser, org.url) as walk:
            await walk.page.route("**/o/aurora/directory*", lambda route: route.abort())
            await walk.start()
            await walk.page.get_by_text("The dates could not be checked right now.").wait_for()
            await walk.press("Start")
            await walk.press("Continue")
            await walk.page.get_by_label("Tell it your way").fill(STORY)
            await walk.press("Continue")
            await walk.page.get_by_text("This device cannot reach the server.").wait_for()
            await walk.check_access()
            await walk.page.unroute("**/o/aurora/directory*")
            await walk.press("Try again")
            await walk.arrive("Who was involved?")
            await walk.page.go_back()
            assert await walk.page.get_by_label("Tell it your way").input_value() == STORY

    asyncio.run(be_offline())
