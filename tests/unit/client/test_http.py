"""What the client makes of a server's answers: families, codes, retries and limits, over a real socket."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from plaint.client.http import Api
from plaint.errors import (
    ConflictError,
    MalformedError,
    PlaintError,
    RefusedError,
    UnavailableError,
    VerificationError,
)

Answer = tuple[int, bytes]


class ScriptedServer(ThreadingHTTPServer):
    """Gives the next scripted answer to each request and keeps what was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ScriptedHandler)
        self.answers: list[Answer] = []
        self.bodies: list[bytes] = []
        self.paths: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/o/aurora"


class ScriptedHandler(BaseHTTPRequestHandler):
    server: ScriptedServer

    def do_GET(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers.get("content-length", "0"))))
        self.server.paths.append(self.path)
        status, body = self.server.answers.pop(0)
        if status == 0:
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):  # whoever does not want it all hangs up
            self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 -- the name http.server looks for
    do_PUT = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name http.server gives it
        return


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def api(server: ScriptedServer) -> Iterator[Api]:
    api = Api(server.url, sleep=lambda _seconds: None)
    yield api
    api.close()


@pytest.mark.parametrize(
    ("status", "body", "family", "code"),
    [
        (400, b'{"code":"text-line"}', MalformedError, "text-line"),
        (403, b'{"code":"work"}', RefusedError, "work"),
        (404, b'{"code":"not-found"}', RefusedError, "not-found"),
        (404, b"<html>somebody else's page</html>", RefusedError, "not-found"),
        (409, b'{"code":"entry-conflict"}', ConflictError, "entry-conflict"),
        (413, b'{"code":"too-large"}', MalformedError, "too-large"),
        (422, b'{"code":"signature"}', VerificationError, "signature"),
        (503, b'{"code":"admission"}', UnavailableError, "admission"),
        (302, b"", UnavailableError, "server"),
    ],
)
def test_error_answers_become_families(
    server: ScriptedServer, api: Api, *, status: int, body: bytes, family: type[PlaintError], code: str
) -> None:
    server.answers = [(status, body)] * 4
    with pytest.raises(family) as caught:
        api.send("POST", "rooms", b"write")
    assert caught.value.code == code


def test_a_code_that_is_not_one_is_not_repeated_to_people(server: ScriptedServer, api: Api) -> None:
    server.answers = [(400, b'{"code":"<script>alert(1)</script>"}')]
    with pytest.raises(MalformedError) as caught:
        api.send("POST", "rooms", b"write")
    assert caught.value.code == "server"


def test_a_lost_answer_is_asked_for_again_with_the_same_bytes(server: ScriptedServer, api: Api) -> None:
    server.answers = [(0, b""), (500, b"oops"), (201, b"note")]
    assert api.send("POST", "rooms", b"write") == b"note"
    assert server.bodies == [b"write"] * 3


def test_a_refused_write_is_not_sent_again_by_itself(server: ScriptedServer, api: Api) -> None:
    server.answers = [(503, b'{"code":"admission"}'), (201, b"note")]
    with pytest.raises(UnavailableError) as caught:
        api.send("POST", "rooms", b"write")
    assert caught.value.code == "admission"
    assert server.bodies == [b"write"]


def test_an_answer_beyond_its_limit_is_not_read(server: ScriptedServer, api: Api) -> None:
    server.answers = [(200, b"x" * 101)]
    with pytest.raises(MalformedError) as caught:
        api.get("names", limit_bytes=100)
    assert caught.value.code == "answer-size"


def test_the_room_that_was_first_comes_with_the_conflict(server: ScriptedServer, api: Api) -> None:
    server.answers = [(409, b'{"code":"room-unique","room":"ab"}')]
    with pytest.raises(ConflictError) as caught:
        api.send("POST", "rooms", b"write")
    assert (caught.value.code, caught.value.detail) == ("room-unique", "ab")


def test_a_server_that_is_not_there_is_unavailable(server: ScriptedServer, api: Api) -> None:
    server.answers = [(0, b"")] * 4
    with pytest.raises(UnavailableError) as caught:
        api.get("config")
    assert caught.value.code == "network"


@pytest.mark.parametrize("status", [200, 404, 503])
def test_an_endless_answer_to_an_upload_is_not_read(server: ScriptedServer, status: int) -> None:
    api = Api(server.url, sleep=lambda _: None)
    server.answers = [(status, bytes(10_000_000))]
    with pytest.raises(MalformedError) as caught:
        api.send_stream("blobs/x", iter([b"sealed"]), headers={"content-length": "6"})
    assert caught.value.code == "answer-size"
    api.close()


def test_an_endless_refusal_of_a_download_is_not_read(server: ScriptedServer) -> None:
    api = Api(server.url, sleep=lambda _: None)
    server.answers = [(503, bytes(10_000_000))]
    with pytest.raises(MalformedError) as caught, api.open_stream("blobs/x"):
        raise AssertionError
    assert caught.value.code == "answer-size"
    api.close()
