"""Members in Chromium against real server processes: reading, answering, letting in, closing by two, locking."""

from __future__ import annotations

import asyncio
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Error, Page, Route, expect

from tests.support.browser import open_browser
from tests.support.desk_pages import Visit, visit_desk
from tests.support.founded import Org, run_organisation
from tests.support.patience import wait_until

pytestmark = pytest.mark.e2e

TITLES = {"de": "Fälle", "zh": "个案列表", "ar": "قائمة البلاغات"}


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    with run_organisation(tmp_path_factory.mktemp("desk")) as org:
        yield org


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def make_png(width: int, height: int) -> bytes:
    rows = b"".join(b"\0" + bytes((x * 3 + y) % 256 for x in range(width)) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts)


def report(org: Org, folder: Path, text: str, *arguments: object, reader: str = "cai") -> dict[str, Any]:
    """Send a report and wait until it has come through a reader's stream."""
    folder.mkdir(exist_ok=True)
    (folder / "text").write_text(text, "utf-8")
    known = len(org.desk(reader, "list")["cases"])
    sent: dict[str, Any] = org.json("report", org.url, "--text", folder / "text", *arguments, "--out", folder / "mine")
    wait_until(lambda: len(org.desk(reader, "list")["cases"]) > known)
    return sent


def words_of(org: Org, name: str) -> str:
    return org.words(name).read_text("utf-8").strip()


async def is_dated(visit: Visit) -> None:
    """Wait until everything on the page has its date from the log."""
    await visit.page.wait_for_function("() => !document.body.innerText.includes('Waits for the log')")


def test_a_case_is_acknowledged_answered_and_closed_by_two(org: Org, tmp_path: Path) -> None:
    picture, table = tmp_path / "corridor.png", tmp_path / "table.bin"
    picture.write_bytes(make_png(40, 30))
    table.write_bytes(bytes(range(256)) * 600)
    text = "The guard rail was missing.\nTwo people saw it."
    sent = report(org, tmp_path, text, "--about", "Someone Outside", "--attach", picture, "--attach", table)

    async def walk() -> None:
        async with open_browser() as browser, visit_desk(browser, org.url) as cai:
            page = cai.page
            await cai.sign_in(words_of(org, "cai"))
            await cai.look()
            await cai.open_case("The guard rail was missing.")
            await page.get_by_text(" ".join(sent["check_words"]), exact=True).wait_for()
            await page.get_by_text("Being named is not a finding.").wait_for()
            await page.get_by_text("The reporter reads this. So do: ").wait_for()
            await page.get_by_text(re.compile("If a date is missed, also: .Dov Amsel")).wait_for()
            assert await page.get_by_label("Write to the reporter").count() == 0  # the first duty comes first
            await cai.look()

            await cai.press("Show corridor.png")
            shown = page.get_by_alt_text("Picture from the file corridor.png")
            await shown.wait_for()
            assert await shown.evaluate("async (img) => (await img.decode(), img.naturalWidth)") == 40
            async with page.expect_download() as taking:
                await cai.press("Download table.bin")
            await (await taking.value).save_as(tmp_path / "taken")

            await page.get_by_label("Letter to the reporter").fill("We have it.")
            await cai.press("Acknowledge to reporter")
            await page.get_by_label("Write to the reporter").fill("Where was it?")
            await cai.press("Send to reporter")
            await page.get_by_label("Add an internal note").fill("Look at the rail.")
            await cai.press("Add internal note")
            await page.locator("[data-from=internal]", has_text="Look at the rail.").wait_for()
            await is_dated(cai)
            await page.get_by_text("In time").wait_for()
            await cai.look()

            await cai.press("Close this case")
            dialog = page.get_by_role("dialog")
            await cai.press("Sign to close", inside=dialog)
            await dialog.get_by_text("Please write a reason.").wait_for()
            await dialog.get_by_label("Reason").fill("The rail is back.")
            await cai.look()
            await cai.press("Sign to close", inside=dialog)
            await page.get_by_text("Another member must confirm.").wait_for()

        async with open_browser() as browser, visit_desk(browser, org.url) as ben:
            await ben.sign_in(words_of(org, "ben"))
            await ben.open_case("The guard rail was missing.")
            await ben.page.get_by_text(
                re.compile("Cai Brandt. gave this reason|Cai Brandt gave this reason")
            ).wait_for()
            await ben.press("Confirm the closing")
            dialog = ben.page.get_by_role("dialog")
            await dialog.get_by_text("The rail is back.").wait_for()
            await ben.press("Confirm the closing", inside=dialog)
            await ben.press("Open again")
            dialog = ben.page.get_by_role("dialog")
            await dialog.get_by_label("Reason").fill("It fell off again.")
            await ben.press("Open again", inside=dialog)
            await ben.page.get_by_text("It fell off again.").wait_for()

    asyncio.run(walk())
    assert (tmp_path / "taken").read_bytes() == table.read_bytes()
    followed = org.json("follow", org.url, "--words", sent["words"], "--out", tmp_path / "again")
    said = [entry["text"] for entry in followed["entries"]]
    assert said[:3] == [text, "We have it.", "Where was it?"]
    assert "Look at the rail." not in str(followed)
    assert all(entry["proved"] for entry in followed["entries"])
    assert org.desk("cai", "list")["cases"][0]["status"] == "reopened"


async def stop_and_go_on(visit: Visit, words: str, excerpt: str) -> None:
    """Sign in while the log does not come: the case is there, the reading is stopped and gone on with."""
    page, comes = visit.page, asyncio.Event()

    async def hold(route: Route) -> None:
        await comes.wait()
        with suppress(Error):  # the page gave this request up
            await route.continue_()

    await page.route("**/log/cases/tile/entries/**", hold)
    await page.goto(visit.address)
    await page.get_by_label("Your 12 words").fill(words)
    await visit.press("Open the desk")
    await visit.arrive("Queue")
    await page.get_by_role("button", name=excerpt).wait_for()
    await page.get_by_text("Dates are being checked").wait_for()
    await visit.look()
    await visit.press("Stop")
    await page.get_by_text("Stopped. What was read of the log stays on this device").wait_for()
    await expect(page.get_by_role("button", name="Go on")).to_be_focused()
    await visit.look()
    comes.set()
    await page.keyboard.press("Enter")
    await page.locator("table.queue[aria-busy=false]").wait_for()
    await expect(page.locator("h1")).to_be_focused()


def test_an_independent_sees_dates_until_somebody_lets_him_in(org: Org, tmp_path: Path) -> None:
    report(org, tmp_path, "A second look at the ledger.")

    async def walk() -> None:
        async with open_browser() as browser:
            async with visit_desk(browser, org.url) as dov:
                await dov.sign_in(words_of(org, "dov"))
                fold = dov.page.get_by_role("button", name=re.compile("whose dates you watch, nothing missed"))
                await fold.press("Enter")
                await dov.page.get_by_text("A report whose dates you watch").first.wait_for()
                await dov.picture("watched")
                assert await dov.page.get_by_text("A second look").count() == 0
                await dov.look()
            async with visit_desk(browser, org.url) as cai:
                await stop_and_go_on(cai, words_of(org, "cai"), "A second look at the ledger.")
                await cai.open_case("A second look at the ledger.")
                opener = cai.page.get_by_role("button", name=re.compile("Let somebody in ?: Reporter's room"))
                await opener.click()
                await cai.page.keyboard.press("Escape")
                await expect(opener).to_be_focused()
                await opener.click()
                dialog = cai.page.get_by_role("dialog")
                await dialog.get_by_text("The reporter sees the name and the date.").wait_for()
                await cai.press("Let in", inside=dialog)
                await dialog.get_by_text("Choose somebody first.").wait_for()
                await dialog.get_by_label("Dov Amsel").check()
                await cai.look()
                await cai.press("Let in", inside=dialog)
                await cai.page.get_by_text(re.compile("let .*Dov Amsel. in: Reporter's room")).wait_for()
            async with visit_desk(browser, org.url) as dov:
                await dov.sign_in(words_of(org, "dov"))
                await dov.page.get_by_role("button", name="A second look").wait_for()
                await dov.open_case("A second look at the ledger.")
                await dov.page.locator("[data-from=reporter]").get_by_text("Proved").wait_for()

    asyncio.run(walk())


def test_whoever_has_nothing_to_open_reads_when_it_was_looked_and_what_comes_next(org: Org) -> None:
    async def walk() -> None:
        async with open_browser() as browser, visit_desk(browser, org.url) as ada:
            await ada.page.goto(ada.address)
            box = ada.page.get_by_label("Your 12 words")
            for words, answer in {
                "one two three": "That is not 12 words.",
                " ".join(["zebra"] * 3 + ["zebrra"] + ["zebra"] * 8): "Word 4 is in no word list.",
                " ".join(["zebra"] * 12): "These 12 words do not fit together.",
                " ".join(["abandon"] * 11 + ["about"]): "These words do not belong to a member here.",
            }.items():
                await box.fill(words)
                await box.press("Enter")
                await ada.page.get_by_text(answer).wait_for()
                assert await box.input_value() == words
            await ada.look()
            await ada.sign_in(words_of(org, "ada"))
            await ada.page.get_by_text("Nothing in it opens with your keys.").wait_for()
            await ada.page.get_by_text("It is read again by itself").wait_for()
            await ada.look()
            await wish_for_mail(org, ada)

    asyncio.run(walk())


async def wish_for_mail(org: Org, ada: Visit) -> None:
    """She gets reminders and ends them; the other client says the same, and nobody shows the address again."""

    async def told() -> Any:
        return await asyncio.to_thread(org.desk, "ada", "mail")

    await ada.page.get_by_text("Reminders by mail").click()
    await ada.page.get_by_text("No mail goes to you.").wait_for()
    box = ada.page.get_by_label("Your mail address")
    for wrong in ("", "ada@", "Ada <ada@aurora.example>", "ädä@aurora.example"):
        await box.fill(wrong)
        await ada.press("Send them to me")
        await ada.page.get_by_text("This must be one mail address").wait_for()
        assert await box.input_value() == wrong
    await ada.look()
    await box.fill("ada@aurora.example")
    await box.press("Enter")
    await ada.page.get_by_text("These mails go to you.").wait_for()
    assert await box.input_value() == ""
    assert await told() == {"address": True, "hours": [7]}
    await ada.look()
    assert "ada@aurora.example" not in await ada.page.content()
    await ada.press("Send no more")
    await ada.page.get_by_text("the server has forgotten your address").wait_for()
    assert await told() == {"address": False, "hours": [7]}


async def press_until(page: Page, key: str, reached: str, *, limit: int = 200) -> None:
    """Press a key again and again; so many times and no more."""
    for _ in range(limit):
        if await page.evaluate(reached):
            return
        await page.keyboard.press(key)
    raise AssertionError(f"{key} never came there: {reached}")


def test_the_desk_by_keyboard_alone_keeps_a_draft_and_locks(org: Org, tmp_path: Path) -> None:
    report(org, tmp_path, "The fire door is locked at night.")

    async def walk() -> None:
        async with open_browser() as browser, visit_desk(browser, org.url) as cai:
            page, keys = cai.page, cai.page.keyboard
            await page.goto(cai.address)
            await cai.heading.wait_for()
            await press_until(page, "Tab", "() => document.activeElement.id === 'words'")
            await keys.type(words_of(org, "cai"))
            await keys.press("Enter")
            await cai.arrive("Queue")
            await page.get_by_role("button", name="The fire door").wait_for()
            # Until the log is read rows still change their places.
            await page.get_by_text("Dates are being checked").wait_for(state="detached")
            await press_until(page, "j", "() => document.activeElement.textContent.includes('fire door')")
            await keys.press("Enter")
            await cai.arrive("The fire door is locked at night.")
            await press_until(page, "Tab", "() => document.activeElement.id === 'acknowledgement'")
            await keys.press("Control+A")
            await keys.type("We go and look tonight.")
            await page.go_back()
            await cai.arrive("Queue")
            await page.get_by_text("Not sent yet").wait_for()
            await page.get_by_role("button", name="The fire door").press("Enter")
            letter = page.get_by_label("Letter to the reporter")
            await expect(letter).to_have_value("We go and look tonight.")
            await letter.focus()
            await keys.press("Tab")
            await keys.press("Enter")
            await page.locator("[data-from=member]", has_text="We go and look tonight.").wait_for()
            for opener, title in (("all-dates", "All dates of this case"), ("for-one", "Data for one person")):
                await press_until(page, "Tab", f"() => document.activeElement.id === '{opener}'")
                await keys.press("Enter")
                await page.wait_for_function("words => document.activeElement.textContent === words", arg=title)
                await press_until(page, "Tab", "() => document.activeElement.textContent.trim() === 'Back to the case'")
                await keys.press("Enter")
                await page.wait_for_function("id => document.activeElement.id === id", arg=opener)
            await page.get_by_role("button", name="Record a hold").press("Enter")
            await expect(page.get_by_role("dialog").get_by_label("What waits")).to_be_focused()
            await keys.press("Escape")
            await page.wait_for_function("() => document.activeElement.textContent.trim() === 'Record a hold'")
            await page.get_by_role("button", name="What may go", exact=True).press("Enter")
            await cai.arrive("What may go")
            await page.get_by_label("Germany").press("Space")
            await page.get_by_role("button", name="Show", exact=True).press("Enter")
            await page.get_by_text("Nothing was erased").wait_for()
            await page.wait_for_function("() => document.activeElement.textContent.trim() === 'Show'")
            await page.get_by_role("button", name="Lock", exact=True).press("Enter")
            await cai.arrive("Open your desk")
            assert "fire door" not in await page.content()
            await page.go_back()
            await page.get_by_label("Your 12 words").wait_for()
            assert "fire door" not in await page.content()

    asyncio.run(walk())


@pytest.mark.parametrize("locale", TITLES)
def test_the_pages_speak(org: Org, tmp_path: Path, locale: str) -> None:
    text = f"Der Kran {locale} schwankt."
    report(org, tmp_path, text)

    async def walk() -> None:
        async with open_browser() as browser, visit_desk(browser, org.url, locale=locale, dark=True) as cai:
            await cai.page.goto(cai.address)
            await cai.page.locator("#words").fill(words_of(org, "cai"))
            await cai.page.locator("#words").press("Enter")
            await cai.arrive(TITLES[locale])
            row = cai.page.get_by_role("button", name=text)
            await row.wait_for()
            assert await cai.page.locator("html").get_attribute("dir") == ("rtl" if locale == "ar" else "ltr")
            await cai.look()
            await row.click()
            await cai.arrive(text)
            await cai.look()

    asyncio.run(walk())
