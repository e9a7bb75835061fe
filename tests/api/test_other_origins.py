"""Pages from other origins may call the API, whoever runs them; neither answers nor preflights tell them more."""

from __future__ import annotations

import httpx
import pytest

from plaint.crypto.hashes import random_bytes
from tests.support.sealed import post, seal
from tests.support.world import World

SECOND = "https://union.example"
ASKED = {
    "origin": SECOND,
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type,plaint-cap",
}
USED = {"plaint-cap", "plaint-locator", "plaint-room", "plaint-session", "plaint-upload", "plaint-work", "content-type"}


def describe(answer: httpx.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    return answer.status_code, answer.content, [(k, v) for k, v in answer.headers.items() if k != "date"]


def test_every_preflight_has_one_answer(world: World) -> None:
    report = seal(world)
    post(world, report)
    paths = [
        "",
        "rooms",
        f"rooms/{report.room.hex()}",
        f"rooms/{random_bytes(32).hex()}",
        f"blobs/{random_bytes(32).hex()}",
        "directory?from=0",
        "desk/",
        "nowhere/at/all",
        "../nobody/rooms",
        "../../",
    ]
    answers = [world.client.options(path, headers=ASKED) for path in paths]
    answers += [world.client.options("rooms"), world.client.options("rooms", headers=ASKED | {"origin": "null"})]
    assert len({repr(describe(answer)) for answer in answers}) == 1
    headers = answers[0].headers
    assert answers[0].status_code == 204
    assert headers["access-control-allow-origin"] == "*"
    assert set(headers["access-control-allow-headers"].split(", ")) >= USED
    assert set(headers["access-control-allow-methods"].split(", ")) == {"GET", "POST", "PUT", "DELETE"}
    assert int(headers["access-control-max-age"]) > 0
    assert "access-control-allow-credentials" not in headers


@pytest.mark.parametrize("origin", [None, SECOND, "null", "https://plaint.test"])
def test_answers_are_the_same_for_every_origin(world: World, origin: str | None) -> None:
    sent = {} if origin is None else {"origin": origin}
    for path in ("config", "log/keys", "names", f"rooms/{random_bytes(32).hex()}", "locator", "nowhere"):
        plain, asked = world.client.get(path), world.client.get(path, headers=sent)
        assert describe(plain) == describe(asked)
        assert asked.headers["access-control-allow-origin"] == "*"
        assert asked.headers["cross-origin-resource-policy"] == "cross-origin"
        assert "access-control-allow-credentials" not in asked.headers
        assert "set-cookie" not in asked.headers


def test_pages_and_their_files_stay_with_their_origin(world: World) -> None:
    for path in ("", "desk/", "verify/", "../../static/saved/reporter.html"):
        answer = world.client.get(path, headers={"origin": SECOND})
        assert answer.status_code == 200
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers
