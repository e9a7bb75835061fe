"""A reporter comes back to a report that two members erased: she is told in plain words, and keeps what proves it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from plaint.protocol.receipt import parse_receipt
from tests.support.browser import DESKTOP, PHONE, open_browser
from tests.support.desk_pages import Visit, visit_desk
from tests.support.founded import Org
from tests.support.patience import wait_until
from tests.support.reporter_pages import visit

pytestmark = pytest.mark.e2e

EXPORTED = ("export.html", "export.txt", "export.json", "log.json")


def tell(org: Org, folder: Path, text: str) -> str:
    """Report, let two members see it and one answer it, and return the room."""
    folder.mkdir(exist_ok=True)
    (folder / "text").write_text(text, "utf-8")
    org.json("report", org.url, "--text", folder / "text", "--out", folder / "mine")
    case = parse_receipt((folder / "mine" / "receipt.txt").read_bytes()).header.room.hex()
    for name in ("cai", "ben"):
        org.wait_for_case(name, case)
    org.desk("cai", "acknowledge", case)
    org.desk("cai", "feedback", case, "--action", "None.", "--grounds", "It is nobody's fault.")
    return case


def erase(org: Org, folder: Path) -> str:
    """Report, acknowledge, erase by two, and return the words."""
    case = tell(org, folder, "The ledger was burnt.")
    org.desk("cai", "close", case, "It is settled.")
    org.desk("ben", "close", case)
    org.desk("cai", "erase", case, "Three years are over.", "--ground", "retention")
    agree_to(org, "ben", case)
    return (folder / "mine" / "words.txt").read_text("utf-8").strip()


def agree_to(org: Org, name: str, case: str) -> None:
    """Read what the other member signed, and confirm it."""
    org.desk(name, "erase", case, "--confirm", org.desk(name, "erase", case)["confirm"])


def words_of(org: Org, name: str) -> str:
    return org.words(name).read_text("utf-8").strip()


def test_who_comes_back_is_told_and_keeps_a_certificate(org: Org, trust: Path, tmp_path: Path) -> None:
    words = erase(org, tmp_path)

    async def walk() -> Path:
        async with open_browser() as browser:
            async with visit(browser, org.url) as first:
                await first.come_back(words)
                await first.page.get_by_role("heading", level=1, name="Your report was erased").wait_for()
                await first.page.get_by_text("Three years are over.").wait_for()
                await first.page.get_by_text("The time for which it may be kept is over").wait_for()
                await first.check_access()
                await picture(first.page, "phone")
            async with visit(browser, org.url, scheme="dark") as second:
                await second.page.set_viewport_size(DESKTOP)
                await second.come_back(words)
                await second.page.get_by_role("heading", level=1, name="Your report was erased").wait_for()
                await second.check_access()
                await picture(second.page, "desktop-dark")
                path = await second.save("Save the certificate", tmp_path)
                await second.press("Back")
                await second.page.get_by_label("Your 12 words").wait_for()
            return path

    wait_until(lambda: bool(org.json("follow", org.url, "--words", tmp_path / "mine" / "words.txt")["complete"]))
    certificate = asyncio.run(walk())
    org.run("log", "mirror", org.url, tmp_path / "copy")
    judged = org.json("verify", certificate, "--trust", trust, "--leaves", tmp_path / "copy")
    assert (judged["verdict"], judged["ground"]) == ("holds", "retention")
    asyncio.run(check_on_page(org, certificate))


async def check_on_page(org: Org, certificate: Path) -> None:
    """Judge a certificate on the organisation's own page, by its own word and the log as it is now."""
    async with open_browser() as browser, visit(browser, f"{org.url}/verify") as walk:
        await walk.start()
        page = walk.page
        await page.get_by_label("Or open the receipt from a file").set_input_files(certificate)
        await page.wait_for_function("() => document.getElementById('receipt').value.length > 0")
        await page.get_by_label("I have no trust file").check()
        await page.get_by_label("Fetch the whole log").check()
        await walk.press("Check")
        await page.get_by_role("heading", level=2, name="Two members had this room erased").wait_for()
        await page.get_by_text("The keys are the organisation's own word.").wait_for()
        await walk.check_access()


def test_members_erase_on_the_page_and_on_the_command_line(org: Org, trust: Path, tmp_path: Path) -> None:
    """Asked on the page and agreed to on the command line, and the other way round; a fresh desk is told of both."""
    first, second = (
        tell(org, tmp_path / name, text)
        for name, text in (("a", "A canteen menu."), ("b", "A wrong bill.\nOtto Quince sent it."))
    )

    org.desk("cai", "close", second, "It was paid.")
    org.desk("ben", "close", second)
    third = tell(org, tmp_path / "c", "A broken lamp.")
    org.desk("cai", "note", third, "The lamp was old.")
    org.desk("cai", "grant", third, "Dov Amsel", "--room", "internal")

    async def ask(ben: Visit) -> None:
        page = ben.page
        await ben.sign_in(words_of(org, "ben"))
        await ben.press("What may go")
        await ben.arrive("What may go")
        await ben.press("Show")
        await page.get_by_text("Please choose at least one.").wait_for()
        await page.get_by_label("Sweden").check()
        await page.get_by_label("Netherlands").check()
        await ben.press("Show")
        await page.get_by_role("heading", name="Not closed: no time runs yet").wait_for()
        kept = page.get_by_role("region", name="To be kept for now")
        await kept.get_by_role("button", name="A wrong bill.").wait_for()
        await kept.get_by_text("at the longest until").wait_for()
        await kept.get_by_text("No fixed term: no longer than necessary.").wait_for()
        await ben.look()
        await picture(page, "retention")
        await ben.press("A wrong bill.")
        await ben.arrive("A wrong bill.")
        await export(ben)
        await page.go_back()
        await ben.arrive("What may go")
        await page.go_back()
        await ben.arrive("Queue")
        await ben.press("A canteen menu.")
        await ben.arrive("A canteen menu.")
        await ben.press("Erase this case")
        dialog = page.get_by_role("dialog")
        await ben.press("Sign to erase", inside=dialog)
        await dialog.get_by_text("Please choose a reason.").wait_for()
        await dialog.get_by_label("The time for which it may be kept is over").check()
        await ben.press("Sign to erase", inside=dialog)
        told = dialog.get_by_text("It is not closed, so no time for keeping it runs yet.")
        await expect(told).to_be_in_viewport()
        await dialog.get_by_label("It was found manifestly not relevant").check()
        await dialog.get_by_label("More about the reason").fill("It is a menu.")
        await dialog.get_by_text("Reporter's room: entries 3, files 0").wait_for()
        await ben.look()
        await picture(page, "ask")
        await ben.press("Sign to erase", inside=dialog)
        await page.get_by_text("Another member must agree.").wait_for()

    async def export(ben: Visit) -> None:
        page = ben.page
        await ben.press("Data for one person")
        await ben.press("Prepare")
        await page.get_by_text("Please write whose data it is.").wait_for()
        await page.get_by_label("Whose data").fill("Mia Madeup")
        for number in range(2):
            await page.get_by_label(f"Reporter's room, {number}:").check()
        await page.get_by_label("Names to black out").fill("Otto Quince")
        await ben.press("Prepare")
        await page.get_by_text("Somebody else may still be named.").wait_for()
        await ben.look()
        await picture(page, "export-left")
        await ben.press("Black out Cai Brandt")
        await page.get_by_role("heading", name="Made; blacked out 2 times").wait_for()
        await ben.look()
        await picture(page, "export")
        (tmp_path / "page").mkdir()
        for name in EXPORTED:
            async with page.expect_download() as taking:
                await ben.press(f"Save {name}")
            await (await taking.value).save_as(tmp_path / "page" / name)

    async def agree(cai: Visit) -> Path:
        page = cai.page
        await cai.sign_in(words_of(org, "cai"))
        await cai.open_case("A wrong bill.")
        await page.get_by_text("A court ordered it.").first.wait_for()
        await cai.press("See what would go")
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_role("heading", name="Agree to erase this case")).to_be_focused()
        await dialog.get_by_text("Nobody can undo this.").wait_for()
        await dialog.get_by_text("Closed on").wait_for()
        await cai.look()
        await picture(page, "agree")
        await cai.press("Agree and erase for good", inside=dialog)
        await page.get_by_role("heading", level=1, name="This case was erased").wait_for()
        await cai.look()
        async with page.expect_download() as taking:
            await cai.press("Save the certificate")
        path = tmp_path / "early.txt"
        await (await taking.value).save_as(path)
        return path

    async def talk(dov: Visit) -> None:
        """He was let into the internal room of the third case, and into no report."""
        page = dov.page
        wait_until(lambda: "alone" in org.desk("dov", "list"))
        await dov.sign_in(words_of(org, "dov"))
        rooms = page.get_by_role("region", name="Rooms without their report").get_by_role("listitem")
        section = rooms.filter(has=page.get_by_text(third[:6].upper())).first
        await section.get_by_text("Opened by").wait_for()
        await section.get_by_text("What stands in it").click()
        await section.get_by_text("The lamp was old.").wait_for()
        await dov.look()
        await picture(page, "alone")
        await dov.press("Write in this room", inside=section)
        dialog = page.get_by_role("dialog")
        await dov.press("Send to those who can read this room", inside=dialog)
        await dialog.get_by_text("There is nothing to send yet.").wait_for()
        await dialog.get_by_label("Your message").fill("I can mend it.")
        await dov.look()
        await picture(page, "alone-write")
        await dov.press("Send to those who can read this room", inside=dialog)
        await section.get_by_text("I can mend it.").wait_for()

    async def walk() -> None:
        async with open_browser() as browser:
            async with visit_desk(browser, org.url, dark=True) as dov:
                await talk(dov)
            async with visit_desk(browser, org.url) as ben:
                await ask(ben)
                compare_exports(org, second, tmp_path)
                agree_to(org, "cai", first)
                await ben.page.get_by_role("heading", level=1, name="This case was erased").wait_for()
            org.desk("ben", "erase", second, "A court ordered it.", "--ground", "order")
            async with visit_desk(browser, org.url, dark=True) as cai:
                await agree(cai)
            async with visit_desk(browser, org.url) as fresh:
                await see(fresh)

    async def see(fresh: Visit) -> None:
        page = fresh.page
        await fresh.sign_in(words_of(org, "ben"))
        section = page.get_by_role("region", name="Erased")
        for room, name in ((first, "first"), (second, "second")):
            line = section.get_by_role("listitem").filter(has=page.get_by_text(room[:6].upper(), exact=True).first)
            await line.get_by_text("The certificate is complete: anybody can check it.").wait_for()
            async with page.expect_download() as taking:
                await line.get_by_role("button").click()
            await (await taking.value).save_as(tmp_path / f"{name}.txt")
        assert await page.get_by_text("A canteen menu.").count() == 0
        await fresh.look()
        await picture(page, "queue")

    asyncio.run(walk())
    org.run("log", "mirror", org.url, tmp_path / "later")
    for room, name, ground in ((first, "first", "irrelevant"), (second, "second", "order")):
        judged = org.json("verify", tmp_path / f"{name}.txt", "--trust", trust, "--leaves", tmp_path / "later")
        assert (judged["verdict"], judged["room"], judged["ground"]) == ("holds", room, ground)


def compare_exports(org: Org, case: str, folder: Path) -> None:
    """Make the same export on the command line: every file is the same to the last byte."""
    names = [part for name in ("Otto Quince", "Cai Brandt") for part in ("--redact", name)]
    entries = ["--entry", "reporter:0", "--entry", "reporter:1"]
    org.desk("ben", "export", case, "--for", "Mia Madeup", *entries, *names, "--out", folder / "line")
    for name in EXPORTED:
        assert (folder / "page" / name).read_bytes() == (folder / "line" / name).read_bytes()


async def picture(page: Page, name: str) -> None:
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        size = page.viewport_size
        for width in (DESKTOP, PHONE):
            await page.set_viewport_size(width)
            await page.screenshot(path=f"{folder}/erased-{name}-{width['width']}.png", full_page=True)
        assert size is not None
        await page.set_viewport_size(size)
