"""Disks that fill up, databases from an old backup: the logs served never contradict what was signed."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import httpx
import pytest

from plaint.client.follow import find_report
from plaint.log.tree import LogTree
from plaint.server.app import build_app
from plaint.store.database import Database
from tests.support.world import World


def test_after_a_full_disk_the_files_are_brought_up_to_the_log_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = LogTree.append

    def fail(*_given: Any) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(LogTree, "append", fail)
    with pytest.raises(OSError, match="full"):
        world.tick()
    monkeypatch.setattr(LogTree, "append", original)
    keys, sent = world.report("It happened.")
    world.tick(12)
    report = find_report(world.connect(), keys)
    assert report.update_receipt(sent.receipt).proof is not None
    assert report.list_warnings(sent.receipt) == []
    organisation = world.services.organisation
    assert organisation.trees["cases"].size == organisation.tick * 16 == organisation.published["cases"].size


def test_a_database_from_an_old_backup_does_not_cut_the_log_back(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.tick(3)
        data = tmp_path / "data" / "plaint.sqlite"
        world.loop.run(_checkpoint(world))
        old = data.read_bytes()
        world.tick(5)
        leaves = (tmp_path / "data" / "logs" / "demo" / "cases" / "leaves.bin").read_bytes()
        world._stop()
        for suffix in ("-wal", "-shm"):
            Path(f"{data}{suffix}").unlink(missing_ok=True)
        data.write_bytes(old)
        again = build_app(world.config, clock=world.read_clock, client=httpx.AsyncClient(), ticking=False)
        world.loop.run(again.state.deployment.start())
        assert world.loop.run(again.state.deployment.find(world.slug)).organisation.tick == 9
        world.loop.run(again.state.deployment.close())
        assert (tmp_path / "data" / "logs" / "demo" / "cases" / "leaves.bin").read_bytes() == leaves


async def _checkpoint(world: World) -> None:
    database = world.deployment._database
    assert isinstance(database, Database)
    await database.read(lambda c: c.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all())


def test_a_tick_leaves_no_journal_that_tells_what_was_written_together(world: World, tmp_path: Path) -> None:
    _, sent = world.report("It happened.")
    journal = tmp_path / "data" / "plaint.sqlite-wal"
    assert sent.state.leaves[0].leaf in journal.read_bytes()
    world.tick()
    assert journal.stat().st_size == 0
