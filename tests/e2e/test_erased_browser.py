"""A reporter comes back to a report that two members erased: she is told in plain words, and keeps what proves it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from plaint.protocol.receipt import parse_receipt
from tests.support.browser import DESKTOP, open_browser
from tests.support.founded import Org
from tests.support.plaint_processes import wait_until
from tests.support.reporter_pages import visit

pytestmark = pytest.mark.e2e


def erase(org: Org, folder: Path) -> str:
    """Report, acknowledge, erase by two, and return the words."""
    folder.mkdir(exist_ok=True)
    (folder / "text").write_text("The ledger was burnt.", "utf-8")
    org.json("report", org.url, "--text", folder / "text", "--out", folder / "mine")
    case = parse_receipt((folder / "mine" / "receipt.txt").read_bytes()).header.room.hex()
    for name in ("cai", "ben"):
        wait_until(lambda: case in [found["id"] for found in org.desk(name, "list")["cases"]])  # noqa: B023 -- at once
    org.desk("cai", "acknowledge", case)
    org.desk("cai", "erase", case, "Three years are over.", "--ground", "retention")
    org.desk("ben", "erase", case)
    return (folder / "mine" / "words.txt").read_text("utf-8").strip()


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


async def picture(page, name: str) -> None:  # type: ignore[no-untyped-def]
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        await page.screenshot(path=f"{folder}/erased-{name}.png", full_page=True)
