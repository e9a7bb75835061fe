"""The service in processes of its own: `plaint up` as people start it, and a quick way to start it very often."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import httpx

from plaint.protocol.directory import compute_org
from plaint.protocol.directory_contents import Clock
from plaint.protocol.draft import Draft, Name, encode_draft
from plaint.server.config import Config
from plaint.server.create import create_organisation
from tests.support.directory_world import FOUNDERS, make_genesis, make_named_request, sign_genesis
from tests.support.patience import PATIENCE_S

TAKEN_DOWN = "The interpreter was taken down."
MAIN = "from plaint.cli import main; main()"
TELLING = f"import atexit; atexit.register(print, {TAKEN_DOWN!r}); {MAIN}"
CLOCK = Clock(tick=1, batch=16, cells=2, grace=6, window=86_400, work_bits=0, delay=0)


def create(data: Path, *, slug: str = "demo", clock: Clock = CLOCK, database_url: str | None = None) -> bytes:
    """Make an organisation of the invented founders and return its id."""
    genesis = replace(make_genesis(), clock=clock)
    entry = sign_genesis(genesis, *FOUNDERS)
    requests = [make_named_request(name) for name in FOUNDERS]
    names = {request.id: Name(request.name, request.salt) for request in requests}
    draft = Draft(genesis, names, None, compute_org(entry), entry)
    keys = asyncio.run(create_organisation(Config(data, database_url=database_url), slug, encode_draft(draft)))
    return keys.org


class UpProcess:
    """`plaint up`, with everything it says."""

    def __init__(self, data: Path, *options: str, port: int = 0) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", TELLING, "up", "--data", str(data), "--port", str(port), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip().replace("localhost", "127.0.0.1")
        self.said = self.url

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask the process to stop and return its exit code."""
        self._process.send_signal(number)
        out, err = self._process.communicate(timeout=PATIENCE_S)
        self.said += out + err
        return self._process.returncode

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        if self._process.stdout is not None and not self._process.stdout.closed:
            sys.stderr.write("".join(self._process.communicate()))  # shown where the test failed


class Nursery:
    """A process that has loaded the service and forks servers of it, so that a start costs no import."""

    def __init__(self, data: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.process", str(data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def start(self) -> tuple[int, str]:
        """Start a server and return its process id and address."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("start\n")
        self._process.stdin.flush()
        pid, port = self._process.stdout.readline().split()
        return int(pid), f"http://127.0.0.1:{port}"

    def kill(self, pid: int) -> None:
        """Kill a server at once and wait until it is gone."""
        os.kill(pid, signal.SIGKILL)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"wait {pid}\n")
        self._process.stdin.flush()
        self._process.stdout.readline()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=PATIENCE_S)


def connect(url: str) -> httpx.Client:
    """Return a client for plain http, which need not read the machine's certificates first."""
    return httpx.Client(base_url=url, timeout=PATIENCE_S, verify=False)


class Load(threading.Thread):
    """Sends writes one after the other until the server is gone; what was answered is in `taken`."""

    def __init__(self, url: str, writes: Sequence[bytes]) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._writes = writes
        self.taken: list[tuple[int, bytes]] = []
        self.sent = 0
        self.refused: list[int] = []

    def run(self) -> None:
        """Send."""
        with connect(f"{self._url}/o/demo/") as client:
            for index, data in enumerate(self._writes):
                self.sent = index + 1
                try:
                    answer = client.post("rooms", content=data)
                except httpx.HTTPError:
                    return
                if answer.status_code == 201:
                    self.taken.append((index, answer.content))
                else:
                    self.refused.append(answer.status_code)


def _serve_one(data: Path, report: int) -> None:
    from plaint.server.app import build_app  # noqa: PLC0415 -- only the nursery needs it
    from plaint.server.serve import serve  # noqa: PLC0415

    def announce(port: int) -> None:
        os.write(report, f"{os.getpid()} {port}\n".encode())

    async def run() -> None:
        app = build_app(Config(data))
        await app.state.deployment.start()
        await serve(app, port=0, on_ready=announce)

    asyncio.run(run())


def _nurse(data: Path) -> None:
    import plaint.server.app  # noqa: PLC0415
    import plaint.server.serve  # noqa: PLC0415, F401

    children: set[int] = set()
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        if word == "start":
            pid = os.fork()
            if pid == 0:
                sys.stdin.close()
                _serve_one(data, 1)
                os._exit(0)
            children.add(pid)
        else:
            os.waitpid(int(rest), 0)
            children.discard(int(rest))
            os.write(1, b"gone\n")
    for pid in children:  # a test that failed leaves no server behind
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    _nurse(Path(sys.argv[1]))
