"""Going back, leaving fast, closing the page: nothing is lost that should stay, nothing stays that should not."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Dialog, expect

from tests.support.browser import open_browser
from tests.support.founded import Org
from tests.support.reporter_pages import STORY, visit

pytestmark = pytest.mark.e2e


def test_the_back_button_goes_through_every_step_and_keeps_the_draft(org: Org, files: list[Path]) -> None:
    steps = [
        "Report something that happened at work",
        "Before you type",
        "Tell it your way",
        "Who was involved?",
        "Add what you have",
        "Check before you send",
    ]

    async def go_back_and_forth() -> None:
        async with open_browser() as browser, visit(browser, org.url) as walk:
            await walk.walk_to_check(files=files[:1])
            for heading in reversed(steps[:-1]):
                await walk.page.go_back()
                await walk.arrive(heading)
            for heading in steps[1:]:
                await walk.page.go_forward()
                await walk.arrive(heading)
            await walk.page.get_by_text("It happened on the second evening.").wait_for()
            await walk.page.get_by_text("1 file, 307 kB").wait_for()
            await walk.page.get_by_role("link", name="Skip to the page content").focus()
            await walk.page.keyboard.press("Enter")
            await expect(walk.heading).to_have_text(steps[-1])

    asyncio.run(go_back_and_forth())


@pytest.mark.parametrize("way", ["button", "shift"])
def test_leaving_is_at_once_and_leaves_nothing_on_the_way_back(org: Org, way: str) -> None:
    async def leave() -> None:
        async with open_browser() as browser, visit(browser, org.url) as walk:
            asked: list[Dialog] = []
            walk.page.on("dialog", lambda dialog: asked.append(dialog))  # noqa: PLW0108 -- not a method of C
            await walk.walk_to_check()
            if way == "button":
                await walk.press("Leave now")
            else:
                for _ in range(3):
                    await walk.page.keyboard.press("Shift")
            await walk.page.wait_for_url("about:blank")
            assert asked == []
            await walk.page.go_back()
            assert STORY.split("\n")[0] not in await walk.page.content()

    asyncio.run(leave())


def test_capital_letters_do_not_leave_the_page(org: Org) -> None:
    async def shout() -> None:
        async with open_browser() as browser, visit(browser, org.url) as walk:
            await walk.walk_to_check()
            await walk.page.go_back()
            await walk.page.go_back()
            for letter in "ABCD":
                await walk.page.keyboard.press(f"Shift+{letter}")
            assert await walk.heading.inner_text() == "Who was involved?"

    asyncio.run(shout())


def test_closing_the_page_asks_while_something_would_be_lost(org: Org) -> None:
    async def close() -> None:
        async with open_browser() as browser, visit(browser, org.url) as walk:
            asked: list[str] = []

            async def stay(dialog: Dialog) -> None:
                asked.append(dialog.type)
                await dialog.accept()

            walk.page.on("dialog", stay)
            await walk.start()
            await walk.page.reload()
            assert asked == []
            await walk.walk_to_check()
            await walk.page.reload()
            assert asked == ["beforeunload"]
            await expect(walk.heading).to_have_text("Report something that happened at work")

    asyncio.run(close())
