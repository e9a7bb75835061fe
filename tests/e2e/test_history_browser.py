"""A member's own history at the browser desk: what this device does not know, and the two ways on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.support.browser import open_browser
from tests.support.desk_pages import visit_desk
from tests.support.founded import Org, run_organisation
from tests.support.patience import wait_until

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    with run_organisation(tmp_path_factory.mktemp("history")) as org:
        yield org


def words_of(org: Org, name: str) -> str:
    return org.words(name).read_text("utf-8").strip()


def list_types(org: Org) -> set[str]:
    """Return the types of the entries of the directory that the command line shows to Dov."""
    return {entry["type"] for entry in org.json("desk", "history", org.url, "--words", org.words("dov"))["entries"]}


def test_what_was_me_is_remembered_on_this_device(org: Org) -> None:
    async def walk() -> None:
        async with open_browser() as browser, visit_desk(browser, org.url) as ben:
            await ben.sign_in(words_of(org, "ben"))
            asked = ben.page.get_by_role("region", name="Was this you?")
            await asked.get_by_text("signed with your key: the founding").wait_for()
            await ben.look()
            await ben.press("That was me, or it is right")
            await asked.wait_for(state="detached")
            await ben.sign_in(words_of(org, "ben"))
            await ben.page.wait_for_timeout(500)
            assert await asked.count() == 0

    asyncio.run(walk())


def test_what_was_not_me_ends_the_key_and_is_shown_to_the_independents(org: Org) -> None:
    async def walk() -> None:
        async with open_browser() as browser:
            async with visit_desk(browser, org.url, dark=True) as cai:
                await cai.sign_in(words_of(org, "cai"))
                await cai.press("It was not me")
                await cai.page.get_by_text("Then somebody else has your words.").wait_for()
                await cai.look()
                await cai.press("End my key now")
                await cai.page.get_by_text("Your key is void.").wait_for()
            await asyncio.to_thread(wait_until, lambda: "key-compromised" in list_types(org))  # it needs a checkpoint
            async with visit_desk(browser, org.url) as dov:
                await dov.sign_in(words_of(org, "dov"))
                await dov.page.get_by_text("is void: somebody else may have it").wait_for()

    asyncio.run(walk())


def test_the_command_line_says_the_same(org: Org) -> None:
    assert list_types(org) >= {"genesis", "key-compromised"}
