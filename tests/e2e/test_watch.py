"""`plaint log watch` and `plaint verify-client` as processes, against a running service that goes away."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE_S
from tests.support.process import MAIN, UpProcess, create

pytestmark = pytest.mark.e2e


def call(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", MAIN, *arguments], capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    return done.returncode, done.stdout


@contextmanager
def watching(url: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    options = ["--data", str(folder), "--every", "1", "--late", "600"]
    command = [sys.executable, "-c", MAIN, "log", "watch", url, *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def test_a_watcher_goes_on_until_it_is_stopped(tmp_path: Path) -> None:
    create(tmp_path / "data")
    folder = tmp_path / "watch"
    with UpProcess(tmp_path / "data") as up:
        url = f"{up.url.rstrip('/')}/o/demo"
        assert call("verify-client", url)[0] == 0
        code, said = call("log", "watch", url, "--data", str(folder), "--once", "--json", "--late", "600")
        assert (code, json.loads(said)["findings"]) == (0, [])
        with watching(url, folder) as watcher:
            up.stop()
            assert watcher.stderr is not None
            assert "log-unreachable" in watcher.stderr.readline()
            watcher.send_signal(signal.SIGTERM)
            assert watcher.wait(PATIENCE_S) == 0
    code, said = call("log", "watch", url, "--data", str(folder), "--once", "--json", "--late", "600")
    assert (code, json.loads(said)["findings"]) == (2, [{"code": "log-unreachable", "detail": ""}])
