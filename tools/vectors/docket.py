"""Cases of the docket: what a case's opened entries add up to."""

from __future__ import annotations

from typing import Any

from plaint.protocol.content import encode_access
from plaint.protocol.room import encode_manifest
from tools.vectors.case import Case, draw
from tools.vectors.world import ACCESS, INTERNAL, INTERNAL_ACCESS, INTERNAL_ROOM, MANIFEST, ROOM, find_id

ADA, BEN, CAI, FAY = (find_id(name).hex() for name in ("ada", "ben", "cai", "fay"))
START = 1_800_000_000
DUE = [{"kind": "acknowledge", "at": START + 700}, {"kind": "feedback", "at": START + 9_000}]
GRACE = 60


class Writer:
    """Adds entries to one room, ten seconds apart."""

    def __init__(self, room: bytes, label: str) -> None:
        self.room, self.label = room, label
        self.entries: list[dict[str, Any]] = []

    def add(self, kind: str, author: str | None, content: dict[str, Any] | None = None, **more: Any) -> Writer:
        """Add one entry; a member's is proved and logged unless `more` says otherwise."""
        seq = len(self.entries)
        entry = {
            "room": self.room.hex(),
            "label": self.label,
            "seq": seq,
            "kind": kind,
            "hash": draw(f"{self.label} {seq}").hex(),
            "author": author,
            "proved": "unproved" if author is None else "proved",
            "logged_at": START + 10 * seq,
            "content": {"v": 1} if content is None else {"v": 1, **content},
        }
        self.entries.append({**entry, **more})
        return self

    def find_hash(self, seq: int) -> str:
        """Return H(header) of an entry."""
        return str(self.entries[seq]["hash"])

    def confirm(self, seq: int, author: str, **more: Any) -> Writer:
        """Add the confirmation of a close."""
        return self.add("entry", author, {"confirms": self.find_hash(seq)}, **more)


def _opened() -> Writer:
    content = {"room": encode_manifest(MANIFEST).decode(), "access": encode_access(ACCESS), "people": [], "text": "It"}
    return Writer(ROOM, "reporter").add("open", "holder", content)


def _closed() -> Writer:
    return _opened().add("close", ADA, {"reason": "done"}).confirm(1, BEN)


def _internal() -> Writer:
    content = {"room": encode_manifest(INTERNAL).decode(), "access": encode_access(INTERNAL_ACCESS), "people": []}
    return Writer(INTERNAL_ROOM, "internal").add("open", ADA, content)


def _case(name: str, about: str, *writers: Writer, now: int = START + 500) -> Case:
    entries = [entry for writer in writers for entry in writer.entries]
    return Case("case", name, "fold", about, {"entries": entries, "due": DUE, "now": now, "grace_s": GRACE})


def _make_status() -> list[Case]:
    feedback = {"action": "We talked to him", "grounds": "Two witnesses"}
    close = {"reason": "done"}
    reopened = _closed().add("reopen", "holder")
    turned = _opened().add("acknowledge", ADA).add("entry", "holder", {"text": "Thanks"})
    turned.entries.reverse()
    return [
        _case("received", "only the report", _opened()),
        _case("nothing", "no entry at all"),
        _case("acknowledged", "acknowledged", _opened().add("acknowledge", ADA)),
        _case("acknowledged-unproved", "by nobody certain", _opened().add("acknowledge", ADA, proved="unproved")),
        _case("acknowledged-holder", "a holder cannot", _opened().add("acknowledge", "holder")),
        _case("acknowledged-excluded", "somebody kept out cannot", _opened().add("acknowledge", CAI)),
        _case("feedback", "feedback", _opened().add("acknowledge", ADA).add("feedback", BEN, feedback)),
        _case("feedback-first", "feedback before", _opened().add("feedback", BEN, feedback).add("acknowledge", ADA)),
        _case("closing", "one signature", _opened().add("close", ADA, close)),
        _case("closing-same", "the same member twice", _opened().add("close", ADA, close).confirm(1, ADA)),
        _case("closing-holder", "the holder confirms", _opened().add("close", ADA, close).confirm(1, "holder")),
        _case("closing-unproved", "forged", _opened().add("close", ADA, close).confirm(1, BEN, proved="unproved")),
        _case("closing-holder-close", "the holder closes", _opened().add("close", "holder", close)),
        _case("closing-other", "another entry is confirmed", _opened().add("close", ADA, close).confirm(0, BEN)),
        _case("closing-excluded", "somebody kept out confirms", _opened().add("close", ADA, close).confirm(1, CAI)),
        _case("closing-excluded-close", "somebody kept out closes", _opened().add("close", CAI, close).confirm(1, ADA)),
        _case("closing-two", "two wish to", _opened().add("close", ADA, close).add("close", BEN, close)),
        _case("closed", "two signatures", _closed()),
        _case(
            "closed-first",
            "the first of two",
            _opened().add("close", ADA, close).add("close", BEN, close).confirm(1, FAY),
        ),
        _case("closed-again", "a close after the end", _closed().add("close", FAY, {"reason": "again"})),
        _case("reopened", "by the holder", reopened),
        _case("reopened-earlier", "before the reader's time", _closed().add("reopen", "holder", proved="earlier")),
        _case("reopened-unproved", "forged", _closed().add("reopen", "holder", proved="unproved")),
        _case(
            "reopened-closing",
            "one signature is taken back",
            _opened().add("close", ADA, close).add("reopen", "holder"),
        ),
        _case(
            "reopened-old",
            "an old confirmation",
            _opened().add("close", ADA, close).add("reopen", "holder").confirm(1, BEN),
        ),
        _case("reopened-nothing", "nothing was closed", _opened().add("reopen", "holder")),
        _case("reopened-closed", "closed again", _closed().add("reopen", BEN).add("close", BEN, close).confirm(4, ADA)),
        _case("turned", "entries in another order", turned),
        _case("broken", "a body that does not open", _opened().add("entry", None, content=None)),
    ]


def _make_dates() -> list[Case]:
    def done(at: int | None) -> Writer:
        return _opened().add("acknowledge", ADA, logged_at=at)

    late = START + 700 + GRACE
    return [
        _case("due-open", "at the last moment", _opened(), now=late),
        _case("due-missed", "one second after", _opened(), now=late + 1),
        _case("due-met", "logged at the last moment", done(late), now=late + 99),
        _case("due-late", "logged one second after", done(late + 1), now=late + 99),
        _case("due-waiting", "not logged yet", done(None), now=late),
        _case("due-waiting-missed", "not logged in time", done(None), now=late + 1),
        _case(
            "due-first",
            "the first of two counts",
            done(late + 5).add("acknowledge", BEN, logged_at=late),
            now=late + 99,
        ),
    ]


def _make_grants() -> list[Case]:
    more = {"granted": sorted([*encode_access(ACCESS)["granted"], FAY])}
    given = {"access": {**encode_access(ACCESS), **more}, "granted": {"member": FAY, "name": "Fay Invented"}}
    inside = {**encode_access(INTERNAL_ACCESS), "granted": sorted([ADA, FAY])}
    notice = {"type": "access", "room": INTERNAL_ROOM.hex(), "label": "internal", "member": ADA, "name": "Ada Invented"}
    fewer = {"access": {**encode_access(ACCESS), "granted": [ADA]}}
    return [
        _case("grant", "one more", _opened().add("slots", ADA, given)),
        _case("grant-unproved", "whoever sent it", _opened().add("slots", ADA, given, proved="unproved")),
        _case("grant-undated", "not logged yet", _opened().add("slots", ADA, given, logged_at=None)),
        _case("grant-back", "taken out and let in again", _opened().add("slots", ADA, fewer).add("slots", ADA, given)),
        _case("grant-internal", "not told", _opened(), _internal()),
        _case("grant-told", "told", _opened().add("entry", ADA, {"notice": notice}), _internal()),
        _case(
            "grant-half-told",
            "one of two is told",
            _internal().add("slots", ADA, {"access": inside}),
            _opened().add("entry", ADA, {"notice": notice}),
        ),
        _case(
            "grant-forged-notice",
            "a notice by nobody certain",
            _internal(),
            _opened().add("entry", ADA, {"notice": notice}, proved="unproved"),
        ),
    ]


CASES = [*_make_status(), *_make_dates(), *_make_grants()]
