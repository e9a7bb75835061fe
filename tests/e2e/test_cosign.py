"""`plaint cosign` as a real process: prints its key, answers, and stops when asked."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from plaint.log.witness import AddCheckpoint, encode_add_checkpoint
from plaint.protocol.note import Note, encode_vkey, parse_signatures, parse_vkey, verify_note
from tests.support.toy_log import ToyOrg

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.e2e


def test_a_cosigner_process_signs_and_stops(tmp_path: Path) -> None:
    org = ToyOrg(tmp_path / "org")
    org.tick()
    log = org.logs["cases"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = ["cosign", "--data", str(tmp_path / "w"), "--port", str(port), "--log", encode_vkey(log.signer.log_key)]
    command = [sys.executable, "-c", "from plaint.cli import main; main()", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        key = parse_vkey(process.stdout.readline().removeprefix("key ").strip())
        assert process.stdout.readline().startswith("policy witness ")
        note = log.kept[16]
        body = encode_add_checkpoint(AddCheckpoint(0, (), note))
        answer = _post(f"http://127.0.0.1:{port}/add-checkpoint", body)
        assert answer.status_code == 200
        verify_note(Note(note.text, parse_signatures(answer.content)), [key])
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert process.stdout.read() == ""
    org.close()


def _post(url: str, body: bytes) -> httpx.Response:
    for _ in range(100):
        try:
            return httpx.post(url, content=body)
        except httpx.ConnectError:
            time.sleep(0.1)
    return httpx.post(url, content=body)
