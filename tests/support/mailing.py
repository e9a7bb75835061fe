"""A world that sends notices at fixed hours."""

from __future__ import annotations

from dataclasses import replace
from random import SystemRandom

import httpx

from plaint.server.app import build_app
from plaint.server.deployment import Deployment
from plaint.server.notify.mailing import DAY_S, HOUR_S
from plaint.server.notify.settings import NoticeSettings, Smtp
from tests.support.world import World

PUBLIC = "https://reports.example.invalid"
HOURS = (7,)
NAMES = ("ben", "cai", "dov")


def configure(world: World, smtp: Smtp | None, *, hook: str | None = None, hours: tuple[int, ...] = HOURS) -> None:
    """Let the world send notices from its next start."""
    world.config = replace(world.config, public_url=PUBLIC, notices=NoticeSettings(hours, smtp, hook))
    world.restart()


def give_address(world: World, name: str, address: str | None = None) -> httpx.Response:
    headers = {"plaint-session": world.session(name)}
    return world.client.put("mail", json={"address": address or f"{name}@example.invalid"}, headers=headers)


def pass_hour(world: World, hour: int = 7) -> None:
    """Let time pass up to that hour of the next day."""
    world.now += DAY_S - world.now % DAY_S + hour * HOUR_S


def run(world: World) -> None:
    world.loop.run(world.services.notices.run())


def start_another(world: World) -> Deployment:
    """Start a second process's worth of the service on the same data."""
    app = build_app(
        world.config, clock=world.read_clock, random=SystemRandom(), client=httpx.AsyncClient(), ticking=False
    )
    found: Deployment = app.state.deployment
    world.loop.run(found.start())
    return found


def prepare(world: World, smtp: Smtp, *names: str) -> None:
    """Have the addresses of some members, all earlier mailings done, and the next one's hour come."""
    configure(world, smtp)
    run(world)
    for name in names or NAMES:
        assert give_address(world, name).status_code == 204
    pass_hour(world)
