"""What a server shows is the newest release that its directory logged, signed upstream, or somebody hears of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from plaint.cli.up import check_release
from plaint.client.pages import parse_manifest
from plaint.client.releases import ServedRelease, verify_release_served
from plaint.client.view import fetch_view
from plaint.client.watch import Finding, Watch
from plaint.crypto.hashes import compute_sha256
from plaint.errors import VerificationError
from plaint.protocol.directory_server import Upstream
from plaint.protocol.note import VerifierKey
from plaint.protocol.release import Release, sign_release
from plaint.protocol.trust import Trust
from tests.support.directory_world import make_upstream, make_vkey
from tests.support.static_site import STATIC
from tests.support.wire import Change, Wire, replace_body
from tests.support.world import CLOCK, World

MANIFEST = (STATIC / "manifest.json").read_bytes()
PARSED = parse_manifest(MANIFEST)
NAME = "plaint.test/releases"
KEY = make_vkey(NAME)
OTHER = "elsewhere.test/releases"
SHOWN = sign_release(PARSED.version, PARSED.digest, make_upstream(NAME))
LATER = sign_release("99.0.0", bytes(range(32)), make_upstream(NAME))
SCRIPT = re.search(rb'src="(/static/assets/reporter-[^"]+\.js)"', (STATIC / "reporter.html").read_bytes())
assert SCRIPT is not None
PATH = SCRIPT[1].decode()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "world", clock=replace(CLOCK, delay=0)) as made:
        made.submit(Upstream(KEY), "ada", "dov")
        made.tick(3)
        yield made


def log(world: World, *releases: Release) -> None:
    for release in releases:
        world.submit(release, "ada")
    world.tick(2)


def look(world: World, change: Change | None = None, pinned: VerifierKey | None = None) -> ServedRelease:
    view = fetch_view(world.connect_api(), now=world.read_clock, trust=pin(world, pinned))
    with httpx.Client(transport=Wire(world, change or (lambda _, answer: answer))) as client:
        return verify_release_served(world.url, view.releases, client=client)


def watch(world: World, folder: Path, change: Change | None = None, pinned: VerifierKey | None = None) -> list[Finding]:
    wire = Wire(world, change or (lambda _, answer: answer))
    with httpx.Client(transport=wire) as client:
        return Watch(
            world.url,
            folder,
            trust=pin(world, pinned),
            now=world.read_clock,
            client=client,
            connect=lambda: httpx.AsyncClient(transport=wire),
        ).look()


def pin(world: World, key: VerifierKey | None) -> Trust:
    return replace(world.connect().view.trust, upstream=key)


def serve(path: str, edit: Callable[[bytes], bytes]) -> Change:
    def change(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return replace_body(answer, edit(answer.read())) if request.url.path == path else answer

    return change


def test_the_newest_logged_release_is_what_is_shown(world: World, tmp_path: Path) -> None:
    log(world, SHOWN)
    found = look(world, pinned=KEY)
    assert found.released.release == SHOWN
    assert all(file.same for file in found.files)
    assert watch(world, tmp_path / "watch") == []


def test_a_changed_script_is_named(world: World, tmp_path: Path) -> None:
    log(world, SHOWN)
    change = serve(PATH, lambda body: body + b"fetch('/words')")
    path = PATH.removeprefix("/static/")
    assert {(file.path, file.state) for file in look(world, change).files if not file.same} == {
        (path, "changed"),
        (path, "integrity"),
    }
    assert Finding("watch-client", f"{path} changed") in watch(world, tmp_path / "watch", change)


def test_a_client_that_nobody_logged_is_told(world: World, tmp_path: Path) -> None:
    log(world, SHOWN)
    own = json.dumps(json.loads(MANIFEST) | {"version": "99.9.9"}).encode()
    change = serve("/static/manifest.json", lambda _: own)
    with pytest.raises(VerificationError, match="release-unlogged"):
        look(world, change)
    expected = Finding("release-unlogged", compute_sha256(own).hex())
    assert watch(world, tmp_path / "watch", change) == [expected]


def test_an_older_release_is_told(world: World, tmp_path: Path) -> None:
    log(world, SHOWN, LATER)
    with pytest.raises(VerificationError, match="release-old"):
        look(world)
    assert watch(world, tmp_path / "watch") == [Finding("release-old", SHOWN.version)]


def test_a_release_without_the_upstream_signature_never_enters_the_log(world: World) -> None:
    forged = sign_release(SHOWN.version, SHOWN.manifest, make_upstream(OTHER))
    with pytest.raises(AssertionError, match="release-signature"):
        world.submit(forged, "ada")
    with pytest.raises(VerificationError, match="release-none"):
        look(world)


def test_a_release_under_another_key_than_the_pinned_one_does_not_count(world: World, tmp_path: Path) -> None:
    world.submit(Upstream(make_vkey(OTHER)), "ada", "dov")
    world.tick(3)
    log(world, sign_release(SHOWN.version, SHOWN.manifest, make_upstream(OTHER)))
    assert look(world).released.upstream == make_vkey(OTHER)
    with pytest.raises(VerificationError, match="release-none"):
        look(world, pinned=KEY)
    assert watch(world, tmp_path / "watch", pinned=KEY) == [Finding("release-none")]


def test_the_operator_is_told_before_others_notice(world: World) -> None:
    def say() -> list[str]:
        return check_release("demo", world.services.organisation.state, PARSED.digest)

    assert "logs no release yet" in say()[0]
    log(world, SHOWN)
    assert say() == []
    log(world, LATER)
    assert "99.0.0" in say()[0]
