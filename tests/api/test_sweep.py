"""What nobody claimed is deleted, also after a sweep that failed."""

from __future__ import annotations

import time
from typing import Any

import pytest

from plaint.errors import UnavailableError
from plaint.server import deployment
from plaint.server.erasures.service import ErasureService
from plaint.server.uploads.service import UploadService
from tests.support.patience import PATIENCE_S
from tests.support.world import World


def sweep_four_times(
    world: World, monkeypatch: pytest.MonkeyPatch, *, failing: int = 0, settled: int = 0
) -> list[bool]:
    """Return which of the first four sweeps looked at all files; one may fail, after one something was settled."""
    monkeypatch.setattr(deployment, "SWEEP_S", 0.01)
    monkeypatch.setattr(deployment, "SWEEPS_OF_ALL", 1)
    swept: list[bool] = []

    async def sweep(_service: Any, *, all_files: bool = False) -> None:
        swept.append(all_files)
        if len(swept) == failing:
            raise UnavailableError("database")

    async def settle(_service: Any) -> bool:
        return len(swept) == settled

    async def start() -> None:
        world.deployment.start_ticking()

    monkeypatch.setattr(UploadService, "sweep", sweep)
    monkeypatch.setattr(ErasureService, "settle", settle)
    world.loop.run(start())
    until = time.monotonic() + PATIENCE_S
    while len(swept) < 4 and time.monotonic() < until:
        time.sleep(0.01)
    return swept[:4]


def test_a_sweep_that_failed_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sweep_four_times(world, monkeypatch, failing=1) == [True, True, False, False]


def test_what_was_settled_has_all_files_swept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sweep_four_times(world, monkeypatch, settled=2) == [True, False, True, False]
