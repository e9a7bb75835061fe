"""What services are given: a store, the time, and whom a request comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from plaint.store.erasures import ErasureRow
    from plaint.store.rest import RestKey

T = TypeVar("T")

Clock = Callable[[], float]
"""Returns the time in Unix seconds; a demo and tests may wind theirs."""


class Rest(Protocol):
    """What services need of the store of at-rest keys."""

    async def take(self) -> RestKey:
        """Return a fresh key that is durable already."""

    def give_back(self, key: RestKey) -> None:
        """Let a key that was not used serve somebody else."""

    def find(self, key_id: bytes | None) -> RestKey | None:
        """Return the key called `key_id`, None when it is gone."""

    def find_cells_key(self, org: bytes) -> RestKey:
        """Return the key that hides whose cell is whose."""

    def erase(self, org: bytes, row: ErasureRow) -> None:
        """Delete a room's key for good, and keep what is left of the room."""

    def drop(self, names: Iterable[bytes]) -> None:
        """Remember no longer the keys of these names, which another process has deleted."""

    def list_erased(self, org: bytes) -> list[ErasureRow]:
        """Return what is left of the rooms that were erased."""

    def draw_now(self, count: int) -> list[RestKey]:
        """Return fresh keys, outside the event loop."""


class Store(Protocol):
    """What services need of the database."""

    async def write(self, job: Callable[[Connection], T], *, quick: bool = False) -> T:
        """Return what `job` returned, once it is durable; `quick` when it takes well under a millisecond."""

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Return what `query` returned."""

    @property
    def is_shared(self) -> bool:
        """Whether other processes may use the same tables."""

    async def tidy(self) -> None:
        """Leave no trace of the order in which things were written."""
