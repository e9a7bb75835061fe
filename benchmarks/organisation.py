"""An invented organisation on the disk, and the service that runs it as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from plaint.protocol.directory_contents import Clock
from tests.support.process import create

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[1]
SLUG = "demo"
CLOCK = Clock(tick=60, batch=4_096, cells=16, grace=6, window=604_800, work_bits=0, delay=259_200)
PLAINT = (sys.executable, "-c", "from plaint.cli import main; main()")
PLAINT_AND_ECHO = (sys.executable, "-m", "benchmarks.server")
STOP_S = 10
MEBIBYTE = 2**20


def found(data: Path, clock: Clock = CLOCK, *, database_url: str | None = None) -> None:
    """Create the organisation in the directory `data`."""
    create(data, slug=SLUG, clock=clock, database_url=database_url)


class Service:
    """A running service; `url` is the organisation's address."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.pid = process.pid
        self.url = url

    @property
    def resident_bytes(self) -> int:
        """How much memory the process holds now."""
        return read_memory(self.pid, "VmRSS")

    @property
    def peak_bytes(self) -> int:
        """How much memory the process held at most since `forget_peak`."""
        return read_memory(self.pid, "VmHWM")

    def forget_peak(self) -> None:
        """Count the peak from now on."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5", "ascii")


def read_memory(pid: int | str, key: str) -> int:
    """Return what a process holds, or held at most: `VmRSS`, `VmHWM`.

    Not `ru_maxrss`, which begins with what the process held that started it.
    """
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) * 1024
    raise LookupError(key)


@contextmanager
def run_service(data: Path, command: Sequence[str] = PLAINT) -> Iterator[Service]:
    """Run `command`, which prints its address, on `data`; stop it by its own id."""
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [*command, "up", "--data", str(data), "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment,
    )
    try:
        if process.stdout is None:
            raise RuntimeError
        base = process.stdout.readline().strip().replace("localhost", "127.0.0.1")
        url = f"{base}/o/{SLUG}"
        wait_for(f"{url}/config")
        yield Service(process, url)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(url: str, *, limit_s: float = 60.0) -> None:
    """Ask until the first 200."""
    until = time.monotonic() + limit_s
    with httpx.Client(verify=False) as client:  # plain http: the machine's certificates need not be read first
        while True:
            try:
                if client.get(url).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            if time.monotonic() > until:
                raise TimeoutError(url)
            time.sleep(0.005)
