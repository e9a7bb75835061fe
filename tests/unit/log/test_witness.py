"""Every refusal of add-checkpoint has its status, and no race makes a cosigner sign a rollback."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plaint.cosigner.store import HeadStore
from plaint.log.tree import LogTree
from plaint.log.witness import SIZE_TYPE, AddCheckpoint, Answer, Witness, WitnessStore, encode_add_checkpoint
from plaint.protocol.checkpoint import Checkpoint, encode_checkpoint
from plaint.protocol.merkle import EMPTY_ROOT, Hash
from plaint.protocol.note import (
    ED25519,
    Note,
    NoteSignature,
    VerifierKey,
    parse_note,
    parse_signatures,
    sign_note,
    verify_note,
)
from tests.support.heads import MemoryHeads, StallingHeads
from tests.support.naive_merkle import counted_entries
from tests.support.patience import PATIENCE_S
from tests.support.toy_log import make_key

if TYPE_CHECKING:
    from collections.abc import Iterator

ORIGIN = "log.example/cases"
KEY = make_key(1)
NOW = 1_800_000_000


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[LogTree]:
    log = LogTree(tmp_path / "log", leaf_bytes=8)
    log.append(counted_entries(300))
    yield log
    log.close()


def make_witness(store: WitnessStore) -> Witness:
    logs = {ORIGIN: [VerifierKey(ORIGIN, ED25519, KEY.public)]}
    return Witness(name="w.example", key=make_key(2), logs=logs, store=store, now=lambda: NOW)


def make_note(size: int, root: Hash, *, origin: str = ORIGIN) -> Note:
    text = encode_checkpoint(Checkpoint(origin, size, root))
    return Note(text, (sign_note(text, name=origin, key=KEY),))


def make_body(tree: LogTree, old: int, new: int) -> bytes:
    return encode_add_checkpoint(
        AddCheckpoint(old, tuple(tree.compute_consistency(old, new)), make_note(new, tree.root_at(new)))
    )


def test_it_follows_a_growing_log_and_dates_what_it_signs(tree: LogTree) -> None:
    store = MemoryHeads()
    witness = make_witness(store)
    for old, new in ((0, 7), (7, 7), (7, 256), (256, 300)):
        answer = witness.add_checkpoint(make_body(tree, old, new))
        assert answer.status == 200
        note = make_note(new, tree.root_at(new))
        verify_note(Note(note.text, parse_signatures(answer.body)), [witness.verifier_key])
        kept = parse_note(store.heads[ORIGIN].note)
        assert [s.name for s in kept.signatures] == [ORIGIN, "w.example"]


def test_a_foreign_old_size_is_answered_with_the_known_one(tree: LogTree) -> None:
    witness = make_witness(MemoryHeads())
    assert witness.add_checkpoint(make_body(tree, 7, 300)) == Answer(409, b"0\n", SIZE_TYPE)
    witness.add_checkpoint(make_body(tree, 0, 256))
    for old, new in ((0, 300), (255, 300), (100, 200)):
        assert witness.add_checkpoint(make_body(tree, old, new)) == Answer(409, b"256\n", SIZE_TYPE)


def test_every_refusal_has_its_status(tree: LogTree) -> None:
    witness = make_witness(MemoryHeads())
    good = make_note(10, tree.root_at(10))
    other_root = Hash(bytes(32))

    def ask(old: int, note: Note, proof: tuple[Hash, ...] = ()) -> int:
        return witness.add_checkpoint(encode_add_checkpoint(AddCheckpoint(old, proof, note))).status

    stranger = make_note(10, tree.root_at(10), origin="other.example")
    forged = Note(good.text, (NoteSignature(ORIGIN, good.signatures[0].key_id, bytes(64)),))
    unknown = Note(good.text, (NoteSignature("someone.example", b"abcd", bytes(64)),))
    assert ask(0, stranger) == 404
    assert ask(0, forged) == 403
    assert ask(0, unknown) == 403
    assert ask(0, Note(good.text, (*good.signatures, *forged.signatures))) == 403
    assert ask(11, good) == 400
    assert ask(0, make_note(0, other_root)) == 422
    assert ask(0, good, (other_root,)) == 422
    assert ask(0, make_note(0, EMPTY_ROOT)) == 200
    assert ask(0, good) == 200
    assert ask(10, make_note(10, other_root)) == 422
    assert ask(10, good, (other_root,)) == 422
    assert ask(10, make_note(20, tree.root_at(20)), tuple(tree.compute_consistency(9, 20))) == 422
    assert ask(10, make_note(20, tree.root_at(20))) == 422


@pytest.mark.parametrize(
    "body", [b"", b"old 0\n", b"old 01\n\nx", b"old 0\nx\n\n", b"new 0\n\n", b"old 0\n\n\xff\n\n", b"o" * 200_000]
)
def test_a_malformed_request_is_a_400(body: bytes) -> None:
    assert make_witness(MemoryHeads()).add_checkpoint(body).status == 400


def test_too_many_proof_lines_are_a_400(tree: LogTree) -> None:
    request = AddCheckpoint(1, (EMPTY_ROOT,) * 64, make_note(10, tree.root_at(10)))
    assert make_witness(MemoryHeads()).add_checkpoint(encode_add_checkpoint(request)).status == 400


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
@pytest.mark.parametrize("start", [0, 5])
def test_a_stalled_request_cannot_roll_back_a_faster_one(tree: LogTree, tmp_path: Path, kind: str, start: int) -> None:
    inner: WitnessStore = MemoryHeads() if kind == "memory" else HeadStore(tmp_path / "heads.sqlite")
    if start:
        assert make_witness(inner).add_checkpoint(make_body(tree, 0, start)).status == 200
    store = StallingHeads(inner)
    witness = make_witness(store)
    answers: list[Answer] = []
    slow = threading.Thread(target=lambda: answers.append(witness.add_checkpoint(make_body(tree, start, 10))))
    slow.start()
    assert store.stalled.wait(PATIENCE_S)
    fast = witness.add_checkpoint(make_body(tree, start, 20))
    store.go.set()
    slow.join(PATIENCE_S)
    assert fast.status == 200
    assert answers == [Answer(409, b"20\n", SIZE_TYPE)]
    head = inner.read_head(ORIGIN)
    assert head is not None
    assert head.size == 20
    if isinstance(inner, HeadStore):
        inner.close()


def test_heads_survive_the_process(tree: LogTree, tmp_path: Path) -> None:
    with HeadStore(tmp_path / "heads.sqlite") as store:
        make_witness(store).add_checkpoint(make_body(tree, 0, 20))
    with HeadStore(tmp_path / "heads.sqlite") as store:
        assert make_witness(store).add_checkpoint(make_body(tree, 0, 300)).body == b"20\n"
        assert make_witness(store).add_checkpoint(make_body(tree, 20, 300)).status == 200
