"""The reporter's pages as a person walks through them, by what she reads on them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Download, Locator, Page, Request

from tests.support.browser import PHONE, look_after, make_context

STORY = "It happened on the second evening.\nLena saw it."
KEEPS = """async () => ({
  local: localStorage.length, session: sessionStorage.length, cookies: document.cookie,
  databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
  workers: origin === 'null' ? 0 : (await navigator.serviceWorker.getRegistrations()).length,
})"""
NOTHING = {"local": 0, "session": 0, "cookies": "", "databases": 0, "caches": 0, "workers": 0}
NAME_OF_FOCUS = r"""() => {
  const { textContent, id } = document.activeElement ?? document.body;
  return (textContent || id).replace(/\s+/g, ' ').trim();
}"""


@dataclass
class Walk:
    """One visit: the page, what it complained about and what it asked for."""

    context: BrowserContext
    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    async def arrive(self, heading: str) -> None:
        """Wait until the page with this heading is shown and has the focus, so that it is read aloud."""
        await self.page.get_by_role("heading", level=1, name=heading, exact=True).wait_for()
        await self.page.wait_for_function("() => ['H1', 'MAIN'].includes(document.activeElement?.tagName ?? '')")

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def start(self) -> None:
        await self.page.goto(self.address)
        await self.heading.wait_for()

    async def tell(self, story: str = STORY, *, earlier: str | None = None) -> None:
        """Write the story and, if told, to whom she said it before."""
        await self.press("Start")
        await self.arrive("Before you type")
        await self.press("Continue")
        await self.arrive("Tell it your way")
        await self.page.get_by_label("Tell it your way").fill(story)
        if earlier is not None:
            await self.page.get_by_text("Did you tell somebody earlier?").click()
            await self.page.get_by_label("Who", exact=True).select_option(label=earlier)
            when = self.page.get_by_label("When, if you know")
            await when.fill("2999-01-01")
            await self.page.get_by_text("Did you tell somebody earlier?").click()
            await self.press("Continue")
            await self.page.get_by_text("This day has not come yet.").wait_for()
            await self.page.wait_for_function("() => document.activeElement?.id === 'earlier-on'")
            await self.check_access()
            await when.fill("")
        await self.press("Continue")
        await self.arrive("Who was involved?")

    async def walk_to_check(self, *, story: str = STORY, files: Sequence[Path] = ()) -> None:
        await self.start()
        await self.tell(story)
        await self.press("Continue")
        await self.arrive("Add what you have")
        if files:
            await self.page.locator("input[type=file]").set_input_files(files)
        await self.press("Continue" if files else "Continue without files")
        await self.arrive("Check before you send")

    async def read_words(self) -> list[str]:
        """The 12 words, once they are shown."""
        await self.page.locator(".words li").first.wait_for()
        return await self.page.locator(".words li").all_inner_texts()

    async def type_words_back(self, words: Sequence[str]) -> None:
        """Type the words that are asked back."""
        for label in await self.page.get_by_text("Type word").all():
            place = int((await label.inner_text()).rpartition(" ")[2])
            await self.page.get_by_label(f"Type word {place}", exact=True).fill(words[place - 1])
        await self.press("Continue")

    async def come_back(self, words: str) -> None:
        await self.start()
        await self.press("Come back with your 12 words")
        await self.arrive("Your 12 words")
        await self.page.get_by_label("Your 12 words").fill(words)
        await self.press("Open my report")

    async def save(self, name: str, into: Path) -> Path:
        """Press a button that hands over a file."""
        async with self.page.expect_download() as waiting:
            await self.press(name)
        download: Download = await waiting.value
        path = into / download.suggested_filename
        await download.save_as(path)
        return path

    async def tab_to(self, name: str, *, limit: int = 60) -> None:
        """Move the focus with the tabulator alone to what is called `name`, or has that id."""
        for _ in range(limit):
            if await self.page.evaluate(NAME_OF_FOCUS) == name:
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"no way to {name} by keyboard")

    async def enter(self, name: str) -> None:
        await self.tab_to(name)
        await self.page.keyboard.press("Enter")

    async def check_access(self) -> None:
        """Let axe look at the page, and look for a page wider than its screen."""
        report = await Axe().run(self.page)
        assert report.violations_count == 0, report.generate_report()
        assert await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    async def kept(self) -> object:
        """What the device would keep of this visit."""
        return await self.page.evaluate(KEEPS)


@asynccontextmanager
async def visit(
    browser: Browser, address: str, *, scheme: Literal["light", "dark"] = "light", locale: str = "en-GB"
) -> AsyncIterator[Walk]:
    """Open a page in a browser that was never here before; complaints fail the visit at its end."""
    context = await make_context(
        browser,
        viewport=PHONE,
        color_scheme=scheme,
        locale=locale,
        accept_downloads=True,
        reduced_motion="reduce",
    )
    page = await context.new_page()
    walk = Walk(context, page, f"{address}/")

    def hear(message: ConsoleMessage) -> None:
        # An answer that is an error is written to the console by the browser; the page says it in words.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            walk.complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: walk.complaints.append(str(error)))
    page.on("request", lambda request: walk.requests.append(request))  # noqa: PLW0108 -- not a method of C
    async with look_after(page, walk.complaints):
        yield walk
