"""Cases nobody thought of, with what Python makes of them: the browser must make the same (docket.test.ts).

Usage: python -m tests.support.random_cases SEED COUNT; writes one JSON line for each.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any

from plaint.client.law.shipped import SHIPPED, load_law, load_pack
from plaint.client.law.sites import make_calendar
from plaint.errors import PlaintError
from plaint.protocol.packs import STEPS, encode_pack
from tests.support.operations_docket import case_fold, case_handling

DAY = 86_400
START = 1_800_000_000
MEMBERS = [f"{number:02x}" * 16 for number in range(1, 6)]
ROOMS = [("aa" * 32, "reporter"), ("bb" * 32, "internal"), ("cc" * 32, "handling"), ("dd" * 32, "internal")]
KINDS = ["acknowledge", "feedback", "extend", "decide", "close", "reopen", "erase", "slots", "close", *["entry"] * 4]
AUTHORSHIPS = [*["proved"] * 6, "own", "unproved", "earlier", "former", "unadmitted"]
TEXTS = ["", " ", "\u200b", "\u3000", "\u00ad\u2028", "\u2800", "\u180e", "\ufe0f", "e\u0301", "words"]
SITE = make_calendar("IN-MH", "Asia/Kolkata", today=date(2026, 11, 28), years=6)


class RandomCase:
    """One case as it might never be."""

    def __init__(self, random: Random) -> None:
        self.random = random
        name = random.choice([*SHIPPED, *["eu-authority"] * 3])
        self.pack = load_pack(name, None if load_law(name).calendar is None else SITE)
        self.begin = START + random.randrange(400 * DAY)
        self.entries: list[dict[str, Any]] = []
        for room, label in [ROOMS[0], *random.sample(ROOMS[1:], random.randrange(4))]:
            self._write_room(room, label)
        random.shuffle(self.entries)

    def judge(self) -> dict[str, Any]:
        """Return what goes in, and what Python makes of it."""
        given = {
            "entries": self.entries,
            "pack": encode_pack(self.pack),
            "begin": self.begin,
            "now": self.begin + self.random.randrange(500 * DAY),
            "grace_s": self.random.choice([0, 12, 3_600]),
            "independents": self.random.sample(MEMBERS, 2),
        }
        return {"input": given, "fold": _try(case_fold, given), "handling": _try(case_handling, given)}

    def _write_room(self, room: str, label: str) -> None:
        random, first, moment = self.random, label == "reporter", self.begin
        open_ = {
            "v": 1,
            "room": "plaint/v1/room\n",
            "access": self._draw_access(),
            **self._maybe("disclosure", self._tell),
        }
        self._add(room, label, "open", open_, "holder" if first else random.choice(MEMBERS), self.begin)
        for _ in range(random.randrange(14)):
            moment += random.choice([0, 1, 600, DAY, 5 * DAY, 30 * DAY])
            kind, logged = random.choice(KINDS), random.choice([moment] * 9 + [moment - 5, None])
            content = {"v": 1, **self._maybe("text", self._draw_text), **self._draw_content(kind, moment)}
            self._add(room, label, kind, content, random.choice(["holder", *MEMBERS]), logged)

    def _add(self, room: str, label: str, kind: str, content: Any, author: str, logged: int | None) -> None:
        proved = self.random.choice(AUTHORSHIPS)
        if self.random.random() < 0.05 and kind != "open":
            author, proved, content = None, "unproved", None  # type: ignore[assignment]
        seq = sum(entry["room"] == room for entry in self.entries)
        entry = {"room": room, "label": label, "seq": seq, "kind": kind, "hash": f"{len(self.entries) + 1:064x}"}
        entry |= {"author": author, "proved": proved, "logged_at": logged, "content": content}
        if kind == "extend":
            days = self.random.choice([3, 100, 120, 170, 180, 182, 186])
            entry["until"] = {
                "kind": self.random.choice(["feedback", "feedback", "acknowledge"]),
                "at": self.begin + days * DAY,
            }
        self.entries.append(entry)

    def _draw_content(self, kind: str, moment: int) -> dict[str, Any]:
        grounds = self.random.choice(["retention", "irrelevant", "request", "order", None])
        makers: dict[str, dict[str, Callable[[], Any]]] = {
            "feedback": {"action": lambda: self._draw_text(1), "grounds": lambda: self._draw_text(1)},
            "extend": {"text": lambda: self.random.choice(["Abroad.", " "])},
            "decide": {"text": self._draw_text},
            "close": {"reason": self._draw_text},
            "slots": {"access": self._draw_access},
            "erase": {"ground": lambda: grounds} if grounds else {"confirms": lambda: self._draw_hash("erase")},
        }
        made = makers.get(kind, {})
        if kind == "entry":
            may: dict[str, Callable[[], Any]] = {
                "confirms": lambda: self._draw_hash("close"),
                "notice": self._draw_notice,
                "step": lambda: self.random.choice(STEPS),
                "automatic": lambda: True,
                "hold": lambda: self._draw_hold(moment),
                "lifts": lambda: self._draw_hash("entry"),
                "disclosure": self._tell,
                "risk": lambda: self.random.choice(["low", "medium", "high", "severe"]),
            }
            chosen = self.random.sample(list(may), self.random.choice([0, 1, 1, 1, 2, 3]))
            made = {name: may[name] for name in chosen}
        return {name: make() for name, make in made.items()}

    def _draw_text(self, least: int = 0) -> str:
        return self.random.choice(TEXTS[least:])

    def _draw_hash(self, kind: str) -> str:
        """Return the hash of an entry, of this kind if there is one."""
        fitting = [entry["hash"] for entry in self.entries if entry["kind"] == kind]
        return str(self.random.choice(fitting or [entry["hash"] for entry in self.entries]))

    def _draw_access(self) -> dict[str, Any]:
        granted = sorted(self.random.sample(MEMBERS, self.random.randrange(1, 4)))
        conflicted = [member for member in MEMBERS if member not in granted and self.random.random() < 0.3]
        return {"granted": granted, "conflicted": conflicted, "excluded": []}

    def _draw_notice(self) -> dict[str, Any]:
        room, label = self.random.choice(ROOMS)
        return {"type": "access", "room": room, "label": label, "member": self.random.choice(MEMBERS), "name": "Mia"}

    def _draw_hold(self, moment: int) -> dict[str, Any]:
        type_ = self.random.choice(["external", "legal", "interview"])
        until = None if type_ == "legal" else moment + self.random.choice([1, 10, 29, 30, 31, 40]) * DAY
        return {"type": type_, "until": until, "reason": self.random.choice(["They asked.", " "])}

    def _tell(self) -> dict[str, Any]:
        on, to = self.random.choice([None, "2026-05-01"]), self.random.choice(["manager", "hr", "forum", "police"])
        return {"on": on, "to": to, "name": self.random.choice(["", "Mia"])}

    def _maybe(self, key: str, draw: Callable[[], Any]) -> dict[str, Any]:
        return {key: draw()} if self.random.random() < 0.3 else {}


def _try(operation: Callable[[dict[str, Any]], Any], given: dict[str, Any]) -> Any:
    try:
        return operation(given)
    except PlaintError as error:
        return error.code


def main(seed: int, count: int) -> None:
    """Write `count` cases, always the same for one seed."""
    random = Random(seed)
    for _ in range(count):
        sys.stdout.write(json.dumps(RandomCase(random).judge()) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
