"""The ways out, in Chromium: routes by country without a login, and a proof that needs no server."""

from __future__ import annotations

import asyncio
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from plaint.crypto.hashes import compute_sha256
from tests.support.browser import PHONE, open_browser
from tests.support.founded import Org
from tests.support.patience import PATIENCE_S
from tests.support.reporter_pages import NOTHING, visit

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize(("scheme", "locale"), [("light", "en-GB"), ("dark", "ar")])
def test_routes_are_found_by_country_without_a_login(org: Org, scheme: Any, locale: str) -> None:
    async def look() -> None:
        async with open_browser() as browser, visit(browser, org.url, scheme=scheme, locale=locale) as walk:
            page = walk.page
            await walk.start()
            await page.locator("footer button.link").first.click()
            await page.locator("#country").select_option("FR")
            await page.locator("a[href='tel:3919']").wait_for()
            await walk.check_access()
            await page.locator("#country").select_option("JP")
            await expect(page.locator("a[href='tel:%238891']")).to_have_count(1)
            await page.locator("p.acts .btn.plain").click()
            await page.locator("#country").select_option("DE")
            await page.get_by_text("Externe Meldestelle des Bundes").first.wait_for()
            widths = await page.locator(".readers > li > div").evaluate_all("all => all.map((one) => one.offsetWidth)")
            assert min(widths) > PHONE["width"] * 3 // 4  # no number beside a name leaves it a few letters a line
            await walk.check_access()
            assert await walk.kept() == NOTHING
            assert not [request.url for request in walk.requests if re.search(r"[/=](DE|FR|JP)\b", request.url)]

    asyncio.run(look())


def test_a_proof_from_the_page_is_judged_without_the_server(org: Org, trust: Path, tmp_path: Path) -> None:
    async def prove() -> None:
        async with open_browser() as browser, visit(browser, org.url) as walk:
            page = walk.page
            await walk.walk_to_check()
            await walk.press("Lock and send")
            words = await walk.read_words()
            await walk.arrive("It is sent")
            await walk.type_words_back(words)
            await walk.arrive("Your receipt")
            await walk.press("Go to your report")
            await walk.arrive("Your report")
            for _ in range(PATIENCE_S):
                await walk.press("Save the proof")
                await walk.arrive("Save the proof")
                await page.get_by_role("heading", name="What was promised, and what the log shows").wait_for()
                if await page.get_by_text("Not yet").count() == 0:
                    break
                await walk.press("Back")
                await walk.arrive("Your report")
                await asyncio.sleep(1)
            await walk.check_access()
            bundle = await walk.save("Save the file", tmp_path)
            await expect(page.get_by_text(compute_sha256(bundle.read_bytes()).hex())).to_have_count(1)
            with zipfile.ZipFile(bundle) as archive:
                archive.extractall(tmp_path / "files")

    asyncio.run(prove())
    files = tmp_path / "files"
    given = ["--trust", trust, "--leaves", files / "leaves.bin", "--note", files / "note.txt"]
    org.stop_server()
    try:
        verdict = org.json("verify", files / "receipt.txt", *given)
    finally:
        org.start_server()
    assert (verdict["verdict"], [due["state"] for due in verdict["due"]]) == ("holds", ["open", "open"])
    assert (files / "trust.txt").read_bytes() == trust.read_bytes()
    asyncio.run(verify_in_the_page(org, files, trust))


async def verify_in_the_page(org: Org, files: Path, trust: Path) -> None:
    """The page that checks receipts takes the files as they are, and refuses changed ones."""
    async with open_browser() as browser, visit(browser, f"{org.url}/verify") as walk:
        page = walk.page
        await page.goto(walk.address)
        await page.locator("#receipt-file").set_input_files(files / "receipt.txt")
        await page.locator("#trust").set_input_files(trust)
        await page.locator("input[value=file]").check()
        await page.locator("#leaves").set_input_files(files / "leaves.bin")
        await walk.press("Check")
        await page.get_by_role("heading", name="The receipt is real").wait_for()
        data = bytearray((files / "leaves.bin").read_bytes())
        data[-1] ^= 1
        (files / "leaves.bin").write_bytes(data[:-1])
        await page.locator("#leaves").set_input_files(files / "leaves.bin")
        await walk.press("Check")
        await page.locator(".errors, [role=alert]").first.wait_for()
