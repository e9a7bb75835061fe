"""A log's signer never contradicts itself, and its clock is a key of its own."""

from __future__ import annotations

import pytest

from plaint.errors import ConflictError
from plaint.log.signer import LogSigner
from plaint.protocol.checkpoint import open_checkpoint
from plaint.protocol.merkle import EMPTY_ROOT, compute_leaf_hash
from plaint.protocol.note import Note, verify_note
from tests.support.toy_log import make_key

ROOT = compute_leaf_hash(b"a")


def make_signer() -> LogSigner:
    return LogSigner(origin="log.example", key=make_key(1), clock_name="clock.example", clock=make_key(2))


def test_checkpoint_and_clock_verify_each_with_its_own_key() -> None:
    signer = make_signer()
    note = signer.sign_checkpoint(1, ROOT)
    dated = Note(note.text, (*note.signatures, signer.cosign(note, timestamp=9)))
    verify_note(dated, [signer.log_key, signer.clock_key])
    checkpoint = open_checkpoint(dated, signer.log_key)
    assert (checkpoint.size, checkpoint.root, checkpoint.extensions) == (1, ROOT, ())
    assert signer.log_key.public != signer.clock_key.public


def test_the_same_tree_is_signed_again_another_or_a_smaller_one_is_not() -> None:
    signer = make_signer()
    assert signer.sign_checkpoint(1, ROOT) == signer.sign_checkpoint(1, ROOT)
    for size, root in ((1, compute_leaf_hash(b"b")), (0, EMPTY_ROOT)):
        with pytest.raises(ConflictError, match="checkpoint-rollback"):
            signer.sign_checkpoint(size, root)
