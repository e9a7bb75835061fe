"""Debian's Chromium, driven by Playwright without its pytest plugin, which wants an event loop to itself."""

from __future__ import annotations

import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    ViewportSize,
    async_playwright,
    expect,
)

from tests.support.patience import PATIENCE_MS

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
expect.set_options(timeout=PATIENCE_MS)
PHONE: ViewportSize = {"width": 360, "height": 740}


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Start Chromium; `make test` installs it."""
    path = shutil.which("chromium")
    assert path, "no chromium: run tools/ensure_system.sh"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"], timeout=PATIENCE_MS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def look_after(page: Page, complaints: list[str]) -> AsyncIterator[None]:
    """Close a page's context at the end, fail for its complaints, and show what stood on it where a test failed."""
    try:
        yield
        assert complaints == [], complaints
    except BaseException:
        with suppress(Error):
            sys.stderr.write(f"{page.url}\n{await page.locator('body').inner_text(timeout=1_000)}\n")
        raise
    finally:
        await page.context.close()


async def make_context(browser: Browser, **options: Any) -> BrowserContext:
    """Return what a browser is that was never used before, and waits patiently for what pages do."""
    context = await browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    return context


def collect_complaints(page: Page) -> list[str]:
    """Return a list that fills with whatever the page complains about: errors, warnings, broken policies."""
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
    return complaints
