"""A server that sends mail, as a process of its own that can be killed, under a clock that a file puts ahead."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plaint.server.config import Config
from plaint.server.notify.settings import NoticeSettings
from tests.support.mail_server import make_smtp

PUBLIC = "https://reports.example.invalid"
OFTEN_S = 0.2


def make_config(
    data: Path, port: int, hour: int, *, database_url: str | None = None, keys_url: str | None = None
) -> Config:
    """Return how a server with that mail server, which sends at `hour`, is started."""
    notices = NoticeSettings((hour,), make_smtp(port))
    return Config(data, database_url=database_url, public_url=PUBLIC, notices=notices, keys_url=keys_url)


@contextmanager
def run_server(config: Config, ahead: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a server, which is ready once this returns; it is killed if nobody did so before."""
    assert config.notices is not None
    assert config.notices.smtp is not None
    way = [config.notices.smtp.port, *config.notices.hours]
    given = [config.data_dir, *way, ahead, config.database_url or "", config.keys_url or ""]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.mailing_process", *map(str, given)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def _serve(data: str, port: str, hour: str, ahead: str, database_url: str, keys_url: str) -> None:
    from plaint.server import deployment  # noqa: PLC0415 -- only the process needs it
    from plaint.server.app import build_app  # noqa: PLC0415
    from plaint.server.serve import serve  # noqa: PLC0415

    deployment.NOTICES_S = OFTEN_S  # type: ignore[assignment]
    config = make_config(Path(data), int(port), int(hour), database_url=database_url or None, keys_url=keys_url or None)

    def say_ready(_port: int) -> None:
        os.write(1, b"ready\n")

    async def run() -> None:
        app = build_app(config, clock=lambda: time.time() + float(Path(ahead).read_text("ascii")))
        await app.state.deployment.start()
        await serve(app, port=0, on_ready=say_ready)

    asyncio.run(run())


if __name__ == "__main__":
    _serve(*sys.argv[1:])
