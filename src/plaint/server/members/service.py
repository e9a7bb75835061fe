"""Begins and checks sessions, and reads streams."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from plaint.crypto.hashes import compute_hmac, random_bytes, same_bytes
from plaint.errors import RefusedError, VerificationError
from plaint.protocol.cells import synthesize_cell
from plaint.protocol.session import LIMIT_SESSION_S, verify_session
from plaint.store.ticks import read_cells

if TYPE_CHECKING:
    from plaint.server.members.schema import SessionRequest
    from plaint.server.organisation import Organisation
    from plaint.server.ports import Clock, Store

LIMIT_CHALLENGE_S = 300
LIMIT_TICKS = 4_320
MAC_BYTES = 16
TOKEN_BYTES = 16 + 8 + MAC_BYTES


class MemberService:
    """Sessions are a MAC over member and time: a server that restarts, or another one, accepts them all the same."""

    def __init__(self, organisation: Organisation, store: Store, *, clock: Clock) -> None:
        self._organisation = organisation
        self._store = store
        self._clock = clock

    def make_challenge(self) -> str:
        """Return 64 hex to be signed within five minutes."""
        return self._seal(b"challenge", self._until(LIMIT_CHALLENGE_S) + random_bytes(8)).hex()

    def begin(self, request: SessionRequest) -> str:
        """Return the token of a new session.

        Raises: RefusedError "session", whatever was wrong.
        """
        org = self._organisation.org
        self._open(b"challenge", request.challenge)
        found = self._organisation.state.members.get(request.member)
        if found is None or not found.active:
            raise RefusedError("session")
        try:
            verify_session(
                request.signature,
                public=found.member.sign,
                org=org,
                member=request.member,
                challenge=request.challenge,
            )
        except VerificationError as error:
            raise RefusedError("session") from error
        return self._seal(b"token", self._until(LIMIT_SESSION_S) + request.member).hex()

    def check(self, token: str | None) -> bytes:
        """Return the member of a session.

        Raises: RefusedError "session" when it is missing, forged, over, or its member has left.
        """
        try:
            data = bytes.fromhex(token or "")
        except ValueError as error:
            raise RefusedError("session") from error
        member = self._open(b"token", data)[8:]
        if len(data) != TOKEN_BYTES or not self._organisation.is_active(member):
            raise RefusedError("session")
        return member

    async def read_stream(self, member: bytes, start: int) -> tuple[int, bytes]:
        """Return the tick number NOW up to which cells follow, and the cells of the ticks after `start`."""
        organisation = self._organisation
        end = min(organisation.tick, start + LIMIT_TICKS)
        start = min(start, end)
        cells = organisation.clock.cells
        query = partial(read_cells, org=organisation.org, member=member, span=(start, end), keys=organisation.rest)
        stored, are_all = await self._store.read(query)
        if not are_all:
            # What a room left that is being erased right now is there again once that is over.
            stored, _ = await self._store.read(query)
        made = await asyncio.to_thread(_fill, organisation.keys.prf, member, range(start + 1, end + 1), cells, stored)
        return end, made

    def _until(self, seconds: int) -> bytes:
        return (int(self._clock()) + seconds).to_bytes(8, "big")

    def _seal(self, purpose: bytes, data: bytes) -> bytes:
        return data + self._mac(purpose, data)

    def _open(self, purpose: bytes, sealed: bytes) -> bytes:
        data, mac = sealed[:-MAC_BYTES], sealed[-MAC_BYTES:]
        if not same_bytes(mac, self._mac(purpose, data)) or int.from_bytes(data[:8], "big") < self._clock():
            raise RefusedError("session")
        return data

    def _mac(self, purpose: bytes, data: bytes) -> bytes:
        key, org = self._organisation.keys.session, self._organisation.org
        return compute_hmac(key, b"plaint/v1/server-session\n", purpose, b"\n", org, data)[:MAC_BYTES]


def _fill(seed: bytes, member: bytes, ticks: range, cells: int, stored: dict[tuple[int, int], bytes]) -> bytes:
    """Return every cell: the stored one, or one made for nobody. Both are made, so that time tells nothing."""
    parts: list[bytes] = []
    for tick in ticks:
        for place in range(cells):
            made = synthesize_cell(seed, member=member, tick=tick, index=place)
            parts.append(stored.get((tick, place), made))
    return b"".join(parts)
