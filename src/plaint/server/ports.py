"""What services are given: a store, the time, and whom a request comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from sqlalchemy import Connection

T = TypeVar("T")

Clock = Callable[[], float]
"""Returns the time in Unix seconds; a demo and tests may wind theirs."""


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
