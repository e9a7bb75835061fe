"""A reporter lets an independent member in from her own page, in Chromium against real server processes."""

from __future__ import annotations

import asyncio
import re

import pytest

from tests.support.browser import open_browser
from tests.support.founded import Org
from tests.support.reporter_pages import visit

pytestmark = pytest.mark.e2e

NOTICE = "will be able to read all of this from now on. You cannot take this back."


def test_she_lets_somebody_in_without_waiting(org: Org) -> None:
    """What is asked first can be put down again; then that member's desk has the key, though two closed the case."""

    async def walk_through() -> str:
        async with open_browser() as browser, visit(browser, org.url) as walk:
            page = walk.page
            await walk.walk_to_check(story="I would rather not wait.")
            await walk.press("Lock and send")
            words = await walk.read_words()
            await walk.arrive("It is sent")
            await walk.type_words_back(words)
            await walk.arrive("Your receipt")
            await walk.come_back(" ".join(words))
            await walk.arrive("Your report")
            case = await asyncio.to_thread(org.find_room, " ".join(words))
            for name in ("ben", "cai"):
                await asyncio.to_thread(org.wait_for_case, name, case)
            for name in ("ben", "cai"):
                await asyncio.to_thread(org.desk, name, "close", case, "Nothing to see.")
            await walk.press("Look for news")
            await page.get_by_text("This report is closed.").wait_for()
            section = page.locator("section", has=page.get_by_role("heading", name="May read if a date is missed"))
            await walk.enter("Let in now: Dov Amsel")
            await section.get_by_text(NOTICE).wait_for()
            await walk.check_access()
            await section.get_by_role("button", name="Not now").click()
            await section.get_by_text(NOTICE).wait_for(state="detached")
            again = section.get_by_role("button", name=re.compile("Let in now.*Dov Amsel"))
            await again.click()
            await section.get_by_role("button", name="Let Dov Amsel in").click()
            await section.get_by_text("Dov Amsel can read this from now on.").wait_for()
            await again.wait_for(state="detached")
            await page.get_by_text("You let Dov Amsel in").wait_for()
            await walk.check_access()
            return case

    org.wait_for_case("dov", asyncio.run(walk_through()))
