"""`plaint desk feed`: your due dates as a calendar that the calendar program on this device subscribes to."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress

from plaint.cli.desk import Sitting, Url, open_desk
from plaint.cli.output import print_json, print_lines, print_notice
from plaint.client.dates import compute_feed_path, encode_calendar, list_desk_dates
from plaint.client.words_file import read_member_keys
from plaint.errors import PlaintError
from plaint.http.site import Page, serve_site

HERE = "127.0.0.1"
HEADERS = {"Content-Type": "text/calendar; charset=utf-8", "Cache-Control": "no-store"}


def feed(url: Url, *, port: int = 8719, every: int = 900, sitting: Sitting) -> None:
    """Serve the due dates of your cases to the calendar program on this device, and to nothing else, until stopped.

    Parameters
    ----------
    port
        Port on this device; the address stays the same from run to run when it does.
    every
        Seconds between two looks.

    """
    told: set[bytes] = set()

    def read() -> bytes:
        with open_desk(url, sitting, told=told) as desk:
            return encode_calendar(list_desk_dates(desk), now=desk.connection.now())

    path = compute_feed_path(read_member_keys(sitting.words).cache)
    pages = {path: Page(read(), HEADERS)}
    address = f"http://{HERE}:{port}{path}"
    if sitting.json:
        print_json({"feed": address})
    else:
        print_lines(f"Subscribe the calendar on this device to {address}")
        print_notice(
            "Only this device can read it, while this runs. Do not share the calendar: it shows that there are cases."
        )
    sys.stdout.flush()
    asyncio.run(serve_feed(pages, path, read, port=port, every=every))


async def serve_feed(pages: dict[str, Page], path: str, read: Callable[[], bytes], *, port: int, every: float) -> None:
    """Serve until SIGTERM or SIGINT; what stands at `path` is read again every so many seconds."""
    fresh = asyncio.create_task(_keep_fresh(pages, path, read, every))
    try:
        await serve_site(pages, port=port, host=HERE)
    finally:
        fresh.cancel()
        with suppress(asyncio.CancelledError):
            await fresh


async def _keep_fresh(pages: dict[str, Page], path: str, read: Callable[[], bytes], every: float) -> None:
    told = None
    while True:
        await asyncio.sleep(every)
        try:
            pages[path] = Page(await asyncio.to_thread(read), HEADERS)
            told = None
        except PlaintError as error:
            if error.code != told:
                print_notice(f"Not read again ({error.code}): the calendar shows what was known before.")
            told = error.code
