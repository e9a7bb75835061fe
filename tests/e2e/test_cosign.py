"""`plaint cosign` as a real process: prints its key, answers, and stops when asked."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from plaint.log.witness import AddCheckpoint, encode_add_checkpoint
from plaint.protocol.note import Note, encode_vkey, parse_signatures, parse_vkey, verify_note
from tests.support.patience import PATIENCE_S, wait_until
from tests.support.ports import find_port
from tests.support.toy_log import ToyOrg

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.e2e


def test_a_cosigner_process_signs_and_stops(tmp_path: Path) -> None:
    org = ToyOrg(tmp_path / "org")
    org.tick()
    log = org.logs["cases"]
    port = find_port()
    arguments = ["cosign", "--data", str(tmp_path / "w"), "--port", str(port), "--log", encode_vkey(log.signer.log_key)]
    command = [sys.executable, "-c", "from plaint.cli import main; main()", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        key = parse_vkey(process.stdout.readline().removeprefix("key ").strip())
        assert process.stdout.readline().startswith("policy witness ")
        note = log.kept[16]
        body = encode_add_checkpoint(AddCheckpoint(0, (), note))
        answer = wait_until(lambda: _try_to_post(f"http://127.0.0.1:{port}/add-checkpoint", body), every_s=0.1)
        assert answer.status_code == 200
        verify_note(Note(note.text, parse_signatures(answer.content)), [key])
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
        assert process.stdout.read() == ""
    org.close()


def _try_to_post(url: str, body: bytes) -> httpx.Response | None:
    try:
        return httpx.post(url, content=body, timeout=PATIENCE_S)
    except httpx.ConnectError:
        return None
