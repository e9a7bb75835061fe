"""A reporter in Chromium against real server processes: the whole way, by keyboard, and what axe sees on it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import segno
from icalendar import Calendar
from playwright.async_api import expect

from plaint.client.files import create_private
from tests.support.browser import open_browser
from tests.support.founded import Org
from tests.support.patience import PATIENCE_S
from tests.support.reporter_pages import NOTHING, STORY, Walk, visit
from tests.support.static_site import weigh_static

pytestmark = pytest.mark.e2e

ALL_BYTES = 150_000


def test_a_report_is_sent_read_again_elsewhere_and_answered(
    org: Org, trust: Path, files: list[Path], tmp_path: Path
) -> None:
    async def send() -> str:
        async with open_browser() as browser, visit(browser, org.url) as walk:
            page = walk.page
            await walk.start()
            await walk.tell(earlier="the police")
            await page.get_by_label("Add a person").fill("lena")
            await page.get_by_role("option", name="Lena Holt Sales").click()
            await page.get_by_label("Add a person").fill("Rafe Ostellan")
            await walk.press("Continue")
            await page.get_by_text("“Rafe Ostellan” is not added yet.").wait_for()
            await page.get_by_role("option", name="from outside").click()
            shut_out = page.locator("section", has=page.get_by_role("heading", name="Who is shut out, and why"))
            await expect(shut_out.get_by_text("Ben Farrow")).to_have_count(1)
            await walk.press("Continue")
            await walk.arrive("Add what you have")
            await page.locator("input[type=file]").set_input_files(files)
            await walk.press("Continue")
            await walk.arrive("Check before you send")
            await page.get_by_text("2 files, 20 MB").wait_for()
            await expect(page.locator(".answers").get_by_text("the police")).to_have_count(1)
            await page.get_by_text(re.compile("for .Cai Brandt. and .Dov Amsel")).wait_for()  # each name is isolated
            await walk.press("Lock and send")
            words = await walk.read_words()
            assert len(words) == 12
            assert read_dark(await page.locator(".qr path").get_attribute("d")) in draw_codes(
                f"PLAINT1:{' '.join(words)}"
            )
            await walk.arrive("It is sent")
            await walk.type_words_back(["wrong"] * 12)
            await page.get_by_text("That is not this word.").first.wait_for()
            await walk.type_words_back(words)
            await walk.arrive("Your receipt")
            assert " ".join(words) not in " ".join((await page.content()).split())
            await expect(page.locator(".words, input")).to_have_count(0)
            hears = page.get_by_role("region", name="You will hear from us by")
            await hears.get_by_text("A person has read it and tells you so").wait_for()
            receipt = await walk.save("Save the receipt", tmp_path)
            assert org.json("verify", receipt, "--trust", trust)["verdict"] in {"provisional", "holds"}
            await walk.press("Go to your report")
            await walk.arrive("Your report")
            await page.go_back()
            await walk.arrive("Your report")
            complete = await save_complete(walk, tmp_path)
            proof = org.json("verify", complete, "--trust", trust, "--leaves", org.url)
            assert (proof["verdict"], [due["state"] for due in proof["due"]]) == ("holds", ["open", "open"])
            assert await walk.kept() == NOTHING
            assert {urlsplit(request.url).netloc for request in walk.requests} == {urlsplit(org.url).netloc}
            assert await weigh(walk) <= ALL_BYTES
            return " ".join(words)

    words = asyncio.run(send())
    case = org.find_room(words)
    org.wait_for_case("cai", case)
    shown = org.desk("cai", "show", case, "--out", tmp_path / "desk")
    assert (shown["entries"][0]["text"], shown["entries"][0]["proved"]) == (STORY, True)
    assert [(claim["to"], claim["on"]) for claim in shown["claimed"]] == [("police", None)]
    for file in files:
        assert (tmp_path / "desk" / file.name).read_bytes() == file.read_bytes()
    answer = tmp_path / "letter.txt"
    answer.write_text("Our letter.", "utf-8")
    org.desk("cai", "acknowledge", case, "We have read it.")
    org.desk("cai", "reply", case, "Do you want to talk?", "--attach", answer)

    async def come_back() -> None:
        async with open_browser() as browser, visit(browser, org.url) as walk:
            page = walk.page
            await walk.come_back(f"  {words.upper().replace(' ', '   ')} ")
            await walk.arrive("Your report")
            deed = page.locator(".timeline li", has_text="Cai Brandt has read it")
            for _ in range(PATIENCE_S):
                if await deed.get_by_text("In time").count():
                    break
                await asyncio.sleep(0.5)
                await walk.press("Look for news")
                await page.get_by_text("This is the newest state.").wait_for()
            await deed.get_by_text("In time").wait_for()
            hears = page.get_by_role("region", name="You will hear from us by")
            await hears.get_by_text("You have an answer in writing, with reasons").wait_for()
            await hears.get_by_text("Nobody can move this date.").wait_for()
            await deed.get_by_text("The date was").wait_for()
            await page.locator(".timeline li", has_text="You have an answer in writing").get_by_text("Due").wait_for()
            dates = await walk.save("Save the dates as a calendar file", tmp_path)
            assert (dates.name, list_events(dates)) == ("dates.ics", list_events(own_dates(org, words, tmp_path)))
            await page.get_by_text("reads “Look for an answer” and nothing else.").wait_for()
            await walk.press("Read and write")
            await walk.arrive("Your conversation")
            await page.get_by_text("Do you want to talk?").wait_for()
            for name, content in ((files[1].name, files[1].read_bytes()), (answer.name, answer.read_bytes())):
                saved = await walk.save(f"Download {name}", tmp_path)
                assert saved.read_bytes() == content
            await page.get_by_label("Write to us").fill("Yes, in writing.")
            await walk.press("Lock and send")
            await page.get_by_text("Sent.", exact=True).wait_for()
            readers = page.locator("section", has=page.get_by_role("heading", name="Who has access"))
            await expect(readers.get_by_text(re.compile("Let in "))).to_have_count(2)
            await expect(readers.get_by_text("No key")).to_have_count(2)
            await walk.press("Back to your report")
            await walk.arrive("Your report")
            await walk.press("Lock it and go to the start")
            await walk.arrive("Report something that happened at work")
            await page.go_back()
            await walk.arrive("Report something that happened at work")
            assert await walk.kept() == NOTHING

    asyncio.run(come_back())
    texts = [entry["text"] for entry in org.desk("cai", "show", case)["entries"]]
    assert texts[1:] == ["We have read it.", "Do you want to talk?", "Yes, in writing."]
    org.desk("cai", "close", case, "Settled.")
    org.desk("dov", "close", case)

    async def open_again() -> None:
        async with open_browser() as browser, visit(browser, org.url) as walk:
            await walk.come_back(words)
            await walk.page.get_by_text("This report is closed.").wait_for()
            await walk.page.get_by_role("region", name="You will hear from us by").wait_for()
            await walk.press("Read and write")
            await walk.arrive("Your conversation")
            await walk.check_access()
            await walk.press("Open it again")
            await walk.page.get_by_text("It is open again.").wait_for()
            await walk.page.get_by_role("heading", name="Not finished?").wait_for(state="detached")

    asyncio.run(open_again())
    assert org.desk("cai", "show", case)["entries"][-1]["kind"] == "reopen"


def own_dates(org: Org, words: str, folder: Path) -> Path:
    """Return the calendar file that the command line writes for the same words."""
    create_private(folder / "again.words", words.encode())
    org.json("follow", org.url, "--words", folder / "again.words", "--ics", folder / "own.ics")
    return folder / "own.ics"


def list_events(path: Path) -> list[list[str]]:
    calendar = Calendar.from_ical(path.read_bytes())
    assert isinstance(calendar, Calendar)
    return [[str(event[name]) for name in ("uid", "summary", "sequence", "status")] for event in calendar.events]


def read_dark(path: str | None) -> frozenset[tuple[int, int]]:
    return frozenset((int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1", path or ""))


def draw_codes(text: str) -> list[frozenset[tuple[int, int]]]:
    """The square codes of a text under each mask, as another library draws them."""
    codes = [
        segno.make(text, error="m", mask=mask, mode="byte", encoding="utf-8", eci=True, boost_error=False)
        for mask in range(8)
    ]
    return [
        frozenset((x, y) for y, row in enumerate(code.matrix) for x, dark in enumerate(row) if dark) for code in codes
    ]


async def save_complete(walk: Walk, into: Path) -> Path:
    """Save the receipt until the log holds the report."""
    for _ in range(PATIENCE_S):
        path = await walk.save("Save the receipt", into)
        await walk.page.get_by_text("Saved.").wait_for()
        if await walk.page.get_by_text("The receipt is complete").count():
            return path
        await asyncio.sleep(0.5)
    raise AssertionError("the report did not come into the log")


async def weigh(walk: Walk) -> int:
    """Bytes of the page's own files as they came over the wire."""
    sizes: dict[str, int] = {}
    for request in walk.requests:
        if "/static/" in request.url:
            came = (await request.sizes())["responseBodySize"]
            sizes[request.url] = came or weigh_static(request.url)  # a worker's is not told
    assert any("worker" in url for url in sizes)
    return sum(sizes.values())


def test_the_whole_way_by_keyboard_alone(org: Org, files: list[Path]) -> None:
    async def walk_it() -> None:
        async with open_browser() as browser, visit(browser, org.url) as walk:
            keyboard = walk.page.keyboard
            await walk.start()
            await walk.enter("Start")
            await walk.arrive("Before you type")
            await walk.enter("Continue")
            await walk.arrive("Tell it your way")
            await walk.tab_to("story")
            await keyboard.type("By keyboard.")
            await walk.enter("Continue")
            await walk.arrive("Who was involved?")
            await walk.tab_to("who")
            await keyboard.type("lena")
            await keyboard.press("ArrowDown")
            await keyboard.press("Enter")
            await walk.enter("Shut out someone else")
            await keyboard.type("Dov")
            await keyboard.press("Enter")
            await walk.page.get_by_text("You shut this person out").wait_for()
            await walk.enter("Undo: Dov Amsel")
            await walk.enter("Continue")
            await walk.arrive("Add what you have")
            # Chromium is told to hand the dialog over as soon as somebody listens: long before the key, not with it.
            walk.page.on("filechooser", lambda _: None)
            await walk.tab_to("Choose files")
            async with walk.page.expect_file_chooser() as chooser:
                await keyboard.press("Enter")
            await (await chooser.value).set_files(files[0])
            await walk.enter("Continue")
            await walk.arrive("Check before you send")
            await walk.enter("Lock and send")
            words = await walk.read_words()
            await walk.arrive("It is sent")
            for label in await walk.page.get_by_text("Type word").all():
                place = int((await label.inner_text()).rpartition(" ")[2])
                await walk.tab_to(f"word-{place - 1}")
                await keyboard.type(words[place - 1])
            await walk.enter("Continue")
            await walk.arrive("Your receipt")
            await walk.tab_to("Save the receipt")
            async with walk.page.expect_download():
                await keyboard.press("Enter")
            await walk.enter("Go to your report")
            await walk.arrive("Your report")
            await walk.enter("Read and write")
            await walk.arrive("Your conversation")
            await walk.tab_to("msg")
            await keyboard.type("One more thing.")
            await walk.enter("Lock and send")
            await walk.page.get_by_text("Sent.", exact=True).wait_for()
            await walk.enter("Back to your report")
            await walk.arrive("Your report")
            await walk.enter("Lock it and go to the start")
            await walk.arrive("Report something that happened at work")
            await walk.enter("Come back with your 12 words")
            await walk.arrive("Your 12 words")
            await walk.tab_to("words")
            await keyboard.type(" ".join(words))
            await walk.enter("Open my report")
            await walk.arrive("Your report")

    asyncio.run(walk_it())


@pytest.mark.parametrize(
    ("scheme", "locale"), [("light", "en-GB"), ("dark", "de-DE"), ("dark", "ar"), ("light", "zh-CN")]
)
def test_axe_finds_nothing_on_any_page(org: Org, files: list[Path], scheme: Any, locale: str) -> None:
    async def look() -> None:
        async with open_browser() as browser, visit(browser, org.url, scheme=scheme, locale=locale) as walk:
            page = walk.page
            onward = page.locator("main .acts .btn:not(.quiet):not(.plain)").last
            await walk.start()
            await page.locator(".timeline").wait_for()
            await walk.check_access()
            await page.locator("footer button").click()
            await walk.check_access()
            await page.go_back()
            for ready in ("h1:not(:has(label))", "#story", "#who"):
                await onward.click()
                await page.locator(ready).wait_for()
                await walk.check_access()
                if ready == "#story":
                    await page.locator(ready).fill(STORY)
            await page.locator("#who").fill("lena")
            await walk.check_access()
            await page.keyboard.press("Enter")
            await walk.check_access()
            await onward.click()
            await page.locator("#choose-files").wait_for()
            await page.locator("input[type=file]").set_input_files(files[:1])
            await walk.check_access()
            await onward.click()
            await page.locator(".answers").wait_for()
            await walk.check_access()
            await onward.click()
            words = await walk.read_words()
            await page.locator("[aria-expanded]").click()
            await onward.click()
            await walk.check_access()
            await page.locator("form .btn.plain").click()
            await page.locator(".receipt").wait_for()
            await walk.check_access()
            await page.locator("main > .acts .btn").click()
            await page.locator(".timeline").wait_for()
            await walk.check_access()
            await onward.click() if await onward.count() > 1 else await page.locator("main .acts .btn").first.click()
            await page.locator(".thread").wait_for()
            await walk.check_access()
            await page.reload()
            await page.locator("main .btn.quiet").first.click()
            await page.locator("#words").fill(" ".join(words))
            await walk.check_access()

    asyncio.run(look())
