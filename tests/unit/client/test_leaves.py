"""A copy of the case log on a member's or a reporter's device, against a log that goes on while it is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from plaint.client.http import Api
from plaint.client.leaves import CaseLeaves
from plaint.protocol.checkpoint import encode_sizes, parse_sizes
from tests.support.wire import Wire, replace_body
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as made:
        yield made


@pytest.mark.parametrize("ticks", [6, 40])
def test_a_checkpoint_that_was_dated_since_the_list_was_read_disturbs_nobody(world: World, ticks: int) -> None:
    """Of 40 a run that was full has one more by now."""
    world.tick(ticks)
    sizes = parse_sizes(world.client.get("log/cases/at").content)

    def hide(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if not request.url.path.endswith("/log/cases/at"):
            return answer
        return replace_body(answer, encode_sizes([size for size in sizes if size != sizes[2]]))

    with httpx.Client(transport=Wire(world, hide)) as client:
        honest = world.connect()
        honest.leaves.update()
        leaves = CaseLeaves(Api(world.url, client=client), honest.trust)
        leaves.update()
        assert sizes[2] not in leaves.list_kept()
        assert leaves.compute_date(sizes[1]) == honest.leaves.compute_date(sizes[2])
