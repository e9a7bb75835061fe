"""What nobody claimed is deleted, also after a sweep that failed."""

from __future__ import annotations

import time
from typing import Any

import pytest

from plaint.errors import UnavailableError
from plaint.server import deployment
from plaint.server.uploads.service import UploadService
from tests.support.world import World


def test_a_sweep_that_failed_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployment, "SWEEP_S", 0.01)
    swept: list[bool] = []

    async def sweep(_service: Any, *, all_files: bool = False) -> None:
        swept.append(all_files)
        if len(swept) == 1:
            raise UnavailableError("database")

    async def start() -> None:
        world.deployment.start_ticking()

    monkeypatch.setattr(UploadService, "sweep", sweep)
    world.loop.run(start())
    until = time.monotonic() + 20
    while len(swept) < 3 and time.monotonic() < until:
        time.sleep(0.01)
    assert swept[:3] == [True, True, False]
