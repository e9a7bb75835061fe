"""After a database came back from an older backup: the log goes on from where it was, or not at all (spec/log.md).

Nothing is signed before the log's files and every cosigner that answers have been asked for a larger checkpoint of our
own key. What they vouch for is fetched, checked against its signed root, and written into the database.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from plaint.errors import ConflictError, PlaintError, UnavailableError, VerificationError
from plaint.log.column import write_durably
from plaint.log.fetch import hash_origin, make_fetch
from plaint.log.pull import pull_log
from plaint.log.replay import compute_roots
from plaint.log.sequence import LEAF_BYTES
from plaint.log.tree import LogTree
from plaint.protocol.alarms import name_cosigner
from plaint.protocol.checkpoint import Checkpoint, open_checkpoint, parse_sizes
from plaint.protocol.directory_server import Succession
from plaint.protocol.note import LIMIT_NOTE_BYTES, Note, encode_note, parse_note
from plaint.protocol.tiles import parse_tile_path
from plaint.server.clock.files import find_signed, read_logged, replay
from plaint.server.clock.forward import ForwardCases, ForwardDirectory, Forwarded, fold_entries
from plaint.server.trust import make_trust
from plaint.store import directory as directory_store
from plaint.store import ticks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Sequence
    from pathlib import Path

    import httpx

    from plaint.log.pull import Fetch
    from plaint.protocol.directory_state import DirectoryState
    from plaint.protocol.note import VerifierKey
    from plaint.server.keys import ServerKeys
    from plaint.server.ports import Store

ASK_S = 3.0
ASK_LOST_S = 15.0


@dataclass(frozen=True, slots=True)
class Restored:
    """What was behind, and what a log cannot bring back: names and the chart stand beside the directory."""

    logs: tuple[Forwarded, ...]
    names: int
    chart: bool


class Source:
    """Somewhere a log of ours may be had from: a cosigner, a mirror's folder, or an organisation's address."""

    def __init__(self, fetch: Fetch, *, keeps: bool) -> None:
        """Read through `fetch`; `keeps` when older checkpoints are to be had as well."""
        self.fetch = fetch
        self._keeps = keeps

    async def find_head(self, key: VerifierKey, *, wait_s: float) -> tuple[Checkpoint, Note] | None:
        """Return the newest checkpoint there that our key signed, if it can be had in time."""
        try:
            async with asyncio.timeout(wait_s):
                note = parse_note((await self.fetch("checkpoint"))[: LIMIT_NOTE_BYTES + 1])
            return open_checkpoint(note, key), note
        except (TimeoutError, PlaintError):
            return None

    async def list_kept(self, after: int) -> AsyncIterator[Note]:
        """Yield the checkpoints kept there of sizes after `after`."""
        if not self._keeps:
            return
        try:
            for size in parse_sizes(await self.fetch("at")):
                if size > after:
                    yield parse_note(await self.fetch(f"at/{size}"))
        except PlaintError:
            return


def open_folder(folder: Path, tree: LogTree) -> Source:
    """Return the log that stands in a mirror's folder, or in a server's own."""

    async def fetch(path: str) -> bytes:
        try:
            if path == "at":
                names = (file.name for file in (folder / "at").iterdir() if file.name.isdigit())
                return b"".join(b"%d\n" % size for size in sorted(map(int, names)))
            if path.startswith("tile/"):
                return await asyncio.to_thread(tree.read_tile, parse_tile_path(path))
            return (folder / path).read_bytes()
        except (OSError, PlaintError) as error:
            raise UnavailableError("log-unreachable") from error

    return Source(fetch, keeps=True)


Head = tuple[Checkpoint, Note, Source]


class Restore:
    """One organisation's logs, before anything is served of them."""

    def __init__(
        self, store: Store, keys: ServerKeys, folder: Path, *, now: int, connect: Callable[[], httpx.AsyncClient]
    ) -> None:
        self._store = store
        self._keys = keys
        self._folder = folder
        self._now = now
        self._connect = connect

    async def run(self, source: Path | str | None = None) -> Restored | None:
        """Bring the database up to what was signed, and return what that changed, if anything.

        `source` is a mirror's folder, a cosigner's address or an organisation's; without it the cosigners of the
        directory are asked.
        Raises: UnavailableError "log-behind" when a larger checkpoint was signed and its log cannot be had,
                "log-unreachable" when `source` shows no checkpoint of ours; ConflictError "log-ahead" when the log's
                files are not this database's, grown; VerificationError "keys-succession".
        """
        check_keys(await self._fold(), self._keys)
        found = [await self._bring_up("directory", source), await self._bring_up("cases", source)]
        forwarded = tuple(log for log in found if log is not None)
        if not forwarded:
            return None
        names, chart = await self._count_missing()
        return Restored(forwarded, names, chart)

    async def find_finals(self) -> dict[str, Checkpoint]:
        """Return the largest checkpoint of each log that our key signed, as far as anybody shows it."""
        finals: dict[str, Checkpoint] = {}
        for log in ("cases", "directory"):
            key: VerifierKey = getattr(self._keys.verifiers, log)
            size, root = await find_signed(self._store, self._keys.org, log)
            with contextlib.ExitStack() as open_files:
                tree = _open_tree(self._folder / log, open_files)
                sources = await self._list_sources(log, None, tree, open_files)
                heads = [head for head, _, _ in await _ask(sources, key, wait_s=ASK_S)]
            heads += [open_checkpoint(note, key) for _, note in self._read_head(log, key)]
            finals[log] = max([Checkpoint(key.name, size, root), *heads], key=lambda head: head.size)
        return finals

    async def _bring_up(self, log: str, place: Path | str | None) -> Forwarded | None:
        key: VerifierKey = getattr(self._keys.verifiers, log)
        with contextlib.ExitStack() as open_files:
            tree = _open_tree(self._folder / log, open_files)
            empty = tree.size == 0
            lost = await self._fill(log, tree) > 0 and empty
            sources = await self._list_sources(log, place, tree, open_files)
            needed = lost or place is not None
            answers = await _ask(sources, key, wait_s=ASK_LOST_S if needed else ASK_S)
            # Read after asking: what another process signed meanwhile is in the database before a cosigner sees it.
            size = await self._fill(log, tree)
            heads = await self._reach_heads(log, tree, answers, key)
            if place is not None and not heads:
                raise UnavailableError("log-unreachable")
            if lost and sources and not heads and not self._read_head(log, key):
                # A database alone, on a new machine perhaps: whether it is the newest only a cosigner can say.
                raise UnavailableError("log-behind", log)
            return await self._forward(log, tree, sources, heads, size) if tree.size > size else None

    async def _fill(self, log: str, tree: LogTree) -> int:
        """Bring the files up to the database, and return the size that it knows. Raises: ConflictError "log-ahead"."""
        size, root = await find_signed(self._store, self._keys.org, log)
        if tree.size < size:
            state = await self._fold()
            await replay(self._store, self._keys.org, log, tree, (size, root), batch=state.clock.batch)
        if tree.root_at(size) != root or (tree.size > size and await asyncio.to_thread(_is_damaged, tree)):
            raise ConflictError("log-ahead")
        return size

    async def _reach_heads(self, log: str, tree: LogTree, heads: Sequence[Head], key: VerifierKey) -> dict[int, Note]:
        """Fetch what a larger signed checkpoint covers, and return the heads that were met."""
        claims = [(checkpoint.size, note) for checkpoint, note, _ in heads] + self._read_head(log, key)
        largest, proof = max(claims, key=lambda claim: claim[0], default=(0, None))
        if proof is not None and largest > tree.size:
            # Written down first: should this be cut short, a later start must not take the half for the whole.
            write_durably(self._folder / log / "head", encode_note(proof))
        for checkpoint, _, source in sorted(heads, key=lambda head: head[0].size):
            if checkpoint.size > tree.size:
                await _try_pull(source, tree, checkpoint)
        if largest > tree.size:
            raise UnavailableError("log-behind", f"{log} {largest}")
        # One of a smaller tree that was never ours is for the feed: it raises the alarm at the next tick.
        return _merge((found.size, note) for found, note, _ in heads if tree.root_at(found.size) == found.root)

    async def _forward(
        self, log: str, tree: LogTree, sources: Sequence[Source], heads: dict[int, Note], size: int
    ) -> Forwarded | None:
        key: VerifierKey = getattr(self._keys.verifiers, log)
        kept = dict(heads)
        own = open_folder(self._folder / log, tree)
        for source in (own, *sources):
            async for note in source.list_kept(size):
                checkpoint = _open(note, key, tree)
                if checkpoint is not None and checkpoint.size > size:
                    kept[checkpoint.size] = note
        state = await self._fold() if log == "cases" else fold_entries(tree.read_entries(0, tree.size), self._keys.org)
        policy = make_trust(state, self._keys.verifiers).policy
        if log == "directory":
            return await self._store.write(ForwardDirectory(self._keys, log, tree, kept, policy=policy, now=self._now))
        whole = tree.size - tree.size % state.clock.batch
        if whole < max(kept, default=0):
            raise UnavailableError("log-behind", log)
        tree.reset_to(whole)  # what came in part was never signed
        counted = read_logged(self._folder)
        logged = counted[1] if counted is not None and counted[0] == whole else None
        return await self._store.write(
            ForwardCases(self._keys, tree, kept, policy=policy, now=self._now, clock=state.clock, logged=logged)
        )

    async def _list_sources(
        self, log: str, place: Path | str | None, tree: LogTree, open_files: contextlib.ExitStack
    ) -> list[Source]:
        name = getattr(self._keys.verifiers, log).name
        if place is None:
            state = await self._fold(tree if log == "directory" else None)
            cosigners = state.cosigners.cosigners if state.cosigners else ()
            alarms = await self._store.read(lambda c: ticks.list_alarms(c, self._keys.org))
            contradicting = {cosigner for of, cosigner, _, _ in alarms if of == log}
            trusted = [cosigner for cosigner in cosigners if name_cosigner(cosigner) not in contradicting]
            return [self._connect_to(f"{cosigner.url}/{hash_origin(name)}") for cosigner in trusted]
        if isinstance(place, str):
            return [
                self._connect_to(f"{place}/{hash_origin(name)}"),
                self._connect_to(f"{place}/log/{log}", keeps=True),
            ]
        folder = place / log
        if not folder.is_dir():
            raise UnavailableError("log-unreachable")
        return [open_folder(folder, _open_tree(folder, open_files))]

    def _connect_to(self, prefix: str, *, keeps: bool = False) -> Source:
        return Source(make_fetch(self._connect(), prefix), keeps=keeps)

    async def _fold(self, tree: LogTree | None = None) -> DirectoryState:
        """Return the directory as the database has it, or as the log's files do where they hold more."""
        entries = await self._store.read(lambda c: directory_store.list_entries(c, self._keys.org, 0))
        if tree is not None and tree.size > len(entries):
            entries = tree.read_entries(0, tree.size)
        return fold_entries(entries, self._keys.org)

    def _read_head(self, log: str, key: VerifierKey) -> list[tuple[int, Note]]:
        """Return the largest checkpoint that an earlier start heard of."""
        path = self._folder / log / "head"
        if not path.exists():
            return []
        note = parse_note(path.read_bytes())
        return [(open_checkpoint(note, key).size, note)]

    async def _count_missing(self) -> tuple[int, bool]:
        """Return how many members' names are not here, and whether the chart is not."""
        org, state = self._keys.org, await self._fold()
        names = await self._store.read(lambda c: directory_store.list_names(c, org))
        here = {row[0] for row in names}
        chart = state.chart
        missing = chart is not None and (
            await self._store.read(lambda c: directory_store.find_chart(c, org, chart.digest)) is None
        )
        return sum(member not in here for member in state.members), missing


def check_keys(state: DirectoryState, keys: ServerKeys) -> None:
    """Check that the server's keys are the newest that the directory names, in effect or not yet.

    Which receipt key signs under the same name is another question: it may have been replaced.
    Raises: VerificationError "keys-succession".
    """
    waiting = [entry.content.origin for entry in state.pending if isinstance(entry.content, Succession)]
    newest = waiting[-1] if waiting else state.origin
    own = keys.verifiers.receipts
    if newest is not None and newest.receipts.name == own.name:
        newest = replace(newest, receipts=own)
    if newest is not None and newest != keys.verifiers:
        raise VerificationError("keys-succession")


async def _ask(sources: Sequence[Source], key: VerifierKey, *, wait_s: float) -> list[Head]:
    """Return the newest checkpoint of our own key at each source that answers."""
    answers = await asyncio.gather(*(source.find_head(key, wait_s=wait_s) for source in sources))
    return [(*found, source) for found, source in zip(answers, sources, strict=True) if found is not None]


def _open_tree(folder: Path, open_files: contextlib.ExitStack) -> LogTree:
    tree = LogTree(folder, leaf_bytes=LEAF_BYTES if folder.name == "cases" else None)
    open_files.callback(tree.close)
    return tree


def _is_damaged(tree: LogTree) -> bool:
    """Tell whether the entries are not those that the stored hashes stand for."""
    return compute_roots(tree, [tree.size])[tree.size] != tree.root()


async def _try_pull(source: Source, tree: LogTree, checkpoint: Checkpoint) -> None:
    """Fetch up to `checkpoint`; a source that has not got it all, or shows something else, is passed over."""
    try:
        await pull_log(source.fetch, tree, checkpoint, vouched=tree.size)
    except PlaintError:
        return


def _merge(heads: Iterable[tuple[int, Note]]) -> dict[int, Note]:
    """Return the heads by size, each with the signatures of all who showed it."""
    merged: dict[int, Note] = {}
    for size, note in heads:
        known = merged.get(size, note)
        merged[size] = Note(known.text, tuple(dict.fromkeys((*known.signatures, *note.signatures))))
    return merged


def _open(note: Note, key: VerifierKey, tree: LogTree) -> Checkpoint | None:
    """Return a kept checkpoint that is one of this very tree."""
    try:
        checkpoint = open_checkpoint(note, key)
    except PlaintError:
        return None
    if not 0 < checkpoint.size <= tree.size or tree.root_at(checkpoint.size) != checkpoint.root:
        return None
    return checkpoint
