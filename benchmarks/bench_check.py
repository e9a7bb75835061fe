"""A receipt judged in Chromium by the saved page: alone, and with ninety days of the case log read for silence."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.bench_scan import BATCH, DAYS, TICKS, build_mirror
from benchmarks.rows import ROUNDS, Row, at_most
from plaint.client.follow import find_report
from plaint.crypto.hashes import random_bytes
from plaint.protocol.leaf import compute_content_leaf
from plaint.protocol.receipt import Receipt, encode_receipt
from plaint.protocol.room import ZERO_HASH, Header, compute_header_hash, encode_header
from plaint.protocol.state import Due, PendingLeaf, State, sign_state
from plaint.protocol.trust import encode_trust
from tests.support.browser import open_browser
from tests.support.static_site import STATIC
from tests.support.toy_log import ORIGIN, START, ToyOrg, make_key
from tests.support.world import World

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Page

DAY = 86_400
# From the press of the button until the verdict stands there.
CHECK = """() => new Promise((resolve) => {
  const start = performance.now();
  new MutationObserver((_, observer) => {
    if (document.getElementById('result') === null) return;
    observer.disconnect();
    resolve([performance.now() - start, document.getElementById('result').textContent]);
  }).observe(document.body, {subtree: true, childList: true});
  document.querySelector('button[type=submit]').click();
})"""


@dataclass(frozen=True, slots=True)
class _Files:
    receipt: Path
    trust: Path
    copy: Path | None
    now: float
    title: str


def rows(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of a receipt alone and of a scan."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        alone = asyncio.run(_measure(_make_receipt(folder / "alone"), rounds))
        scan = asyncio.run(_measure(_make_silence(folder / "scan"), rounds))
    work = median(work for _, work in scan)
    note = f"{TICKS * BATCH:,} leaves, {TICKS:,} checkpoints kept; best of {rounds}, of processor time {work:.2g} s"
    quick = median(took for took, _ in alone)
    return [
        at_most("verifying a receipt in Chromium", quick, 100, "ms", "from the button to the verdict"),
        at_most(f"scan of {DAYS} days in Chromium", min(took for took, _ in scan) / 1000, 2, "s", note),
    ]


async def _measure(files: _Files, rounds: int) -> list[tuple[float, float]]:
    async with open_browser() as browser:
        page = await (await browser.new_context(offline=True)).new_page()
        page.set_default_timeout(300_000)
        await page.clock.set_fixed_time(files.now)
        await page.goto((STATIC / "saved" / "verify.html").as_uri())
        await _choose(page, files)
        inspector = await page.context.new_cdp_session(page)
        await inspector.send("Performance.enable")
        found = []
        for _ in range(rounds):
            began = await _read_work(inspector)
            took, title = await page.evaluate(CHECK)
            if title != files.title:
                raise AssertionError(title)
            found.append((float(took), await _read_work(inspector) - began))
    return found


async def _read_work(inspector: CDPSession) -> float:
    """Return the processor time that the page's process took so far, in seconds."""
    metrics = (await inspector.send("Performance.getMetrics"))["metrics"]
    return float(next(metric["value"] for metric in metrics if metric["name"] == "ProcessTime"))


async def _choose(page: Page, files: _Files) -> None:
    await page.get_by_label("Or open the receipt from a file").set_input_files(files.receipt)
    await page.wait_for_function("() => document.getElementById('receipt').value.length > 0")
    await page.get_by_label("Trust file", exact=True).set_input_files(files.trust)
    if files.copy is not None:
        await page.get_by_label("The folder of a copy that somebody keeps").check()
        await page.get_by_label("Folder of the copy").set_input_files(files.copy)


def _make_receipt(folder: Path) -> _Files:
    with World(folder) as world:
        keys, sent = world.report("Something happened.")
        receipt = sent.receipt
        while receipt.proof is None:
            world.tick()
            receipt = find_report(world.connect(), keys).update_receipt(receipt)
        return _write(folder, receipt, encode_trust(world.connect().trust), None, world.now, "The receipt is real")


def _make_silence(folder: Path) -> _Files:
    """Return a promise that nothing in the log keeps, in an organisation that logged ninety days."""
    org = ToyOrg(folder / "org")
    build_mirror(org, folder / "mirror")
    org.close()
    tokens = random_bytes(32), random_bytes(32)
    header = Header(
        bytes(16),
        random_bytes(32),
        0,
        ZERO_HASH,
        "open",
        random_bytes(32),
        random_bytes(32),
        random_bytes(32),
        *tokens,
    )
    opening, end = random_bytes(32), START + DAYS * DAY - 2 * DAY
    state = State(
        log=f"{ORIGIN}/log/cases",
        org=header.org,
        room=header.room,
        at=START,
        entries=1,
        head=compute_header_hash(encode_header(header)),
        size=0,
        leaves=(PendingLeaf(compute_content_leaf(opening, encode_header(header)), START + DAY),),
        dues=tuple(Due(kind, end, token) for kind, token in zip(("acknowledge", "feedback"), tokens, strict=True)),
    )
    receipt = Receipt(header, opening, sign_state(state, make_key(40), name=f"{ORIGIN}/receipts"))
    title = "The receipt is real, and the promise to log it was broken"
    return _write(folder, receipt, encode_trust(org.trust), folder / "mirror", org.now + 10, title)


def _write(folder: Path, receipt: Receipt, trust: bytes, copy: Path | None, now: float, title: str) -> _Files:
    files = _Files(folder / "receipt.txt", folder / "trust.txt", copy, now, title)
    files.receipt.write_bytes(encode_receipt(receipt))
    files.trust.write_bytes(trust)
    return files
