"""A whole year of 10,000 cases: every duty, at every moment that matters, against the slow reading of the law."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random

import pytest

from plaint.client.law.shipped import SHIPPED, load_pack
from plaint.client.law.sites import make_calendar
from plaint.docket.case import fold_case
from plaint.docket.entries import HOLDER, REPORTER, OpenedEntry
from plaint.protocol.access import Access
from plaint.protocol.content import (
    CloseContent,
    Content,
    EntryContent,
    FeedbackContent,
    OpenContent,
    ReopenContent,
)
from plaint.protocol.packs import STEPS, Pack
from plaint.protocol.room import Until
from tests.support.slow_law import DAY, LAWS, Site, Story, find_due, find_fate, months

CASES = 10_000
GRACE = 3_600
ROOM = b"r" * 32
HANDLERS = [bytes([n]) * 16 for n in range(1, 4)]
SHUT_OUT = b"x" * 16
BEGIN = int(datetime(2027, 7, 1, tzinfo=UTC).timestamp())
LAST = int(datetime(2028, 7, 1, tzinfo=UTC).timestamp())
SITES = {
    "eu-internal": [Site("DE-BE", "Europe/Berlin")],
    "eu-authority": [Site("FR", "Europe/Paris")],
    "cn-2023": [Site("CN", "Asia/Shanghai")],
    "in-posh": [Site("IN-MH", "Asia/Kolkata"), Site("IN-KA", "Asia/Kolkata")],
    "jp-wpa": [Site("JP", "Asia/Tokyo")],
    "uk": [Site("GB-ENG", "Europe/London"), Site("GB-SCT", "Europe/London")],
    "us": [Site("US-CA", "America/Los_Angeles"), Site("US-NY", "America/New_York")],
    "strict": [Site("SA", "Asia/Riyadh")],
}


class Life:
    """Writes one case as it happens, and beside it the story of what counts."""

    def __init__(self, random: Random, law: str, pack: Pack, site: Site) -> None:
        self.random, self.pack = random, pack
        self.story = Story(law, site, received=random.randrange(BEGIN, LAST))
        access = Access(granted=tuple(HANDLERS), conflicted=(SHUT_OUT,), excluded=())
        self.entries = [self._make("open", HOLDER, OpenContent(room=b"room", access=access), self.story.received)]

    def _make(self, kind: str, who: bytes | str, content: Content, at: int | None, **more: object) -> OpenedEntry:
        seq = len(self.entries) if hasattr(self, "entries") else 0
        values = {"room": ROOM, "label": REPORTER, "seq": seq, "kind": kind, "hash": seq.to_bytes(32), "author": who}
        return OpenedEntry(**{**values, "proved": "proved", "logged_at": at, "content": content, **more})  # type: ignore[arg-type]

    def live(self) -> None:
        """Let things happen that count, and things that look as if they did."""
        random = self.random
        for name in random.sample([*STEPS, "acknowledge", "feedback", "decide"], random.randrange(10)):
            at = self.story.received + random.choice([1, 3, 20, 90, 200]) * DAY + random.randrange(-DAY // 2, DAY)
            self.entries.append(self._happen(name, random.choice(HANDLERS), at))
            self.story = replace(self.story, happened={**self.story.happened, name: at})
            if random.random() < 0.3:
                self.entries.append(self._happen(name, random.choice(HANDLERS), at + random.randrange(1, 90 * DAY)))
        for _ in range(random.randrange(4)):
            self.entries.append(self._pretend(self.story.received + random.randrange(90 * DAY)))
        if random.random() < 0.3:
            self._close_and_reopen(self.story.received + random.randrange(90 * DAY))
        if self.story.law == "eu-authority" and random.random() < 0.7:
            self._extend()

    def _happen(self, name: str, who: bytes, at: int | None) -> OpenedEntry:
        if name == "feedback":
            return self._make(name, who, FeedbackContent(action="We looked into it", grounds="Two witnesses"), at)
        if name in {"acknowledge", "decide"}:
            return self._make(name, who, Content(text="In writing"), at)
        return self._make("entry", who, EntryContent(step=name, text="Done."), at)

    def _pretend(self, at: int) -> OpenedEntry:
        name = self.random.choice([*STEPS, "acknowledge", "feedback", "decide"])
        return self.random.choice(
            [
                replace(self._happen(name, HANDLERS[0], at), proved="unproved"),
                replace(self._happen(name, HANDLERS[0], at), author=HOLDER),
                self._happen(name, SHUT_OUT, at),
                self._happen(name, HANDLERS[0], None),
                self._make(
                    "entry", HANDLERS[0], EntryContent(step=self.random.choice(STEPS), text="Done.", automatic=True), at
                ),
                self._make("entry", HANDLERS[0], EntryContent(text="We have received your message."), at),
                self._make("decide", HANDLERS[0], Content(text="  "), at),
                self._make("feedback", HANDLERS[0], FeedbackContent(action="We looked into it", grounds="\n"), at),
                self._make("feedback", HANDLERS[0], FeedbackContent(action=" ", grounds="Two witnesses"), at),
                self._make("close", HANDLERS[0], CloseContent(reason="Closed."), at),
                self._make("reopen", HOLDER, ReopenContent(), at),
            ]
        )

    def _close_and_reopen(self, at: int) -> None:
        """Two members close the case; the reporter or one of them may open it again, and no date hears of it."""
        closing = self._make("close", HANDLERS[0], CloseContent(reason="Settled."), at)
        self.entries.append(closing)
        self.entries.append(self._make("entry", HANDLERS[1], EntryContent(confirms=closing.hash), at + 1))
        if self.random.random() < 0.5:
            who: bytes | str = HOLDER if self.random.random() < 0.5 else HANDLERS[2]
            self.entries.append(self._make("reopen", who, ReopenContent(), at + self.random.randrange(1, 90 * DAY)))

    def _extend(self) -> None:
        """Ask for more time, now and then for another date; the first that is fair counts."""
        received = self.story.received
        plain, most = months(received, 3), months(received, 6)
        for _ in range(3):
            kind = self.random.choice(["feedback", "feedback", "acknowledge"])
            until = received + self.random.randrange(80, 200) * DAY
            asked = received + self.random.randrange(100) * DAY
            reason = self.random.choice(["A witness is abroad", "A witness is abroad", "\n "])
            entry = self._make("extend", HANDLERS[0], Content(text=reason), asked, until=Until(kind, until))
            self.entries.append(entry)
            right = kind == "feedback" and reason.strip() != ""
            fair = right and asked <= plain + GRACE and plain < until <= most
            if fair and self.story.extended_to is None:
                self.story = replace(self.story, extended_to=until)


def check(life: Life, now: int) -> Counter[str]:
    """Compare every duty of one case at one moment; return what became of them."""
    story = life.story
    view = fold_case(life.entries, pack=life.pack, begin=story.received, now=now, grace_s=GRACE)
    wanted = {kind: (due, find_fate(story, kind, due, now=now, grace=GRACE)) for kind, due in find_due(story).items()}
    assert {duty.kind: (duty.at, duty.state) for duty in view.obligations} == wanted, story
    return Counter([view.status, *(f"{duty.kind} {duty.state}" for duty in view.obligations)])


@pytest.fixture(scope="module")
def places() -> list[tuple[str, Pack, Site]]:
    today = date(2027, 1, 4)
    return [
        (law, load_pack(law, make_calendar(site.code, site.zone, today=today, years=4)), site)
        for law, sites in SITES.items()
        for site in sites
    ]


def test_every_shipped_pack_has_its_law_in_words() -> None:
    assert set(LAWS) == set(SHIPPED) == set(SITES)


def test_a_year_of_ten_thousand_cases(places: list[tuple[str, Pack, Site]]) -> None:
    random, seen, days = Random(20_270_701), Counter[str](), set[int]()
    for number in range(CASES):
        life = Life(random, *places[number % len(places)])
        life.live()
        days.add((life.story.received - BEGIN) // DAY)
        dues = sorted(find_due(life.story).values())
        due = random.choice(dues)
        for now in (life.story.received, due + GRACE, due + GRACE + 1, LAST, life.story.received + 400 * DAY):
            seen.update(check(life, now))
    assert seen["closed"]
    assert seen["reopened"]
    assert len(days) == 366  # every day of the year, with 29 February and both changes of the clocks
    # Every duty of every law was seen in every state that it can have.
    for kinds in LAWS.values():
        for kind in kinds:
            over = "lapsed" if kind == "respondent-reply" else "missed"
            assert all(seen[f"{kind} {state}"] for state in ("open", "met", "late", over)), kind
