"""The reporter's page from another origin and from a disk: keys pinned, no network, somebody carries the report."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import expect

from plaint.protocol.kit import Kit, encode_kit, parse_kit
from plaint.protocol.note import VerifierKey
from tests.support.browser import open_browser
from tests.support.founded import Org
from tests.support.patience import PATIENCE_S, wait_until
from tests.support.ports import find_port
from tests.support.reporter_pages import NOTHING, Walk, visit

pytestmark = pytest.mark.e2e

START = "Report something that happened at work"
DAY_S = 24 * 3600


def answers(url: str) -> bool:
    """Tell whether somebody listens there."""
    try:
        httpx.get(url, timeout=PATIENCE_S)
    except httpx.ConnectError:
        return False
    return True


@contextmanager
def serve_pages(org: Org, trust: Path) -> Iterator[str]:
    port = find_port()
    process = org.processes.start("pages", org.url, "--trust", trust, "--serve", port)
    assert process.stdout is not None
    while not (line := process.stdout.readline().strip()).startswith("http"):
        assert line
    wait_until(lambda: answers(line), every_s=0.1)
    try:
        yield line.rstrip("/")
    finally:
        org.processes.stop(process)


@pytest.fixture(scope="module")
def second(org: Org, trust: Path) -> Iterator[str]:
    with serve_pages(org, trust) as address:
        yield address


@pytest.fixture(scope="module")
def saved(org: Org, trust: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of one file as the command makes it."""
    folder = tmp_path_factory.mktemp("saved") / "pages"
    org.run("pages", org.url, "--trust", trust, "--single", "--out", folder)
    return folder / "reporter.html"


def replace_kit(page: Path, out: Path, change: object) -> Path:
    text = page.read_text("utf-8")
    start = text.index('id="kit">') + len('id="kit">')
    end = text.index("</script>", start)
    assert callable(change)
    kit = encode_kit(change(parse_kit(text[start:end].encode())))
    out.write_text(text[:start] + kit.decode() + text[end:], "utf-8")
    return out


def list_origins(walk: Walk) -> set[str]:
    return {"{0.scheme}://{0.netloc}".format(urlsplit(request.url)) for request in walk.requests}


async def write_offline(walk: Walk) -> None:
    await walk.tell("Written without a network.")
    await walk.press("Continue")
    await walk.arrive("Add what you have")
    await expect(walk.page.locator("main")).to_contain_text("Without a connection")
    await walk.press("Continue without files")
    await walk.arrive("Check before you send")


async def hand_in(walk: Walk, sealed: Path, tmp_path: Path) -> Path:
    await walk.start()
    await walk.press("Hand in a locked report from a file")
    await walk.arrive("Hand in a locked report")
    await walk.check_access()
    await walk.page.get_by_label("The file with the locked report").set_input_files(sealed)
    await walk.press("Hand it in")
    await walk.page.get_by_role("heading", name="It is handed in").wait_for()
    await walk.check_access()
    return await walk.save("Save what was signed", tmp_path)


def test_the_page_works_from_an_origin_that_somebody_else_runs(org: Org, second: str) -> None:
    async def work() -> None:
        async with open_browser() as browser, visit(browser, second) as walk:
            await walk.walk_to_check()
            await expect(walk.page.locator("main")).to_contain_text("came with this page")
            await walk.press("Lock and send")
            words = await walk.read_words()
            await walk.type_words_back(words)
            await walk.arrive("Your receipt")
            await walk.check_access()
            assert list_origins(walk) == {second, "{0.scheme}://{0.netloc}".format(urlsplit(org.url))}
            assert not [request for request in walk.requests if request.url.endswith("log/keys")]
            assert await walk.kept() == NOTHING
            (org.folder / "second.words").write_text(" ".join(words))

    asyncio.run(work())
    (org.folder / "second.words").chmod(0o600)
    assert org.json("follow", org.url, "--words", org.folder / "second.words")["entries"]


def test_anybody_can_check_what_another_origin_serves(org: Org, trust: Path, second: str) -> None:
    assert org.json("pages", org.url, "--trust", trust, "--check", second) == {"ok": True, "files": []}
    found = org.json("pages", org.url, "--trust", trust, "--check", org.url, code=1)
    assert {"index.html", "verify/index.html"} <= set(found["files"])


def test_a_folder_is_the_same_bytes_every_time_and_says_its_rules(org: Org, trust: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        org.run("pages", org.url, "--trust", trust, "--out", tmp_path / name)
    one, two = (
        {
            path.relative_to(tmp_path / name).as_posix(): path.read_bytes()
            for path in (tmp_path / name).rglob("*")
            if path.is_file()
        }
        for name in ("one", "two")
    )
    assert one == two
    assert "desk.html" not in {Path(name).name for name in one}
    rule = f"connect-src 'self' {org.url}/;"
    for name in ("index.html", "verify/index.html", "_headers", ".htaccess", "nginx.conf"):
        assert rule in one[name].decode()
        assert "unsafe" not in one[name].decode()
    assert "frame-ancestors 'none'" in one["_headers"].decode()


def test_pages_are_not_made_for_other_keys_than_those_pinned(org: Org, trust: Path, tmp_path: Path) -> None:
    text = trust.read_text("utf-8")
    other = tmp_path / "other.trust"
    line = next(line for line in text.splitlines() if line.startswith("org "))
    other.write_text(text.replace(line, f"org {'0' * 32}"), "utf-8")
    done = org.run("pages", org.url, "--trust", other, "--out", tmp_path / "out", code=1)
    assert "directory-org" in done.err
    assert not (tmp_path / "out").exists()


def test_a_page_refuses_a_directory_under_other_keys(saved: Path, tmp_path: Path) -> None:
    def change(kit: Kit) -> Kit:
        receipts = VerifierKey(kit.trust.receipts.name, kit.trust.receipts.type, bytes(range(32)))
        return replace(kit, copy=None, trust=replace(kit.trust, receipts=receipts))

    page = replace_kit(saved, tmp_path / "page.html", change)

    async def work() -> None:
        async with open_browser() as browser, visit(browser, page.as_uri()) as walk:
            walk.address = page.as_uri()
            await walk.start()
            await walk.page.get_by_text("other keys than those that came with this page").wait_for()

    asyncio.run(work())


def test_a_saved_page_seals_without_a_network_and_anybody_hands_it_in(org: Org, tmp_path: Path) -> None:
    async def save_it() -> Path:
        async with open_browser() as browser, visit(browser, org.url) as walk:
            await walk.start()
            await walk.page.get_by_text("came from the organisation").wait_for()
            return await walk.save("Save this page", tmp_path)

    page = asyncio.run(save_it())

    async def write() -> tuple[list[str], Path]:
        async with open_browser() as browser, visit(browser, page.as_uri()) as walk:
            walk.address = page.as_uri()
            await walk.context.set_offline(True)
            await walk.start()
            await walk.page.get_by_text("No connection.").wait_for()
            await walk.check_access()
            await write_offline(walk)
            await walk.check_access()
            await walk.press("Lock and send")
            await walk.arrive("Locked, and waiting to be sent")
            words = await walk.read_words()
            await walk.check_access()
            await expect(walk.page.locator("main")).to_contain_text(org.url.removeprefix("http://"))
            assert await walk.kept() == NOTHING
            return words, await walk.save("Save the locked report", tmp_path)

    words, sealed = asyncio.run(write())

    async def carry() -> None:
        async with open_browser() as browser, visit(browser, org.url) as walk:
            first = await hand_in(walk, sealed, tmp_path)
            assert first.read_text("utf-8").startswith("plaint/v1/state\n")
            again = tmp_path / "again"
            again.mkdir()
            await hand_in(walk, sealed, again)
            await walk.start()
            await walk.press("Hand in a locked report from a file")
            await walk.page.get_by_label("The file with the locked report").set_input_files(first)
            await walk.press("Hand it in")
            await walk.page.get_by_text("This file is not a locked report").wait_for()

    asyncio.run(carry())
    kept = tmp_path / "words.txt"
    kept.write_text(" ".join(words))
    kept.chmod(0o600)
    found = org.json("follow", org.url, "--words", kept)
    assert [entry["text"] for entry in found["entries"]] == ["Written without a network."]


def test_an_old_copy_is_refused_and_renews_itself(org: Org, saved: Path) -> None:
    async def work() -> None:
        async with open_browser() as browser, visit(browser, saved.as_uri()) as walk:
            walk.address = saved.as_uri()
            await walk.context.set_offline(True)
            await walk.page.clock.install(time=time.time() + DAY_S + 3600)
            await walk.start()
            await walk.page.get_by_text("older than a day").wait_for()
            await walk.check_access()
            await walk.press("Start")
            await walk.press("Continue")
            await walk.page.get_by_label("Tell it your way").fill("Kept while the page stays open.")
            await walk.press("Continue")
            await walk.page.get_by_text("older than a day").wait_for()
            await walk.check_access()
            await walk.context.set_offline(False)
            await walk.page.clock.set_system_time(time.time())
            await walk.press("Try again")
            await walk.arrive("Who was involved?")
            await walk.press("Back")
            box = walk.page.get_by_label("Tell it your way")
            await expect(box).to_have_value("Kept while the page stays open.")

    asyncio.run(work())


def test_the_verifying_page_goes_along_with_its_keys(org: Org, second: str, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("Something happened.", "utf-8")
    receipt = Path(
        org.json("report", org.url, "--text", tmp_path / "text", "--out", tmp_path / "mine")["receipt"]
    ).read_text("utf-8")

    async def work() -> None:
        async with open_browser() as browser, visit(browser, f"{second}/verify") as walk:
            await walk.start()
            await walk.heading.get_by_text("Check a receipt").wait_for()
            await walk.page.get_by_label("The receipt", exact=True).fill(receipt)
            await walk.page.get_by_label("Fetch the whole log").check()
            await walk.press("Check")
            await walk.page.get_by_role("heading", name="What this proves").wait_for()
            assert not [request for request in walk.requests if request.url.endswith("log/keys")]

    asyncio.run(work())
