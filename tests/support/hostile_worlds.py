"""Worlds in which one party lies; everything else in them is the real thing. See docs/attacks.md."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from plaint.client.connection import Connection, connect
from plaint.crypto.hashes import compute_sha256, random_bytes
from plaint.log.signer import LogSigner
from plaint.log.tree import LogTree
from plaint.protocol.leaf import LEAF_BYTES, draw_dummy_leaf
from plaint.protocol.note import Note
from plaint.protocol.room import Header, compute_header_hash, encode_header
from plaint.protocol.state import State, open_state, sign_state
from plaint.protocol.write import AnsweredEntry, RoomAnswer, encode_room_answer, parse_room_answer
from plaint.store import ticks
from tests.support.wire import Change, Wire, replace_body
from tests.support.world import World

DAY = 86_400


class ForgetfulServer(World):
    """Promises to log what it is sent, and does not."""

    def forget(self, act: Callable[[], object]) -> None:
        """Let somebody write, and drop the leaves that wait."""
        act()
        org = self.services.organisation.org
        pending = self.loop.run(self.database.read(lambda c: ticks.list_pending(c, org)))
        self.loop.run(self.database.write(lambda c: ticks.delete_pending(c, org, pending)))


class LyingCosigner(World):
    """One cosigner, the first, signs with a time that is wrong by `lie_s`."""

    lie_s = 0

    def read_cosigner_clock(self, name: str) -> int:
        return int(self.now) + (self.lie_s if name == "north" else 0)


class SplitViewLog(World):
    """Shows some people one history, and others another, both signed."""

    def split(self, apart: Callable[[], object]) -> None:
        """Let what happens in `apart` be history for who looks meanwhile, and for nobody afterwards."""
        kept = self.folder / "kept"
        self._stop()
        shutil.copytree(self.config.data_dir, kept)
        self._start()
        apart()
        self._stop()
        shutil.rmtree(self.config.data_dir)
        shutil.copytree(kept, self.config.data_dir)
        self.deafen()  # our own software asks cosigners first and would refuse to go on
        self._start()
        self.hear()


class RewritingLog(World):
    """Has signed another past."""

    def rewrite(self, folder: Path, *, common: int = 16) -> tuple[LogTree, Note]:
        """Return a log that agrees with ours up to `common` only, one batch longer, and its checkpoint, signed."""
        tree = LogTree(folder, leaf_bytes=LEAF_BYTES)
        tree.append(self.services.organisation.trees["cases"].read_entries(0, common))
        while tree.size <= self.services.organisation.trees["cases"].size:
            tree.append([draw_dummy_leaf() for _ in range(16)])
        names = self.keys.verifiers
        signer = LogSigner(
            origin=names.cases.name, key=self.keys.cases, clock_name=names.clock.name, clock=self.keys.clock
        )
        return tree, signer.sign_checkpoint(tree.size, tree.root())


class LyingAnswers(World):
    """Answers what it likes, and signs it where a signature is asked for."""

    def connect_through(self, change: Change) -> Connection:
        """Return a client's connection, every answer to it perhaps changed."""
        client = httpx.Client(transport=Wire(self, change), base_url=f"{self.url}/")
        return connect(self.url, client=client, now=self.read_clock, sleep=self.sleep)

    def connect_to_rooms(self, change: Callable[[RoomAnswer], RoomAnswer]) -> Connection:
        """Return a connection through which every room is read as `change` makes it."""

        def apply(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
            if request.method != "GET" or "/rooms/" not in request.url.path or answer.status_code != 200:
                return answer
            return replace_body(answer, encode_room_answer(change(parse_room_answer(answer.content))))

        return self.connect_through(apply)

    def sign(self, note: bytes, **changes: Any) -> bytes:
        """Return a state note with something else in it, under the server's real receipt key."""
        key = self.keys.verifiers.receipts
        state: State = replace(open_state(note, key), **changes)
        return sign_state(state, self.keys.receipts, name=key.name)

    def invent(self, answer: RoomAnswer, kind: str) -> RoomAnswer:
        """Return the room with one more entry, of the server's own making, and its duty crossed off."""
        state = open_state(answer.note, self.keys.verifiers.receipts)
        body = random_bytes(4_400)
        last = answer.entries[-1].header
        header = Header(state.org, state.room, last.seq + 1, state.head, kind, compute_sha256(body), None)
        note = self.sign(
            answer.note,
            entries=state.entries + 1,
            head=compute_header_hash(encode_header(header)),
            dues=tuple(due for due in state.dues if due.kind != kind),
        )
        return replace(answer, entries=(*answer.entries, AnsweredEntry(header, body)), note=note)

    def hide(self, answer: RoomAnswer, *, keep: int) -> RoomAnswer:
        """Return the room as it was when it had `keep` entries, with every duty open, signed now."""
        kept = answer.entries[:keep]
        opening = open_state(answer.opening, self.keys.verifiers.receipts)
        head = compute_header_hash(encode_header(kept[-1].header))
        note = self.sign(answer.note, entries=keep, head=head, dues=opening.dues)
        return replace(answer, entries=kept, note=note)
