from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from plaint.client.audit import audit_directory
from plaint.client.mirror import mirror_log
from plaint.protocol.checkpoint import encode_run, open_checkpoint, parse_checkpoint, parse_run
from plaint.protocol.note import encode_note, parse_note
from plaint.protocol.policy import compute_date
from plaint.protocol.trust import parse_trust
from tests.support.world import World


def test_both_logs_are_mirrored_and_audited(any_world: World, tmp_path: Path) -> None:
    world = any_world
    world.report("Something happened.")
    world.tick(20)
    trust = parse_trust(world.client.get("log/keys").content)

    asgi: Any = world.app

    async def run() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(asgi)) as client:
            await mirror_log(world.url, tmp_path / "mirror", trust=trust, client=client)

    world.loop.run(run())
    report = audit_directory(tmp_path / "mirror", trust=trust)
    assert report["ok"]
    assert report["trusted"]
    assert report["logs"]["cases"]["size"] == 21 * 16
    assert report["logs"]["cases"]["batch"]["constant"]
    assert report["logs"]["directory"]["size"] == 3


@pytest.mark.parametrize("log", ["cases", "directory"])
def test_a_checkpoint_is_cosigned_every_tick(world: World, log: str) -> None:
    trust = parse_trust(world.client.get("log/keys").content)
    key = trust.cases if log == "cases" else trust.directory
    dates = []
    for _ in range(3):
        world.tick()
        note = parse_note(world.client.get(f"log/{log}/checkpoint").content)
        open_checkpoint(note, key)
        dates.append(compute_date(trust.policy, note))
    assert dates == [world.now - 1200, world.now - 600, world.now]


def test_a_kept_checkpoint_keeps_its_first_date(world: World) -> None:
    trust = parse_trust(world.client.get("log/keys").content)
    first = world.client.get("log/directory/at/3").content
    world.tick(5)
    assert world.client.get("log/directory/at/3").content == first
    assert compute_date(trust.policy, parse_note(first)) == world.now - 3_000
    assert world.client.get("log/directory/at").content == b"3\n"
    assert world.client.get("log/cases/at").content == b"".join(b"%d\n" % (16 * n) for n in range(1, 7))


def test_kept_checkpoints_are_read_in_runs(world: World) -> None:
    world.tick(33)
    sizes = [16 * n for n in range(1, 35)]
    run = world.client.get(f"log/cases/at/{sizes[0]}-{sizes[31]}").content
    one_by_one = [world.client.get(f"log/cases/at/{size}").content for size in sizes[:32]]
    assert [encode_note(note) for note in parse_run(run)] == one_by_one
    assert world.client.get(f"log/cases/at/{sizes[0]}-{sizes[32]}").status_code == 404
    rest = parse_run(world.client.get(f"log/cases/at/{sizes[32]}-{2**52}").content)
    assert [parse_checkpoint(note.text).size for note in rest] == sizes[32:]
    assert world.client.get("log/directory/at/1-3").content == encode_run(
        [parse_note(world.client.get("log/directory/at/3").content)]
    )


def test_what_no_quorum_vouched_for_is_not_published(world: World) -> None:
    before = world.client.get("log/cases/checkpoint").content
    world.deafen()
    world.tick(2)
    assert world.client.get("log/cases/checkpoint").content == before
    assert world.client.get("log/cases/at").content == b"16\n"
    assert world.client.get("log/cases/at/32").status_code == 404
    assert world.client.get("log/cases/at/32-48").status_code == 404
    assert world.client.get("log/cases/tile/entries/000.p/16").status_code == 200
    assert world.client.get("log/cases/tile/entries/000.p/48").status_code == 404
    world.hear()
    world.tick()
    assert world.client.get("log/cases/at").content == b"16\n64\n"


def test_notes_name_the_latest_cosigned_size(world: World) -> None:
    _, sent = world.report("One.")
    assert sent.state.size == 16
    world.deafen()
    world.tick()
    _, sent = world.report("Two.")
    assert sent.state.size == 16


@pytest.mark.parametrize(
    "path",
    [
        "log/other/checkpoint",
        "log/cases/at/17",
        "log/cases/at/016",
        "log/cases/at/x",
        "log/cases/at/17-31",
        "log/cases/at/16-",
        "log/cases/at/-16",
        "log/cases/at/016-32",
        "log/cases/at/16-32-48",
        "log/cases/tile/0/001",
        "log/cases/tile/0/000.p/17",
        "log/cases/tile/entries/0",
        "log/cases/nothing",
        "log/cases",
        "log/cases/checkpoint/x",
    ],
)
def test_everything_else_is_the_constant_answer(world: World, path: str) -> None:
    answer = world.client.get(path)
    assert (answer.status_code, answer.content) == (404, b'{"code":"not-found"}')


def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.report("Something happened.")
        world.tick(3)
        checkpoint = world.client.get("log/cases/checkpoint").content
        world.restart()
        assert world.client.get("log/cases/checkpoint").content == checkpoint
        assert world.tick() == 5
        root = world.services.organisation.trees["cases"].root()
        world.restart(lose_files=True)
        assert world.services.organisation.trees["cases"].root() == root
