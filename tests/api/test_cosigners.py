"""A quorum of cosigners dates; one that sleeps is passed over, one that contradicts is an alarm for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plaint.client.audit import audit_log
from plaint.client.compare import compare_cosigners
from plaint.client.mirror import mirror_log
from plaint.log.witness import AddCheckpoint, encode_add_checkpoint
from plaint.protocol.alarms import Alarm, parse_alarms
from plaint.protocol.checkpoint import open_checkpoint
from plaint.protocol.note import Note, find_signatures, parse_note
from plaint.protocol.policy import compute_date
from plaint.protocol.trust import parse_trust
from plaint.store.ticks import delete_alarms
from tests.support.hostile_worlds import RewritingLog
from tests.support.world import World

NAMES = ("north", "south", "west")


@pytest.fixture
def wide(tmp_path: Path) -> Iterator[RewritingLog]:
    with RewritingLog(tmp_path, cosigners=NAMES) as world:
        yield world


def read_newest(world: World) -> Note:
    return parse_note(world.client.get("log/cases/checkpoint").content)


def list_signers(world: World) -> list[str]:
    note = read_newest(world)
    return [name for name, app in world.cosigners.items() if find_signatures(note, app.verifier_key)]


def read_size(world: World) -> int:
    return open_checkpoint(read_newest(world), parse_trust(world.client.get("log/keys").content).cases).size


def read_alarms(world: World) -> tuple[Alarm, ...]:
    return parse_alarms(world.client.get("log/alarms").content)


def show_another_history(world: RewritingLog, name: str, folder: Path) -> None:
    """Let the operator's own key sign a second, longer log, and one cosigner see only that."""
    tree, note = world.rewrite(folder)
    proof = tuple(tree.compute_consistency(16, tree.size))
    request = encode_add_checkpoint(AddCheckpoint(16, proof, note))
    assert world.cosigners[name]._witness.add_checkpoint(request).status == 200
    tree.close()


def test_while_one_sleeps_the_others_date_every_tick(wide: RewritingLog) -> None:
    wide.deafen("south")
    for _ in range(3):
        wide.tick()
        assert list_signers(wide) == ["north", "west"]
        trust = parse_trust(wide.client.get("log/keys").content)
        assert compute_date(trust.policy, read_newest(wide)) == wide.now
    wide.hear()
    wide.tick()
    assert list_signers(wide) == list(NAMES)
    assert read_size(wide) == 5 * 16
    assert read_alarms(wide) == ()


def test_without_a_quorum_nothing_is_published_until_it_is_there_again(wide: RewritingLog) -> None:
    wide.deafen("south", "west")
    wide.tick(2)
    assert read_size(wide) == 16
    wide.hear()
    wide.tick()
    assert read_size(wide) == 64
    assert wide.client.get("log/cases/at").content == b"16\n64\n"


def test_one_that_contradicts_is_an_alarm_that_everybody_sees(wide: RewritingLog, tmp_path: Path) -> None:
    show_another_history(wide, "south", tmp_path / "other")
    wide.tick()
    found = read_alarms(wide)
    key = wide.cosigners["south"].verifier_key
    assert found == (Alarm("cases", f"south+{key.key_id.hex()}", 32, int(wide.now)),)
    assert list_signers(wide) == ["north", "west"]
    assert read_size(wide) == 32


def test_after_an_alarm_the_cosigner_is_not_asked_again_for_that_log(wide: RewritingLog, tmp_path: Path) -> None:
    show_another_history(wide, "south", tmp_path / "other")
    wide.tick()
    asked = wide.asked["south"]
    wide.tick(3)
    assert wide.asked["south"] - asked == 3  # for the directory, with which there is no trouble
    assert len(read_alarms(wide)) == 1
    assert read_size(wide) == 5 * 16


def test_an_alarm_outlives_the_process_until_the_operator_drops_it(wide: RewritingLog, tmp_path: Path) -> None:
    show_another_history(wide, "south", tmp_path / "other")
    wide.tick()
    before = read_alarms(wide)
    wide.restart()
    assert read_alarms(wide) == before
    asked = wide.asked["south"]
    wide.tick()
    assert wide.asked["south"] - asked == 2  # the directory alone: once to learn the size, once to be signed
    database = wide.database
    org = wide.services.organisation.org
    assert wide.loop.run(database.write(lambda c: delete_alarms(c, org, before[0].cosigner))) == 1
    wide.tick()
    assert [alarm.size for alarm in read_alarms(wide)] == [64]  # asked again, and still another history
    assert list_signers(wide) == ["north", "west"]


def test_when_the_alarm_costs_the_quorum_nothing_more_is_dated(tmp_path: Path) -> None:
    with RewritingLog(tmp_path / "world") as world:
        show_another_history(world, "south", tmp_path / "other")
        world.tick(3)
        assert read_size(world) == 16
        assert [alarm.size for alarm in read_alarms(world)] == [32]
        _, sent = world.report("Is anybody there?")
        assert sent.state.size == 16


def audit(world: World) -> dict[str, Any]:
    """Audit the logs from outside, with the trust file the server offers."""
    trust = parse_trust(world.client.get("log/keys").content)

    async def run() -> dict[str, Any]:
        async with world.reach() as client:
            return await audit_log(world.url, trust=trust, client=client)

    return world.loop.run(run())


def test_an_audit_holds_what_cosigners_show_against_the_log(wide: RewritingLog) -> None:
    wide.tick()
    wide.deafen("west")
    wide.tick(2)
    report = audit(wide)
    assert report["ok"]
    assert report["cosigners"]["cases"] == {"north": "agrees", "south": "agrees", "west": "silent"}
    assert report["alarms"] == []
    wide.hear()
    assert audit(wide)["cosigners"]["cases"]["west"] == "agrees"  # behind, on the same log


def test_an_audit_finds_the_second_history_that_the_server_hides(wide: RewritingLog, tmp_path: Path) -> None:
    """The log shows two people two histories: caught by anybody who asks a cosigner, with both checkpoints as proof."""
    show_another_history(wide, "south", tmp_path / "other")
    wide.tick()
    wide.services.organisation.alarms = ()
    report = audit(wide)
    assert not report["ok"]
    assert report["alarms"] == []
    assert report["cosigners"]["cases"] == {"north": "agrees", "south": "contradicts", "west": "agrees"}
    assert set(report["cosigners"]["directory"].values()) == {"agrees"}


def test_a_mirror_keeps_the_proof_of_a_fork(wide: RewritingLog, tmp_path: Path) -> None:
    show_another_history(wide, "south", tmp_path / "other")
    wide.tick()
    trust = parse_trust(wide.client.get("log/keys").content)

    async def run() -> dict[str, dict[str, str]]:
        async with wide.reach() as client:
            await mirror_log(wide.url, tmp_path / "mirror", trust=trust, client=client)
            return await compare_cosigners(tmp_path / "mirror", trust, client=client)

    assert wide.loop.run(run())["cases"]["south"] == "contradicts"
    key = wide.cosigners["south"].verifier_key
    theirs = parse_note((tmp_path / "mirror" / "cases" / f"fork-{key.key_id.hex()}").read_bytes())
    ours = parse_note((tmp_path / "mirror" / "cases" / "checkpoint").read_bytes())
    one, other = (open_checkpoint(note, trust.cases) for note in (ours, theirs))
    assert one.size == other.size
    assert one.root != other.root


def test_a_cosigner_that_is_ahead_is_not_taken_for_one_that_lies(wide: RewritingLog, tmp_path: Path) -> None:
    trust = parse_trust(wide.client.get("log/keys").content)

    async def run() -> dict[str, dict[str, str]]:
        async with wide.reach() as client:
            await mirror_log(wide.url, tmp_path / "mirror", trust=trust, client=client)
            await wide.deployment.run_tick(wide.slug)
            return await compare_cosigners(tmp_path / "mirror", trust, client=client)

    wide.now += 600
    assert set(wide.loop.run(run())["cases"].values()) == {"ahead"}
