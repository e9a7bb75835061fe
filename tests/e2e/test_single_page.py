"""The pages of one file open from a disk without a network, and obey their own policy."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support.browser import collect_complaints, make_context, open_browser
from tests.support.static_site import STATIC

pytestmark = pytest.mark.e2e

SAVED = STATIC / "saved"


@pytest.mark.parametrize(
    ("name", "title"), [("reporter", "Report something that happened at work"), ("verify", "Check a receipt")]
)
def test_a_page_of_one_file_opens_from_a_disk_without_a_network(name: str, title: str, tmp_path: Path) -> None:
    copy = tmp_path / "somewhere else.html"
    copy.write_bytes((SAVED / f"{name}.html").read_bytes())

    async def visit() -> None:
        async with open_browser() as browser:
            context = await make_context(browser, offline=True)
            page = await context.new_page()
            complaints = collect_complaints(page)
            asked: list[str] = []
            page.on("request", lambda request: asked.append(request.url))
            await page.goto(copy.as_uri())
            await page.get_by_role("heading", level=1, name=title).wait_for()
            await page.get_by_label("Language").select_option("de")
            await page.wait_for_function("() => document.documentElement.lang === 'de'")
            assert complaints == []
            assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []

    asyncio.run(visit())


@pytest.mark.parametrize("name", ["reporter", "verify"])
def test_a_script_that_the_page_was_not_built_with_does_not_run(name: str, tmp_path: Path) -> None:
    whole = (SAVED / f"{name}.html").read_text("utf-8")
    extra = "<script>document.title = 'taken over'</script></head>"
    added, changed = tmp_path / "added.html", tmp_path / "changed.html"
    added.write_text(whole.replace("</head>", extra), "utf-8")
    changed.write_text(whole.replace('<script type="module">', '<script type="module">document.title;', 1), "utf-8")

    async def visit() -> None:
        async with open_browser() as browser:
            page = await (await make_context(browser)).new_page()
            complaints = collect_complaints(page)
            await page.goto(added.as_uri())
            await page.get_by_role("heading", level=1).wait_for()
            assert await page.title() != "taken over"
            assert any("Content Security Policy" in complaint for complaint in complaints)
            await page.goto(changed.as_uri())
            assert await page.get_by_role("heading").count() == 0

    asyncio.run(visit())
