"""A mirror takes only what the signed root covers, goes on where it stopped, and an audit finds what is wrong."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from plaint.client.audit import audit_directory, audit_log
from plaint.client.mirror import list_kept, mirror_log, open_copy
from plaint.errors import MalformedError, UnavailableError, VerificationError
from plaint.protocol.note import Note, encode_note, parse_note
from plaint.protocol.trust import encode_trust
from tests.support.toy_log import TICK_S, URL, ToyLog, ToyOrg

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from plaint.client.mirror import MirrorReport
    from plaint.protocol.trust import Trust


@pytest.fixture
def org(tmp_path: Path) -> Iterator[ToyOrg]:
    made = ToyOrg(tmp_path / "org")
    for _ in range(3):
        made.tick()
    yield made
    made.close()


def mirror(org: ToyOrg, directory: Path, *, trust: Trust | None = None) -> tuple[MirrorReport, ...]:
    async def run() -> tuple[MirrorReport, ...]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(org)) as client:
            return await mirror_log(URL, directory, trust=trust, client=client)

    return asyncio.run(run())


def copy_root(directory: Path, name: str) -> tuple[int, bytes]:
    copy = open_copy(directory, name)
    try:
        return copy.tree.size, copy.tree.root()
    finally:
        copy.close()


def test_a_mirror_holds_both_logs_and_every_kept_checkpoint(org: ToyOrg, tmp_path: Path) -> None:
    cases, directory = mirror(org, tmp_path / "m", trust=org.trust)
    assert (cases.size, cases.new_checkpoints, cases.date) == (48, 3, org.now + 1)
    assert directory.size == 3
    assert list_kept(tmp_path / "m", "cases") == [16, 32, 48]
    for name, log in org.logs.items():
        assert copy_root(tmp_path / "m", name) == (log.tree.size, log.tree.root())


def test_the_next_run_fetches_only_what_is_new(org: ToyOrg, tmp_path: Path) -> None:
    for _ in range(40):
        org.tick()
    mirror(org, tmp_path / "m", trust=org.trust)
    org.tick()
    log = org.logs["cases"]
    log.fetched.clear()
    assert mirror(org, tmp_path / "m", trust=org.trust)[0].old_size == 43 * 16
    assert log.fetched == ["checkpoint", "tile/entries/002.p/192", "at", f"at/{44 * 16}"]
    log.fetched.clear()
    mirror(org, tmp_path / "m", trust=org.trust)
    assert log.fetched == ["checkpoint", "at"]


def test_a_broken_line_is_resumed_from_the_verified_bundles(org: ToyOrg, tmp_path: Path, monkeypatch: Any) -> None:
    org.tick(batch=600)
    org.tick(batch=70_000 - org.logs["cases"].tree.size)
    broken = ToyLog.read

    def read(log: ToyLog, path: str) -> bytes | None:
        return None if path == "tile/entries/200" else broken(log, path)

    monkeypatch.setattr(ToyLog, "read", read)
    with pytest.raises(UnavailableError, match="log-answer"):
        mirror(org, tmp_path / "m")
    assert copy_root(tmp_path / "m", "cases")[0] == 192 * 256
    monkeypatch.undo()
    log = org.logs["cases"]
    log.fetched.clear()
    mirror(org, tmp_path / "m")
    assert "tile/entries/191" not in log.fetched
    assert copy_root(tmp_path / "m", "cases") == (70_000, log.tree.root())


def test_a_changed_bundle_is_refused_and_not_kept(org: ToyOrg, tmp_path: Path, monkeypatch: Any) -> None:
    org.tick(batch=1000)
    honest = ToyLog.read

    def read(log: ToyLog, path: str) -> bytes | None:
        data = honest(log, path)
        return data[:-1] + bytes([data[-1] ^ 1]) if data and path == "tile/entries/002" else data

    monkeypatch.setattr(ToyLog, "read", read)
    with pytest.raises(VerificationError, match="log-fork"):
        mirror(org, tmp_path / "m")
    monkeypatch.undo()
    mirror(org, tmp_path / "m")
    assert copy_root(tmp_path / "m", "cases") == (1048, org.logs["cases"].tree.root())


def test_a_rewritten_history_is_an_alarm_and_the_copy_stays(org: ToyOrg, tmp_path: Path) -> None:
    mirror(org, tmp_path / "m", trust=org.trust)
    before = copy_root(tmp_path / "m", "cases")
    other = ToyOrg(tmp_path / "fork", seed=2)
    for _ in range(5):
        other.tick()
    with pytest.raises(VerificationError, match="log-fork"):
        mirror(other, tmp_path / "m", trust=org.trust)
    assert copy_root(tmp_path / "m", "cases") == before
    other.close()


def test_an_older_checkpoint_is_compared_and_changes_nothing(org: ToyOrg, tmp_path: Path) -> None:
    mirror(org, tmp_path / "m", trust=org.trust)
    late = org.logs["cases"].kept.pop(48)
    assert mirror(org, tmp_path / "m", trust=org.trust)[0].size == 32
    assert copy_root(tmp_path / "m", "cases")[0] == 48
    org.logs["cases"].kept[48] = late


def test_a_checkpoint_without_a_quorum_is_refused_with_a_trust_file_only(org: ToyOrg, tmp_path: Path) -> None:
    org.tick(signed=1)
    with pytest.raises(VerificationError, match="checkpoint-quorum"):
        mirror(org, tmp_path / "m", trust=org.trust)
    assert mirror(org, tmp_path / "n")[0].date is None


def test_without_a_trust_file_the_first_keys_are_kept(org: ToyOrg, tmp_path: Path) -> None:
    mirror(org, tmp_path / "m")
    assert (tmp_path / "m" / "keys").read_bytes() == encode_trust(org.trust)


def test_an_audit_of_an_honest_mirror_finds_nothing(org: ToyOrg, tmp_path: Path) -> None:
    mirror(org, tmp_path / "m", trust=org.trust)
    report = audit_directory(tmp_path / "m", trust=org.trust)
    cases = report["logs"]["cases"]
    assert report["ok"]
    assert report["trusted"]
    assert (cases["size"], cases["kept"], cases["batch"]) == (48, 3, {"constant": True, "steps": {"16": 2}})
    assert cases["dates"]["dated"] == 3
    assert cases["dates"]["longest_gap_s"] == TICK_S
    assert cases["dates"]["last"] == org.now + 1


def test_an_audit_needs_no_hash_files_and_writes_nothing(org: ToyOrg, tmp_path: Path) -> None:
    mirror(org, tmp_path / "m", trust=org.trust)
    for file in (tmp_path / "m").glob("*/level*.bin"):
        file.unlink()
    with (tmp_path / "m" / "cases" / "leaves.bin").open("ab") as leaves:
        leaves.write(b"half a leaf")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "m").rglob("*")}
    assert audit_directory(tmp_path / "m", trust=org.trust)["ok"]
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "m").rglob("*")} == before


def test_an_audit_reads_an_address_too(org: ToyOrg) -> None:
    async def run() -> dict[str, Any]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(org)) as client:
            return await audit_log(URL, trust=org.trust, client=client)

    report = asyncio.run(run())
    assert report["ok"]
    assert report["timing"]["fetch_s"] > 0


def test_an_audit_names_a_changed_leaf_a_foreign_checkpoint_and_a_false_signature(org: ToyOrg, tmp_path: Path) -> None:
    org.tick(batch=300)
    mirror(org, tmp_path / "m", trust=org.trust)
    at = tmp_path / "m" / "cases" / "at"
    (at / "32").write_bytes((at / "16").read_bytes())
    assert audit_directory(tmp_path / "m", trust=org.trust)["logs"]["cases"]["contradictions"] == [32]
    note = parse_note((at / "16").read_bytes())
    forged = replace(note.signatures[1], signature=bytes(8) + note.signatures[1].signature[8:])
    (at / "16").write_bytes(encode_note(Note(note.text, (note.signatures[0], forged, *note.signatures[2:]))))
    leaves = tmp_path / "m" / "cases" / "leaves.bin"
    data = bytearray(leaves.read_bytes())
    data[33 * 100] ^= 1
    leaves.write_bytes(data)
    report = audit_directory(tmp_path / "m", trust=org.trust)
    assert not report["ok"]
    assert report["logs"]["cases"]["invalid"] == [16]
    assert not report["logs"]["cases"]["root_ok"]
    assert report["logs"]["directory"]["root_ok"]


def test_an_audit_shows_a_batch_that_followed_the_writes(org: ToyOrg, tmp_path: Path) -> None:
    org.tick(batch=17)
    mirror(org, tmp_path / "m", trust=org.trust)
    batch = audit_directory(tmp_path / "m", trust=org.trust)["logs"]["cases"]["batch"]
    assert batch == {"constant": False, "steps": {"16": 2, "17": 1}}


@pytest.mark.parametrize("listed", [b"16", b"16\n16\n", b"32\n16\n", b"016\n", b"x\n", b"\xff\n"])
def test_a_list_of_kept_sizes_has_one_spelling(org: ToyOrg, tmp_path: Path, monkeypatch: Any, listed: bytes) -> None:
    honest = ToyLog.read
    monkeypatch.setattr(ToyLog, "read", lambda log, path: listed if path == "at" else honest(log, path))
    with pytest.raises(MalformedError):
        mirror(org, tmp_path / "m")
