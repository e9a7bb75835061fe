"""The desk's pages as a member walks through them, by what stands on them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, ConsoleMessage, Locator, Page

from tests.support.browser import DESKTOP, PHONE, look_after, make_context

WIDTHS = (DESKTOP, PHONE)
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# A room without a key for this visit, a session that ended: the browser writes such answers down by itself.
ANSWERS = ("Failed to load resource",)


@dataclass
class Visit:
    """One member at one browser."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(ANSWERS):
            self.complaints.append(message.text)

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    async def arrive(self, heading: str) -> None:
        """Wait until the page with this heading is shown and has the focus, so that it is read aloud."""
        await self.page.get_by_role("heading", level=1, name=heading).wait_for()
        await self.page.wait_for_function("() => ['H1', 'MAIN'].includes(document.activeElement?.tagName ?? '')")

    async def press(self, name: str, *, inside: Locator | None = None) -> None:
        await (inside or self.page).get_by_role("button", name=name).click()

    async def sign_in(self, words: str) -> None:
        await self.page.goto(self.address)
        await self.page.get_by_label("Your 12 words").fill(words)
        await self.press("Open the desk")
        await self.arrive("Queue")
        await self.page.locator("table.queue[aria-busy=false], .empty").wait_for()

    async def open_case(self, excerpt: str) -> None:
        await self.press(excerpt)
        await self.arrive(excerpt)

    async def look(self) -> None:
        """Check the page as it stands, on a desk and on a telephone: rules of accessibility, nothing sideways."""
        for size in WIDTHS:
            await self.page.set_viewport_size(size)
            found = await Axe().run(self.page)
            assert found.violations_count == 0, found.generate_report()
            assert await self.page.evaluate(SIDEWAYS) <= 0
        await self.page.set_viewport_size(DESKTOP)

    async def picture(self, name: str) -> None:
        """Take the page as it stands, where somebody wants to look at it: the folder is SCREENSHOTS."""
        folder = os.environ.get("SCREENSHOTS")
        for size, word in ((DESKTOP, "desktop"), (PHONE, "phone")) if folder else ():
            await self.page.set_viewport_size(size)
            await self.page.screenshot(path=f"{folder}/{name}-{word}.png", full_page=True)
        await self.page.set_viewport_size(DESKTOP)


@asynccontextmanager
async def visit_desk(
    browser: Browser, address: str, *, locale: str = "en-GB", dark: bool = False
) -> AsyncIterator[Visit]:
    """Open a browser of its own for one member; whatever the pages complained about fails the visit."""
    context = await make_context(
        browser,
        locale=locale,
        viewport=DESKTOP,
        color_scheme="dark" if dark else "light",
        accept_downloads=True,
        reduced_motion="reduce",
    )
    page = await context.new_page()
    visit = Visit(page, f"{address}/desk/")
    page.on("console", visit.hear)
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    async with look_after(page, visit.complaints):
        yield visit
