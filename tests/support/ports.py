"""Ports of this machine that nobody listens on, and that nobody is given by chance either.

A system gives outgoing connections, and listeners that do not care, a port of its own range; one of that range, found
free and named to a process that opens it later, may be taken until then, above all while tests run side by side.
"""

from __future__ import annotations

import random
import socket

HOST = "127.0.0.1"
LOWEST, HIGHEST = 20_000, 32_000  # below what Linux gives away; a browser refuses none of them


def find_port() -> int:
    """Return a port that is free now and stays so."""
    draw = random.SystemRandom()
    while True:
        port = draw.randrange(LOWEST, HIGHEST)
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        return port
