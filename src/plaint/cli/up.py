"""`plaint up`: run the service."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from importlib.resources import files
from pathlib import Path

from cyclopts import App

from plaint.cli.messages import MESSAGES
from plaint.cli.output import print_lines, print_notice
from plaint.client.law.sites import describe_ending, list_ending
from plaint.crypto.hashes import compute_sha256
from plaint.errors import UnavailableError
from plaint.protocol.directory_state import DirectoryState

COLLECT_AFTER = 10_000
"""How many objects more than before there must be until Python looks for rings among them."""

app = App(name="up", help="Run the service.", result_action="return_value")


def find_installed() -> bytes | None:
    """Return the digest of the installed client's manifest, None where none was built."""
    built = files("plaint").joinpath("server", "static", "manifest.json")
    return compute_sha256(built.read_bytes()) if built.is_file() else None


def explain_blocked(slug: str, code: str) -> str:
    """Return what the operator is told of an organisation that is not served while others are."""
    why = MESSAGES.get(code, "")
    return f"{slug} is NOT served ({code}). {why} The others are; it is tried again every minute.".replace("  ", " ")


def check_release(slug: str, state: DirectoryState, installed: bytes | None) -> list[str]:
    """Return what the operator should know before others notice it: the pages are not the release that was logged."""
    newest = state.releases[-1].release if state.releases else None
    if newest is None:
        why = "names no project whose releases count" if state.upstream is None else "logs no release yet"
        return [f"{slug}: the directory {why}; nobody can tell whether these pages were released."]
    if newest.manifest == installed:
        return []
    return [
        f"{slug}: these pages are not release {newest.version}, the newest in the directory log: watchers raise alarm."
    ]


@app.default
def up(
    *,
    data: Path,
    port: int = 8800,
    host: str = "127.0.0.1",
    database_url: str | None = None,
    keys_url: str | None = None,
    public_url: str | None = None,
    mail_hours: str = "7",
    blobs: Path | None = None,
) -> None:
    """Serve the organisations in a data directory until stopped.

    Parameters
    ----------
    data
        Directory with the keys, the logs, the sealed files and, unless told otherwise, the database.
    port
        Port to listen on; 0 takes a free one.
    host
        Address to listen on.
    database_url
        postgresql://… instead of a file in the data directory.
    keys_url
        Where at-rest keys are kept, if not in DATA/at-rest: sqlite:///FILE or postgresql://…, never in the database
        itself, and the same for all servers that share one. Back it up after the database, and keep no backup of it
        for more than 30 days.
    public_url
        The address people use, when it is not the one listened on; mails name it.
    mail_hours
        Hours of the day, UTC, at which mails go when PLAINT_SMTP_URL names a mail server: 7 or 7,16.
    blobs
        Folder for the sealed files, when several servers share one database and so must share it as well.

    """
    from plaint.http.log import configure_log  # noqa: PLC0415 -- other commands need not load a server
    from plaint.server.app import build_app  # noqa: PLC0415
    from plaint.server.config import Config  # noqa: PLC0415
    from plaint.server.notify.settings import read_settings  # noqa: PLC0415
    from plaint.server.serve import hold_directory, serve  # noqa: PLC0415

    notices = read_settings(os.environ, hours=mail_hours)
    config = Config(
        data,
        database_url=database_url,
        public_url=public_url,
        notices=notices,
        blobs=blobs,
        keys_url=keys_url,
    )
    configure_log()

    def announce(real_port: int) -> None:
        base = (public_url or f"http://{'localhost' if host == '127.0.0.1' else host}:{real_port}").rstrip("/")
        blocked = application.state.deployment.list_blocked()
        print_lines(base, *(f"{base}/o/{slug}/" for slug in config.list_slugs() if slug not in blocked))
        if not config.list_slugs():
            print_notice("No organisation yet: plaint org create --data DIR --slug NAME --genesis DRAFT")

    application = build_app(config)

    async def run() -> None:
        await application.state.deployment.start()
        for slug, code in application.state.deployment.list_blocked().items():
            print_notice(explain_blocked(slug, code))
        for slug, state in application.state.deployment.list_states().items():
            for line in check_release(slug, state, find_installed()):
                print_notice(line)
            for ending in list_ending(state, time.time()):
                print_notice(f"{slug}: {describe_ending(ending)}")
        # What stands by now stays, and what a request leaves behind goes by itself: looking for rings among it costs
        # more than it finds.
        gc.freeze()
        gc.set_threshold(COLLECT_AFTER)
        try:
            await serve(application, port=port, host=host, on_ready=announce)
        except UnavailableError:
            await application.state.deployment.close()
            raise

    with hold_directory(data):
        asyncio.run(run())
