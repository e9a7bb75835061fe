"""Durable submissions beside an echo of the same size in the same process: 16 clients, one worker, SQLite.

Both take turns of a few hundred, so that what else the machine does meets both alike.
"""

from __future__ import annotations

import asyncio
import gc
import tempfile
import time
from dataclasses import replace
from itertools import chain
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from benchmarks.organisation import PLAINT_AND_ECHO, found, run_service
from benchmarks.rows import ROUNDS, Row, at_least, at_most
from plaint.client.connection import connect
from plaint.client.reporter import prepare_report, seal_report
from plaint.crypto.hashes import random_bytes
from plaint.protocol.keys import compute_holder_keys, compute_room_keys
from plaint.protocol.room import compute_header_hash, encode_header
from plaint.protocol.work import Work
from plaint.protocol.write import encode_write

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from plaint.client.connection import Connection

CLIENTS = 16
REPORTS = 1_600
TURN = 400
BODY_BYTES = 4_096
QUESTIONS = 256
IDLE_S = 3


class Sealed:
    """Reports ready to be sent, and what the server must answer when asked whether it has them."""

    def __init__(self, connection: Connection, count: int, text: str) -> None:
        preview = prepare_report(connection.view)
        tick = connection.fetch_tick()
        self.writes: list[bytes] = []
        self.questions: list[bytes] = []
        self.heads: list[bytes] = []
        for _ in range(count):
            keys = compute_holder_keys(random_bytes(16))
            write = seal_report(connection.view, preview, keys, text=text)
            if write.opening is None:
                raise TypeError
            self.body_bytes = len(write.body)
            self.writes.append(encode_write(replace(write, opening=replace(write.opening, work=Work(tick, 0)))))
            self.questions.append(write.header.room + compute_room_keys(keys.room).cap)
            self.heads.append((1).to_bytes(8, "big") + compute_header_hash(encode_header(write.header)))


async def load(url: str, path: str, bodies: Sequence[bytes]) -> tuple[float, list[float]]:
    """Send every body once through `CLIENTS` open connections and return how long all took, and each."""
    address = urlsplit(url)
    waiting = list(bodies)
    times: list[float] = []
    opened = [await asyncio.open_connection(address.hostname, address.port) for _ in range(CLIENTS)]

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while waiting:
            body = waiting.pop()
            head = f"POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-length: {len(body)}\r\n\r\n".encode()
            start = time.perf_counter()
            writer.write(head + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            if not answer.startswith(b"HTTP/1.1 201"):
                raise AssertionError(answer)
            length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
            times.append(time.perf_counter() - start)

    start = time.perf_counter()
    await asyncio.gather(*(client(*streams) for streams in opened))
    took_s = time.perf_counter() - start
    for _, writer in opened:
        writer.close()
        await writer.wait_closed()
    return took_s, times


def _spread(times: Iterable[float]) -> float:
    times = sorted(times)
    return times[len(times) * 99 // 100] / times[len(times) // 2]


def _count_missing(url: str, sealed: Sealed) -> int:
    """Ask for every report and return how many are not there as they were sent."""
    missing = 0
    with httpx.Client() as client:
        for start in range(0, len(sealed.questions), QUESTIONS):
            part = slice(start, start + QUESTIONS)
            answer = client.post(f"{url}/heads", content=b"".join(sealed.questions[part])).content
            heads = sealed.heads[part]
            missing += sum(answer[40 * i : 40 * i + 40] != head for i, head in enumerate(heads))
    return missing


def rows(rounds: int = ROUNDS, reports: int = REPORTS) -> list[Row]:
    """Return the rows of submissions."""
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "data"
        found(data)
        with run_service(data, PLAINT_AND_ECHO) as service:
            time.sleep(IDLE_S)
            connection = connect(service.url)
            text = "It happened again. " * 130
            sealed = Sealed(connection, (rounds + 1) * reports, text)
            connection.close()
            gc.freeze()
            ratios, spreads, echoes, rates = [], [], [], []
            path = urlsplit(service.url).path + "/rooms"
            for number in range(rounds + 1):
                echoed, sent = [], []
                for start in range(number * reports, (number + 1) * reports, TURN):
                    bodies = sealed.writes[start : start + TURN]
                    echoed.append(asyncio.run(load(service.url, "/echo", bodies)))
                    sent.append(asyncio.run(load(service.url, path, bodies)))
                if number:  # the first round warms both up
                    ratios += [echo_s / took_s for (echo_s, _), (took_s, _) in zip(echoed, sent, strict=True)]
                    rates.append(reports / sum(took_s for took_s, _ in sent))
                    spreads.append(_spread(chain.from_iterable(times for _, times in sent)))
                    echoes.append(_spread(chain.from_iterable(times for _, times in echoed)))
            missing = _count_missing(service.url, sealed)
        with run_service(data) as service:
            missing += _count_missing(service.url, sealed)
    size = f"{sealed.body_bytes:,} B body, {len(sealed.writes[0]):,} B in all"
    return [
        at_least("submission / echo", median(ratios), 0.25, note=f"{median(rates):.0f} reports/s; {size}"),
        at_most(
            "submission p99 / p50", median(spreads), max(10.0, 2 * median(echoes)), note=f"echo {median(echoes):.2g}"
        ),
        at_most("reports lost", missing, 0, note=f"of {len(sealed.writes):,}, asked before and after a restart"),
    ]
