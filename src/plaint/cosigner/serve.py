"""Runs the cosigner on a port, in one process, without an access log."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from plaint.cosigner.app import build_app
from plaint.http.serve import serve_app

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


async def serve_cosigner(
    data_dir: Path, keys: Sequence[str], *, port: int, host: str = "127.0.0.1", name: str | None = None
) -> None:
    """Serve until the process is asked to stop."""
    await serve_app(build_app(data_dir, keys, name=name, report=_report), port=port, host=host)


def _report(origin: str, code: str) -> None:
    """Tell whoever runs the cosigner how a copy fares; nothing is ever said about requests."""
    sys.stderr.write(f"mirror {origin}: {code}\n")
    sys.stderr.flush()
