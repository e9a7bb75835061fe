"""A server that serves another client than the one released is told by name of file, whatever it changes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from plaint.cli import verify_client as command
from plaint.cli.app import run
from plaint.client.pages import Manifest, Served, parse_manifest, verify_client
from plaint.crypto.hashes import compute_sha256
from plaint.errors import MalformedError, UnavailableError
from tests.support.static_site import STATIC
from tests.support.wire import Change, Wire, replace_body
from tests.support.world import World

MANIFEST = STATIC / "manifest.json"
PAGE = re.search(rb'src="(/static/assets/reporter-[^"]+\.js)"', (STATIC / "reporter.html").read_bytes())
assert PAGE is not None
SCRIPT = PAGE[1].decode()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("world"), cosigners=()) as made:
        yield made


def look(world: World, change: Change | None = None, manifest: Manifest | None = None) -> list[Served]:
    wire = Wire(world, change or (lambda _, answer: answer))
    with httpx.Client(transport=wire) as client:
        return verify_client(world.url, manifest or parse_manifest(MANIFEST.read_bytes()), client=client)


def differ(served: list[Served]) -> list[tuple[str, str]]:
    return sorted((file.path, file.state) for file in served if not file.same)


def change_at(path: str, edit: Callable[[bytes], bytes], **headers: str) -> Change:
    def change(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return replace_body(answer, edit(answer.read()), **headers) if request.url.path == path else answer

    return change


def test_an_honest_server_serves_every_file_of_the_release(world: World) -> None:
    served = look(world)
    assert differ(served) == []
    built = {path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file()}
    assert {file.path for file in served} == built - {"manifest.json"}


def test_a_changed_script_is_named(world: World) -> None:
    served = look(world, change_at(SCRIPT, lambda body: body + b"fetch('/words')"))
    path = SCRIPT.removeprefix("/static/")
    # The page is that of the release still, so that a browser would refuse this script by its integrity attribute.
    assert differ(served) == [(path, "changed"), (path, "integrity")]
    changed = next(file for file in served if file.path == path and file.state == "changed")
    assert changed.found == compute_sha256((STATIC / path).read_bytes() + b"fetch('/words')")


def test_a_page_that_loads_one_more_script_is_named_with_it(world: World) -> None:
    extra = (
        b'<script src="/static/assets/more.js"></script><script src="https://elsewhere.example/x.js"></script></head>'
    )
    served = look(world, change_at("/o/demo/", lambda body: body.replace(b"</head>", extra)))
    assert differ(served) == [
        ("http://plaint.test/static/assets/more.js", "foreign"),
        ("https://elsewhere.example/x.js", "foreign"),
        ("reporter.html", "changed"),
    ]


def test_a_page_without_integrity_is_named_even_when_a_manifest_vouches_for_it(world: World) -> None:
    page = re.sub(rb' integrity="[^"]*"', b"", (STATIC / "reporter.html").read_bytes())
    manifest = json.loads(MANIFEST.read_bytes())
    manifest["files"]["reporter.html"] = compute_sha256(page).hex()
    served = look(world, change_at("/o/demo/", lambda _: page), parse_manifest(json.dumps(manifest).encode()))
    assert (SCRIPT.removeprefix("/static/"), "integrity") in differ(served)


@pytest.mark.parametrize(
    ("header", "value", "state"),
    [
        ("content_security_policy", "default-src 'none'; script-src 'self' 'unsafe-inline'; base-uri 'none'", "policy"),
        ("content_security_policy", "", "policy"),
        ("link", "</static/assets/more.css>; rel=stylesheet", "header"),
        ("refresh", "0; url=https://elsewhere.example/", "header"),
    ],
)
def test_a_page_under_weaker_rules_is_named(world: World, header: str, value: str, state: str) -> None:
    change = change_at("/o/demo/desk/", lambda body: body, **{header: value})
    assert differ(look(world, change)) == [("desk.html", state)]


def test_a_file_that_is_not_served_or_leads_elsewhere_is_missing(world: World) -> None:
    def change(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return httpx.Response(302, headers={"location": "/x"}) if request.url.path == "/o/demo/" else answer

    assert differ(look(world, change)) == [("reporter.html", "missing")]


def test_the_visit_looks_like_a_browser_and_asks_for_no_manifest(world: World) -> None:
    agents: set[str] = set()

    def change(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        agents.add(request.headers["user-agent"])
        assert "manifest" not in request.url.path
        return answer

    look(world, change)
    assert len(agents) == 1
    assert agents.pop().startswith("Mozilla/5.0")


def test_a_server_out_of_reach_is_no_other_client(world: World) -> None:
    def change(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        raise httpx.ConnectError("the line is cut")

    with pytest.raises(UnavailableError, match="network"):
        look(world, change)


@pytest.mark.parametrize(
    "manifest",
    [
        b'{"files":{},"v":1}',
        b'{"files":[],"v":1}',
        b'{"files":{"a.js":"00"},"v":1}',
        b'{"files":{"../a.js":"' + b"00" * 32 + b'"},"v":1}',
        b'{"files":{"/a.js":"' + b"00" * 32 + b'"},"v":1}',
        b'{"files":{"a.js":"' + b"00" * 32 + b'"},"v":2}',
        b'{"files":{"a.js":"' + b"00" * 32 + b'"},"v":1,"x":1}',
    ],
)
def test_a_manifest_has_one_form(manifest: bytes) -> None:
    with pytest.raises(MalformedError, match="manifest-form"):
        parse_manifest(manifest)


def test_the_command_says_file_by_file_and_by_exit_code(
    world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def visit(url: str, manifest: Manifest) -> list[Served]:
        with httpx.Client(transport=wire) as client:
            return verify_client(url, manifest, client=client)

    wire = Wire(world)
    monkeypatch.setattr(command, "verify_client", visit)
    assert run(["verify-client", world.url, "--manifest", str(MANIFEST), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["ok"]
    assert said["manifest"] == compute_sha256(MANIFEST.read_bytes()).hex()
    wire.change = change_at(SCRIPT, lambda body: b"")
    kept = tmp_path / "release.json"
    kept.write_bytes(MANIFEST.read_bytes())
    assert run(["verify-client", world.url, "--manifest", str(kept)]) == 1
    assert f"{SCRIPT.removeprefix('/static/')}: other bytes than were released" in capsys.readouterr().out
    assert run(["verify-client", world.url, "--manifest", str(tmp_path / "none")]) == 1
    assert "file-missing" in capsys.readouterr().err
