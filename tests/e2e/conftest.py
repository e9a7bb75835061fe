"""What the journeys through a real browser share: one founded organisation, and files to send."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.founded import Org, run_organisation

LARGE_BYTES = 20_000_000


@pytest.fixture(scope="session")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    with run_organisation(tmp_path_factory.mktemp("reporter")) as org:
        yield org


@pytest.fixture(scope="session")
def trust(org: Org) -> Path:
    path = org.folder / "reporter.trust"
    org.run("trust", org.url, "--out", path)
    return path


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A small file, and one that goes in parts."""
    folder = tmp_path_factory.mktemp("files")
    small, large = folder / "group chat.png", folder / "lobby video.mov"
    small.write_bytes(bytes(range(256)) * 1200)
    large.write_bytes(bytes(i * i % 251 for i in range(1000)) * (LARGE_BYTES // 1000))
    return [small, large]
