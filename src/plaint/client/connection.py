"""One organisation, connected: its API, its checked directory, its case log, and the time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from plaint.client.http import Api
from plaint.client.leaves import CaseLeaves
from plaint.client.trust import fetch_trust
from plaint.client.view import View, fetch_view
from plaint.errors import VerificationError
from plaint.protocol.checkpoint import open_checkpoint
from plaint.protocol.note import LIMIT_NOTE_BYTES, VerifierKey, parse_note
from plaint.protocol.policy import NO_QUORUM, compute_date
from plaint.protocol.receipt_keys import find_signer
from plaint.protocol.state import State, open_state
from plaint.protocol.trust import FormerKey, Trust
from plaint.protocol.work import encode_work, solve_work
from plaint.protocol.write import LIMIT_ANSWER_BYTES, RoomAnswer, Write, encode_write, parse_room_answer

FRESH_TICKS = 3
FRESH_SLACK_S = 60
HEADS_AT_ONCE = 256
HEAD_BYTES = 40


@dataclass(slots=True)
class Connection:
    """What both roles share; make it with `connect`."""

    api: Api
    trust: Trust
    view: View
    now: Callable[[], float]
    sleep: Callable[[float], None]
    leaves: CaseLeaves

    def close(self) -> None:
        """Close connection and files."""
        self.leaves.close()
        self.api.close()

    @property
    def tick_s(self) -> int:
        """How long a tick lasts."""
        return self.view.state.clock.tick

    def fetch_tick(self) -> int:
        """Return the number of ticks the case log has had."""
        note = parse_note(self.api.get("log/cases/checkpoint", limit_bytes=LIMIT_NOTE_BYTES)[0])
        return open_checkpoint(note, self.trust.cases).size // self.view.state.clock.batch

    def admit_upload(self, blob: bytes) -> Mapping[str, str]:
        """Return the headers that let somebody without a session or a room upload the blob `blob`."""
        return {"plaint-work": self.solve(blob)}

    def solve(self, subject: bytes) -> str:
        """Return work for `subject`, as headers carry it."""
        bits = self.view.state.clock.work_bits
        return encode_work(solve_work(org=self.view.org, tick=self.fetch_tick(), subject=subject, bits=bits))

    def read_room(self, room: bytes, cap: bytes) -> tuple[RoomAnswer, State]:
        """Return a whole room and its verified state.

        Raises: RefusedError "not-found"; VerificationError "state-…".
        """
        headers = {"plaint-cap": cap.hex()}
        data, _ = self.api.get(
            f"rooms/{room.hex()}", params={"from": "0"}, headers=headers, limit_bytes=LIMIT_ANSWER_BYTES
        )
        answer = parse_room_answer(data)
        self.open_note(answer.opening, room, past=True)
        return answer, self.open_note(answer.note, room)

    def find_right_caps(self, questions: Sequence[tuple[bytes, bytes]]) -> list[bool]:
        """Return for each (room, capability) whether it opens the room now.

        Raises: VerificationError "heads-size".
        """
        found: list[bool] = []
        for at in range(0, len(questions), HEADS_AT_ONCE):
            group = questions[at : at + HEADS_AT_ONCE]
            answer = self.api.send("POST", "heads", b"".join(room + cap for room, cap in group))
            if len(answer) != len(group) * HEAD_BYTES:
                raise VerificationError("heads-size")
            found += [any(answer[i * HEAD_BYTES : (i + 1) * HEAD_BYTES]) for i in range(len(group))]
        return found

    def send(
        self, write: Write, *, cap: bytes | None = None, session: str | None = None, locator: bytes | None = None
    ) -> tuple[State, bytes]:
        """Send a write and return the state that answers it, with its note.

        Raises: UnavailableError "admission", ConflictError "entry-conflict", "room-taken", "room-unique";
                VerificationError "state-…", "state-leaf" when the note does not promise what was sent.
        """
        headers: dict[str, str] = {}
        if cap is not None:
            headers["plaint-cap"] = cap.hex()
        if session is not None:
            headers["plaint-session"] = session
        if locator is not None:
            headers["plaint-locator"] = locator.hex()
        room = write.header.room
        path = "rooms" if write.opening is not None else f"rooms/{room.hex()}"
        note = self.api.send("POST", path, encode_write(write), headers=headers)
        state = self.open_note(note, room)
        if not state.leaves and write.opening is None and self._are_logged(write.leaves):
            return state, note  # an answer that got lost long ago: what it promised has come true
        windows = self.view.list_windows(write.opening.roster if write.opening else self.view.size)
        if sorted(item.leaf for item in state.leaves) != sorted(write.leaves) or any(
            item.include_by - state.at not in windows for item in state.leaves
        ):
            raise VerificationError("state-leaf")
        return state, note

    def _are_logged(self, leaves: Sequence[bytes]) -> bool:
        self.leaves.update()
        return all(self.leaves.find(leaf) is not None for leaf in leaves)

    def open_note(self, note: bytes, room: bytes, *, past: bool = False) -> State:
        """Return the state in a note about `room`; with `past` also in one under a receipt key of before.

        Raises: VerificationError "state-room", "receipt-retired" and those of `open_state`.
        """
        parsed = parse_note(note)
        keys = [self.trust.receipts, *(self._list_past_keys() if past else ())]
        signer = find_signer(parsed, keys)
        state = open_state(note, signer)
        if (state.org, state.room) != (self.view.org, room):
            raise VerificationError("state-room")
        ended = None if signer == self.trust.receipts else self._find_former(signer)
        if ended is not None and not ended.void and state.at >= ended.until:
            raise VerificationError("receipt-retired")
        return state

    def _list_past_keys(self) -> list[VerifierKey]:
        """Return the receipt keys of before: of these logs as far as their end is dated, of past logs all."""
        past = self.view.state.past
        older = [key for old in past for key in (old.origin.receipts, *(known.key for known in old.receipts))]
        return [*(known.key for known in self.view.former), *older]

    def _find_former(self, key: VerifierKey) -> FormerKey | None:
        return next((known for known in self.view.former if known.key == key), None)

    def check_fresh(self, state: State) -> None:
        """Check that the log the note speaks of was cosigned lately; needs updated `leaves`.

        Raises: VerificationError "state-stale".
        """
        if self.trust.policy.quorum == NO_QUORUM:
            return
        sizes = [size for size in self.leaves.list_kept() if size >= state.size]
        date = compute_date(self.trust.policy, self.leaves.read_kept(sizes[0])) if sizes else None
        if date is None or date < self.now() - FRESH_TICKS * self.tick_s - FRESH_SLACK_S:
            raise VerificationError("state-stale")


def connect(
    url: str,
    *,
    trust: Trust | None = None,
    client: httpx.Client | None = None,
    now: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    cache: Path | None = None,
) -> Connection:
    """Return a connection after checking the directory; `cache` keeps the public log between runs.

    Raises: those of `fetch_view`.
    """
    api = Api(url, client=client, sleep=sleep)
    try:
        keys = trust or fetch_trust(api)
        view = fetch_view(api, now=now, trust=keys)
        return Connection(api, keys, view, now, sleep, CaseLeaves(api, keys, cache))
    except BaseException:
        api.close()
        raise
