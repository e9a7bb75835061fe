"""The same organisation, seed and clock, with and without a case: what an outsider and an excluded member can fetch.

Statuses, counts, lengths and order are the same; only bytes that look random differ (claims C2 and C8).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import Connection, select

from plaint.protocol.chart import Person, compute_chart_digest, make_chart
from plaint.protocol.directory_contents import ChartDigest
from plaint.protocol.draft import Draft
from plaint.store.schema import cell
from tests.support.directory_world import find_id
from tests.support.erasing import Story
from tests.support.world import World

PUBLIC = (
    "",
    "desk/",
    "config",
    "directory",
    "directory?from=2",
    "names",
    "chart",
    "log/keys",
    "log/cases/checkpoint",
    "log/cases/at",
    "log/cases/at/16",
    "log/cases/at/160",
    "log/cases/tile/0/000",
    "log/cases/tile/entries/000",
    "log/cases/tile/0/001.p/64",
    "log/directory/checkpoint",
    "log/directory/at",
    "log/directory/tile/entries/000.p/4",
    "rooms",
    "session",
    "events",
    "nothing",
)
OWN = ("stream", "stream?from=5", "stream?from=999", "session", "mail")
RANDOM = re.compile(rb"[A-Za-z0-9+/=]{40,}|[0-9a-f]{32,}")
HEADERS = {"date", "etag", "last-modified", "content-length", "cache-control", "content-type", "plaint-tick"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What can be seen of an answer whose random parts say nothing."""

    status: int
    size: int
    headers: Mapping[str, str]
    shape: bytes


def look(answer: httpx.Response) -> Seen:
    headers = {name: value for name, value in answer.headers.items() if name in HEADERS}
    text = answer.headers.get("content-type", "").startswith(("text", "application/json"))
    shape = RANDOM.sub(lambda found: b"?" * len(found[0]), answer.content) if text else b""
    return Seen(answer.status_code, len(answer.content), headers, shape)


def visit(world: World) -> list[Seen]:
    """Fetch everything that an outsider and the excluded member can."""
    member = {"plaint-session": world.session("ida")}
    seen = [look(world.client.get(path)) for path in PUBLIC]
    seen += [look(world.client.get(path, headers=member)) for path in OWN]
    unknown = {"plaint-cap": "11" * 32}
    seen += [look(world.client.get(f"rooms/{'22' * 32}", headers=unknown))]
    seen += [look(world.client.post("heads", content=b"\x11" * 640))]
    seen += [look(world.client.get("locator", headers={"plaint-locator": "33" * 32}))]
    seen += [look(world.client.get(f"blobs/{'44' * 32}"))]
    return seen


def live(folder: Path, *, with_case: bool) -> list[Seen]:
    """Let an organisation live for three weeks; a case about Ida comes, is handled, grows, is missed, and closes."""
    with World(folder, seed=7) as world:
        chart = make_chart(
            [Person("1", "Olga Invented", "Head", None), Person("2", "Ida Invented", "Clerk", "1", find_id("ida"))]
        )
        digest = ChartDigest(compute_chart_digest(chart), 2)
        world.submit(digest, "ada", "dov", draft=Draft(digest, {}, chart))
        world.tick(2)
        seen: list[Seen] = []
        for day in range(4):
            if with_case:
                handle(world, day)
            world.tick(6)
            seen += visit(world)
            world.now += 2 * 86_400
            world.tick(3)
        return seen


def handle(world: World, day: int) -> None:
    """Do what is done on a day in a case about Ida."""
    if day == 0:
        world.report("Ida did this.", about=["2"])
        return
    desk = world.desk("ben")
    desk.scan()
    case = desk.list_cases()[0]
    if day == 1:
        desk.acknowledge(case, "It arrived.")
    elif day == 2:
        desk.note(case, "Talk to somebody.")
        desk.reply(desk.list_cases()[0], "We are on it.")
    else:
        desk.close(case, "Settled.")


def test_nothing_tells_the_two_worlds_apart(tmp_path: Path) -> None:
    without, with_case = live(tmp_path / "without", with_case=False), live(tmp_path / "with", with_case=True)
    assert len(without) == len(with_case)
    for left, right in zip(without, with_case, strict=True):
        assert left == right


def read_twice(folder: Path, *, with_case: bool) -> tuple[bool, int]:
    """Read Ida's whole stream before and after an erasure; return whether the first part is the same, and the size."""
    with World(folder, seed=7) as world:
        member = find_id("ida")
        if with_case:
            world.report("Somebody did this.")
        world.tick(30)
        stored = world.loop.run(world.database.read(lambda c: count_cells(c, member)))
        assert (stored > 0) is with_case
        headers = {"plaint-session": world.session("ida")}
        before = world.client.get("stream?from=0", headers=headers).content
        if with_case:
            erase(world)
        world.tick(3)
        after = world.client.get("stream?from=0", headers=headers).content
        return after.startswith(before), len(after)


def erase(world: World) -> None:
    """Let two members answer and erase the case."""
    ben, cai = world.desk("ben"), world.desk("cai")
    ben.scan()
    ben.acknowledge(ben.list_cases()[0])
    ben.feedback(ben.list_cases()[0], action="A new lock.", grounds="The old one was broken.")
    Story(world, world.draw_holder(), ben, cai, []).erase()


def count_cells(connection: Connection, member: bytes) -> int:
    """Return how many cells of a member's stream are stored."""
    return len(connection.execute(select(cell.c.tick).where(cell.c.member == member)).all())


def test_an_erasure_between_two_reads_changes_no_byte(tmp_path: Path) -> None:
    assert read_twice(tmp_path / "without", with_case=False) == read_twice(tmp_path / "with", with_case=True)


def test_the_case_was_there_and_ida_has_no_key(tmp_path: Path) -> None:
    with World(tmp_path, seed=7) as world:
        world.report("Ida did this.", exclude=[find_id("ida").hex()])
        for _ in range(30):
            world.tick()
        found = {}
        for name in ("ben", "cai", "ida", "dov"):
            desk = world.desk(name)
            desk.scan()
            found[name] = (len(desk.stream.list_open()), len(desk.stream.list_watched()))
        assert found == {"ben": (1, 0), "cai": (1, 0), "ida": (0, 0), "dov": (0, 1)}
