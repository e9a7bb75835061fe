"""Collecting cosignatures: sizes are learned, sleepers are left behind, and a fork is an alarm, not a retry."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from plaint.log.feed import CosignerAddress, Feed, FeedResult
from plaint.log.signer import LogSigner
from plaint.log.tree import LogTree
from plaint.log.witness import Witness
from plaint.protocol.note import ED25519, Note, NoteSignature, VerifierKey, encode_signatures, verify_note
from tests.support.heads import MemoryHeads
from tests.support.naive_merkle import counted_entries
from tests.support.patience import PATIENCE_S
from tests.support.toy_log import make_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

ORIGIN = "log.example/cases"


class Cosigners:
    """Any number of cosigners behind one client; `answers` replaces what one of them says."""

    def __init__(self, names: list[str]) -> None:
        log = VerifierKey(ORIGIN, ED25519, make_key(1).public)
        self.witnesses = {
            name: Witness(name=name, key=make_key(50 + i), logs={ORIGIN: [log]}, store=MemoryHeads(), now=lambda: 99)
            for i, name in enumerate(names)
        }
        self.answers: dict[str, Callable[[], Any]] = {}
        self.asked: list[str] = []

    async def handle(self, request: httpx.Request) -> httpx.Response:
        name = request.url.host
        self.asked.append(name)
        if name in self.answers:
            said = self.answers[name]()
            replaced: httpx.Response = await said if asyncio.iscoroutine(said) else said
            return replaced
        answer = self.witnesses[name].add_checkpoint(request.content)
        return httpx.Response(answer.status, content=answer.body)

    def feed(self, *, timeout_s: float = PATIENCE_S) -> Feed:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self.handle))
        addresses = [CosignerAddress(w.verifier_key, f"http://{name}") for name, w in self.witnesses.items()]
        return Feed(addresses, client=client, timeout_s=timeout_s)


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[LogTree]:
    log = LogTree(tmp_path, leaf_bytes=8)
    log.append(counted_entries(40))
    yield log
    log.close()


def collect(feed: Feed, tree: LogTree, *sizes: int) -> FeedResult:
    signer = LogSigner(origin=ORIGIN, key=make_key(1), clock_name="clock.example", clock=make_key(2))

    async def run() -> FeedResult:
        result = None
        for size in sizes:
            note = signer.sign_checkpoint(size, tree.root_at(size))
            result = await feed.collect(note, tree.compute_consistency)
            keys = [c.key for c in feed._cosigners]
            if result.signatures:
                verify_note(Note(note.text, result.signatures), keys)
        assert result is not None
        return result

    return asyncio.run(run())


def test_every_cosigner_signs_and_its_size_is_remembered(tree: LogTree) -> None:
    cosigners = Cosigners(["a.example", "b.example"])
    result = collect(cosigners.feed(), tree, 10, 20, 30)
    assert [s.name for s in result.signatures] == ["a.example", "b.example"]
    assert (result.silent, result.forks, len(cosigners.asked)) == ((), (), 6)


def test_a_new_process_learns_the_size_from_the_conflict(tree: LogTree) -> None:
    cosigners = Cosigners(["a.example"])
    collect(cosigners.feed(), tree, 10)
    result = collect(cosigners.feed(), tree, 20)
    assert len(result.signatures) == 1
    assert len(cosigners.asked) == 3


def test_one_that_sleeps_or_breaks_does_not_hold_up_the_others(tree: LogTree) -> None:
    cosigners = Cosigners(["asleep.example", "broken.example", "b.example"])
    cosigners.answers["asleep.example"] = lambda: asyncio.sleep(PATIENCE_S)
    cosigners.answers["broken.example"] = lambda: httpx.Response(500)
    result = collect(cosigners.feed(timeout_s=2), tree, 10)
    assert [s.name for s in result.signatures] == ["b.example"]
    assert [key.name for key in result.silent] == ["asleep.example", "broken.example"]
    assert result.forks == ()


@pytest.mark.parametrize(
    ("status", "body"), [(409, b""), (409, b"0\n"), (409, b"11\n"), (409, b"x\n"), (409, b"\xff"), (422, b"")]
)
def test_an_answer_that_means_another_history_is_an_alarm_after_one_request(
    tree: LogTree, status: int, body: bytes
) -> None:
    cosigners = Cosigners(["a.example", "b.example"])
    cosigners.answers["a.example"] = lambda: httpx.Response(status, content=body)
    result = collect(cosigners.feed(), tree, 10)
    assert [key.name for key in result.forks] == ["a.example"]
    assert [s.name for s in result.signatures] == ["b.example"]
    assert cosigners.asked.count("a.example") == 1


def test_after_an_alarm_a_cosigner_is_left_alone_until_somebody_says_otherwise(tree: LogTree) -> None:
    cosigners = Cosigners(["a.example", "b.example"])
    feed = cosigners.feed()
    cosigners.answers["a.example"] = lambda: httpx.Response(422)
    collect(feed, tree, 10)
    del cosigners.answers["a.example"]
    result = collect(feed, tree, 20)
    assert cosigners.asked.count("a.example") == 1
    assert (result.forks, result.silent, len(result.signatures)) == ((), (), 1)
    feed.stop([])
    assert len(collect(feed, tree, 20).signatures) == 2


def test_a_cosigner_that_moves_on_for_ever_is_given_up(tree: LogTree) -> None:
    cosigners = Cosigners(["a.example"])
    sizes = iter(range(1, 40))
    cosigners.answers["a.example"] = lambda: httpx.Response(409, content=b"%d\n" % next(sizes))
    assert [key.name for key in collect(cosigners.feed(), tree, 30).silent] == ["a.example"]
    assert len(cosigners.asked) == 3


def test_a_signature_of_somebody_else_or_of_other_bytes_does_not_count(tree: LogTree) -> None:
    cosigners = Cosigners(["a.example", "b.example"])
    stolen = make_answer(cosigners.witnesses["b.example"], tree)
    cosigners.answers["a.example"] = lambda: httpx.Response(200, content=stolen)
    assert [key.name for key in collect(cosigners.feed(), tree, 10).silent] == ["a.example"]


def test_lines_of_kinds_we_do_not_know_are_left_out_of_the_answer(tree: LogTree) -> None:
    cosigners = Cosigners(["a.example"])
    unknown = [NoteSignature("a.example", b"\x06abc", bytes(2428)), NoteSignature("b.example", b"\xffabc", b"x")]
    real = make_answer(cosigners.witnesses["a.example"], tree)
    said = encode_signatures(unknown) + real
    cosigners.answers["a.example"] = lambda: httpx.Response(200, content=said)
    assert encode_signatures(collect(cosigners.feed(), tree, 10).signatures) == real


def make_answer(witness: Witness, tree: LogTree) -> bytes:
    signed = collect(Cosigners([witness.verifier_key.name]).feed(), tree, 10).signatures
    return encode_signatures(signed)


def test_a_cosigner_that_never_stops_talking_is_not_listened_to(tree: LogTree) -> None:
    sent = 0

    async def talk() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 65_536
            yield bytes(65_536)

    cosigners = Cosigners(["a.example", "b.example"])
    cosigners.answers["a.example"] = lambda: httpx.Response(200, content=talk())
    result = collect(cosigners.feed(), tree, 10)
    assert [key.name for key in result.silent] == ["a.example"]
    assert len(result.signatures) == 1
    assert sent < 1_000_000
