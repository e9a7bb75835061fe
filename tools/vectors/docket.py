"""Cases of the docket: what a case's opened entries add up to."""

from __future__ import annotations

from typing import Any

from plaint.protocol.content import encode_access
from plaint.protocol.room import encode_manifest
from tools.vectors.case import Case, draw
from tools.vectors.packs import PACKS
from tools.vectors.world import ACCESS, INTERNAL, INTERNAL_ACCESS, INTERNAL_ROOM, MANIFEST, ROOM, find_id

ADA, BEN, CAI, FAY = (find_id(name).hex() for name in ("ada", "ben", "cai", "fay"))
START = 1_800_000_000
DAY = 86_400
ACKNOWLEDGE = START + 7 * DAY
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

    def change(self, seq: int, **more: Any) -> Writer:
        """Change what an entry says of itself."""
        self.entries[seq] = {**self.entries[seq], **more}
        return self

    def find_hash(self, seq: int) -> str:
        """Return H(header) of an entry."""
        return str(self.entries[seq]["hash"])

    def confirm(self, seq: int, author: str, **more: Any) -> Writer:
        """Add the confirmation of a close."""
        return self.add("entry", author, {"confirms": self.find_hash(seq)}, **more)


def open_report(**more: Any) -> Writer:
    """Return the reporter's room with the report; `more` stands in its content."""
    content = {
        "room": encode_manifest(MANIFEST).decode(),
        "access": encode_access(ACCESS),
        "people": [],
        "text": "It",
        **more,
    }
    return Writer(ROOM, "reporter").add("open", "holder", content)


def _closed() -> Writer:
    return open_report().add("close", ADA, {"reason": "done"}).confirm(1, BEN)


def open_internal() -> Writer:
    """Return the internal room."""
    content = {"room": encode_manifest(INTERNAL).decode(), "access": encode_access(INTERNAL_ACCESS), "people": []}
    return Writer(INTERNAL_ROOM, "internal").add("open", ADA, content)


def fold(name: str, about: str, *writers: Writer, now: int = START + 500, pack: str = "eu-internal") -> Case:
    """Return a case of the fold of everything that `writers` wrote."""
    entries = [entry for writer in writers for entry in writer.entries]
    given = {"entries": entries, "pack": PACKS[pack], "begin": START, "now": now, "grace_s": GRACE}
    return Case("case", name, "fold", about, given)


def _make_status() -> list[Case]:
    feedback = {"action": "We talked to him", "grounds": "Two witnesses"}
    close, wish = {"reason": "done"}, {"ground": "retention"}
    reopened = _closed().add("reopen", "holder")
    turned = open_report().add("acknowledge", ADA).add("entry", "holder", {"text": "Thanks"})
    turned.entries.reverse()
    return [
        fold("received", "only the report", open_report()),
        fold("nothing", "no entry at all"),
        fold("acknowledged", "acknowledged", open_report().add("acknowledge", ADA)),
        fold("acknowledged-unproved", "by nobody certain", open_report().add("acknowledge", ADA, proved="unproved")),
        fold("acknowledged-holder", "a holder cannot", open_report().add("acknowledge", "holder")),
        fold("acknowledged-unadmitted", "never let in", open_report().add("acknowledge", ADA, proved="unadmitted")),
        fold("acknowledged-excluded", "somebody kept out cannot", open_report().add("acknowledge", CAI)),
        fold("feedback", "feedback", open_report().add("acknowledge", ADA).add("feedback", BEN, feedback)),
        fold(
            "feedback-blank",
            "an answer of blanks is none",
            open_report().add("acknowledge", ADA).add("feedback", BEN, {"action": " ", "grounds": "\n"}),
        ),
        fold(
            "feedback-no-grounds",
            "an answer without grounds is none",
            open_report().add("acknowledge", ADA).add("feedback", BEN, {"action": "A talk", "grounds": "\n"}),
        ),
        fold(
            "feedback-no-action",
            "an answer without an action is none",
            open_report().add("acknowledge", ADA).add("feedback", BEN, {"action": " ", "grounds": "A witness"}),
        ),
        fold("feedback-first", "feedback before", open_report().add("feedback", BEN, feedback).add("acknowledge", ADA)),
        fold("closing", "one signature", open_report().add("close", ADA, close)),
        fold("closing-same", "the same member twice", open_report().add("close", ADA, close).confirm(1, ADA)),
        fold("closing-holder", "the holder confirms", open_report().add("close", ADA, close).confirm(1, "holder")),
        fold("closing-unproved", "forged", open_report().add("close", ADA, close).confirm(1, BEN, proved="unproved")),
        fold("closing-holder-close", "the holder closes", open_report().add("close", "holder", close)),
        fold("closing-other", "another entry is confirmed", open_report().add("close", ADA, close).confirm(0, BEN)),
        fold("closing-excluded", "somebody kept out confirms", open_report().add("close", ADA, close).confirm(1, CAI)),
        fold(
            "closing-excluded-close", "somebody kept out closes", open_report().add("close", CAI, close).confirm(1, ADA)
        ),
        fold("closing-two", "two wish to", open_report().add("close", ADA, close).add("close", BEN, close)),
        fold("closed", "two signatures", _closed()),
        fold(
            "closed-first",
            "the first of two",
            open_report().add("close", ADA, close).add("close", BEN, close).confirm(1, FAY),
        ),
        fold("closed-again", "a close after the end", _closed().add("close", FAY, {"reason": "again"})),
        fold("reopened", "by the holder", reopened),
        fold("reopened-earlier", "before the reader's time", _closed().add("reopen", "holder", proved="earlier")),
        fold("reopened-unproved", "forged", _closed().add("reopen", "holder", proved="unproved")),
        fold(
            "reopened-closing",
            "one signature is taken back",
            open_report().add("close", ADA, close).add("reopen", "holder"),
        ),
        fold(
            "reopened-old",
            "an old confirmation",
            open_report().add("close", ADA, close).add("reopen", "holder").confirm(1, BEN),
        ),
        fold("erasing", "one signature", open_report().add("erase", ADA, wish)),
        fold("erasing-closed", "after the end", _closed().add("erase", ADA, wish)),
        fold(
            "erasing-over", "something was written after", open_report().add("erase", ADA, wish).add("entry", "holder")
        ),
        fold("erasing-unproved", "forged", open_report().add("erase", ADA, wish, proved="unproved")),
        fold("erasing-excluded", "somebody kept out", open_report().add("erase", CAI, wish)),
        fold("erasing-holder", "the holder", open_report().add("erase", "holder", wish)),
        fold("erasing-second", "a confirmation of nothing", open_report().add("erase", ADA, {"confirms": "00" * 32})),
        fold("reopened-nothing", "nothing was closed", open_report().add("reopen", "holder")),
        fold("reopened-closed", "closed again", _closed().add("reopen", BEN).add("close", BEN, close).confirm(4, ADA)),
        fold("turned", "entries in another order", turned),
        fold("broken", "a body that does not open", open_report().add("entry", None).change(1, content=None)),
        fold(
            "broken-answers",
            "what was not opened is no event, whoever is named",
            open_report().add("acknowledge", ADA).change(1, content=None).add("feedback", BEN).change(2, content=None),
        ),
        fold(
            "holder-unadmitted",
            "a holder is never let in",
            _closed().add("reopen", "holder", proved="unadmitted"),
        ),
    ]


def _make_dates() -> list[Case]:
    def done(at: int | None) -> Writer:
        return open_report().add("acknowledge", ADA, logged_at=at)

    late = ACKNOWLEDGE + GRACE
    return [
        fold("due-open", "at the last moment", open_report(), now=late),
        fold("due-missed", "one second after", open_report(), now=late + 1),
        fold("due-met", "logged at the last moment", done(late), now=late + 99),
        fold("due-late", "logged one second after", done(late + 1), now=late + 99),
        fold("due-waiting", "not logged yet", done(None), now=late),
        fold("due-waiting-missed", "not logged in time", done(None), now=late + 1),
        fold(
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
        fold("grant", "one more", open_report().add("slots", ADA, given)),
        fold("grant-unproved", "whoever sent it", open_report().add("slots", ADA, given, proved="unproved")),
        fold("grant-undated", "not logged yet", open_report().add("slots", ADA, given, logged_at=None)),
        fold(
            "grant-back", "taken out and let in again", open_report().add("slots", ADA, fewer).add("slots", ADA, given)
        ),
        fold("grant-internal", "not told", open_report(), open_internal()),
        fold("grant-told", "told", open_report().add("entry", ADA, {"notice": notice}), open_internal()),
        fold(
            "grant-half-told",
            "one of two is told",
            open_internal().add("slots", ADA, {"access": inside}),
            open_report().add("entry", ADA, {"notice": notice}),
        ),
        fold(
            "grant-forged-notice",
            "a notice by nobody certain",
            open_internal(),
            open_report().add("entry", ADA, {"notice": notice}, proved="unproved"),
        ),
    ]


CASES = [*_make_status(), *_make_dates(), *_make_grants()]
