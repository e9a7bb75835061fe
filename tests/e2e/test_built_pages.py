from __future__ import annotations

import asyncio
import hashlib
import json
import tomllib
from pathlib import Path

import pytest

from tests.support.browser import collect_complaints, make_context, open_browser
from tests.support.static_site import PAGES, STATIC, serve_static

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.e2e


def test_the_manifest_names_every_built_file_by_its_bytes() -> None:
    built = {
        path.relative_to(STATIC).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in STATIC.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert json.loads((STATIC / "manifest.json").read_text()) == {
        "files": built,
        "v": 1,
        "version": tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"],
    }


@pytest.mark.parametrize("path", PAGES)
def test_a_changed_script_does_not_run(path: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("static")
    for file in STATIC.rglob("*.*"):
        changed = file.read_bytes() + (b"\n" if file.suffix == ".js" else b"")
        target = folder / file.relative_to(STATIC)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(changed)

    async def visit() -> None:
        with serve_static(folder) as address:
            async with open_browser() as browser:
                page = await (await make_context(browser)).new_page()
                complaints = collect_complaints(page)
                await page.goto(address + path)
                assert any("integrity" in complaint for complaint in complaints)
                assert await page.get_by_role("heading").count() == 0

    asyncio.run(visit())
