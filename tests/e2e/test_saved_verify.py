"""The saved page that checks receipts, opened from a disk with the network off: every verdict, in words."""

from __future__ import annotations

import asyncio
import os
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from tests.support.browser import DESKTOP, PHONE, collect_complaints, make_context, open_browser
from tests.support.static_site import STATIC
from tests.support.vectors import load_vectors

pytestmark = pytest.mark.e2e

VECTORS = dict(load_vectors("verify"))
CASES = {
    "invalid-proof-false": "This receipt cannot be trusted",
    "breach": "The receipt is real, and the promise to log it was broken",
    "breach-fork": "The receipt is real, and the promise to log it was broken",
    "withheld": "The receipt is real, and an answer was held back",
    "silent": "The receipt is real, and a date was missed",
    "admitted": "The receipt is real, and the organisation signed that a date was missed",
    "late": "The receipt is real, and a date was kept too late",
    "late-leaf": "The receipt is real, and a date was kept too late",
    "unclear-swapped": "The receipt is real, but what became of it is not decided",
    "provisional": "The receipt is real and provisional",
    "holds-met": "The receipt is real",
    "counter-extend-met": "The receipt is real",
    "counter-close": "The receipt is real, and a date was missed",
    "counter-close-reopened": "The receipt is real, and a date was missed",
    "counter-answer-met": "The receipt is real, and a date was missed",
}

KINDS = {
    ("erasure", "holds"): "Two members had this room erased",
    ("erasure", "no-directory"): "Whose signatures these are is not decided",
    ("erasure", "unlogged"): "Whose signatures these are is not decided",
    ("erasure", "forged-second"): "This certificate cannot be trusted",
    ("missed", "judge-silent"): "The file is real, and a date was missed",
    ("missed", "judge-met"): "The file is real, and the date was kept after all",
    ("missed", "judge-no-leaves"): "What became of this date is not decided",
    ("missed", "judge-former-left"): "The file is real, but nobody can say when it was signed",
    ("missed", "judge-forged"): "This file cannot be trusted",
}


def write_files(case: Any, folder: Path) -> dict[str, list[Path]]:
    """Write what a person would have: receipt, trust file, a mirror's folder, notes, counter-proofs."""
    given = case["input"]
    files = {"receipt": [folder / "receipt.txt"], "trust": [folder / "trust.txt"]}
    text = next(given[name] for name in ("receipt", "certificate", "text") if name in given)
    files["receipt"][0].write_text(text, "utf-8")
    files["trust"][0].write_text(given["trust"], "utf-8")
    for kind in ("later", "counters"):
        files[kind] = [folder / f"{kind}-{i}" for i, _ in enumerate(given.get(kind, []))]
        for path, text in zip(files[kind], given.get(kind, []), strict=True):
            path.write_text(text, "utf-8")
    files["folder"] = []
    if "leaves" in given or "directory" in given:
        write_mirror(given, folder / "copy")
        files["folder"] = [folder / "copy"]
    return files


def write_mirror(given: Any, copy: Path) -> None:
    (copy / "cases" / "at").mkdir(parents=True)
    (copy / "cases" / "leaves.bin").write_bytes(b"".join(bytes.fromhex(leaf) for leaf in given.get("leaves", [])))
    for size, note in given.get("kept", {}).items():
        (copy / "cases" / "at" / size).write_text(note, "utf-8")
    if "directory" in given:
        entries = [entry.encode() for entry in given["directory"]["entries"]]
        ends = [sum(map(len, entries[: i + 1])) for i in range(len(entries))]
        (copy / "directory" / "at").mkdir(parents=True)
        (copy / "directory" / "entries.bin").write_bytes(b"".join(entries))
        (copy / "directory" / "offsets.bin").write_bytes(b"".join(struct.pack(">Q", end) for end in ends))
        for i, note in enumerate(given["directory"]["checkpoints"]):
            (copy / "directory" / "at" / str(i + 1)).write_text(note, "utf-8")


async def judge(page: Page, files: dict[str, list[Path]], title: str) -> None:
    await page.get_by_label("Or open the receipt from a file").set_input_files(files["receipt"])
    await page.wait_for_function("() => document.getElementById('receipt').value.length > 0")
    await page.get_by_label("Trust file", exact=True).set_input_files(files["trust"])
    if files["folder"]:
        await page.get_by_label("The folder of a copy that somebody keeps").check()
        await page.get_by_label("Folder of the copy").set_input_files(files["folder"][0])
    await page.get_by_label("Later signed notes, if you have some").set_input_files(files["later"])
    await page.get_by_label("Counter-proofs, if somebody showed some").set_input_files(files["counters"])
    await page.get_by_role("button", name="Check", exact=True).click()
    await page.get_by_role("heading", level=2, name=title, exact=True).wait_for()


async def open_saved(browser: Browser, folder: Path, *, now: int, **options: Any) -> Page:
    """Open a copy of the saved page with the network off and its clock at `now`."""
    copy = folder / "plaint-verify.html"
    copy.write_bytes((STATIC / "saved" / "verify.html").read_bytes())
    context = await make_context(browser, offline=True, **{"viewport": DESKTOP, **options})
    page = await context.new_page()
    await page.clock.set_fixed_time(now)
    await page.goto(copy.as_uri())
    await page.get_by_role("heading", level=1).wait_for()
    return page


@pytest.mark.parametrize("name", CASES)
def test_the_saved_page_says_every_verdict_without_a_network(name: str, tmp_path: Path) -> None:
    case = VECTORS[name]
    files = write_files(case, tmp_path)

    async def visit() -> None:
        async with open_browser() as browser:
            page = await open_saved(browser, tmp_path, now=case["input"]["now"])
            complaints = collect_complaints(page)
            asked: list[str] = []
            page.on("request", lambda request: asked.append(request.url))
            assert await page.get_by_label("Fetch the whole log").count() == 0
            assert await page.get_by_label("I have no trust file").count() == 0
            await judge(page, files, CASES[name])
            shown = [word.strip() for word in await page.locator(".counters .state").all_inner_texts()]
            reasons = [counter["reason"] for counter in case["expect"]["counters"]]
            assert shown == ["Counts" if reason is None else "Does not count" for reason in reasons]
            codes = await page.locator("code").all_inner_texts()
            assert sorted(codes) == sorted([*case["expect"]["reasons"], *(r for r in reasons if r is not None)])
            if (folder := os.environ.get("PLAINT_SCREENSHOTS")) is not None:
                await page.locator("#result").scroll_into_view_if_needed()
                await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
            assert (complaints, asked) == ([], [])
            if name in {"silent", "counter-close-reopened"}:
                assert (await Axe().run(page)).violations_count == 0

    asyncio.run(visit())


def test_the_saved_page_judges_certificates_and_missed_dates(tmp_path: Path) -> None:
    """One browser, one page a file: what the command line says of the same vectors."""

    async def check(browser: Browser, form: str, name: str) -> None:
        case, folder = dict(load_vectors(form))[name], tmp_path / form / name
        folder.mkdir(parents=True)
        page = await open_saved(browser, folder, now=case["input"]["now"])
        complaints = collect_complaints(page)
        await judge(page, write_files(case, folder), KINDS[form, name])
        assert await page.locator("li code").all_inner_texts() == case["expect"]["reasons"]
        if form == "erasure" and case["expect"]["verdict"] != "invalid":
            shown = await page.locator("dd code").all_inner_texts()
            assert shown == [*case["expect"]["members"], case["expect"]["room"]]
            proved = await page.get_by_text("Signed by", exact=True).count()
            assert proved == (case["expect"]["verdict"] == "holds")
        if (pictures := os.environ.get("PLAINT_SCREENSHOTS")) is not None:
            await page.screenshot(path=Path(pictures) / f"{form}-{name}.png", full_page=True)
        assert complaints == []
        if name in {"holds", "judge-silent", "judge-former-left"}:
            assert (await Axe().run(page)).violations_count == 0
        await page.context.close()

    async def visit() -> None:
        async with open_browser() as browser:
            for form, name in KINDS:
                await check(browser, form, name)

    asyncio.run(visit())


def test_a_proof_is_judged_as_the_archive_that_it_is(tmp_path: Path) -> None:
    """The note beside the receipt says what the receipt alone does not; a hostile archive gets a sentence."""
    case = VECTORS["admitted"]
    given = case["input"]
    foreign = given["later"][0].replace("entries ", "entries 1", 1)
    files = {"receipt.txt": given["receipt"], "note.txt": given["later"][0], "note-2.txt": foreign}
    for name, copies in (("bundle.zip", ("",)), ("two.zip", ("a/", "b/"))):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for path in (f"{folder}{file}" for folder in copies for file in files):
                archive.writestr(path, files[path.rpartition("/")[2]])
    trust = tmp_path / "trust.txt"
    trust.write_text(given["trust"], "utf-8")

    async def check(page: Page) -> None:
        choose = page.get_by_label("Or open the receipt from a file")
        await choose.set_input_files(tmp_path / "two.zip")
        await page.get_by_text("There is more than one receipt here.").wait_for()
        await judge(
            page,
            {"receipt": [tmp_path / "bundle.zip"], "trust": [trust], "folder": [], "later": [], "counters": []},
            CASES["admitted"],
        )
        await page.get_by_text("Also read, from beside the receipt: note.txt", exact=True).wait_for()
        await page.get_by_text("Left aside: note-2.txt.").wait_for()
        assert (await Axe().run(page)).violations_count == 0

    async def visit() -> None:
        async with open_browser() as browser:
            both: list[dict[str, Any]] = [{}, {"viewport": PHONE, "color_scheme": "dark"}]
            for number, options in enumerate(both):
                (tmp_path / str(number)).mkdir()
                page = await open_saved(browser, tmp_path / str(number), now=given["now"], **options)
                await check(page)
                if (pictures := os.environ.get("PLAINT_SCREENSHOTS")) is not None:
                    await page.screenshot(path=Path(pictures) / f"bundle-{number}.png", full_page=True)
                await page.context.close()

    asyncio.run(visit())
