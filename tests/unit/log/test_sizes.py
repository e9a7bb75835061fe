"""The whole way at every size that matters: a log on disk, its tiles, a copy made of them, a witness, proofs."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from plaint.errors import MalformedError, UnavailableError
from plaint.log.pull import pull_log
from plaint.log.tree import LogTree
from plaint.log.witness import AddCheckpoint, Witness, encode_add_checkpoint
from plaint.protocol.checkpoint import Checkpoint, encode_checkpoint
from plaint.protocol.merkle import Hash, compute_leaf_hash, verify_consistency, verify_inclusion
from plaint.protocol.note import COSIGNATURE, ED25519, Note, NoteSignature, VerifierKey, parse_signatures, sign_note
from plaint.protocol.note import verify_note as verify
from plaint.protocol.tiles import Tile, encode_tile_path, parse_hashes, parse_tile_path
from tests.support.heads import MemoryHeads
from tests.support.naive_merkle import counted_entries
from tests.support.toy_log import make_key

VECTORS = Path(__file__).parents[3] / "vectors" / "merkle"
ORIGIN = "log.example/counted"
SIZES = [0, 1, 255, 256, 257, 65_535, 65_536, 65_537]
MILLION = 1_000_000


def load(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


def unhex(values: list[str]) -> list[Hash]:
    return [Hash(bytes.fromhex(value)) for value in values]


def grow(folder: Path, size: int) -> LogTree:
    """Grow a log of counted entries, in steps that end within tiles."""
    tree, entries = LogTree(folder, leaf_bytes=8), counted_entries(size)
    for start in range(0, size, 99_991):
        tree.append(entries[start : start + 99_991])
    return tree


def copy_tree(tree: LogTree, folder: Path) -> LogTree:
    """Copy a log through the paths that it serves."""

    async def fetch(path: str) -> bytes:
        try:
            return tree.read_tile(parse_tile_path(path))
        except MalformedError as error:
            raise UnavailableError("log-answer", "404") from error

    copy = LogTree(folder, leaf_bytes=8)
    asyncio.run(pull_log(fetch, copy, Checkpoint(ORIGIN, tree.size, tree.root())))
    return copy


def check_tiles(tree: LogTree) -> None:
    """Check that every level has exactly the tiles that the size asks for, and none beyond."""
    for level in range(8):
        full, partial = divmod(tree.size >> (8 * level), 256)
        served = [Tile(level, full - 1)] if full else []
        served += [Tile(level, full, partial)] if partial else []
        for tile in served:
            data = tree.read_tile(parse_tile_path(encode_tile_path(tile)))
            assert parse_hashes(data, count=tile.width) == tree.read_hashes(level, tile.index * 256, tile.width)
        with pytest.raises(MalformedError, match="log-range"):
            tree.read_tile(Tile(level, full, partial + 1))


def make_note(size: int, root: Hash, *others: NoteSignature) -> Note:
    text = encode_checkpoint(Checkpoint(ORIGIN, size, root))
    return Note(text, (*others, sign_note(text, name=ORIGIN, key=make_key(1)), *others))


def make_witness() -> Witness:
    logs = {ORIGIN: [VerifierKey(ORIGIN, ED25519, make_key(1).public)]}
    return Witness(name="w.example", key=make_key(2), logs=logs, store=MemoryHeads(), now=lambda: 1_800_000_000)


def check_witness(tree: LogTree, olds: list[int]) -> None:
    """Let a witness follow the log from size to size."""
    witness, before = make_witness(), 0
    for size in olds:
        proof = tuple(tree.compute_consistency(before, size))
        request = AddCheckpoint(before, proof, make_note(size, tree.root_at(size)))
        answer = witness.add_checkpoint(encode_add_checkpoint(request))
        assert answer.status == 200
        verify(
            Note(request.note.text, parse_signatures(answer.body)),
            [VerifierKey("w.example", COSIGNATURE, make_key(2).public)],
        )
        before = size


@pytest.mark.parametrize("size", SIZES)
def test_a_log_of_this_size_is_what_the_vectors_say(tmp_path: Path, size: int) -> None:
    case, tree = load(f"counted-{size}"), grow(tmp_path / "log", size)
    assert tree.root().hex() == case["root"]
    for each in case["inclusion"]:
        assert tree.compute_inclusion(each["index"], size) == unhex(each["proof"])
    for each in case["consistency"]:
        assert tree.compute_consistency(each["old"], size) == unhex(each["proof"])
    check_tiles(tree)
    copy = copy_tree(tree, tmp_path / "copy")
    assert (copy.size, copy.root()) == (size, tree.root())
    check_witness(tree, sorted({0, size // 3, max(0, size - 1), size, size}))
    copy.close()
    tree.close()


def test_a_log_of_a_million_is_what_the_vectors_say(tmp_path: Path) -> None:
    tree = grow(tmp_path / "log", MILLION)
    cases = [load(path.stem) for path in sorted(VECTORS.glob("million-*.json"))]
    assert len(cases) == 11
    for case in cases:
        if case["check"] == "inclusion":
            proof, root = tree.compute_inclusion(case["index"], MILLION), Hash(bytes.fromhex(case["root"]))
            assert (proof, tree.root()) == (unhex(case["proof"]), root)
            leaf = compute_leaf_hash(case["index"].to_bytes(8, "big"))
            verify_inclusion(leaf, index=case["index"], size=MILLION, proof=proof, root=root)
        else:
            old_root, new_root = unhex([case["old_root"], case["new_root"]])
            proof = tree.compute_consistency(case["old"], MILLION)
            assert (proof, tree.root_at(case["old"])) == (unhex(case["proof"]), old_root)
            verify_consistency(old=case["old"], new=MILLION, proof=proof, old_root=old_root, new_root=new_root)
    check_tiles(tree)
    copy = copy_tree(tree, tmp_path / "copy")
    assert (copy.size, copy.root()) == (MILLION, tree.root())
    check_witness(tree, [65_537, 999_999, MILLION])
    copy.close()
    tree.close()


UNKNOWN = [
    NoteSignature("ecdsa.example", b"\x02abc", bytes(66)),
    NoteSignature("head.example", b"\x05abc", bytes(80)),
    NoteSignature("ml-dsa.example", b"\x06abc", bytes(8 + 2420)),
    NoteSignature("private.example", b"\xffabc", b"x"),
    NoteSignature(ORIGIN, b"\x06abc", bytes(8 + 2420)),
    NoteSignature("longest.example", b"\x07abc", bytes(8_188)),
]


@pytest.mark.parametrize("count", [1, 5])
def test_a_witness_ignores_signatures_of_kinds_it_does_not_know(tmp_path: Path, count: int) -> None:
    tree = grow(tmp_path / "log", 257)
    note = make_note(257, tree.root(), *UNKNOWN * count)
    assert len(note.signatures) == 12 * count + 1
    answer = make_witness().add_checkpoint(encode_add_checkpoint(AddCheckpoint(0, (), note)))
    assert answer.status == (200 if count == 1 else 400)  # five times is more than a note may hold
    tree.close()


def test_a_witness_takes_more_than_sixteen_signatures_and_no_more_than_sixty_four(tmp_path: Path) -> None:
    tree = grow(tmp_path / "log", 257)
    for count, status in ((8, 200), (31, 200), (32, 400)):
        others = [NoteSignature(f"x{number}.example", bytes(4), bytes(72)) for number in range(count)]
        request = AddCheckpoint(0, (), make_note(257, tree.root(), *others))
        assert make_witness().add_checkpoint(encode_add_checkpoint(request)).status == status
    tree.close()


def test_a_checkpoint_with_a_huge_extension_line_is_cosigned_whole(tmp_path: Path) -> None:
    tree = grow(tmp_path / "log", 257)
    for length, status in ((16_000, 200), (16_384, 400)):
        text = encode_checkpoint(Checkpoint(ORIGIN, 257, tree.root(), ("x" * length,)))
        note = Note(text, (sign_note(text, name=ORIGIN, key=make_key(1)),))
        witness = make_witness()
        answer = witness.add_checkpoint(encode_add_checkpoint(AddCheckpoint(0, (), note)))
        assert answer.status == status
        if status == 200:
            verify(Note(text, parse_signatures(answer.body)), [witness.verifier_key])
    tree.close()
