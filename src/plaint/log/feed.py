"""Asks cosigners for cosignatures of a new checkpoint; one that sleeps or lies never holds up the others."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from plaint.encoding.lines import parse_integer
from plaint.errors import MalformedError, PlaintError
from plaint.log.witness import AddCheckpoint, encode_add_checkpoint
from plaint.protocol.checkpoint import parse_checkpoint
from plaint.protocol.note import LIMIT_NOTE_BYTES, Note, find_signatures, parse_signatures, verify_note

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    import httpx

    from plaint.protocol.merkle import Hash
    from plaint.protocol.note import NoteSignature, VerifierKey

TRIES = 3
TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class CosignerAddress:
    """A cosigner's key and its submission prefix, without final slash."""

    key: VerifierKey
    url: str


@dataclass(frozen=True, slots=True)
class FeedResult:
    """What came back: cosignatures, keys that gave none, and keys whose answer means a fork of the log."""

    signatures: tuple[NoteSignature, ...]
    silent: tuple[VerifierKey, ...]
    forks: tuple[VerifierKey, ...]


class ForkAlarm(Exception):  # noqa: N818 - an alarm, not an error to retry
    """A cosigner has seen another history of this log: people must look, retrying cannot help."""


class Feed:
    """Keeps the size each cosigner last vouched for, for one log; one that raised a fork alarm is not asked again."""

    def __init__(
        self, cosigners: Sequence[CosignerAddress], *, client: httpx.AsyncClient, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._cosigners = tuple(cosigners)
        self._client = client
        self._timeout_s = timeout_s
        self._sizes: dict[VerifierKey, int] = {}
        self._stopped: set[VerifierKey] = set()

    def stop(self, keys: Collection[VerifierKey]) -> None:
        """Ask these cosigners no more, and again all others."""
        self._stopped = set(keys)

    async def collect(self, note: Note, prove: Callable[[int, int], Sequence[Hash]]) -> FeedResult:
        """Return the cosignatures of `note` that arrive in time; `prove(old, new)` makes consistency proofs."""
        asked = [cosigner for cosigner in self._cosigners if cosigner.key not in self._stopped]
        answers = await asyncio.gather(*(self._ask_in_time(cosigner, note, prove) for cosigner in asked))
        keyed = list(zip((cosigner.key for cosigner in asked), answers, strict=True))
        forks = tuple(key for key, answer in keyed if isinstance(answer, ForkAlarm))
        self._stopped.update(forks)
        return FeedResult(
            signatures=tuple(s for _, answer in keyed if isinstance(answer, tuple) for s in answer),
            silent=tuple(key for key, answer in keyed if answer is None),
            forks=forks,
        )

    async def _ask_in_time(
        self, cosigner: CosignerAddress, note: Note, prove: Callable[[int, int], Sequence[Hash]]
    ) -> tuple[NoteSignature, ...] | ForkAlarm | None:
        import httpx  # noqa: PLC0415 -- a server without cosigners need not load it

        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._ask(cosigner, note, prove)
        except ForkAlarm as alarm:
            return alarm
        except (TimeoutError, httpx.HTTPError, PlaintError):
            return None

    async def _ask(
        self, cosigner: CosignerAddress, note: Note, prove: Callable[[int, int], Sequence[Hash]]
    ) -> tuple[NoteSignature, ...] | None:
        size = parse_checkpoint(note.text).size
        for attempt in range(TRIES):
            old = self._sizes.get(cosigner.key, 0)
            if old > size:
                return None
            await asyncio.sleep(0.01 * 5**attempt if attempt else 0)
            request = AddCheckpoint(old, tuple(prove(old, size)), note)
            status, body = await self._post(f"{cosigner.url}/add-checkpoint", encode_add_checkpoint(request))
            if status == HTTPStatus.OK:
                signatures = _open_answer(body, cosigner, note)
                self._sizes[cosigner.key] = size
                return signatures
            if status == HTTPStatus.UNPROCESSABLE_ENTITY:
                raise ForkAlarm
            if status != HTTPStatus.CONFLICT:
                return None
            self._sizes[cosigner.key] = _read_size(body, sent=old, size=size)
        return None

    async def _post(self, url: str, content: bytes) -> tuple[int, bytes]:
        """Return status and body; a cosigner that sends more than a note's worth is not read to the end.

        Raises: MalformedError "note-size".
        """
        body = bytearray()
        async with self._client.stream("POST", url, content=content) as answer:
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > LIMIT_NOTE_BYTES:
                    raise MalformedError("note-size")
        return answer.status_code, bytes(body)


def _read_size(body: bytes, *, sent: int, size: int) -> int:
    """Return the size in a 409 answer; one that cannot lead anywhere is a fork, not a reason to try again."""
    try:
        theirs = parse_integer(body.decode("ascii").removesuffix("\n"))
    except (UnicodeDecodeError, MalformedError) as error:
        raise ForkAlarm from error
    if theirs == sent or theirs > size:
        raise ForkAlarm
    return theirs


def _open_answer(body: bytes, cosigner: CosignerAddress, note: Note) -> tuple[NoteSignature, ...]:
    """Return the cosigner's own verified lines; anything else in the answer is dropped."""
    answer = Note(note.text, parse_signatures(body))
    verify_note(answer, [cosigner.key])
    return tuple(find_signatures(answer, cosigner.key))
