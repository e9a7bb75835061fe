"""What the reporter's page weighs over the wire, until she can type and until her report is read again."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from benchmarks.organisation import CLOCK, found, run_service
from benchmarks.rows import Row, at_most
from tests.support.browser import open_browser
from tests.support.reporter_pages import visit
from tests.support.static_site import weigh_static

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.async_api import Request, Route

    from tests.support.reporter_pages import Walk

TYPING_KB = 60
ALL_KB = 150


def rows() -> list[Row]:
    """Return the rows of sizes as the browser received them."""
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "data"
        found(data, replace(CLOCK, tick=1, window=86_400))
        with run_service(data) as service:
            until_typing, whole, hosts = asyncio.run(_visit(service.url))
    return [
        at_most("reporter's page until she can type", until_typing / 1000, TYPING_KB, "kB"),
        at_most("reporter's page in all", whole / 1000, ALL_KB, "kB", "sent, words typed back, conversation read"),
        at_most("requests to other hosts", hosts, 0),
    ]


async def _visit(url: str) -> tuple[int, int, int]:
    async with open_browser() as browser, visit(browser, url.replace("127.0.0.1", "localhost")) as walk:
        gate = _Gate()
        await walk.context.route("**/static/**", gate.handle)
        await walk.start()
        await walk.press("Start")
        await walk.arrive("Before you type")
        await walk.press("Continue")
        await walk.arrive("Tell it your way")
        await walk.page.get_by_label("Tell it your way").fill("It happened on the second evening.")
        until_typing = await _weigh([request for request in walk.requests if request.url not in gate.held])
        gate.opened.set()
        await walk.press("Continue")
        await walk.arrive("Who was involved?")
        await walk.press("Continue")
        await walk.arrive("Add what you have")
        await walk.press("Continue without files")
        await walk.arrive("Check before you send")
        await walk.press("Lock and send")
        words = await walk.read_words()
        await walk.type_words_back(words)
        await walk.arrive("Your receipt")
        await walk.press("Go to your report")
        await walk.arrive("Your report")
        whole = await _weigh(walk.requests)
        return until_typing, whole, _count_foreign(walk)


class _Gate:
    """Holds back what the page fetches in the background, until she has typed: she must not need it for that."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.held: set[str] = set()
        self._started = False

    async def handle(self, route: Route) -> None:
        url = route.request.url
        if self._started and not self.opened.is_set():
            self.held.add(url)
            await self.opened.wait()
        self._started = self._started or url.rpartition("/")[2].startswith("en-")  # the page's words come last
        await route.continue_()


def _count_foreign(walk: Walk) -> int:
    return sum(urlsplit(request.url).netloc != urlsplit(walk.address).netloc for request in walk.requests)


async def _weigh(requests: Sequence[Request]) -> int:
    """Return the bytes of every page, script and style as they came, packed; what the API answered is not the page."""
    sizes: dict[str, int] = {}
    for request in list(requests):
        if request.resource_type in {"document", "script", "stylesheet", "image", "font"}:
            came = (await request.sizes())["responseBodySize"]
            sizes[request.url] = came or weigh_static(request.url)  # the browser does not tell what a worker weighed
    return sum(sizes.values())
