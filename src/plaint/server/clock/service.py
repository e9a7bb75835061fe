"""Runs a tick from end to end: decide, write files, gather cosignatures, publish."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from plaint.errors import ConflictError, UnavailableError
from plaint.protocol.cosignature import parse_cosignature
from plaint.protocol.merkle import Frontier
from plaint.protocol.note import Note, encode_signatures, find_signatures, parse_note, parse_signatures
from plaint.protocol.policy import compute_date
from plaint.protocol.tiles import compute_range_nodes
from plaint.server.clock.batch import TickJob
from plaint.server.clock.cosigning import Cosigning
from plaint.server.clock.files import append, find_signed, keep_checkpoint, replay, write_logged
from plaint.server.clock.following import add_entries, adopt, count_waiting, read_snapshot
from plaint.server.organisation import LOGS, Published
from plaint.store import directory as directory_store
from plaint.store import ticks
from plaint.store.lead import pass_turn, read_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from random import Random

    import httpx
    from sqlalchemy import Connection

    from plaint.protocol.merkle import Hash
    from plaint.protocol.note import NoteSignature, VerifierKey
    from plaint.server.clock.batch import TickResult
    from plaint.server.organisation import Organisation
    from plaint.server.ports import Clock, Store


EARLY_S = 30
"""Ticks are no closer together than their length less this: half of what whoever watches them allows."""


class TickService:
    """The clock of one organisation; ticks run one after the other.

    Where several processes share the database one of them leads and ticks; the others follow it by `look`.
    """

    def __init__(
        self,
        organisation: Organisation,
        store: Store,
        *,
        clock: Clock,
        random: Random,
        connect: Callable[[], httpx.AsyncClient],
    ) -> None:
        self._organisation = organisation
        self._store = store
        self._clock = clock
        self._random = random
        self._cosigning = Cosigning(organisation, store, clock=clock, connect=connect)
        self._frontiers: dict[str, Frontier] = {}
        self._lock = asyncio.Lock()
        self._memory = asyncio.Lock()
        self._turn = 0
        self._dated = 0  # when the last batch got its date here, by the own clock
        self._ticked = asyncio.Condition()
        self._closed = False

    async def start(self) -> None:
        """Bring the logs' files up to the database, and memory to what others wrote since the organisation was read.

        Raises: ConflictError "log-ahead".
        """
        if self._store.is_shared:
            await self._catch_up()
        else:
            for log in LOGS:
                await self._replay(log, await find_signed(self._store, self._organisation.org, log))
        await self._cosigning.start()

    async def run(self, *, after_s: float = 0.0) -> int:
        """Run one tick and return its number.

        Nothing of it is seen, by members, cosigners or the public, before `after_s` seconds have passed: how long
        deciding took depends on what waited.
        Raises: UnavailableError "stopping".
        """
        async with self._lock:
            if self._closed:
                raise UnavailableError("stopping")
            await self.look()
            job = TickJob(self._organisation, self._frontiers, now=int(self._clock()), random=self._random)
            loop = asyncio.get_running_loop()
            visible = loop.time() + after_s
            try:
                result = await self._store.write(job)
            except ConflictError:
                await self._catch_up()
                raise
            await asyncio.sleep(max(0.0, visible - loop.time()))
            async with self._memory:
                # Told first: who is sent from this process to another finds there what he was shown here.
                turn = await self._pass_turn()
                await self._take(result)
                self._learn(turn)
            await asyncio.gather(*(self._publish(log, result.checkpoints[log]) for log in LOGS))
            await self._store.tidy()
        await self.wake()
        return result.tick

    async def run_due(self, *, after_s: float = 0.0) -> None:
        """Run one tick, unless the last was made less than a tick ago. Raises: as `run`.

        It may have come late, at another moment than those of the schedule, or by a clock that was set since. Whoever
        watches counts batches by the cosigners' dates, and one that comes early is proof of a lie.
        """
        if await self._is_due():
            await self.run(after_s=after_s)

    async def look(self) -> None:
        """Read what another process wrote since this one looked last: one small question where there are several."""
        if self._store.is_shared:
            turn = await self._store.read(self._read_turn)
            if turn != self._turn:
                await self._catch_up(turn)

    async def follow(self) -> None:
        """Look, and count again what waits: others let in as well."""
        await self.look()
        organisation = self._organisation
        counted = await self._store.read(lambda c: count_waiting(c, organisation.org))
        organisation.waiting, organisation.sets = counted

    async def take_over(self) -> None:
        """Go on where the process that led before stopped: finish its last tick, or run the one it missed."""
        await self._catch_up()
        organisation, now = self._organisation, int(self._clock())
        last = await self._store.read(lambda c: ticks.find_last_batch(c, organisation.org))
        if last is None or (last[1] < now - now % organisation.clock.tick and await self._is_due()):
            await self.run()
            return
        async with self._lock:
            for log in LOGS:
                query = partial(ticks.find_last_checkpoint, org=organisation.org, log=log, dated=False)
                row = await self._store.read(query)
                if row is not None and row.dated is None:
                    await self._publish(log, row)
        await self.wake()

    async def close(self) -> None:
        """Wait for the tick that is under way, and begin no other: its files are closed next."""
        async with self._lock:
            self._closed = True

    async def wait(self) -> int:
        """Return the number of the next tick once it has happened."""
        async with self._ticked:
            await self._ticked.wait()
        return self._organisation.tick

    async def wake(self) -> None:
        """Let everybody who waits look again."""
        async with self._ticked:
            self._ticked.notify_all()

    async def _catch_up(self, turn: int | None = None) -> None:
        """Read everything anew, unless somebody who waited for the same `turn` has just done so.

        Without one nobody has told of what is read, a tick that is still held back perhaps: then it is told.
        """
        organisation = self._organisation
        async with self._memory:
            if turn is not None and self._turn >= turn:
                return
            if turn is None:
                await self._pass_turn()
            shown = organisation.tick, dict(organisation.published)
            snapshot = await self._store.read(lambda c: read_snapshot(c, organisation, int(self._clock())))
            for log in LOGS:
                await self._replay(log, snapshot.signed[log])
            adopt(organisation, snapshot, self._random)
            size = snapshot.tick * organisation.clock.batch
            await asyncio.to_thread(write_logged, organisation.folder, size=size, count=snapshot.logged)
            for row in snapshot.checkpoints.values():
                await asyncio.to_thread(keep_checkpoint, organisation.folder, row)
            self._turn = snapshot.turn
        if shown != (organisation.tick, organisation.published):
            await self.wake()  # for nothing else: when a room is erased no member may see

    async def _is_due(self) -> bool:
        organisation = self._organisation
        query = partial(ticks.find_last_checkpoint, org=organisation.org, log="cases", dated=False)
        row = await self._store.read(query)
        if row is None:
            return True
        since = max(_find_date(row, organisation.keys.verifiers.clock), self._dated)
        return not 0 <= int(self._clock()) - since < organisation.clock.tick - EARLY_S

    def _read_turn(self, connection: Connection) -> int:
        return read_turn(connection, self._organisation.org)

    async def _pass_turn(self) -> int:
        """Tell the other processes to look, and return the turn that this is."""
        return await self._store.write(self._next_turn) if self._store.is_shared else self._turn

    def _next_turn(self, connection: Connection) -> int:
        pass_turn(connection, self._organisation.org)
        return self._read_turn(connection)

    def _learn(self, turn: int) -> None:
        """Remember one's own `turn`: nothing of it need be read, unless another process wrote before it as well."""
        self._turn = turn if turn == self._turn + 1 else self._turn

    async def _take(self, result: TickResult) -> None:
        organisation, before = self._organisation, self._frontiers
        if organisation.tick >= result.tick:
            return  # read from the database already, while the tick was held back
        start, end = before["directory"].size, result.frontiers["directory"].size
        known = min(start, organisation.state.size)
        entries = await self._store.read(lambda c: directory_store.list_entries(c, organisation.org, known, end))
        add_entries(organisation, entries)
        self._frontiers = dict(result.frontiers)
        organisation.add_tick(result.tick, result.at)
        organisation.waiting -= result.included
        organisation.sets -= result.sets
        organisation.draw_threshold(self._random)
        for log, fresh in (("cases", result.leaves), ("directory", entries[start - known :])):
            tree, frontier = organisation.trees[log], self._frontiers[log]
            if tree.size == before[log].size:
                await asyncio.to_thread(append, tree, fresh)
            if tree.root() != frontier.compute_root():
                # A disk that was full left an earlier tick out: on a gap nothing can be built.
                await self._replay(log, await find_signed(self._store, organisation.org, log))
        size = organisation.trees["cases"].size
        await asyncio.to_thread(write_logged, organisation.folder, size=size, count=result.logged)

    async def _publish(self, log: str, row: ticks.CheckpointRow) -> None:
        organisation = self._organisation
        note = parse_note(row.note)
        found = await self._cosigning.collect(log, note)
        late = _merge(parse_signatures(row.late), found)
        fresh = compute_date(organisation.trust.policy, Note(note.text, (*note.signatures, *late)))
        # Whoever catches up beside this would read the database of before it, and remember that after it.
        async with self._memory:
            if log == "cases" and row.dated is None and fresh is not None:
                self._dated = int(self._clock())
            row, turn = await self._store.write(lambda c: self._keep(c, row, late, fresh))
            if row.dated is not None:
                await asyncio.to_thread(keep_checkpoint, organisation.folder, row)
            known = organisation.published.get(log)
            if fresh is not None and (known is None or known.size <= row.size):
                organisation.published[log] = Published(row.size, row, fresh)
            self._learn(turn)

    def _keep(
        self, connection: Connection, row: ticks.CheckpointRow, late: Sequence[NoteSignature], fresh: int | None
    ) -> tuple[ticks.CheckpointRow, int]:
        """Add what came in to what is kept of a checkpoint by now, and return that with the turn that tells of it.

        Another process may have published it meanwhile, or an earlier tick: what was dated stays so.
        """
        org = self._organisation.org
        turn = self._next_turn(connection) if self._store.is_shared else self._turn
        kept = ticks.find_checkpoint(connection, org, row.log, row.size) or row
        note = parse_note(row.note)
        early = _merge(parse_signatures(kept.early), late)
        date = compute_date(self._organisation.trust.policy, Note(note.text, (*note.signatures, *early)))
        shown = kept.late if fresh is None and kept.dated is not None else encode_signatures(late)
        row = replace(row, early=encode_signatures(early), late=shown, dated=date if date is not None else kept.dated)
        ticks.update_checkpoint(connection, org, row)
        if row.log == "directory" and row.dated is not None:
            ticks.date_entries(connection, org, row.size, row.dated)
        return row, turn

    async def _replay(self, log: str, signed: tuple[int, Hash]) -> None:
        """Make the derived files what the database says, and remember their frontier. Raises: those of `replay`."""
        organisation, size = self._organisation, signed[0]
        tree = organisation.trees[log]
        await replay(self._store, organisation.org, log, tree, signed, batch=organisation.clock.batch)
        self._frontiers[log] = Frontier(size, compute_range_nodes(tree, 0, size))


def _find_date(row: ticks.CheckpointRow, clock: VerifierKey) -> int:
    """Return when a checkpoint was made, by the server's own `clock`; 0 where it does not say."""
    own = find_signatures(Note(parse_note(row.note).text, parse_signatures(row.early)), clock)
    return parse_cosignature(own[0].signature).timestamp if own else 0


def _merge(*signatures: Iterable[NoteSignature]) -> tuple[NoteSignature, ...]:
    """Return one signature of each cosigner: the first that is given."""
    merged: dict[tuple[str, bytes], NoteSignature] = {}
    for signature in chain(*signatures):
        merged.setdefault((signature.name, signature.key_id), signature)
    return tuple(merged.values())
