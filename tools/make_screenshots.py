"""Take the README's pictures from a running demo: `python -m tools.make_screenshots DATA URL`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from playwright.async_api import Page

from tests.support.browser import open_browser

OUT = Path(__file__).resolve().parents[1] / "docs" / "screenshots"


async def shoot(page: Page, name: str, *, full: bool = True) -> None:
    """Save one picture once the page has settled."""
    await page.wait_for_timeout(600)
    await page.screenshot(path=OUT / f"{name}.png", full_page=full)


async def shoot_reporter(page: Page, data: Path, url: str) -> None:
    """The page that names people, then a report with its dates."""
    await page.goto(f"{url}/")
    await page.get_by_role("button", name="Start", exact=True).click()
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("textbox").fill("We had to drink each time the client raised a glass.")
    await page.get_by_role("button", name="Continue").click()
    for query in ("Meskell", "Ostellan, Teldane Stores"):
        box = page.get_by_label("Add a person")
        await box.fill(query)
        await page.get_by_role("option").first.wait_for()
        await box.press("Enter")
    await shoot(page, "reporter-people")
    page = await page.context.new_page()
    await page.goto(f"{url}/")
    await page.get_by_role("button", name="Come back with your 12 words").click()
    await page.get_by_role("textbox").fill((data / "reporters" / "client-dinner" / "words.txt").read_text())
    await page.get_by_role("button", name="Open my report").click()
    await page.get_by_role("heading", name="What has happened").wait_for(timeout=120_000)
    await shoot(page, "reporter-report")


async def shoot_desk(page: Page, data: Path, url: str) -> None:
    """The queue of a case manager, then the case of the client dinner."""
    await page.goto(f"{url}/desk/")
    await page.get_by_label("Your 12 words").fill((data / "members" / "lowenna-farrowick.txt").read_text())
    await page.get_by_role("button", name="Open the desk").click()
    await page.locator("table.queue").wait_for(timeout=120_000)
    await page.get_by_role("button", name="That was me, or it is right").click()
    await page.get_by_text("Within 7 days").wait_for(timeout=120_000)
    await shoot(page, "desk-queue", full=False)
    await page.get_by_role("button", name="client dinner").first.click()
    await page.get_by_role("heading", level=2).first.wait_for()
    await shoot(page, "desk-case", full=False)


async def main(data: Path, url: str) -> None:
    """Take all pictures."""
    OUT.mkdir(parents=True, exist_ok=True)
    async with open_browser() as browser:
        phone = await browser.new_context(viewport={"width": 480, "height": 900}, locale="en-GB")
        await shoot_reporter(await phone.new_page(), data, url)
        desk = await browser.new_context(viewport={"width": 1280, "height": 860}, locale="en-GB")
        await shoot_desk(await desk.new_page(), data, url)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2].rstrip("/")))
