"""Makes the next part of something long in a thread while the last one is on its way."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor


def read_ahead(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Yield `parts`, always with one made ahead: sealing does not wait for the line, nor the line for sealing.

    Raises: what `parts` raises, in its place.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        following = pool.submit(next, parts, None)
        while (part := following.result()) is not None:
            following = pool.submit(next, parts, None)
            yield part
