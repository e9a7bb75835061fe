"""The service over real sockets: pages, headers, limits, broken uploads, starting and stopping."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from plaint.cli import app as cli
from plaint.client.connection import connect as connect_client
from plaint.client.desk import sign_in
from plaint.crypto.hashes import compute_sha256, random_bytes
from plaint.errors import UnavailableError
from plaint.server import deployment as deployment_module
from plaint.server.app import STATIC, build_app
from plaint.server.config import Config
from plaint.server.deployment import Deployment
from tests.support.directory_world import make_keys
from tests.support.process import CLOCK, TAKEN_DOWN, UpProcess, connect, create


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("service") / "data"
    create(data)
    return data


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[UpProcess]:
    with UpProcess(data) as server:
        yield server
        assert server.stop() == 0


@pytest.fixture
def client(server: UpProcess) -> Iterator[httpx.Client]:
    with connect(f"{server.url}/o/demo/") as client:
        yield client


def open_socket(server: UpProcess) -> socket.socket:
    address = urlsplit(server.url)
    return socket.create_connection((address.hostname, address.port), timeout=20)


@pytest.mark.parametrize("page", ["", "desk/"])
def test_a_page_runs_only_its_own_scripts(client: httpx.Client, page: str) -> None:
    answer = client.get(page)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"} <= set(policy)
    assert {"require-trusted-types-for 'script'", "trusted-types svelte-trusted-html plaint"} <= set(policy)
    assert not any("unsafe" in rule or "http" in rule for rule in policy)


@pytest.mark.parametrize("path", ["", "config", "log/keys", "nothing", "log/cases/checkpoint"])
def test_every_answer_has_the_protecting_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == ("cross-origin" if path else "same-origin")
    assert "microphone=()" in headers["permissions-policy"]
    assert "content-security-policy" in headers
    assert headers["cache-control"] in {"no-store", "no-cache"}
    assert headers.get("access-control-allow-origin") == ("*" if path else None)
    assert not {"set-cookie", "last-modified", "etag"} & set(headers)


def test_built_files_are_served_as_they_were_built(client: httpx.Client, server: UpProcess) -> None:
    manifest = json.loads((STATIC / "manifest.json").read_bytes())
    for name, digest in manifest["files"].items():
        if name.startswith("assets/"):
            answer = client.get(f"{server.url}/static/{name}")
            assert answer.status_code == 200
            assert compute_sha256(answer.content).hex() == digest
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    for path in ("../keys.py", "%2e%2e/keys.py", "assets/nothing.js", "", "assets"):
        assert client.get(f"{server.url}/static/{path}").status_code == 404


def test_pages_are_packed_for_whoever_can_unpack(client: httpx.Client) -> None:
    packed = client.get("", headers={"accept-encoding": "gzip"})
    plain = client.get("", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert packed.headers["vary"].lower() == plain.headers["vary"].lower() == "accept-encoding"


def test_an_address_without_its_slash_leads_to_the_page(client: httpx.Client, server: UpProcess) -> None:
    for path in ("/o/demo", "/o/demo/desk"):
        answer = client.get(f"{server.url}{path}")
        assert (answer.status_code, answer.headers["location"]) == (302, f"{path}/")


def test_the_front_page_lists_nothing(client: httpx.Client, server: UpProcess) -> None:
    answer = client.get(f"{server.url}/")
    assert answer.status_code == 200
    assert b"demo" not in answer.content


@pytest.mark.parametrize("size", [17_000, 60_000, 250_000])
def test_long_headers_are_refused(client: httpx.Client, size: int) -> None:
    assert client.get("config", headers={"x-long": "a" * size}).status_code in {400, 431}
    assert client.get("config", headers={"x-short": "a" * 4_000}).status_code == 200


def test_an_announced_length_that_is_too_long_is_refused_before_anything_is_sent(server: UpProcess) -> None:
    with open_socket(server) as line:
        line.sendall(b"POST /o/demo/rooms HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_what_is_no_http_is_refused(server: UpProcess) -> None:
    for data in (b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"):
        with open_socket(server) as line:
            line.sendall(data)
            line.shutdown(socket.SHUT_WR)
            assert line.recv(4096)[:12] in {b"", b"HTTP/1.1 400", b"HTTP/1.0 400"}


@pytest.mark.parametrize("part", ["", "/parts/0"])
def test_an_upload_that_breaks_leaves_nothing_and_can_be_sent_again(
    server: UpProcess, client: httpx.Client, data: Path, part: str
) -> None:
    key = random_bytes(32)
    blob = compute_sha256(key).hex()
    tick = 1
    head = (
        f"PUT /o/demo/blobs/{blob}{part} HTTP/1.1\r\nhost: x\r\nplaint-upload: {key.hex()}\r\n"
        f"plaint-work: {tick} 0\r\ncontent-length: 4000000\r\n\r\n"
    )
    for _ in range(3):
        with open_socket(server) as line:
            line.sendall(head.encode() + bytes(2_500_000))
    headers = {"plaint-upload": key.hex(), "plaint-work": f"{tick} 0"}

    def send_again() -> int:
        return client.put(f"blobs/{blob}{part}", content=b"whole", headers=headers).status_code

    said = [send_again()]
    # A broken line the server reads only now counts as the last attempt (api.md): senders wait a moment.
    while said[-1] == 409 and len(said) < 100:
        time.sleep(0.05)
        said.append(send_again())
    assert said[-1] == (204 if part else 201)
    wait_until(lambda: len(list((data / "blobs").rglob(f"*{blob}*"))) == 1)


def test_a_write_that_breaks_leaves_nothing(server: UpProcess, data: Path) -> None:
    with open_socket(server) as line:
        line.sendall(b"POST /o/demo/rooms HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\nplaint/v1/write\n")
    with sqlite3.connect(data / "plaint.sqlite") as database:
        rooms = database.execute("SELECT count(*) FROM room").fetchone()
    database.close()
    assert rooms == (0,)


def test_events_flow_and_end_when_the_service_stops(tmp_path: Path) -> None:
    data = tmp_path / "data"
    create(data)
    with UpProcess(data) as server:
        token = begin_session(server)
        with (
            connect(f"{server.url}/o/demo/") as client,
            client.stream("GET", "events", headers={"plaint-session": token}) as answer,
        ):
            lines = answer.iter_lines()
            told = [line for line in (next(lines) for _ in range(6)) if line.startswith("data: ")]
            assert [int(line[6:]) for line in told] == list(range(int(told[0][6:]), int(told[0][6:]) + len(told)))
            start = time.monotonic()
            assert server.stop(signal.SIGINT) == 0
            assert time.monotonic() - start < 10
            # The server's threads are still there: one that asks for a taken down interpreter aborts the process.
            assert TAKEN_DOWN not in server.said


def test_a_port_that_is_taken_is_told(
    server: UpProcess, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = copytree(data, tmp_path / "other")  # a data directory has one process
    port = urlsplit(server.url).port
    assert cli.run(["up", "--data", str(other), "--port", str(port)]) == 1
    assert "port" in capsys.readouterr().err


def test_an_organisation_made_while_the_service_runs_is_served(server: UpProcess, data: Path) -> None:
    create(data, slug="second", clock=replace(CLOCK, batch=8))
    with connect(server.url) as client:
        assert client.get("/o/second/config").json()["slug"] == "second"
        assert client.get("/o/second/log/cases/checkpoint").status_code == 200


@pytest.fixture
def several(tmp_path: Path) -> Path:
    """Return a data directory of three organisations, of which the first alone can be opened."""
    data = tmp_path / "several"
    for batch, slug in enumerate(("demo", "open-keys", "wrong-outside"), 4):
        create(data, slug=slug, clock=replace(CLOCK, batch=batch))
    (data / "keys" / "open-keys.json").chmod(0o644)
    (data / "outside").mkdir()
    (data / "outside" / "wrong-outside.json").write_text('{"entries": "Aurora Invented"}', "ascii")
    return data


PATHS = ("", "config", "directory", "log/cases/checkpoint", "log/keys", "outside")


def test_an_organisation_that_cannot_be_opened_stops_no_other(several: Path) -> None:
    with UpProcess(several) as server:
        with connect(server.url) as client:
            assert client.get("/o/demo/config").json()["slug"] == "demo"
            for slug in ("open-keys", "wrong-outside"):
                answers = [client.get(f"/o/{slug}/{path}") for path in PATHS]
                assert {(a.status_code, a.content) for a in answers} == {(503, b'{"code":"org-blocked"}')}
            assert client.get("/healthz").status_code == 503
        assert server.stop() == 0
    assert "open-keys is NOT served (keys-open)." in server.said
    assert "wrong-outside is NOT served (outside-form)." in server.said
    assert "Aurora" not in server.said


def test_where_none_can_be_opened_nothing_starts(several: Path) -> None:
    (several / "keys" / "demo.json").write_text("{}", "ascii")
    with UpProcess(several) as server:
        assert server.stop() == 1
    assert {line["code"] for line in read_events(server)} == {"keys-form", "keys-open", "outside-form"}


def read_events(server: UpProcess) -> list[dict[str, str]]:
    return [json.loads(line) for line in server.said.splitlines() if line.startswith("{")]


def test_an_organisation_is_served_once_its_files_are_right(several: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployment_module, "BLOCKED_S", 0.0)

    async def run() -> None:
        app: Any = build_app(Config(several), ticking=False)
        deployment: Deployment = app.state.deployment
        await deployment.start()
        assert deployment.list_blocked() == {"open-keys": "keys-open", "wrong-outside": "outside-form"}
        with pytest.raises(UnavailableError) as caught:
            await deployment.find("open-keys")
        assert caught.value.code == "org-blocked"
        (several / "keys" / "open-keys.json").chmod(0o600)
        (several / "outside" / "wrong-outside.json").unlink()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            assert (await client.get("/healthz")).status_code == 503
            for slug in ("open-keys", "wrong-outside"):
                assert (await client.get(f"/o/{slug}/config")).json()["slug"] == slug
            answer = await client.get("/healthz")
            assert (answer.status_code, answer.content) == (200, b"ok\n")
        await deployment.close()

    asyncio.run(run())


def begin_session(server: UpProcess) -> str:
    with connect(server.url) as client:
        desk = sign_in(connect_client(f"{server.url}/o/demo", client=client), make_keys("ben"))
        return desk.session.token()


def wait_until(check: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not check():
        assert time.monotonic() < until
        time.sleep(0.02)
