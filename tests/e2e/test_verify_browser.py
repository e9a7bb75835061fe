"""A receipt checked in Chromium, by files alone and with the public log, and what axe sees on the page."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from plaint.protocol.trust import encode_trust, parse_trust
from tests.support.browser import make_context, open_browser
from tests.support.founded import Org
from tests.support.patience import wait_until
from tests.support.receipt_keys import make_void
from tests.support.reporter_pages import NOTHING, Walk, visit

pytestmark = pytest.mark.e2e

TITLE = "Check a receipt"
RUN = 32


@pytest.fixture(scope="module")
def receipt(org: Org, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete receipt."""
    folder = tmp_path_factory.mktemp("receipt")
    text = folder / "text"
    text.write_text("Something happened.", "utf-8")
    sent = org.json("report", org.url, "--text", text, "--out", folder / "mine")

    def follow() -> bool:
        return bool(org.json("follow", org.url, "--words", sent["words"])["complete"])

    wait_until(follow)
    return Path(sent["receipt"])


async def choose(walk: Walk, receipt: Path | None, trust: Path | None) -> None:
    page = walk.page
    await walk.start()
    await walk.heading.get_by_text(TITLE).wait_for()
    if receipt is not None:
        await page.get_by_label("Or open the receipt from a file").set_input_files(receipt)
        await page.wait_for_function("() => document.getElementById('receipt').value.length > 0")
    if trust is not None:
        await page.get_by_label("Trust file", exact=True).set_input_files(trust)


async def read_verdict(walk: Walk, title: str) -> list[str]:
    """Check, and return what is said of each line once the verdict has the focus."""
    await walk.press("Check")
    await walk.page.get_by_role("heading", level=2, name=title, exact=True).wait_for()
    await walk.page.wait_for_function("() => document.activeElement.id === 'result'")
    return [text.strip() for text in await walk.page.locator(".readers .state").all_inner_texts()]


def run(org: Org, work: Any, **options: Any) -> None:
    async def go() -> None:
        async with open_browser() as browser, visit(browser, f"{org.url}/verify", **options) as walk:
            await work(walk)

    asyncio.run(go())


def test_files_alone_are_judged_without_the_server(org: Org, trust: Path, receipt: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    org.run("log", "mirror", org.url, copy)

    async def check(walk: Walk) -> None:
        await choose(walk, receipt, trust)
        await walk.context.set_offline(True)
        before = len(walk.requests)
        expected = ["Yes", "Yes", "Not due yet", "Not due yet"]
        assert await read_verdict(walk, "The receipt is real") == expected
        await walk.check_access()
        await walk.page.get_by_label("The folder of a copy that somebody keeps").check()
        await walk.page.get_by_label("Folder of the copy").set_input_files(copy)
        assert await read_verdict(walk, "The receipt is real") == expected
        assert len(walk.requests) == before
        assert await walk.kept() == NOTHING

    run(org, check)


def test_the_whole_log_is_fetched_and_names_no_leaf(org: Org, receipt: Path) -> None:
    async def check(walk: Walk) -> None:
        await choose(walk, receipt, None)
        await walk.page.get_by_label("I have no trust file").check()
        await walk.page.get_by_label("Fetch the whole log").check()
        assert (await read_verdict(walk, "The receipt is real"))[:2] == ["Yes", "Yes"]
        await walk.page.get_by_text("The keys are the organisation's own word.").wait_for()
        asked = {request.url.removeprefix(f"{org.url}/") for request in walk.requests if "/log/" in request.url}
        assert {"log/keys", "log/cases/checkpoint", "log/cases/at"} <= asked
        sizes = (await (await walk.context.request.get(f"{org.url}/log/cases/at")).text()).split()
        kept = [path.removeprefix("log/cases/at/") for path in asked if path.startswith("log/cases/at/")]
        runs = sorted((sizes.index(first), sizes.index(last)) for first, last in (name.split("-") for name in kept))
        for first, last in runs:
            assert first % RUN == 0
            assert last - first + 1 == RUN or (first, last) == runs[-1]
        assert any(path.startswith("log/directory/at/") for path in asked)

    run(org, check)


def test_what_cannot_be_judged_is_said(org: Org, trust: Path, receipt: Path, tmp_path: Path) -> None:
    forged = tmp_path / "forged"
    forged.write_text(receipt.read_text("utf-8").replace("opening ", "opening 00", 1), "utf-8")
    known, void = parse_trust(trust.read_bytes()), tmp_path / "void"
    void.write_bytes(encode_trust(make_void(known, until=1)))

    async def check(walk: Walk) -> None:
        await choose(walk, None, None)
        await walk.press("Check")
        await walk.page.get_by_text("There is no receipt yet.").wait_for()
        await walk.page.get_by_label("The receipt", exact=True).fill("plaint/v1/erasure\nheader AAAA")
        await walk.page.get_by_label("Trust file", exact=True).set_input_files(trust)
        assert await read_verdict(walk, "This certificate cannot be trusted") == []
        await choose(walk, receipt, None)
        await walk.press("Check")
        await walk.page.get_by_text("A receipt must not vouch for itself.").wait_for()
        await walk.check_access()
        await choose(walk, receipt, trust)
        await walk.page.get_by_label("The folder of a copy that somebody keeps").check()
        await walk.page.get_by_label("Folder of the copy").set_input_files(tmp_path)
        await walk.press("Check")
        await walk.page.get_by_text("There is no copy of the log in this folder.").wait_for()
        await walk.page.get_by_label("The file leaves.bin of a bundle").check()
        await walk.press("Check")
        await walk.page.get_by_text("Choose the file leaves.bin of the bundle").wait_for()
        await choose(walk, receipt, void)
        assert await read_verdict(walk, "This receipt cannot be trusted") == []
        await walk.page.get_by_text("Nobody need have changed it.").wait_for()
        await walk.page.get_by_text("Others may have the key that signed it").wait_for()
        assert await walk.page.get_by_text("It was changed").count() == 0
        await choose(walk, forged, trust)
        assert await read_verdict(walk, "This receipt cannot be trusted") == []

    run(org, check)


def test_the_page_is_saved_and_judges_alone(org: Org, trust: Path, receipt: Path, tmp_path: Path) -> None:
    copy, saved = tmp_path / "copy", tmp_path / "plaint-verify.html"
    org.run("log", "mirror", org.url, copy)

    async def save(walk: Walk) -> None:
        await walk.start()
        await walk.check_access()
        async with walk.page.expect_download() as event:
            await walk.page.get_by_role("link", name="Save this page").click()
        download = await event.value
        assert download.suggested_filename == saved.name
        await download.save_as(saved)

    async def go() -> None:
        async with open_browser() as browser:
            async with visit(browser, f"{org.url}/verify") as walk:
                await save(walk)
            context = await make_context(browser, offline=True)
            walk = Walk(context, await context.new_page(), saved.as_uri())
            asked: list[str] = []
            walk.page.on("request", lambda request: asked.append(request.url))
            await choose(walk, receipt, trust)
            await walk.page.get_by_label("The folder of a copy that somebody keeps").check()
            await walk.page.get_by_label("Folder of the copy").set_input_files(copy)
            expected = ["Yes", "Yes", "Not due yet", "Not due yet"]
            assert await read_verdict(walk, "The receipt is real") == expected
            assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
            assert await walk.page.get_by_role("link", name="Save this page").count() == 0

    asyncio.run(go())


@pytest.mark.parametrize(
    ("locale", "scheme", "title"),
    [("de-DE", "dark", "Beleg prüfen"), ("zh-CN", "light", "核对回执"), ("ar", "dark", "التحقق من إيصال")],
)
def test_every_language_passes_axe(org: Org, locale: str, scheme: str, title: str) -> None:
    async def check(walk: Walk) -> None:
        await walk.start()
        await expect(walk.heading).to_have_text(title)
        await walk.check_access()

    run(org, check, locale=locale, scheme=scheme)
