"""What the reporter's page weighs, along the files that the built page asks for."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from tests.support.static_site import STATIC

ROUTES = Path(__file__).resolve().parents[3] / "src" / "plaint" / "outside"

BEFORE_TYPING_BYTES = 60_000
# A journey weighs 150 kB at most (tests/e2e/test_reporter_browser.py); with it: a proof, what was erased, handing in, saving the page.
ALL_BYTES = 173_000
WORKER_BYTES = 26_000
LANGUAGES = ("en", "de", "zh", "ar")
LISTS = (
    "english", "french", "italian", "spanish", "portuguese", "czech", "japanese", "korean",
    "simplified-chinese", "traditional-chinese",
)  # fmt: skip
WORDS_OF_A_REPORT = (("english",), ("simplified-chinese", "english"))  # her own words, and the check words
STATIC_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*["'`]\./([^"'`]+)["'`]""")
ANY_FILE = re.compile(r"[\w.-]+-[\w-]{8}\.(?:js|css|svg|woff2)")
# Namespaces and the addresses of error texts; nothing is fetched from them.
NAMES_ONLY = re.compile(
    r"http://www\.w3\.org/|https://svelte\.dev/e/|https://inlang\.com/|http://dummy\.com|http://localhost"
)


@cache
def read(name: str) -> str:
    # Pages of one file (saved/) have names of their own: nobody needs them to write.
    return next(path for path in STATIC.rglob(name) if path.parent.name != "saved").read_text("utf-8")


def weigh(name: str) -> int:
    return len(gzip.compress(read(name).encode(), 9, mtime=0))


def stem(name: str) -> str:
    return name.rpartition(".")[0][:-9]


def find_static(name: str) -> Iterator[str]:
    """The files a page or script cannot start without."""
    if name.endswith(".html"):
        yield from ANY_FILE.findall(read(name))
    elif name.endswith(".js"):
        yield from STATIC_IMPORT.findall(read(name))


def find_all(name: str) -> Iterator[str]:
    """The files a page or script names at all."""
    built = {path.name for path in STATIC.rglob("*.*")}
    yield from (found for found in ANY_FILE.findall(read(name)) if found in built)


def reach(start: str, follow: Callable[[str], Iterator[str]]) -> set[str]:
    found = {start}
    queue = [start]
    while queue:
        new = set(follow(queue.pop())) - found
        found |= new
        queue += new
    return found


def largest_table(names: set[str]) -> int:
    tables = [name for name in names if stem(name) in LANGUAGES]
    assert {stem(name) for name in tables} == set(LANGUAGES)
    return max(weigh(name) for name in tables)


def test_she_can_type_after_sixty_kilobytes() -> None:
    first = reach("reporter.html", find_static)
    tables = {name for script in first for name in find_all(script) if stem(name) in LANGUAGES}
    assert sum(map(weigh, first)) + largest_table(tables) <= BEFORE_TYPING_BYTES


def test_everything_a_reporter_may_ever_need_has_a_bound() -> None:
    """One language, the lists of the words she is shown, and every page, the sealing and its worker."""
    names = reach("reporter.html", find_all)
    assert any("worker" in name for name in names)
    lists = {name for name in names if stem(name) in LISTS}
    needed = {name for name in names - lists if stem(name) not in LANGUAGES}
    words = max(sum(max(weigh(name) for name in lists if stem(name) == it) for it in own) for own in WORDS_OF_A_REPORT)
    assert sum(map(weigh, needed)) + largest_table(names) + words <= ALL_BYTES


def test_a_worker_shares_the_cryptography_of_its_page_and_starts_with_nothing_else() -> None:
    (worker,) = (name for name in reach("reporter.html", find_all) if "worker" in name)
    needed = reach(worker, find_static)
    (late,) = (name for name in find_all("reporter.html") if stem(name) == "reporter" and name.endswith(".js"))
    assert needed - {worker} <= reach(late, find_all)
    assert sum(map(weigh, needed)) <= WORKER_BYTES


def test_the_reporter_fetches_nothing_of_the_desk() -> None:
    assert not [name for name in reach("reporter.html", find_all) if "desk" in name.lower()]


@cache
def read_routes() -> str:
    return "".join(path.read_text("utf-8") for path in sorted(ROUTES.glob("*.json")))


def is_shown(address: str) -> bool:
    """Whether it is an address outside that people may go to themselves (spec/outside.md); no page fetches it."""
    return address in read_routes()


def test_no_built_file_names_another_host() -> None:
    found = {
        f"{path.name}: {address}"
        for path in STATIC.rglob("*.*")
        for address in re.findall(r"(?:https?:)?//[a-z0-9-]+(?:\.[a-z0-9-]+)+[^\s\"'`]*", path.read_text("utf-8"))
        if not NAMES_ONLY.match(address) and not is_shown(address)
    }
    assert found == set()
