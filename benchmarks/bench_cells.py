"""A member's month of cells, opened by the built worker in Chromium."""

from __future__ import annotations

import asyncio
import base64
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.organisation import found, run_service
from benchmarks.rows import ROUNDS, Row, at_most
from plaint.crypto.age import seal_age
from plaint.crypto.agreement import AgreementKey
from plaint.crypto.hashes import random_bytes
from plaint.protocol.cells import CELL_BYTES, synthesize_cell
from tests.support.browser import open_browser
from tests.support.static_site import STATIC

CELLS = 8_640
OWN = 30
SLOT_PLAIN_BYTES = 256
# The worker the pages use, started as they start it; only the question is asked from here.
OPEN = """async ({worker, secret, data, cellBytes}) => {
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const crypto = new Worker(worker, {type: 'module'});
  const ask = (question) => new Promise((resolve, reject) => {
    crypto.onmessage = ({data}) => resolve(data);
    crypto.onerror = (event) => reject(new Error(event.message));
    crypto.postMessage({id: 1, question});
  });
  const cells = bytes(data);
  await ask({op: 'cells', secret: bytes(secret), data: cells.slice(0, cellBytes), cellBytes});
  const start = performance.now();
  const answer = await ask({op: 'cells', secret: bytes(secret), data: cells, cellBytes});
  const took = performance.now() - start;
  crypto.terminate();
  return {took, ok: answer.ok, found: answer.ok ? answer.value.length : 0};
}"""


def rows(rounds: int = ROUNDS) -> list[Row]:
    """Return the row of opening a month."""
    key, data = _make_cells()
    with tempfile.TemporaryDirectory() as name:
        found(Path(name) / "data")
        with run_service(Path(name) / "data") as service:
            answers = asyncio.run(_open(service.url.replace("127.0.0.1", "localhost"), key, data, rounds))
    if not all(answer["ok"] and answer["found"] == OWN for answer in answers):
        raise AssertionError(answers)
    seconds = median(answer["took"] for answer in answers) / 1000
    note = f"{OWN} of them the member's own; {seconds / CELLS * 1e6:,.0f} µs each"
    return [at_most(f"opening {CELLS:,} cells in Chromium", seconds, 3, "s", note)]


def _make_cells() -> tuple[AgreementKey, bytes]:
    key, seed, member = AgreementKey(random_bytes(32)), random_bytes(32), random_bytes(16)
    cells = [synthesize_cell(seed, member=member, tick=tick, index=0) for tick in range(CELLS)]
    for place in range(0, CELLS, CELLS // OWN):
        cells[place] = seal_age(key.public, bytes(SLOT_PLAIN_BYTES))
    return key, b"".join(cells)


async def _open(url: str, key: AgreementKey, data: bytes, rounds: int) -> list[Any]:
    worker = next(path.name for path in (STATIC / "assets").glob("crypto.worker-*.js"))
    task = {
        "worker": f"/static/assets/{worker}",
        "secret": base64.b64encode(key.secret).decode(),
        "data": base64.b64encode(data).decode(),
        "cellBytes": CELL_BYTES,
    }
    async with open_browser() as browser:
        context = await browser.new_context(bypass_csp=True)
        page = await context.new_page()
        await page.goto(f"{url}/desk/")
        return [await page.evaluate(OPEN, task) for _ in range(rounds)]
