"""Logs that nobody can continue: others take their place, signed by all independents, after the delay."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from plaint.client.follow import find_report
from plaint.client.succession import follow_succession
from plaint.client.trust import fetch_trust
from plaint.errors import ConflictError, PlaintError, UnavailableError, VerificationError
from plaint.protocol.checkpoint import parse_checkpoint
from plaint.protocol.directory import sign_entry
from plaint.protocol.directory_contents import Effect
from plaint.protocol.directory_server import Succession
from plaint.protocol.draft import encode_draft, parse_draft
from plaint.protocol.note import parse_note
from plaint.protocol.receipt import encode_receipt
from plaint.protocol.trust import Trust
from plaint.protocol.verify import judge_receipt
from plaint.server.keys import read_keys
from plaint.server.succession import draft_succession, succeed
from tests.api.test_restore import Accident
from tests.support.directory_world import make_keys
from tests.support.world import CLOCK, World

INDEPENDENTS = ("dov", "eva")


@pytest.fixture
def lost(tmp_path: Path) -> Iterator[Accident]:
    """A database from before the last five ticks, and nobody who has a copy of them."""
    world = World(tmp_path)
    made = Accident(world)
    try:
        world.tick()
        made.back_up()
        world.tick(5)
        yield made
    finally:
        world.close()


def sign(draft: bytes, *names: str) -> bytes:
    """Return the draft with the signatures of members."""
    found = parse_draft(draft)
    entry = found.entry
    assert entry is not None
    assert found.org is not None
    for name in names:
        keys = make_keys(name)
        entry = sign_entry(found.org, entry, keys.id, keys.sign)
    return encode_draft(type(found)(found.content, found.names, None, found.org, entry))


def draft(world: World) -> bytes:
    return asyncio.run(draft_succession(world.config, world.slug))


def begin_anew(accident: Accident) -> None:
    """Let the independents sign, exchange the keys, tell the cosigners the new ones, and start."""
    world = accident.world
    asyncio.run(succeed(world.config, world.slug, sign(draft(world), *INDEPENDENTS)))
    world.keys = read_keys(world.config.keys_path(world.slug))
    world.appoint_cosigners()
    accident.start()


def fetch_old_trust(world: World) -> Trust:
    return fetch_trust(world.connect().api)


def follow(world: World, old: Trust) -> Trust:
    return follow_succession(world.connect_api(), old, now=world.read_clock)


def test_the_draft_names_what_was_signed_beyond_what_is_here(lost: Accident) -> None:
    lost.strike(files="lost")
    with pytest.raises(UnavailableError):
        lost.restore()
    content = parse_draft(draft(lost.world)).content
    assert isinstance(content, Succession)
    assert content.cases.size == 7 * 16  # written down when the restore heard of it
    assert content.directory.size == 3
    assert parse_draft(draft(lost.world)).content == content


def test_new_logs_begin_and_count_after_the_delay(lost: Accident) -> None:
    world, old = lost.world, fetch_old_trust(lost.world)
    lost.strike(files="lost")
    begin_anew(lost)
    organisation = world.services.organisation
    assert world.tick() == 3
    note = parse_checkpoint(parse_note(world.client.get("log/cases/checkpoint").content).text)
    assert (note.size, note.origin) == (48, world.keys.verifiers.cases.name)
    assert parse_checkpoint(parse_note(world.client.get("log/directory/checkpoint").content).text).size == 4
    assert organisation.state.origin != world.keys.verifiers
    with pytest.raises(VerificationError, match="trust-succession"):
        follow(world, old)
    with pytest.raises(VerificationError, match="view-keys"):
        world.connect()
    world.now += CLOCK.delay
    world.tick(2)
    assert organisation.state.origin == world.keys.verifiers
    new = follow(world, old)
    assert new.cases == world.keys.verifiers.cases
    assert new.policy.quorum == old.policy.quorum
    assert new.policy.witnesses == old.policy.witnesses
    _, sent = world.report("Something happened.")
    assert sent.state.log == world.keys.verifiers.cases.name


def test_a_receipt_of_the_old_log_is_judged_with_the_old_trust_file(lost: Accident) -> None:
    world, old = lost.world, fetch_old_trust(lost.world)
    keys, sent = world.report("Before the loss.")
    world.tick(4)
    receipt = find_report(world.connect(), keys).update_receipt(sent.receipt)
    assert receipt.proof is not None
    lost.strike(files="lost")
    begin_anew(lost)
    world.tick()
    verdict = judge_receipt(encode_receipt(receipt), old, now=int(world.now))
    assert verdict.verdict == "holds"
    with pytest.raises(PlaintError):
        follow(world, old)


def test_members_keep_their_streams_and_reports_their_rooms(lost: Accident) -> None:
    world = lost.world
    old = fetch_old_trust(world)
    lost.strike()
    lost.start()
    keys, sent = world.report("Before the loss.")
    world.tick(10)
    ben = world.desk("ben")
    ben.scan()
    assert [case.id for case in ben.list_cases()] == [sent.state.room]
    ticks = world.services.organisation.tick
    stream = read_stream(world, ticks)
    world._stop()
    begin_anew(lost)
    world.tick()
    world.now += CLOCK.delay
    world.tick(2)
    assert read_stream(world, ticks) == stream
    again = world.desk("ben")
    again.scan()
    assert again.session is not None
    assert world.services.organisation.tick == ticks + 3
    assert [case.id for case in again.list_cases()] == [sent.state.room]
    again.acknowledge(again.list_cases()[0], "I have read it.")
    report = find_report(world.connect(), keys)
    assert [due.at for due in report.list_due_dates(sent.receipt)] == [due.at for due in sent.state.dues]
    assert "state-due" not in report.list_warnings(sent.receipt)
    assert follow(world, old).org == world.keys.org


def read_stream(world: World, ticks: int) -> bytes:
    """Return the first cells of a member's stream: which of them are real must not show by what changes."""
    answer = world.client.get("stream?from=0", headers={"plaint-session": world.session("ben")})
    return answer.content[: ticks * CLOCK.cells * 456]


@pytest.mark.parametrize("names", [("dov",), ("ada", "dov"), ()])
def test_every_independent_must_sign(lost: Accident, names: tuple[str, ...]) -> None:
    lost.strike(files="lost")
    signed = sign(draft(lost.world), *names)
    with pytest.raises(VerificationError, match="directory-signers"):
        asyncio.run(succeed(lost.world.config, lost.world.slug, signed))
    assert read_keys(lost.world.config.keys_path(lost.world.slug)).verifiers == lost.world.keys.verifiers


def test_a_draft_of_keys_that_do_not_wait_here_is_refused(lost: Accident, tmp_path: Path) -> None:
    lost.strike(files="lost")
    signed = sign(draft(lost.world), *INDEPENDENTS)
    lost.world.config.keys_path("demo").with_suffix(".next").unlink()
    with pytest.raises(ConflictError, match="keys-next"):
        asyncio.run(succeed(lost.world.config, lost.world.slug, signed))


def test_no_server_starts_between_entry_and_keys(lost: Accident, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash after the entry is stored: the old keys must not sign what the new log will hold."""
    world = lost.world
    lost.strike(files="lost")
    signed = sign(draft(world), *INDEPENDENTS)
    with monkeypatch.context() as patch:
        patch.setattr("plaint.server.succession._put_aside", crash)
        with pytest.raises(OSError, match="crash"):
            asyncio.run(succeed(world.config, world.slug, signed))
    with pytest.raises(VerificationError, match="keys-succession"):
        lost.start()
    assert asyncio.run(succeed(world.config, world.slug, signed)) == 3
    assert asyncio.run(succeed(world.config, world.slug, signed)) == 3
    world.keys = read_keys(world.config.keys_path(world.slug))
    world.appoint_cosigners()
    lost.start()
    assert world.tick() == 3
    assert [path.name for path in sorted((world.config.data_dir / "keys").iterdir())] == [
        "demo.json",
        "demo.json.old-1",
    ]


def crash(*_: object, **__: object) -> None:
    raise OSError("crash")


def test_a_succession_sent_to_a_running_server_is_refused(lost: Accident) -> None:
    world = lost.world
    signed = sign(draft(world), *INDEPENDENTS)
    answer = world.client.post("directory", content=signed)
    assert (answer.status_code, answer.json()["code"]) == (422, "directory-type")


def test_a_succession_that_counts_too_early_is_caught_by_every_client(lost: Accident) -> None:
    """A server that lets it take effect at once: caught by the client, by the cosigners' dates of the new log."""
    world, old = lost.world, fetch_old_trust(lost.world)
    lost.strike(files="lost")
    begin_anew(lost)
    world.force(Effect(3))
    world.tick()
    assert world.services.organisation.state.origin == world.keys.verifiers
    with pytest.raises(VerificationError, match="view-delay"):
        follow(world, old)
    with pytest.raises(VerificationError, match="view-delay"):
        world.connect()


def test_a_trust_file_whose_log_goes_on_is_not_followed(lost: Accident) -> None:
    with pytest.raises(VerificationError, match="trust-succession"):
        follow(lost.world, fetch_old_trust(lost.world))
