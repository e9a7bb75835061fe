"""The organisation's HTTP API as calls; answers are bytes that nobody has checked yet (spec/api.md)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from plaint.encoding.json import encode_json, parse_json
from plaint.errors import (
    ConflictError,
    MalformedError,
    PlaintError,
    RefusedError,
    UnavailableError,
    VerificationError,
)

LIMIT_ANSWER_BYTES = 64 * 1024 * 1024
LIMIT_ERROR_BYTES = 65_536
LIMIT_CODE_CHARACTERS = 64
RETRY_WAITS_S = (0.2, 0.8, 2.0)
OCTETS = "application/octet-stream"
FAMILIES: Mapping[int, type[PlaintError]] = {
    400: MalformedError,
    403: RefusedError,
    404: RefusedError,
    405: RefusedError,
    409: ConflictError,
    413: MalformedError,
    422: VerificationError,
    429: RefusedError,
}


class Api:
    """One organisation's address; every call either returns bytes or raises a family with the server's code.

    A call whose answer got lost is sent again with identical bytes: the server answers a repeated write as it did the
    first time. A refusal ("admission") is never retried here, because it is for the caller to keep the write.
    """

    def __init__(
        self,
        url: str,
        *,
        client: httpx.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = url.rstrip("/")
        self._own = client is None
        self._client = client or httpx.Client(timeout=60.0, follow_redirects=False, headers={"user-agent": "plaint"})
        self._sleep = sleep

    def close(self) -> None:
        """Close the connection when it was made here."""
        if self._own:
            self._client.close()

    def get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        limit_bytes: int = LIMIT_ANSWER_BYTES,
    ) -> tuple[bytes, httpx.Headers]:
        """Return body and headers of a successful GET."""
        return self._call("GET", path, params=params, headers=headers, limit_bytes=limit_bytes)

    def send(
        self,
        method: str,
        path: str,
        content: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        limit_bytes: int = LIMIT_ANSWER_BYTES,
    ) -> bytes:
        """Send bytes that may be sent again when the answer is lost, and return the answer."""
        return self._call(method, path, content=content, headers=headers, limit_bytes=limit_bytes)[0]

    def send_json(self, method: str, path: str, value: Any, *, headers: Mapping[str, str] | None = None) -> Any:
        """Send JSON and return the JSON answered, or None for an empty answer."""
        sent = {"content-type": "application/json", **(headers or {})}
        answer = self.send(method, path, encode_json(value), headers=sent)
        return parse_json(answer, limit_bytes=LIMIT_ANSWER_BYTES) if answer else None

    def get_json(self, path: str, *, headers: Mapping[str, str] | None = None) -> Any:
        """Return the JSON of a GET."""
        return parse_json(self.get(path, headers=headers)[0], limit_bytes=LIMIT_ANSWER_BYTES)

    def send_stream(self, path: str, chunks: Iterator[bytes], *, headers: Mapping[str, str]) -> None:
        """PUT one stream, once: the caller decides whether to start again."""
        sent = {"content-type": OCTETS, **headers}
        try:
            with self._client.stream("PUT", f"{self.url}/{path}", content=chunks, headers=sent) as answer:
                body = _read(answer, LIMIT_ERROR_BYTES)
        except httpx.TransportError as error:
            raise UnavailableError("network") from error
        raise_for_status(answer.status_code, body)

    @contextmanager
    def open_stream(self, path: str, *, headers: Mapping[str, str] | None = None) -> Iterator[Iterator[bytes]]:
        """Yield the chunks of a GET that may be too large for memory."""
        try:
            with self._client.stream("GET", f"{self.url}/{path}", headers=dict(headers or {})) as answer:
                if answer.status_code != 200:
                    raise_for_status(answer.status_code, _read(answer, LIMIT_ERROR_BYTES))
                yield answer.iter_bytes()
        except httpx.TransportError as error:
            raise UnavailableError("network") from error

    def _call(
        self,
        method: str,
        path: str,
        *,
        limit_bytes: int,
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[bytes, httpx.Headers]:
        sent = dict(headers or {})
        if content is not None:
            sent.setdefault("content-type", OCTETS)
        request = self._client.build_request(method, f"{self.url}/{path}", content=content, params=params, headers=sent)
        for wait_s in (*RETRY_WAITS_S, None):
            try:
                return self._once(request, limit_bytes)
            except UnavailableError as error:
                if wait_s is None or error.code not in {"network", "server"}:
                    raise
                self._sleep(wait_s)
        raise UnavailableError("network")

    def _once(self, request: httpx.Request, limit_bytes: int) -> tuple[bytes, httpx.Headers]:
        try:
            answer = self._client.send(request, stream=True)
            try:
                body = _read(answer, limit_bytes)
            finally:
                answer.close()
        except httpx.TransportError as error:
            raise UnavailableError("network") from error
        raise_for_status(answer.status_code, body)
        return body, answer.headers


def raise_for_status(status: int, body: bytes) -> None:
    """Turn an error answer into its family; a code that is not one is replaced by `server`.

    Raises: the family of the status with the server's code; UnavailableError "server" for what speaks no code.
    """
    if 200 <= status < 300:
        return
    code, detail = _read_code(body)
    family = FAMILIES.get(status, UnavailableError)
    raise family(code or ("not-found" if status == 404 else "server"), detail)


def _read_code(body: bytes) -> tuple[str, str]:
    try:
        value = parse_json(body, limit_bytes=4096)
    except MalformedError:
        return "", ""
    if not isinstance(value, dict):
        return "", ""
    code, room = value.get("code"), value.get("room")
    plain = isinstance(code, str) and len(code) <= LIMIT_CODE_CHARACTERS and code.replace("-", "").isalnum()
    # The only detail the API gives: the room that was there first (api.md, "room-unique").
    return (code if plain and isinstance(code, str) else ""), (room if isinstance(room, str) else "")


def _read(answer: httpx.Response, limit_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in answer.iter_bytes():
        size += len(part)
        if size > limit_bytes:
            raise MalformedError("answer-size")
        parts.append(part)
    return b"".join(parts)
