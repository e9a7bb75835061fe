"""Cases of excerpt, and those of verify that rest on one."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

from plaint.encoding.base64 import encode_base64
from plaint.protocol.excerpt import Excerpt, cut_excerpt, encode_excerpt
from plaint.protocol.merkle import Frontier, compute_leaf_hash
from plaint.protocol.note import parse_note
from plaint.protocol.receipt import parse_receipt
from tests.support.operations_verify import ListedLeaves
from tools.vectors.case import Case
from tools.vectors.notes import AT, LEAVES
from tools.vectors.story import (
    ACKNOWLEDGED,
    ANSWERED,
    BATCH,
    PROMISE,
    TICK_S,
    TRUST,
    Story,
    make_receipt,
    make_trust,
)

EARLIER = 256
LOGGED = 3
END = AT + 30 * TICK_S
GOOD = Story({LOGGED: LEAVES, 6: [ACKNOWLEDGED], 14: [ANSWERED]}, earlier=EARLIER)
SILENT = Story({LOGGED: LEAVES}, earlier=EARLIER)
LONG = replace(SILENT, ticks=90)
LATE_LOGGED = 70
AHEAD = Story({2: [ACKNOWLEDGED], LATE_LOGGED: LEAVES}, ticks=90, earlier=EARLIER)
WAITING = replace(PROMISE, size=EARLIER + 2 * BATCH)


def make_story_receipt(story: Story) -> str:
    """Return the receipt, complete, of the report that `story` logs."""
    return make_receipt(WAITING, story.make_proof(LEAVES[0], EARLIER + BATCH * (LOGGED + 1)))


def make_excerpt(story: Story) -> Excerpt:
    """Return what `cut_excerpt` makes of the whole log of `story`."""
    copy = story.make_copy()
    kept = {int(size): note.encode() for size, note in copy["kept"].items()}
    leaves = ListedLeaves([bytes.fromhex(leaf) for leaf in copy["leaves"]], kept)
    return cut_excerpt(leaves, parse_receipt(make_story_receipt(story).encode()), TRUST, now=END)


def _make_late() -> bytes:
    """Return an excerpt in good order that begins in the tile after the report's."""
    leaves = LONG.make_leaves()
    frontier = Frontier()
    for leaf in leaves[:512]:
        frontier.append(compute_leaf_hash(leaf))
    note = parse_note(LONG.make_note(len(leaves)))
    return encode_excerpt(Excerpt(512, tuple(frontier.nodes), (note,), b"".join(leaves[512:])))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _make_cuts() -> list[Case]:
    def cut(
        name: str, about: str, story: Story, error: str | None = None, *, receipt: str | None = None, **more: Any
    ) -> Case:
        receipt = receipt or make_story_receipt(story)
        given = {"receipt": receipt, "trust": make_trust(), "now": END, **story.make_copy(), **more}
        return Case("excerpt", name, "cut", about, given, error=error)

    provisional = make_receipt(WAITING)
    young = Story({LOGGED: LEAVES})
    none = {"leaves": None, "kept": None}
    return [
        cut("cut-met", "both duties met: the checkpoints that date them", GOOD),
        cut("cut-silent", "nothing came: all leaves to the end", SILENT),
        cut("cut-provisional", "from where the log stood when the report came", SILENT, receipt=provisional),
        cut(
            "cut-ahead",
            "acknowledged a tile before the report's place: from the promise on",
            AHEAD,
            receipt=make_receipt(WAITING, AHEAD.make_proof(LEAVES[0], EARLIER + BATCH * (LATE_LOGGED + 1))),
        ),
        cut("cut-young", "a log that is younger than one tile", young, receipt=make_receipt()),
        cut("cut-excerpt", "cut out of an excerpt", GOOD, **none, excerpt=_text(encode_excerpt(make_excerpt(GOOD)))),
        cut(
            "cut-swapped",
            "leaves that are not under the root",
            GOOD,
            "leaves-root",
            leaves=GOOD.make_copy()["leaves"][::-1],
        ),
        cut(
            "cut-late", "the copy begins after the report", LONG, "leaves-missing", **none, excerpt=_text(_make_late())
        ),
        cut("cut-undated", "no checkpoint is dated yet", SILENT, "leaves-missing", now=AT - 9 * TICK_S),
    ]


def _make_parses() -> list[Case]:
    def parse(name: str, about: str, data: bytes, error: str | None = None, **more: Any) -> Case:
        return Case("excerpt", name, "parse", about, {"excerpt": _text(data), **more}, error=error)

    good = make_excerpt(GOOD)
    data = encode_excerpt(good)
    last = f"kept {encode_base64(GOOD.make_note(good.size))}\n".encode()
    early = f"kept {encode_base64(GOOD.make_note(EARLIER))}\n".encode()
    node = f"before {good.before[0].hex()}\n".encode()
    counted = f"leaves {good.size - EARLIER}\n".encode()
    return [
        parse("parse", "an excerpt", data),
        parse(
            "parse-whole",
            "a whole log",
            encode_excerpt(
                replace(
                    make_excerpt(GOOD),
                    first=0,
                    before=(),
                    data=b"".join(bytes.fromhex(leaf) for leaf in GOOD.make_copy()["leaves"]),
                )
            ),
        ),
        parse("size", "more bytes than any excerpt has", data, "excerpt-size", zeros=70_000_000),
        parse("form", "no empty line", data.split(b"\n\n")[0] + b"\n", "excerpt-form"),
        parse("first-tile", "begins inside a tile", data.replace(b"first 256\n", b"first 257\n"), "excerpt-first"),
        parse("first-before", "a subtree is missing", data.replace(node, b""), "excerpt-first"),
        parse(
            "leaves-none",
            "no leaf at all",
            data.partition(b"\n\n")[0].replace(counted, b"leaves 0\n") + b"\n\n",
            "excerpt-leaves",
        ),
        parse("leaves-cut", "the last leaf is cut short", data[:-1], "excerpt-leaves"),
        parse("leaves-more", "one leaf too many", data + bytes(33), "excerpt-leaves"),
        parse("leaves-limit", "a count beyond the limit", data.replace(counted, b"leaves 2000001\n"), "text-integer"),
        parse("kept-none", "no checkpoint", encode_excerpt(replace(good, kept=())), "excerpt-kept"),
        parse(
            "kept-order", "two checkpoints swapped", encode_excerpt(replace(good, kept=good.kept[::-1])), "excerpt-kept"
        ),
        parse("kept-twice", "one checkpoint twice", data.replace(last, last + last), "excerpt-kept"),
        parse("kept-last", "the last checkpoint is missing", data.replace(last, b""), "excerpt-kept"),
        parse(
            "kept-early",
            "a checkpoint from before the first leaf",
            data.replace(counted, counted + early),
            "excerpt-kept",
        ),
        parse("kept-many", "more checkpoints than 64", data.replace(last, last * 65), "excerpt-kept"),
        parse(
            "order",
            "leaves counted after the checkpoints",
            data.replace(counted, b"").replace(last, last + counted),
            "text-order",
        ),
        parse("text-first-line", "another format", data.replace(b"/v1/", b"/v2/", 1), "text-first-line"),
    ]


def _make_verdicts() -> list[Case]:
    def judge(
        name: str,
        about: str,
        excerpt: Excerpt | bytes,
        verdict: str,
        story: Story = SILENT,
        *,
        reasons: tuple[str, ...] = (),
        **more: Any,
    ) -> Case:
        data = excerpt if isinstance(excerpt, bytes) else encode_excerpt(excerpt)
        given = {
            "receipt": make_story_receipt(story),
            "trust": make_trust(),
            "now": END,
            "excerpt": _text(data),
            **more,
        }
        expect = {"verdict": verdict, "reasons": list(reasons)}
        return Case("verify", f"excerpt-{name}", "judge", about, given, expect=expect)

    silent, good, unclear = make_excerpt(SILENT), make_excerpt(GOOD), "cannot-judge"
    changed = bytearray(silent.data)
    changed[-1] ^= 1
    short = replace(good, data=good.data[: 4 * BATCH * 33], kept=(parse_note(GOOD.make_note(EARLIER + 4 * BATCH)),))
    other = replace(silent, before=(compute_leaf_hash(b"another"),))
    return [
        judge("silent", "silence, by an excerpt", silent, "silent"),
        judge("met", "both duties met, by an excerpt", good, "holds", GOOD),
        judge("provisional", "no proof in the receipt", silent, "silent", receipt=make_receipt(WAITING)),
        judge("cut", "an excerpt that ends before the first date", short, unclear, GOOD, reasons=("leaves-missing",)),
        judge(
            "changed",
            "one bit of a leaf changed",
            replace(silent, data=bytes(changed)),
            unclear,
            reasons=("leaves-root", "leaves-missing"),
        ),
        judge(
            "before", "the subtree before the leaves changed", other, unclear, reasons=("leaves-root", "leaves-missing")
        ),
        judge(
            "late", "an excerpt that begins after the report", _make_late(), unclear, LONG, reasons=("leaves-missing",)
        ),
    ]


CASES = [*_make_cuts(), *_make_parses(), *_make_verdicts()]
