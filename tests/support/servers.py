"""Another server of the same organisation on the same database, and what happens at a moment of the first."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from typing import Any

import httpx
import pytest

from plaint.protocol.directory import Entry, sign_entry
from plaint.protocol.directory_contents import Content
from plaint.protocol.draft import Draft, encode_draft
from plaint.server.app import build_app
from plaint.server.deployment import Deployment
from tests.support.directory_world import make_keys
from tests.support.loop import AppTransport
from tests.support.world import World


@contextmanager
def add_server(world: World, name: str = "twin") -> Iterator[tuple[Deployment, httpx.Client]]:
    """Start another server of the same organisation, with a folder and files of its own, and the same at-rest keys."""
    folder = world.folder / name
    shutil.copytree(world.config.data_dir / "keys", folder / "keys")
    keys_url = f"sqlite:///{world.config.keystore.database}"
    config = replace(world.config, data_dir=folder, keys_url=keys_url, blobs=world.config.blobs_dir(world.slug).parent)
    app = build_app(config, clock=world.read_clock, random=Random(7), client=world.reach(), ticking=False)
    deployment: Deployment = app.state.deployment
    world.loop.run(deployment.start())
    try:
        with httpx.Client(transport=AppTransport(app, world.loop), base_url=f"{world.url}/") as client:
            yield deployment, client
    finally:
        world.loop.run(deployment.close())


def draft_entry(world: World, content: Content, *names: str) -> bytes:
    """Return the draft of a directory entry signed by `names`, as it would be handed in now."""
    state = world.services.organisation.state
    entry = Entry(state.size, content)
    for name in names:
        keys = make_keys(name)
        entry = sign_entry(state.org, entry, keys.id, keys.sign)
    return encode_draft(replace(Draft(content, {}), org=state.org, entry=entry))


def act_once(
    monkeypatch: pytest.MonkeyPatch,
    place: tuple[object, str],
    act: Callable[[], Awaitable[object]],
    *,
    when: Callable[..., bool] = lambda *_, **__: True,
    after: bool = False,
) -> None:
    """Let `act` happen before, or after, the first call at `place` for which `when` holds."""
    original, done = getattr(*place), False

    async def run(*given: Any, **named: Any) -> Any:
        nonlocal done
        mine = not done and when(*given, **named)
        done = done or mine
        if mine and not after:
            await act()
        result = await original(*given, **named)
        if mine and after:
            await act()
        return result

    monkeypatch.setattr(*place, run)
