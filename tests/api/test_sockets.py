"""What comes over a socket before it is a request."""

from __future__ import annotations

import signal
import socket
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.patience import PATIENCE_S
from tests.support.process import UpProcess, create

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\x04" + bytes(5)


def test_http_2_with_its_megabytes_of_headers_is_not_spoken(tmp_path: Path) -> None:
    create(tmp_path / "data")
    with UpProcess(tmp_path / "data") as server:
        address = urlsplit(server.url)
        with socket.create_connection((address.hostname, address.port), timeout=PATIENCE_S) as line:
            line.sendall(PREFACE)
            answer = line.recv(100)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer
        assert server.stop() == 0


def test_two_processes_do_not_write_the_files_of_one_log(tmp_path: Path) -> None:
    create(tmp_path / "data")
    with UpProcess(tmp_path / "data") as server:
        other = UpProcess(tmp_path / "data")
        assert other.stop() == 1
        assert "data-busy" in other.said
        server.stop(signal.SIGKILL)
    with UpProcess(tmp_path / "data") as server:
        assert server.stop() == 0
