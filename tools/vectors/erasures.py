"""Cases of erasure certificates: what they prove, and what makes one prove nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from plaint.encoding.base64 import encode_base64
from plaint.encoding.json import encode_json
from plaint.protocol.authorship import encode_message
from plaint.protocol.erasure import Certificate, SignedErase, encode_certificate
from plaint.protocol.room import Header, compute_header_hash, encode_bind, encode_header
from tests.support.directory_world import find_id, make_keys
from tools.vectors.case import Case, draw, replace_once
from tools.vectors.counters import ORG, ROOM, STEADY, SUSPENDED, TRUST_TEXT, Told, copy_directory, tell
from tools.vectors.notes import AT
from tools.vectors.story import BATCH, TICK_S, Story

END = AT + 30 * TICK_S


@dataclass(frozen=True, slots=True)
class Signing:
    """One of the two entries, logged in `tick`; how it is signed can be made wrong."""

    member: str
    tick: int
    content: dict[str, Any] = field(default_factory=dict)
    seq: int = 3
    prev: bytes = field(default_factory=lambda: draw("prev of the first erase"))
    kind: str = "erase"
    org: bytes = ORG
    room: bytes = ROOM
    key: str | None = None

    @property
    def header(self) -> Header:
        """Its header."""
        body = draw(f"body erase {self.seq} {self.member}")
        return Header(self.org, self.room, self.seq, self.prev, self.kind, body, None)

    @property
    def part(self) -> SignedErase:
        """The entry, signed and without its proof."""
        content, salt = encode_json({"v": 1, **self.content}), draw(f"salt erase {self.seq}")
        message = encode_message(encode_bind(self.header), salt, content)
        signature = make_keys(self.key or self.member).sign.sign(message)
        opening = draw(f"opening erase {self.seq}")
        return SignedErase(self.header, opening, salt, content, find_id(self.member), signature)


def _follow(first: Signing, **changes: Any) -> Signing:
    before = compute_header_hash(encode_header(first.header))
    second = Signing("ida", 7, {"confirms": before.hex()}, seq=first.seq + 1, prev=before)
    return replace(second, **changes)


def _tell(*parts: Signing) -> Story:
    events = {part.tick: [part.part.leaf] for part in parts}
    return tell(told=Told(), events=events)


def _encode(first: Signing, second: Signing, *, logged: tuple[bool, bool] = (True, True)) -> str:
    story = _tell(first, second)
    parts = [
        replace(item.part, proof=story.make_proof(item.part.leaf, BATCH * (item.tick + 1)) if there else None)
        for item, there in zip((first, second), logged, strict=True)
    ]
    return encode_certificate(Certificate(parts[0], parts[1])).decode()


WISH = Signing("ben", 6, {"ground": "retention", "text": "Three years are over."})
CONSENT = _follow(WISH)
GOOD = _encode(WISH, CONSENT)


def _judge(
    name: str,
    about: str,
    verdict: str,
    *reasons: str,
    first: Signing = WISH,
    second: Signing | None = None,
    text: str | None = None,
    directory: dict[str, Any] | None = STEADY,
    now: int = END,
) -> Case:
    given: dict[str, Any] = {"certificate": text or _encode(first, second or _follow(first)), "trust": TRUST_TEXT}
    given |= {"now": now} | ({} if directory is None else {"directory": directory})
    expect = {"verdict": verdict, "reasons": list(reasons)}
    return Case("erasure", name, "judge", about, given, expect=expect)


def _make_chain() -> list[Case]:
    other = replace(CONSENT, content={"confirms": draw("another entry").hex()})
    twice = replace(CONSENT, content={"ground": "retention"})
    return [
        _judge("room", "two rooms", "invalid", "erasure-chain", second=replace(CONSENT, room=draw("another room"))),
        _judge("between", "something was written between", "invalid", "erasure-chain", second=_follow(WISH, seq=5)),
        _judge("prev", "not behind the first", "invalid", "erasure-chain", second=_follow(WISH, prev=draw("prev"))),
        _judge("kind", "another kind", "invalid", "erasure-chain", second=_follow(WISH, kind="close")),
        _judge("org", "another organisation", "invalid", "erasure-chain", first=replace(WISH, org=draw("org", 16))),
        _judge("turned", "in the other order", "invalid", "erasure-chain", first=CONSENT, second=WISH),
        _judge("confirms", "another entry is confirmed", "invalid", "erasure-confirms", second=other),
        _judge("two-wishes", "two grounds, no confirmation", "invalid", "erasure-confirms", second=twice),
        _judge("same", "one member twice", "invalid", "erasure-same", second=_follow(WISH, member="ben")),
        _judge("ground", "an unknown ground", "invalid", "content-form", first=replace(WISH, content={"ground": "x"})),
    ]


def _make_signatures() -> list[Case]:
    gone = copy_directory((4, 0), (5, 1), (5, 21), world=SUSPENDED)
    salt = replace_once(GOOD, f"salt {draw('salt erase 3').hex()}", f"salt {draw('another salt').hex()}")
    content = encode_base64(encode_json({"v": 1, "ground": "order"}))
    said = replace_once(GOOD, encode_base64(encode_json({"v": 1, **WISH.content})), content)
    return [
        _judge("holds", "two members, both logged", "holds"),
        _judge("order", "by order of a court", "holds", first=replace(WISH, content={"ground": "order"})),
        _judge("forged", "signed with another key", "invalid", "author-signature", first=replace(WISH, key="ida")),
        _judge("forged-second", "the second is forged", "invalid", "author-signature", second=_follow(WISH, key="ben")),
        _judge("salt", "the content cannot be seen", "invalid", "author-signature", text=salt),
        _judge("said", "another ground than was signed", "invalid", "author-signature", text=said),
        _judge("suspended", "one could not sign by then", "invalid", "counter-key", directory=gone),
        _judge("no-directory", "nobody says whose keys", "cannot-judge", "counter-directory", directory=None),
        _judge(
            "late-directory",
            "too short a copy",
            "cannot-judge",
            "counter-directory",
            directory=copy_directory((4, 0), (4, 3)),
        ),
    ]


def _make_proofs() -> list[Case]:
    story = _tell(WISH, CONSENT)
    wrong = story.make_proof(CONSENT.part.leaf, BATCH * 8)
    right = story.make_proof(WISH.part.leaf, BATCH * 7)
    swapped = replace_once(GOOD, encode_base64(right), encode_base64(wrong))
    return [
        _judge(
            "unlogged",
            "the log does not hold it yet",
            "cannot-judge",
            "erasure-unlogged",
            text=_encode(WISH, CONSENT, logged=(True, False)),
        ),
        _judge("future", "before it was logged", "cannot-judge", "erasure-unlogged", now=AT + 5 * TICK_S),
        _judge("proof", "the place of another entry", "invalid", "inclusion-root", text=swapped),
        _judge("first-line", "another object", "invalid", "text-first-line", text=GOOD.replace("/v1/", "/v2/", 1)),
        _judge("half", "one entry only", "invalid", "text-order", text=GOOD[: GOOD.index("header", 40)]),
        _judge(
            "order-of-lines",
            "a line is missing",
            "invalid",
            "text-order",
            text="".join(line for line in GOOD.splitlines(keepends=True) if not line.startswith("opening")),
        ),
    ]


CASES = [*_make_chain(), *_make_signatures(), *_make_proofs()]
