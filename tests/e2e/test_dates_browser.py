"""Every date of a case in Chromium: where it comes from, more time, steps, holds; and what the reporter sees of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from plaint.client.connection import connect
from tests.support.browser import open_browser
from tests.support.desk_pages import visit_desk
from tests.support.founded import Org, run_organisation, submit
from tests.support.patience import wait_until
from tests.support.reporter_pages import visit

pytestmark = pytest.mark.e2e

YEARS = 2
SITE = ("--site", "IN-MH", "--zone", "Asia/Kolkata", "--years", str(YEARS))


def put_channel(org: Org, id_: str, base: str, *more: str) -> None:
    """Log deadlines and a channel under them, as two members would."""
    draft = org.folder / f"{id_}.pack"
    org.run("directory", "draft", "pack", base, *more, "--out", draft, "--url", org.url)
    submit(org.processes, org.folder, org.url, draft)
    wait_until(lambda: any(pack.id == base for pack in read(org).packs.values()))
    draft = org.folder / f"{id_}.channel"
    roles = ("--role", "intake-handler,case-manager")
    org.run(
        "directory", "draft", "channel", id_, "--title", f"Channel {id_}", *roles, "--pack", base, "--out", draft,
        "--url", org.url,
    )  # fmt: skip
    submit(org.processes, org.folder, org.url, draft)
    wait_until(lambda: id_ in read(org).channels)


def read(org: Org) -> Any:
    connection = connect(org.url)
    connection.close()
    return connection.view.state


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    with run_organisation(tmp_path_factory.mktemp("dates")) as org:
        put_channel(org, "authority", "eu-authority")
        put_channel(org, "committee", "in-posh", *SITE)
        yield org


def report(org: Org, folder: Path, channel: str, text: str) -> Path:
    """Send a report into a channel; return the file with its words once a handler can read it."""
    folder.mkdir(exist_ok=True)
    (folder / "text").write_text(text, "utf-8")
    known = len(org.desk("cai", "list")["cases"])
    out = folder / channel
    org.json("report", org.url, "--text", folder / "text", "--channel", channel, "--out", out)
    wait_until(lambda: len(org.desk("cai", "list")["cases"]) > known)
    return out / "words.txt"


def read_calendar(path: Path) -> bytes:
    """Return a calendar file without the time at which it was made."""
    return re.sub(rb"DTSTAMP:[^\r]+\r\n", b"", path.read_bytes())


def words_of(org: Org, name: str) -> str:
    return org.words(name).read_text("utf-8").strip()


def test_whoever_changes_the_directory_is_told_when_holidays_end(org: Org) -> None:
    left = (date(datetime.now(UTC).year + YEARS - 1, 12, 31) - datetime.now(UTC).date()).days
    told = org.processes.run("directory", "check", org.url, "--json", code=1 if left < 400 else 0)
    (listed,) = told.value["ending"] or [None]
    assert (listed is None) == (left >= 400)
    if listed is not None:
        assert (listed["pack"], listed["site"]) == ("in-posh", "IN-MH")
        assert left - 1 <= listed["days"] <= left

    async def walk() -> None:
        async with open_browser() as browser, visit_desk(browser, org.url) as dov:
            await dov.sign_in(words_of(org, "dov"))
            await dov.look()
            await expect(dov.page.get_by_text("The holidays of IN-MH in")).to_have_count(len(told.value["ending"]))

    asyncio.run(walk())


def test_a_date_gets_more_time_and_the_reporter_reads_why(org: Org, tmp_path: Path) -> None:
    words = report(org, tmp_path, "authority", "The invoices were made up.")

    async def walk() -> None:
        async with open_browser() as browser:
            async with visit(browser, org.url) as her:
                await her.start()
                await her.page.get_by_text("The date of the answer can be moved once, to 6 months after").wait_for()
                await expect(her.page.get_by_text("Nobody can move them.")).to_have_count(2)  # the other channels' laws
                await her.check_access()
            async with visit_desk(browser, org.url) as cai:
                page = cai.page
                await cai.sign_in(words_of(org, "cai"))
                await cai.open_case("The invoices were made up.")
                await cai.press("All dates and their law")
                await page.get_by_role("heading", name="All dates of this case").wait_for()
                await page.get_by_text("Article 11(2)(d)", exact=False).wait_for()
                await page.get_by_text("Compared with the law on 28 November 2026").first.wait_for()
                await cai.look()
                await cai.press("Give more time Give feedback")
                await page.get_by_label("Reason").fill("A witness is abroad.")
                await cai.press("Give more time", inside=page.get_by_role("dialog"))
                await expect(page.get_by_text("Please write a reason and a date.")).to_be_in_viewport()
                until = page.get_by_label("New date")
                await until.fill(str(await until.get_attribute("max")))
                await cai.look()
                await cai.press("Give more time", inside=page.get_by_role("dialog"))
                await page.get_by_text("Was due").first.wait_for()
                await expect(page.get_by_role("button", name="Give more time")).to_have_count(0)
                await cai.press("Back to the case")
                await cai.press("Record a hold")
                await page.get_by_label("Reason").fill("The police asked us to wait.")
                await cai.look()
                await cai.press("Record a hold", inside=page.get_by_role("dialog"))
                await page.get_by_text("Look again by").wait_for()
                await cai.press("Record a hold")
                await page.get_by_label("What waits").select_option(label="Interviews wait.")
                await page.get_by_label("Keep it in the internal room").check()
                await page.get_by_label("Reason").fill("One witness first.")
                await cai.look()
                await cai.picture("hold")
                await cai.press("Record a hold", inside=page.get_by_role("dialog"))
                await page.get_by_text("The reporter does not see this.").wait_for()
                await cai.press("Say how great it is")
                await page.get_by_label("Severe").check()
                await cai.press("Say how great it is", inside=page.get_by_role("dialog"))
                await expect(page.get_by_text("Please write why. Nothing was changed.")).to_be_in_viewport()
                await page.get_by_label("Who could be harmed again").fill("They share a shift on Friday.")
                await cai.look()
                await cai.picture("risk")
                await cai.press("Say how great it is", inside=page.get_by_role("dialog"))
                await page.locator("aside").get_by_text("They share a shift on Friday.").wait_for()
                await page.get_by_text("Risk of further harm: Severe").wait_for()
                await cai.press("Record an earlier telling")
                await page.get_by_label("Name or place").fill("My team lead")
                await page.get_by_label("When, if you know").fill("2026-01-05")
                await cai.press("Record an earlier telling", inside=page.get_by_role("dialog"))
                await page.locator("aside").get_by_text("Claimed, not proved: told on 5 January 2026").wait_for()
                await cai.press("Record an earlier telling")
                await page.get_by_label("Name or place").fill("The porter")
                await cai.press("Record an earlier telling", inside=page.get_by_role("dialog"))
                await page.locator("aside").get_by_text("told to The porter, day not known").wait_for()
                await cai.look()
                await cai.press("All dates and their law")
                await page.locator("p", has_text="A hold moves no date.").get_by_text("Interviews wait.").wait_for()
                await cai.look()
                await cai.picture("dates")
                await cai.press("Queue", inside=page.get_by_role("navigation"))
                await page.locator("table.queue[aria-busy=false]").wait_for()
                row = page.get_by_role("row").filter(has_text="The invoices were made up.")
                await row.get_by_text("Severe", exact=True).wait_for()
                await cai.look()
                async with page.expect_download() as taking:
                    await cai.press("Save these dates as a calendar file")
                download = await taking.value
                assert download.suggested_filename == "dates.ics"
                await download.save_as(tmp_path / "dates.ics")
            async with visit(browser, org.url) as her:
                page = her.page
                await her.come_back(words.read_text("utf-8").strip())
                await page.get_by_text("The case waits for an authority.").first.wait_for()
                await page.get_by_text("This moves no date of yours.").wait_for()
                await page.get_by_text("Claimed, not proved: told on 5 January 2026 to My team lead.").first.wait_for()
                hears = page.get_by_role("region", name="You will hear from us by")
                await hears.get_by_text("A person has read it and tells you so").wait_for()
                await hears.get_by_text("Nobody can move this date.").wait_for()  # the acknowledgement's
                assert await page.get_by_text("One witness first.").count() == 0
                assert await page.get_by_text("share a shift").count() == 0
                await her.check_access()

    asyncio.run(walk())
    org.run("desk", "dates", org.url, "--words", org.words("cai"), "--out", tmp_path / "again.ics")
    assert read_calendar(tmp_path / "dates.ics") == read_calendar(tmp_path / "again.ics")
    (due,) = [due for due in org.json("follow", org.url, "--words", words)["due"] if due["what"] == "feedback"]
    assert due["extended"]["reason"] == "A witness is abroad."
    assert due["at"] > due["extended"]["before"]


def test_a_step_that_was_taken_meets_its_date(org: Org, tmp_path: Path) -> None:
    words = report(org, tmp_path, "committee", "He followed me to the lift.")

    async def walk() -> None:
        async with open_browser() as browser, visit_desk(browser, org.url, dark=True) as cai:
            page = cai.page
            await cai.sign_in(words_of(org, "cai"))
            await cai.look()
            await cai.open_case("He followed me to the lift.")
            await cai.press("All dates and their law")
            row = page.get_by_role("row").filter(has_text="Complete the inquiry")
            await row.get_by_text("90 days from receipt").wait_for()
            await cai.press("Record as done Complete the inquiry")
            await page.get_by_label("What was done").fill("Everybody was heard.")
            await cai.press("Record as done", inside=page.get_by_role("dialog"))
            await row.get_by_text("In time").wait_for()
            await (
                page.get_by_role("row")
                .filter(has_text="Report on the inquiry")
                .get_by_text("10 days after: The inquiry is complete")
                .wait_for()
            )
            await cai.look()

    asyncio.run(walk())
    due = {item["what"]: item["state"] for item in org.json("follow", org.url, "--words", words)["due"]}
    assert due["inquiry"] == "met"
    assert due["report"] == "open"
