"""What unit tests share: a told story, and the commands that reach it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plaint.cli import desk as desk_command
from plaint.cli import follow as follow_command
from tests.support.erasing import Story, tell_story
from tests.support.world import World


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    with World(tmp_path / "world") as made:
        for module in (desk_command, follow_command):
            monkeypatch.setattr(module, "connect", lambda *_args, **_options: made.connect())
        yield tell_story(made, tmp_path)
