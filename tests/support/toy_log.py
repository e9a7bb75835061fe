"""An organisation's two logs in a directory, served in process; hostile variants override one method."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from plaint.crypto.signing import SigningKey
from plaint.errors import MalformedError
from plaint.log.sequence import choose_batch
from plaint.log.signer import LogSigner
from plaint.log.tree import LogTree
from plaint.protocol.leaf import LEAF_BYTES
from plaint.protocol.note import COSIGNATURE, ED25519, Note, VerifierKey, cosign_note, encode_note, parse_note
from plaint.protocol.policy import Group, Policy, PolicyLog, Witness
from plaint.protocol.tiles import parse_tile_path
from plaint.protocol.trust import Trust, encode_trust

if TYPE_CHECKING:
    from pathlib import Path

ORIGIN = "reports.example/toy"
URL = "http://reports.example/toy"
START = 1_800_000_000
TICK_S = 600


def make_key(number: int) -> SigningKey:
    return SigningKey(bytes([number]) * 32)


class ToyLog:
    """One log with what its server keeps: the files and every signed checkpoint."""

    def __init__(self, directory: Path, *, name: str, number: int) -> None:
        self.tree = LogTree(directory, leaf_bytes=LEAF_BYTES if name == "cases" else None)
        self.signer = LogSigner(
            origin=f"{ORIGIN}/log/{name}",
            key=make_key(number),
            clock_name=f"{ORIGIN}/clock",
            clock=make_key(number + 1),
        )
        self.kept: dict[int, Note] = {}
        self.fetched: list[str] = []

    def read(self, path: str) -> bytes | None:
        """Return what stands at `path` below the log's prefix."""
        self.fetched.append(path)
        if path == "checkpoint":
            return encode_note(self.kept[max(self.kept)]) if self.kept else None
        if path == "at":
            return "".join(f"{size}\n" for size in sorted(self.kept)).encode()
        if path.startswith("at/"):
            note = self.kept.get(int(path[3:]))
            return encode_note(note) if note else None
        try:
            return self.tree.read_tile(parse_tile_path(path))
        except MalformedError:
            return None


class ToyOrg:
    """Ticks add a batch of leaves, or one directory entry; two invented cosigners sign at once."""

    def __init__(self, directory: Path, *, seed: int = 1) -> None:
        self.random = random.Random(seed)
        self.logs = {
            name: ToyLog(directory / name, name=name, number=number)
            for name, number in (("cases", 11), ("directory", 21))
        }
        self.cosigners = {f"w{n}.example": make_key(30 + n) for n in (1, 2, 3)}
        self.now = START
        self.trust = Trust(
            bytes(16),
            VerifierKey(f"{ORIGIN}/receipts", ED25519, make_key(40).public),
            Policy(
                tuple(PolicyLog(log.signer.log_key) for log in self.logs.values()),
                tuple(Witness(n, VerifierKey(n, COSIGNATURE, k.public)) for n, k in self.cosigners.items()),
                (Group("outside", 2, tuple(self.cosigners)),),
                "outside",
            ),
        )

    def tick(self, *, batch: int = 16, waiting: list[bytes] | None = None, signed: int = 2) -> None:
        """Grow both logs by one tick and keep the checkpoints, cosigned by the first `signed` cosigners."""
        self.now += TICK_S
        self.logs["cases"].tree.append(choose_batch(waiting or [], batch=batch, random=self.random))
        self.logs["directory"].tree.append([b"entry %d" % self.now])
        for log in self.logs.values():
            self.publish(log, signed=signed)

    def publish(self, log: ToyLog, *, signed: int = 2) -> None:
        """Sign and cosign the log as it stands."""
        note = log.signer.sign_checkpoint(log.tree.size, log.tree.root())
        log.kept[log.tree.size] = parse_note(self.cosigned(note, signed=signed))

    def cosigned(self, note: Note, *, signed: int) -> bytes:
        """Return the bytes of `note` with the cosignatures of the first `signed` cosigners."""
        lines = [
            cosign_note(note.text, name=name, key=key, timestamp=self.now + at)
            for at, (name, key) in enumerate(list(self.cosigners.items())[:signed])
        ]
        return encode_note(Note(note.text, (*note.signatures, *lines)))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the log's reading paths as an ASGI application."""
        path = scope["path"].removeprefix("/toy/log/")
        if path == "keys":
            body: bytes | None = encode_trust(self.trust)
        else:
            name, _, rest = path.partition("/")
            body = self.logs[name].read(rest) if name in self.logs else None
        await send({"type": "http.response.start", "status": 404 if body is None else 200, "headers": []})
        await send({"type": "http.response.body", "body": body or b""})

    def close(self) -> None:
        for log in self.logs.values():
            log.tree.close()
