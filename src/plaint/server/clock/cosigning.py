"""Asks an organisation's cosigners to sign, and remembers those that have seen another history of a log."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from plaint.http.log import get_log
from plaint.protocol.alarms import Alarm, name_cosigner
from plaint.protocol.checkpoint import parse_checkpoint
from plaint.server.clock.files import find_signed
from plaint.store import ticks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import httpx

    from plaint.log.feed import CosignerAddress, Feed
    from plaint.protocol.directory_server import Cosigner
    from plaint.protocol.note import Note, NoteSignature
    from plaint.server.organisation import Organisation
    from plaint.server.ports import Clock, Store

LEAST_TIMEOUT_S = 0.4


class Cosigning:
    """One feed for each log; whoever raised a fork alarm is asked again only once the operator has dropped it."""

    def __init__(
        self, organisation: Organisation, store: Store, *, clock: Clock, connect: Callable[[], httpx.AsyncClient]
    ) -> None:
        self._organisation = organisation
        self._store = store
        self._clock = clock
        self._connect = connect
        self._feeds: dict[str, tuple[tuple[CosignerAddress, ...], Feed]] = {}

    async def start(self) -> None:
        """Read the alarms that stand, and say them again."""
        await self._load_alarms()
        for alarm in self._organisation.alarms:
            _say(alarm)

    async def collect(self, log: str, note: Note) -> tuple[NoteSignature, ...]:
        """Return the cosignatures of `note` that came in time."""
        state = self._organisation.state
        cosigners = state.cosigners.cosigners if state.cosigners else ()
        if not cosigners:
            return ()
        if self._organisation.alarms:
            await self._load_alarms()  # the operator may have dropped one
        feed = self._find_feed(log, cosigners)
        stopped = {alarm.cosigner for alarm in self._organisation.alarms if alarm.log == log}
        feed.stop([c.key for c in cosigners if name_cosigner(c) in stopped])
        answer = await feed.collect(note, self._organisation.trees[log].compute_consistency)
        if answer.silent:
            get_log().error("cosigners", log=log, silent=len(answer.silent), of=len(cosigners))
        if answer.forks and not await self._is_passed(log, note):
            await self._raise_alarms(log, note, (c for c in cosigners if c.key in answer.forks))
        return answer.signatures

    def _find_feed(self, log: str, cosigners: tuple[Cosigner, ...]) -> Feed:
        from plaint.log.feed import TIMEOUT_S, CosignerAddress, Feed  # noqa: PLC0415 -- an HTTP client, for feeding only

        addresses = tuple(CosignerAddress(c.key, c.url) for c in cosigners)
        known = self._feeds.get(log)
        if known is None or known[0] != addresses:
            # An unreachable cosigner must not hold up the next tick.
            timeout_s = min(TIMEOUT_S, max(LEAST_TIMEOUT_S, self._organisation.clock.tick * 0.6))
            known = (addresses, Feed(addresses, client=self._connect(), timeout_s=timeout_s))
            self._feeds[log] = known
        return known[1]

    async def _is_passed(self, log: str, note: Note) -> bool:
        """Tell whether another process has signed more by now: what a cosigner has seen beyond `note` may be that."""
        signed, _ = await find_signed(self._store, self._organisation.org, log)
        return signed > parse_checkpoint(note.text).size

    async def _raise_alarms(self, log: str, note: Note, cosigners: Iterable[Cosigner]) -> None:
        size = parse_checkpoint(note.text).size
        for cosigner in cosigners:
            alarm = Alarm(log, name_cosigner(cosigner), size, int(self._clock()))
            row = (alarm.log, alarm.cosigner, alarm.size, alarm.at)
            await self._store.write(partial(ticks.insert_alarm, org=self._organisation.org, row=row))
            self._organisation.alarms = (*self._organisation.alarms, alarm)
            _say(alarm)

    async def _load_alarms(self) -> None:
        rows = await self._store.read(lambda c: ticks.list_alarms(c, self._organisation.org))
        self._organisation.alarms = tuple(Alarm(*row) for row in rows)


def _say(alarm: Alarm) -> None:
    get_log().error("fork", log=alarm.log, cosigner=alarm.cosigner, size=alarm.size, at=alarm.at)
