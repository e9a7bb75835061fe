"""What a command prints: one JSON object or plain lines on standard output, all else on standard error."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_ORDERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


class CommandError(Exception):
    """A command cannot go on; `message` is one sentence for the person who typed it."""

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code


def print_json(value: Mapping[str, Any]) -> None:
    """Print the one JSON object of a command called with `--json`."""
    print(json.dumps(value, ensure_ascii=False))


def print_lines(*lines: str) -> None:
    """Print what a person asked for."""
    for line in lines:
        print(make_harmless(line))


def print_notice(message: str) -> None:
    """Tell something beside the result: a warning, or what to do next."""
    print(make_harmless(message), file=sys.stderr)


def print_problem(message: str) -> None:
    """Tell why a command stopped."""
    print(make_harmless(f"plaint: {message}"), file=sys.stderr)


def make_harmless(text: str) -> str:
    """Return `text` without what a terminal would obey or show reversed: others wrote part of it."""
    return _ORDERS.sub("\N{REPLACEMENT CHARACTER}", text)


def confirm(question: str) -> bool:
    """Ask at a terminal; elsewhere whoever wrote the script has decided already."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


class Progress:
    """One line on standard error, rewritten in place; silent unless that is a terminal."""

    def __init__(self, label: str, *, total: int) -> None:
        self._label = make_harmless(label)
        self._total = max(total, 1)
        self._shown = -1
        self._visible = sys.stderr.isatty()

    def show(self, done: int) -> None:
        """Show that `done` of the total is done."""
        percent = min(100, 100 * done // self._total)
        if self._visible and percent != self._shown:
            self._shown = percent
            print(f"\r{self._label} {percent:3d} %", end="", file=sys.stderr, flush=True)

    def finish(self) -> None:
        """End the line."""
        if self._visible and self._shown >= 0:
            print(file=sys.stderr)
        self._shown = -1


def create_file(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a new file durably, `private` readable by its owner alone; an existing one is never overwritten.

    Raises: CommandError.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o644)
    except FileExistsError as error:
        raise CommandError(f"{path} exists already; choose another name or remove it first.") from error
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, data: bytes) -> None:
    """Replace a file in one step, so that a crash leaves either the old or the new one; keeps its permissions."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    create_file(beside, data)
    beside.chmod(mode)
    beside.replace(path)


def read_file(path: Path, *, limit_bytes: int) -> bytes:
    """Return a file's bytes, refusing one larger than it can rightly be.

    Raises: CommandError.
    """
    with path.open("rb") as file:
        data = file.read(limit_bytes + 1)
    if len(data) > limit_bytes:
        raise CommandError(f"{path} is larger than {limit_bytes} bytes and cannot be what was asked for.")
    return data
