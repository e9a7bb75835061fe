"""Another implementation reads our notes, tiles and proofs, and we read its: golang.org/x/mod/sumdb, the first."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from plaint.errors import UnavailableError
from plaint.log.pull import pull_log
from plaint.log.signer import LogSigner
from plaint.log.tree import LogTree
from plaint.log.witness import AddCheckpoint, Witness, encode_add_checkpoint
from plaint.protocol.checkpoint import open_checkpoint
from plaint.protocol.merkle import verify_consistency, verify_inclusion
from plaint.protocol.note import Note, encode_note, encode_vkey, parse_note, parse_signatures, parse_vkey
from plaint.protocol.tiles import compute_new_tiles, encode_tile_path
from plaint.protocol.trust import parse_trust
from tests.support.heads import MemoryHeads
from tests.support.naive_merkle import counted_entries
from tests.support.toy_log import make_key
from tests.support.world import World

VECTORS = Path(__file__).parents[2] / "vectors"
SEED = "07" * 32
LEVELS = (None, 0, 1, 2)

STRICTER = {
    "note/name-too-long",
    "note/signature-too-long",
    "note/too-many-signatures",
    "note/vkey-upper-case-id",
    "tiles/path-index-2-53",
    "tiles/path-level-8",
}
"""What we refuse and they take: limits, and a second spelling."""

OTHERWISE = {"note/vkey-cosigner", "tiles/path-level-words"}
"""Cosigners' keys came after them; bundles of entries are called `data` by them and `entries` by C2SP."""


def run(sumdb: Path, *arguments: object) -> list[str]:
    """Run `sumdb` and return its lines; what it does not accept fails the test with its words."""
    done = subprocess.run([sumdb, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_it_agrees_with_our_vectors(sumdb: Path) -> None:
    lines = run(sumdb, "vectors", VECTORS)
    found = {word: {line.split(" ")[1].rstrip(":") for line in lines if line.startswith(word)} for word in words()}
    assert found["differs"] == STRICTER | OTHERWISE
    assert len(found["agrees"]) > 100
    assert {f"merkle/counted-{size}" for size in (1, 255, 256, 257, 65_535, 65_536, 65_537)} <= found["agrees"]
    assert {"merkle/million-inclusion-999999", "merkle/million-consistency-524288"} <= found["agrees"]
    assert {"note/c2sp-example", "note/signing", "note/unknown-types", "note/long-line"} <= found["agrees"]
    assert {"note/sixty-four-signatures", "tiles/geometry-65537"} <= found["agrees"]


def words() -> tuple[str, ...]:
    return ("agrees", "differs", "unknown")


def write_log(tree: LogTree, note: bytes, folder: Path) -> None:
    """Write a log as it is served."""
    for level in LEVELS:
        for tile in compute_new_tiles(level, 0, tree.size):
            path = folder / encode_tile_path(tile)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(tree.read_tile(tile))
    (folder / "checkpoint").write_bytes(note)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 1_000])
def test_it_proves_every_entry_of_a_log_of_ours_by_our_tiles(sumdb: Path, tmp_path: Path, size: int) -> None:
    tree = LogTree(tmp_path / "log", leaf_bytes=8)
    tree.append(counted_entries(size))
    signer = LogSigner(origin="log.example/ours", key=make_key(1), clock_name="log.example/clock", clock=make_key(2))
    write_log(tree, encode_note(signer.sign_checkpoint(size, tree.root())), tmp_path / "served")
    assert run(sumdb, "read", tmp_path / "served", encode_vkey(signer.log_key)) == [str(size)]
    tree.close()


def test_a_changed_tile_of_ours_is_refused_by_it(sumdb: Path, tmp_path: Path) -> None:
    tree = LogTree(tmp_path / "log", leaf_bytes=8)
    tree.append(counted_entries(257))
    signer = LogSigner(origin="log.example/ours", key=make_key(1), clock_name="log.example/clock", clock=make_key(2))
    write_log(tree, encode_note(signer.sign_checkpoint(257, tree.root())), tmp_path / "served")
    path = tmp_path / "served" / "tile/0/000"
    path.write_bytes(bytes(32) + path.read_bytes()[32:])
    done = subprocess.run(
        [sumdb, "read", tmp_path / "served", encode_vkey(signer.log_key)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "tile" in done.stderr
    tree.close()


@pytest.mark.parametrize("log", ["cases", "directory"])
def test_it_reads_both_logs_that_our_server_serves(sumdb: Path, tmp_path: Path, log: str) -> None:
    with World(tmp_path / "world") as world:
        world.report("First.")
        world.tick(20)
        trust = parse_trust(world.client.get("log/keys").content)
        key = trust.cases if log == "cases" else trust.directory
        note = world.client.get(f"log/{log}/checkpoint").content
        size = open_checkpoint(parse_note(note), key).size
        for level in LEVELS:
            for tile in compute_new_tiles(level, 0, size):
                path = encode_tile_path(tile)
                (tmp_path / "served" / path).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / "served" / path).write_bytes(world.client.get(f"log/{log}/{path}").content)
        (tmp_path / "served" / "checkpoint").write_bytes(note)
        read, *unknown = run(sumdb, "read", tmp_path / "served", encode_vkey(key))
        assert int(read) == size
        assert sorted(unknown) == sorted([world.keys.verifiers.clock.name, "north.test", "south.test"])


@pytest.mark.parametrize("size", [1, 255, 256, 257, 65_537])
def test_we_copy_verify_and_cosign_a_log_of_its_making(sumdb: Path, tmp_path: Path, size: int) -> None:
    (vkey,) = run(sumdb, "make", tmp_path / "served", size, SEED)
    key, note = parse_vkey(vkey), parse_note((tmp_path / "served" / "checkpoint").read_bytes())
    checkpoint = open_checkpoint(note, key)
    assert checkpoint.size == size

    async def fetch(path: str) -> bytes:
        try:
            return (tmp_path / "served" / path).read_bytes()
        except FileNotFoundError as error:
            raise UnavailableError("log-answer", "404") from error

    tree = LogTree(tmp_path / "copy", leaf_bytes=8)
    asyncio.run(pull_log(fetch, tree, checkpoint))
    assert tree.read_entries(0, size) == counted_entries(size)
    for index in {0, size // 2, size - 1}:
        (leaf,) = tree.hash_entries(index, 1)
        proof = tree.compute_inclusion(index, size)
        verify_inclusion(leaf, index=index, size=size, proof=proof, root=checkpoint.root)  # type: ignore[arg-type]
        old = index + 1
        growth = tree.compute_consistency(old, size)
        verify_consistency(old=old, new=size, proof=growth, old_root=tree.root_at(old), new_root=checkpoint.root)
    witness = Witness(
        name="w.example", key=make_key(3), logs={key.name: [key]}, store=MemoryHeads(), now=lambda: 1_800_000_000
    )
    answer = witness.add_checkpoint(encode_add_checkpoint(AddCheckpoint(0, (), note)))
    assert answer.status == 200
    cosigned = Note(note.text, (*note.signatures, *parse_signatures(answer.body)))
    (tmp_path / "served" / "checkpoint").write_bytes(encode_note(cosigned))
    if size < 1_000:
        assert run(sumdb, "read", tmp_path / "served", vkey) == [str(size), "w.example"]
    tree.close()
