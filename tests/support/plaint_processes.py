"""The `plaint` command as real processes: run to its end, or started and stopped by its own id."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.support.patience import PATIENCE_S

COMMAND = [sys.executable, "-c", "from plaint.cli import main; main()"]


@dataclass(frozen=True, slots=True)
class Result:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        """The one JSON object on standard output."""
        return json.loads(self.out)


@dataclass(slots=True)
class Processes:
    """Runs commands with a state folder of their own and ends what it started."""

    folder: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def run(self, *arguments: object, code: int | None = 0, stdin: str | None = None) -> Result:
        """Run a command to its end; it must end with `code`."""
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            env=self._environment(),
            check=False,
        )
        result = Result(done.returncode, done.stdout, done.stderr)
        assert code is None or result.code == code, f"{arguments[:2]}: {result.code} {result.err}{result.out}"
        return result

    def start(self, *arguments: object, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start a command that runs until it is stopped."""
        known = {**self._environment(), **(env or {})}
        process = subprocess.Popen([*COMMAND, *map(str, arguments)], stdout=subprocess.PIPE, text=True, env=known)
        self.started.append(process)
        return process

    def stop(self, process: subprocess.Popen[str]) -> None:
        """Ask a process to end, and wait until it has."""
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.started:
            self.stop(process)

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "PLAINT_STATE": str(self.folder / "places"), "PYTHONUNBUFFERED": "1"}
