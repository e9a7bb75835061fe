"""A cosigner as a process of its own: how many add-checkpoint requests it answers in a second, each durable."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.rows import ROUNDS, Row, at_least
from plaint.crypto.signing import SigningKey
from plaint.log.tree import LogTree
from plaint.log.witness import AddCheckpoint, encode_add_checkpoint
from plaint.protocol.checkpoint import Checkpoint, encode_checkpoint
from plaint.protocol.note import ED25519, Note, VerifierKey, encode_vkey, sign_note

if TYPE_CHECKING:
    from collections.abc import Sequence

LOGS = 16
REQUESTS = 60
START_S = 20
COMMAND = (sys.executable, "-c", "from plaint.cli import main; main()", "cosign")


def make_requests(folder: Path, number: int, count: int) -> tuple[str, list[bytes]]:
    """Return the key of a log, and requests that let it grow by a batch of 16 each time."""
    key, name = SigningKey(bytes([number + 1]) * 32), f"bench.example/{number}"
    tree = LogTree(folder / str(number), leaf_bytes=8)
    tree.append([entry.to_bytes(8, "big") for entry in range(16 * count)])
    bodies = []
    for size in range(16, 16 * count + 1, 16):
        text = encode_checkpoint(Checkpoint(name, size, tree.root_at(size)))
        note = Note(text, (sign_note(text, name=name, key=key),))
        old = size - 16
        bodies.append(encode_add_checkpoint(AddCheckpoint(old, tuple(tree.compute_consistency(old, size)), note)))
    tree.close()
    return encode_vkey(VerifierKey(name, ED25519, key.public)), bodies


async def feed(port: int, bodies: Sequence[bytes]) -> None:
    """Send the requests of one log, one after the other as a log does, on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for body in bodies:
        head = f"POST /add-checkpoint HTTP/1.1\r\nhost: bench\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 200"):
            raise AssertionError(answer)
        length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.partition(b":")[2]))
    writer.close()
    await writer.wait_closed()


async def feed_all(port: int, logs: Sequence[Sequence[bytes]]) -> float:
    """Feed all logs at once and return how long that took."""
    start = time.perf_counter()
    await asyncio.gather(*(feed(port, bodies) for bodies in logs))
    return time.perf_counter() - start


def rows(rounds: int = ROUNDS) -> list[Row]:
    """Return the row of a cosigner's speed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = [make_requests(folder / "logs", number, rounds * REQUESTS) for number in range(LOGS)]
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = [part for key, _ in made for part in ("--log", key)]
        command = [*COMMAND, "--data", str(folder / "cosigner"), "--port", str(port), *options]
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, env=os.environ | {"PYTHONUNBUFFERED": "1"}
        ) as process:
            try:
                _wait(port)
                rates = []
                for turn in range(rounds):
                    part = slice(turn * REQUESTS, (turn + 1) * REQUESTS)
                    took_s = asyncio.run(feed_all(port, [bodies[part] for _, bodies in made]))
                    rates.append(LOGS * REQUESTS / took_s)
            finally:
                process.send_signal(signal.SIGTERM)
    note = f"{LOGS} logs at once, each growing by 16; median of {rounds}, best {max(rates):.0f}"
    return [at_least("add-checkpoint", median(rates), 500, "/s", note=note)]


def _wait(port: int) -> None:
    until = time.monotonic() + START_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
