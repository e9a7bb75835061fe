"""Serves one small organisation on a real port for the web client's tests, until standard input closes.

With the argument `forgetful` it promises to log what it is sent, and logs nothing of it. With `withholding` it hands
out no held slot, and begins eight days ago. A line of standard input is answered once clients know it: `change` draws
another receipt key, `pass` lets the eight days pass, `suspend NAME` suspends a member.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import httpx

from plaint.protocol.chart import Person, compute_chart_digest, make_chart
from plaint.protocol.directory import Entry, compute_org, sign_entry
from plaint.protocol.directory_contents import ChartDigest, Suspend
from plaint.protocol.directory_keys import ReceiptKey
from plaint.protocol.draft import Draft, Name, encode_draft, parse_draft, sign_draft
from plaint.protocol.leaf import draw_dummy_leaf
from plaint.protocol.note import encode_vkey
from plaint.protocol.words import encode_words
from plaint.server.app import build_app
from plaint.server.clock import batch
from plaint.server.config import Config
from plaint.server.create import create_organisation
from plaint.server.receipt_draft import draft_receipt_key
from plaint.server.serve import serve
from plaint.store import escalations
from tests.support.directory_world import (
    CLOCK,
    FOUNDERS,
    draw,
    make_genesis,
    make_keys,
    make_named_request,
    sign_genesis,
)
from tests.support.patience import PATIENCE_S

SLUG = "aurora"
SIGNERS = ("ada", "dov")
ENTRIES = 3
EVERY_S = 0.05
TRIES = round(PATIENCE_S / EVERY_S)
AHEAD_S = 8 * 86_400
# Ben is chief; Cai, Lea and Mona report to him, Ida and Nils to Cai. Lea, Mona and Nils hold no keys.
PEOPLE = {"ben": None, "cai": "ben", "ida": "cai", "lea": "ben", "mona": "ben", "nils": "cai"}


def make_founding() -> Draft:
    """Return the signed genesis."""
    entry = sign_genesis(replace(make_genesis(), clock=CLOCK), *FOUNDERS)
    requests = [make_named_request(name) for name in FOUNDERS]
    names = {request.id: Name(request.name, request.salt) for request in requests}
    return Draft(entry.content, names, None, compute_org(entry), entry)


def make_chart_draft(org: bytes) -> Draft:
    """Return the signed first chart."""
    people = [
        Person(name, f"{name.capitalize()} Invented", f"Title of {name}", above) for name, above in PEOPLE.items()
    ]
    chart = make_chart(people)
    entry = Entry(2, ChartDigest(compute_chart_digest(chart), len(chart.people)))
    for name in SIGNERS:
        entry = sign_entry(org, entry, make_keys(name).id, make_keys(name).sign)
    return Draft(entry.content, {}, chart, org, entry)


async def wait_until_logged(client: httpx.AsyncClient, url: str) -> None:
    """Wait for the tick that puts the chart under a checkpoint."""
    for _ in range(TRIES):
        size = (await client.get(f"{url}log/directory/checkpoint")).text.split("\n")[1]
        if int(size) >= ENTRIES:
            return
        await asyncio.sleep(EVERY_S)
    raise TimeoutError


async def change_receipt_key(config: Config, url: str) -> None:
    """Let the server draw another key, the signers sign for it, and wait until it is the one that is offered."""
    draft = parse_draft(await draft_receipt_key(config, SLUG))
    content = draft.content
    if not isinstance(content, ReceiptKey):
        raise TypeError
    for name in SIGNERS:
        draft = sign_draft(draft, make_keys(name).id, make_keys(name).sign)
    async with httpx.AsyncClient() as client:
        (await client.post(f"{url}directory", content=encode_draft(draft))).raise_for_status()
        for _ in range(TRIES):
            if encode_vkey(content.key) in (await client.get(f"{url}log/keys")).text:
                return
            await asyncio.sleep(EVERY_S)
    raise TimeoutError


async def suspend(founding: Draft, name: str, url: str) -> None:
    """Let an independent suspend a member, and wait until it stands under a checkpoint."""
    org = founding.org or b""
    async with httpx.AsyncClient() as client:

        async def count() -> int:
            return int((await client.get(f"{url}log/directory/checkpoint")).text.split("\n")[1])

        index, signer = await count(), make_keys("dov")
        content = Suspend(make_keys(name).id)
        entry = sign_entry(org, Entry(index, content), signer.id, signer.sign)
        draft = Draft(content, {}, None, org, entry)
        (await client.post(f"{url}directory", content=encode_draft(draft))).raise_for_status()
        for _ in range(TRIES):
            if await count() > index:
                return
            await asyncio.sleep(0.05)
    raise TimeoutError


def forget(_waiting: Sequence[bytes], *, batch: int, random: Random) -> list[bytes]:
    """Fill a batch with dummies, whatever waits."""
    return [draw_dummy_leaf() for _ in range(batch)]


def keep_back(*_: object, **__: object) -> list[escalations.MissedRoom]:
    """Find no missed date, whatever was missed."""
    return []


class Past:
    """A clock that is behind until it is told that the time has passed."""

    def __init__(self, behind_s: int) -> None:
        """Begin so many seconds ago."""
        self.behind_s = behind_s

    def __call__(self) -> float:
        """Return the time here."""
        return time.time() - self.behind_s


async def wait_for_tick(clock: Past, url: str) -> None:
    """Let the time pass, and wait for a tick by the new one."""
    clock.behind_s = 0
    async with httpx.AsyncClient() as client:
        before = (await client.get(f"{url}log/cases/checkpoint")).text
        for _ in range(TRIES):
            if (await client.get(f"{url}log/cases/checkpoint")).text.split("\n")[1] != before.split("\n")[1]:
                return
            await asyncio.sleep(EVERY_S)
    raise TimeoutError


async def run(folder: Path, *, behind_s: int) -> None:
    """Create, start, announce, and stop when nobody listens any more."""
    founding = make_founding()
    config, clock = Config(folder), Past(behind_s)
    await create_organisation(config, SLUG, encode_draft(founding))
    app = build_app(config, clock=clock)
    await app.state.deployment.start()
    stop = asyncio.Event()
    announcing: list[asyncio.Task[None]] = []

    async def announce(port: int) -> None:
        url = f"http://127.0.0.1:{port}/o/{SLUG}/"
        async with httpx.AsyncClient() as client:
            answer = await client.post(f"{url}directory", content=encode_draft(make_chart_draft(founding.org or b"")))
            answer.raise_for_status()
            await wait_until_logged(client, url)
        words = {name: encode_words(draw(f"member {name}", 16), "english") for name in FOUNDERS}
        sys.stdout.write(json.dumps({"url": url, "words": words}) + "\n")
        sys.stdout.flush()
        while line := await asyncio.to_thread(sys.stdin.readline):
            match line.split():
                case ["pass"]:
                    await wait_for_tick(clock, url)
                case ["suspend", name]:
                    await suspend(founding, name, url)
                case _:
                    await change_receipt_key(config, url)
            sys.stdout.write("\n")
            sys.stdout.flush()
        stop.set()

    def on_ready(port: int) -> None:
        announcing.append(asyncio.get_running_loop().create_task(announce(port)))

    await serve(app, port=0, on_ready=on_ready, stop=stop)


if __name__ == "__main__":
    withholding = sys.argv[1:] == ["withholding"]
    if sys.argv[1:] == ["forgetful"]:
        vars(batch)["choose_batch"] = forget
    if withholding:
        vars(escalations)["list_missed"] = keep_back
    with tempfile.TemporaryDirectory() as path:
        asyncio.run(run(Path(path), behind_s=AHEAD_S if withholding else 0))
