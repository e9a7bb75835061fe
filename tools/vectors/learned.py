"""Cases of verify in which a copy of the directory names receipt keys that the trust file does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from plaint.crypto.signing import SigningKey
from plaint.protocol.directory_keys import Compromised, ReceiptKey
from plaint.protocol.note import VerifierKey
from plaint.protocol.receipt import Receipt, encode_receipt
from plaint.protocol.state import sign_state
from plaint.protocol.trust import FormerKey, Trust
from tests.support.directory_world import CLOCK, DirectoryWorld, make_origin
from tools.vectors.bodies import RANDOM
from tools.vectors.case import Case, draw
from tools.vectors.counters import LOGGED, MOVABLE, OWN, Told, copy_directory, tell
from tools.vectors.notes import AT, KEY, NAME, ORIGIN
from tools.vectors.story import BATCH, TICK_S, make_trust

NEXT = SigningKey(draw("next receipts"))
NOW = VerifierKey(NAME, OWN.receipts.type, NEXT.public)
OTHER = replace(make_origin(ORIGIN), receipts=OWN.receipts)
SERVER = replace(OTHER, cases=OWN.cases, directory=OWN.directory)
STORY = tell()
END = AT + 7 * TICK_S  # before anything is due
CHANGED, VOIDED = 5, 2  # in which tick of the directory


def _make_world(*, void: bool = False, change: bool = True, server: bool = True) -> DirectoryWorld:
    world = DirectoryWorld(origin=SERVER if server else OTHER).change(MOVABLE)
    if void:
        world.append(Compromised(receipts=OWN.receipts), "ada", "dov")
    return world.change(ReceiptKey(NOW)) if change else world


def _make_receipt(key: SigningKey, *, at: int = AT) -> str:
    told = Told()
    note = sign_state(replace(told.promise, at=at), key, name=NAME)
    proof = STORY.make_proof(told.leaves[0], BATCH * (LOGGED + 1))
    return encode_receipt(Receipt(told.header, RANDOM.opening, note, proof)).decode()


def _judge(
    name: str,
    about: str,
    verdict: str,
    reason: str | None = None,
    *,
    key: SigningKey = KEY,
    at: int = AT,
    trust: Trust = OWN,
    directory: dict[str, Any],
) -> Case:
    given = {"receipt": _make_receipt(key, at=at), "trust": make_trust(trust), "now": END, "directory": directory}
    expect = {"verdict": verdict, "reasons": [] if reason is None else [reason]}
    return Case("verify", f"learned-{name}", "judge", about, given, expect=expect)


def _make_cases() -> list[Case]:
    before, after = OWN, replace(OWN, receipts=NOW)
    changed = copy_directory((4, 1), (6, CHANGED), world=_make_world())
    void = copy_directory((4, 1), (5, VOIDED), (7, CHANGED), world=_make_world(void=True))
    serving = copy_directory((4, 1), (5, VOIDED), world=_make_world(void=True, change=False))
    other = copy_directory((4, 1), (6, CHANGED), world=_make_world(server=False))
    earlier = copy_directory((4, 1), world=_make_world(change=False))
    false = changed | {"entries": [*changed["entries"][:-1], changed["entries"][-1].replace('"type"', '"typo"')]}
    said = replace(after, former=(FormerKey(OWN.receipts, AT - TICK_S, void=True),))
    slack = AT + (CHANGED - 1) * TICK_S + 5 + 2 * CLOCK.tick
    return [
        _judge("retired", "by the key of before, under a trust file of now", "holds", trust=after, directory=changed),
        _judge("next", "by the key of now, under a trust file of before", "holds", key=NEXT, directory=changed),
        _judge("slack", "by the key of before, in the second tick after it ended", "holds", at=slack - 1,
               directory=changed),
        _judge("late", "by the key of before, after its time", "invalid", "receipt-retired", at=slack,
               directory=changed),
        _judge("void", "the key was void before the report was logged", "invalid", "receipt-void", directory=void),
        _judge("void-now", "the same, and the void key still serves", "invalid", "receipt-void", directory=serving),
        _judge("void-said", "the trust file says void, the directory retired", "invalid", "receipt-void", trust=said,
               directory=changed),
        _judge("other", "a directory of other logs teaches nothing", "invalid", "note-no-known-key", trust=after,
               directory=other),
        _judge("earlier", "a copy from before the key of now teaches nothing", "invalid", "note-no-known-key",
               trust=after, directory=earlier),
        _judge("false", "a copy that does not hold teaches nothing, and hinders nothing", "holds", trust=before,
               directory=false),
    ]  # fmt: skip


CASES = _make_cases()
