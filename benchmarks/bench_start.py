"""From starting `plaint up` on a directory with reports in it to the first answer."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from benchmarks.bench_submit import Sealed, load
from benchmarks.organisation import MEBIBYTE, found, run_service
from benchmarks.rows import ROUNDS, Row, at_most
from plaint.client.connection import connect

REPORTS = 200
IDLE_S = 3


def rows(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of starting and of doing nothing."""
    times, idle = [], []
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "data"
        found(data)
        with run_service(data) as service:
            connection = connect(service.url)
            sealed = Sealed(connection, REPORTS, "It happened again.")
            connection.close()
            asyncio.run(load(service.url, urlsplit(service.url).path + "/rooms", sealed.writes))
        for _ in range(rounds):
            start = time.perf_counter()
            with run_service(data) as service:
                times.append(time.perf_counter() - start)
                time.sleep(IDLE_S)
                idle.append(service.resident_bytes / MEBIBYTE)
    return [
        at_most("plaint up to the first 200", median(times), 1.5, "s", f"{REPORTS} reports in the directory"),
        at_most("idle memory", max(idle), 120, "MiB"),
    ]
