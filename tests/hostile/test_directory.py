"""A server that swaps keys, edits the chart or empties a channel: every client refuses the whole directory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from plaint.errors import VerificationError
from plaint.protocol.chart import Person, compute_chart_digest, make_chart
from plaint.protocol.directory_contents import Channel, ChartDigest, Content, Leave, Suspend
from plaint.protocol.draft import Draft, Name
from tests.support.directory_world import CHANNEL, draw, find_id, make_keys, make_named_request, make_record
from tests.support.hostile_worlds import LyingAnswers
from tests.support.wire import replace_body
from tests.support.world import CLOCK

PEOPLE = [Person("1", "Olga Invented", "Head", None), Person("2", "Ida Invented", "Clerk", "1", find_id("ida"))]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[LyingAnswers]:
    with LyingAnswers(tmp_path) as made:
        chart = make_chart(PEOPLE)
        digest = ChartDigest(compute_chart_digest(chart), len(PEOPLE))
        made.submit(digest, "ada", "dov", draft=Draft(digest, {}, chart))
        made.tick(2)
        yield made


def catch_view(world: LyingAnswers, path: str, before: bytes, after: bytes) -> str:
    """Return the code by which a client refuses an answer in which `before` was made `after`."""

    def change(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if not request.url.path.endswith(f"/o/demo/{path}"):
            return answer
        assert before in answer.content
        return replace_body(answer, answer.content.replace(before, after))

    with pytest.raises(VerificationError) as caught:
        world.connect_through(change)
    return caught.value.code


def catch_forced(
    world: LyingAnswers, monkeypatch: pytest.MonkeyPatch, content: Content, *names: str, draft: Draft | None = None
) -> str:
    """Return the code by which a client refuses what a server put into its log that keeps no rule."""
    with monkeypatch.context() as broken:
        broken.setattr("plaint.protocol.fold._check_signers", lambda *_: None)
        broken.setattr("plaint.protocol.fold._check_content", lambda *_: None)
        broken.setattr("plaint.protocol.fold.suspend_member", lambda state, _: state)
        if names:
            world.submit(content, *names, draft=draft)
        else:
            world.force(content)
        world.tick()
    with pytest.raises(VerificationError) as caught:
        world.connect()
    return caught.value.code


def test_a_member_s_key_swapped_in_the_answer_is_not_under_the_root(world: LyingAnswers) -> None:
    real, false = make_keys("ben").age.public.hex().encode(), b"11" * 32
    assert catch_view(world, "directory", real, false) == "view-root"


def test_a_member_s_name_beside_other_keys_is_not_the_one_that_was_logged(world: LyingAnswers) -> None:
    assert catch_view(world, "names", b"Ben Invented", b"Ida Invented") == "view-name"


def test_a_member_s_keys_swapped_in_the_log_are_signed_by_nobody(
    world: LyingAnswers, monkeypatch: pytest.MonkeyPatch
) -> None:
    false = replace(make_record("ben", ("intake-handler",)), age=draw("another key", 32))
    assert catch_forced(world, monkeypatch, false) == "directory-signers"


def test_a_member_s_keys_are_not_swapped_by_two_who_lie_together(
    world: LyingAnswers, monkeypatch: pytest.MonkeyPatch
) -> None:
    false = replace(make_record("ben", ("intake-handler",)), age=draw("another key", 32))
    name = make_named_request("ben")
    draft = Draft(false, {false.id: Name(name.name, name.salt)})
    assert catch_forced(world, monkeypatch, false, "ada", "dov", draft=draft) == "directory-member"


def test_a_chart_edited_in_the_answer_is_not_the_one_that_was_logged(world: LyingAnswers) -> None:
    assert catch_view(world, "chart", b'"Olga Invented"', b'"Olaf Invented"') == "chart-digest"


def test_a_chart_in_which_somebody_is_in_nobody_s_line_is_not_the_one_that_was_logged(world: LyingAnswers) -> None:
    assert catch_view(world, "chart", b'"reports_to":"1"', b'"reports_to":null') == "chart-digest"


def test_a_chart_edited_in_the_log_is_signed_by_nobody(world: LyingAnswers, monkeypatch: pytest.MonkeyPatch) -> None:
    assert catch_forced(world, monkeypatch, ChartDigest(bytes(32), 2)) == "directory-signers"


def test_a_channel_emptied_by_the_server_is_signed_by_nobody(
    world: LyingAnswers, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert catch_forced(world, monkeypatch, Suspend(find_id("ben"))) == "directory-signers"


def test_a_channel_handed_to_a_friend_by_the_server_is_signed_by_nobody(
    world: LyingAnswers, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel: Channel = replace(CHANNEL, roles=("investigator",))
    assert catch_forced(world, monkeypatch, channel) == "directory-signers"


def test_a_channel_is_not_emptied_by_one_administrator(world: LyingAnswers, monkeypatch: pytest.MonkeyPatch) -> None:
    world.submit(Suspend(find_id("ben")), "ada")
    world.tick()
    with pytest.raises(AssertionError, match="directory-suspend"):
        world.submit(Suspend(find_id("cai")), "ada")
    assert catch_forced(world, monkeypatch, Suspend(find_id("cai")), "ada") == "directory-suspend"


def test_a_longer_grace_makes_no_late_answer_punctual(world: LyingAnswers, monkeypatch: pytest.MonkeyPatch) -> None:
    for clock in (replace(CLOCK, grace=1_000), replace(CLOCK, tick=CLOCK.tick + 1)):
        with pytest.raises(AssertionError, match="directory-grace"):
            world.submit(clock, "ada", "dov")
    assert catch_forced(world, monkeypatch, replace(CLOCK, grace=1_000), "ada", "dov") == "directory-grace"


def test_a_leave_that_somebody_else_signs_is_not_one(world: LyingAnswers, monkeypatch: pytest.MonkeyPatch) -> None:
    assert catch_forced(world, monkeypatch, Leave(find_id("cai")), "ada") == "directory-signers"


def test_an_entry_out_of_the_directory_leaves_it_too_short(world: LyingAnswers) -> None:
    def change(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        shorter = request.url.path.endswith("/directory")
        return replace_body(answer, b"".join(answer.content.splitlines(keepends=True)[:-1])) if shorter else answer

    with pytest.raises(VerificationError) as caught:
        world.connect_through(change)
    assert caught.value.code == "view-short"


def test_a_directory_of_yesterday_is_refused(world: LyingAnswers) -> None:
    kept: dict[str, Any] = {}

    def repeat(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        fixed = "/directory" in request.url.path or request.url.path.endswith(("/names", "/chart"))
        return kept.setdefault(str(request.url), answer) if fixed else answer

    world.connect_through(repeat)
    world.now += 25 * 3_600
    world.tick()
    with pytest.raises(VerificationError) as caught:
        world.connect_through(repeat)
    assert caught.value.code == "view-old"
