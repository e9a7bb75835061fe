"""The cosigner as an ASGI application: add-checkpoint, and what it mirrors. It keeps no record of who asks."""

from __future__ import annotations

import asyncio
import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx

from plaint.cosigner.identity import load_identity
from plaint.cosigner.mirror import Mirror
from plaint.cosigner.store import HeadStore
from plaint.errors import MalformedError
from plaint.log.fetch import hash_origin, make_fetch
from plaint.log.witness import LIMIT_REQUEST_BYTES, TEXT_TYPE, Answer, Witness
from plaint.protocol.note import ED25519, parse_vkey
from plaint.protocol.tiles import parse_tile_path

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping, Sequence
    from pathlib import Path

    from plaint.protocol.note import VerifierKey

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

TILE_TYPE = "application/octet-stream"
LIMIT_BODY_S = 60
REQUESTS_AT_ONCE = 32


def parse_log_argument(text: str) -> tuple[VerifierKey, str | None]:
    """Return the key and, after `=`, the address of a log given as `VKEY` or `VKEY=URL`.

    Raises: MalformedError "vkey-type" and those of `parse_vkey`.
    """
    vkey, _, url = text.partition("=")
    key = parse_vkey(vkey)
    if key.type != ED25519:
        raise MalformedError("vkey-type")
    return key, url.rstrip("/") or None


def build_app(
    data_dir: Path,
    keys: Sequence[str],
    *,
    name: str | None = None,
    now: Callable[[], int] | None = None,
    client: httpx.AsyncClient | None = None,
    report: Callable[[str, str], None] = lambda _origin, _code: None,
) -> CosignerApp:
    """Return the application for the logs `keys` (each `VKEY` or `VKEY=URL`), with its state in `data_dir`.

    `report` hears of a copy that stays behind (its origin, a code) and when it goes on ("ok").
    Raises: MalformedError "cosigner-name" and those of `parse_log_argument`.
    """
    logs = [parse_log_argument(key) for key in keys]
    identity = load_identity(data_dir, name=name)
    store = HeadStore(data_dir / "heads.sqlite")
    client = client or httpx.AsyncClient(timeout=30)
    mirrors = {
        hash_origin(key.name): Mirror(
            data_dir / "mirror" / hash_origin(key.name),
            origin=key.name,
            store=store,
            fetch=make_fetch(client, url),
            report=report,
        )
        for key, url in logs
        if url is not None
    }
    known: dict[str, list[VerifierKey]] = {}
    for key, _ in logs:
        known.setdefault(key.name, []).append(key)
    clock = now or (lambda: int(time.time()))
    witness = Witness(name=identity.name, key=identity.key, logs=known, store=store, now=clock)
    return CosignerApp(witness=witness, store=store, origins=list(known), mirrors=mirrors, client=client)


class CosignerApp:
    """Three kinds of request; everything else is one and the same 404."""

    def __init__(
        self,
        *,
        witness: Witness,
        store: HeadStore,
        origins: Sequence[str],
        mirrors: dict[str, Mirror],
        client: httpx.AsyncClient,
    ) -> None:
        self._witness = witness
        self._store = store
        self._origins = {hash_origin(origin): origin for origin in origins}
        self._mirrors = mirrors
        self._client = client
        # Not the loop's own threads, which are few: who waits for the disk here is flushed together with the others.
        self._workers = ThreadPoolExecutor(REQUESTS_AT_ONCE, thread_name_prefix="add-checkpoint")

    @property
    def verifier_key(self) -> VerifierKey:
        """The key of this cosigner."""
        return self._witness.verifier_key

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await _answer(send, await self._route(scope["method"], scope["path"], receive))

    async def pull(self) -> None:
        """Bring every mirror up to its head now.

        Raises: those of `LogCopy.advance`.
        """
        for mirror in self._mirrors.values():
            await mirror.pull()

    async def close(self) -> None:
        """Stop mirroring and give files and connections back."""
        for mirror in self._mirrors.values():
            await mirror.close()
        await self._client.aclose()
        self._workers.shutdown()
        self._store.close()

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                for mirror in self._mirrors.values():
                    mirror.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _route(self, method: str, path: str, receive: Receive) -> Answer:
        first, _, rest = path.removeprefix("/").partition("/")
        if method == "POST" and path == "/add-checkpoint":
            return await self._add_checkpoint(receive)
        if method == "GET" and first in self._origins:
            return await asyncio.to_thread(self._read, first, rest)
        return Answer(404)

    async def _add_checkpoint(self, receive: Receive) -> Answer:
        body = await _read_body(receive)
        if body is None:
            return Answer(413)
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._workers, self._witness.add_checkpoint, body)
        if answer.status == httpx.codes.OK:
            for mirror in self._mirrors.values():
                mirror.start()
        return answer

    def _read(self, segment: str, rest: str) -> Answer:
        mirror = self._mirrors.get(segment)
        if rest == "checkpoint":
            head = self._store.read_head(self._origins[segment])
            return Answer(404) if head is None else Answer(200, head.note)
        if mirror is None:
            return Answer(404)
        try:
            return Answer(200, mirror.tree.read_tile(parse_tile_path(rest)), TILE_TYPE)
        except MalformedError:
            return Answer(404)


async def _read_body(receive: Receive) -> bytes | None:
    """Return the body; None when it is too long, its sender hung up, or it only trickles in."""
    body, more = bytearray(), True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LIMIT_BODY_S):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > LIMIT_REQUEST_BYTES:
                    return None
            return bytes(body)
    return None


async def _answer(send: Send, answer: Answer) -> None:
    headers = [
        (b"content-type", (answer.content_type or TEXT_TYPE).encode()),
        (b"content-length", str(len(answer.body)).encode()),
        (b"cache-control", b"no-store"),
        (b"access-control-allow-origin", b"*"),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
