"""Sealed writes with their keys, for tests that speak to the API byte by byte."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import httpx

from plaint.client.reporter import prepare_report, seal_report
from plaint.crypto.hashes import compute_sha256
from plaint.protocol.keys import HolderKeys, compute_room_keys
from plaint.protocol.work import parse_work
from plaint.protocol.write import Write, encode_write
from tests.support.world import World


@dataclass(frozen=True, slots=True)
class SealedReport:
    """A report on its way, with proof of work."""

    keys: HolderKeys
    write: Write

    @property
    def room(self) -> bytes:
        """The room it opens."""
        return self.write.header.room

    @property
    def cap(self) -> bytes:
        """The capability of the room."""
        return compute_room_keys(self.keys.room).cap

    @property
    def headers(self) -> Mapping[str, str]:
        """What a reader of the room sends."""
        return {"plaint-cap": self.cap.hex()}

    @property
    def data(self) -> bytes:
        """The body of POST rooms."""
        return encode_write(self.write)


def seal(world: World, text: str = "Something happened.", *, keys: HolderKeys | None = None) -> SealedReport:
    """Seal a report without sending it."""
    connection = world.connect()
    keys = keys or world.draw_holder()
    write = seal_report(connection.view, prepare_report(connection.view), keys, text=text)
    return SealedReport(keys, with_work(world, write))


def with_work(world: World, write: Write) -> Write:
    """Do the work for a write that opens a room."""
    assert write.opening is not None
    work = parse_work(world.connect().solve(compute_sha256(write.body)))
    return replace(write, opening=replace(write.opening, work=work))


def post(world: World, report: SealedReport) -> httpx.Response:
    """Send a report."""
    return world.client.post("rooms", content=report.data)


def get_code(answer: httpx.Response, status: int) -> str:
    """Return the code of an answer that must have `status`."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    code: str = answer.json()["code"]
    return code
